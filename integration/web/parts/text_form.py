"""The form of what stands around a text: what an owner may choose for a kind, and the choice as a shape."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from integration.domain.consent.consent import MARKETING
from integration.domain.contacts.contacts import e164
from integration.domain.notifications import BY_KIND, SubjectType
from integration.domain.templates.parts import CODE, GOODS, CardPart, Header, HeaderType, LinkButton, Parts, PartType
from integration.domain.templates.parts_lint import has_article
from integration.web.forms import Form

#: variables that hold a link, by which one the button of a message can have
LINKS: Final = ("link", "tracking")
MOST_LINKS: Final = 2
MOST_CARDS: Final = 10
#: how many articles of a cart a text may show: who has fewer gets the next best text
GOODS_COUNTS: Final = ("2", "3", "4", "5")
_TYPES: Final = {"image": HeaderType.IMAGE, "video": HeaderType.VIDEO, "application": HeaderType.DOCUMENT}
#: how a button says that it leads where the message's own link leads
OWN_LINK: Final = "own"


@dataclass(frozen=True, slots=True)
class Offered:
    """What a kind can have. `link` is its variable with a link, `begins` what all links of the shop begin with.

    `goods`: its messages are about a cart, whose articles can be shown on cards.

    `files` are the owner's: name and type by hash.
    """

    article: bool
    document: bool
    link: str
    begins: str
    code: bool
    advertises: bool
    goods: bool
    files: Mapping[str, tuple[str, str]]


def offered(kind: str, names: list[str], begins: str, files: Mapping[str, tuple[str, str]]) -> Offered:
    """What a kind can have; `names` are the variables of its text."""
    notification = BY_KIND[kind]
    link = next((name for name in names if name in LINKS), "")
    advertises = notification.purpose in MARKETING
    code = advertises and (notification.codes or bool(notification.voucher))
    goods = notification.subject_type is SubjectType.CART
    return Offered(has_article(notification), notification.encloses, link, begins, code, advertises, goods, files)


def parts_of(form: Form, chosen: Offered) -> Parts:
    """The shape that a form describes. What the kind cannot have is left out, what is wrong the lint says."""
    if form.get("shape") == "cards":
        return Parts(cards=tuple(_cards(form, chosen)))
    if form.get("shape") == "goods" and chosen.goods:
        return Parts(cards=tuple(_goods(form, chosen)))
    offer = form.get("offer", "").strip() if chosen.code else ""
    code = [LinkButton(PartType.COPY_CODE, variable=CODE)] if chosen.code and (form.get("code") or offer) else []
    return Parts(
        header=_header(form, chosen),
        footer=form.get("footer", "").strip(),
        buttons=(*code, *_links(form, chosen), *_phone(form)),
        offer=offer,
    )


def _header(form: Form, chosen: Offered) -> Header | None:
    choice = form.get("header", "")
    if chosen.document:
        return Header(HeaderType.DOCUMENT)  # the message is nothing without it
    if choice == "text":
        return Header(HeaderType.TEXT, form.get("heading", "").strip())
    if choice == "item" and chosen.article:
        return Header(HeaderType.IMAGE)
    return Header(type_of(chosen, choice), file=choice) if choice in chosen.files else None


def type_of(chosen: Offered, file: str) -> HeaderType:
    """What a file of the owner's is in a header."""
    return _TYPES[chosen.files[file][1].partition("/")[0]]


def _links(form: Form, chosen: Offered) -> Iterator[LinkButton]:
    for n in range(1, MOST_LINKS + 1):
        title, to = form.get(f"title{n}", "").strip(), form.get(f"to{n}", "")
        if to == OWN_LINK and chosen.link:
            yield LinkButton(PartType.URL, title, chosen.begins, chosen.link)
        elif title or form.get(f"url{n}", "").strip():
            yield LinkButton(PartType.URL, title, form.get(f"url{n}", "").strip())


def _phone(form: Form) -> Iterator[LinkButton]:
    title, typed = form.get("call", "").strip(), form.get("number", "").strip()
    if title or typed:
        number = e164(typed, "DE") if typed.startswith("+") else None
        yield LinkButton(PartType.PHONE, title, number or re.sub(r"\s+", " ", typed)[:40])


def _cards(form: Form, chosen: Offered) -> Iterator[CardPart]:
    title = form.get("card_title", "").strip()
    for n in range(1, MOST_CARDS + 1):
        file, words, url = (form.get(f"{name}{n}", "").strip() for name in ("card_file", "card_text", "card_url"))
        if file or words or url:
            type_ = type_of(chosen, file) if file in chosen.files else HeaderType.IMAGE
            button = LinkButton(PartType.URL, title, url)
            yield CardPart(type_, file if file in chosen.files else "", words, (button,))


def _goods(form: Form, chosen: Offered) -> Iterator[CardPart]:
    count, words = form.get("goods_count", ""), form.get("goods_text", "").strip()
    button = LinkButton(PartType.URL, form.get("goods_title", "").strip(), chosen.begins, chosen.link)
    for source in GOODS[: int(count) if count in GOODS_COUNTS else 2]:
        yield CardPart(HeaderType.IMAGE, source, words, (button,))


def fields_of(parts: Parts) -> dict[str, str]:
    """The form's fields for a shape: what `parts_of` reads."""
    header = parts.header
    found = {"shape": "cards" if parts.cards else "", "footer": parts.footer, "offer": parts.offer}
    if header:
        found["header"] = "text" if header.type is HeaderType.TEXT else header.source
        found["heading"] = header.text
    links = [button for button in parts.buttons if button.type is PartType.URL]
    for n, button in enumerate(links[:MOST_LINKS], 1):
        to = OWN_LINK if button.variable else "page"
        found |= {f"title{n}": button.title, f"to{n}": to, f"url{n}": "" if button.variable else button.value}
    for button in parts.buttons:
        if button.type is PartType.PHONE:
            found |= {"call": button.title, "number": button.value}
        elif button.type is PartType.COPY_CODE:
            found["code"] = "yes"
    if parts.cards and parts.cards[0].own:
        first = parts.cards[0]
        found |= {"shape": "goods", "goods_count": str(len(parts.cards)), "goods_text": first.text}
        return found | ({"goods_title": first.buttons[0].title} if first.buttons else {})
    for n, card in enumerate(parts.cards[:MOST_CARDS], 1):
        found |= {f"card_file{n}": card.file, f"card_text{n}": card.text}
        found |= {f"card_url{n}": card.buttons[0].value, "card_title": card.buttons[0].title} if card.buttons else {}
    return found
