"""What a template shows besides its text: header, footer, buttons, the end of an offer, cards to swipe through.

This is the shape that Meta approves and that all messages of a template share; `components.py` is what one message
fills in. Sizes and numbers are Meta's (docs/reference/whatsapp.md section 2; Meta's pages on coupon, limited-time offer
and carousel templates).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from integration.domain.messages.components import (
    MAX_CODE,
    MAX_HEADER,
    MAX_URL,
    Button,
    ButtonType,
    Card,
    Components,
    Media,
    MediaType,
    Row,
    Variables,
)
from integration.domain.values import length

PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")
#: what the variable at the end of a link is called at Meta, in named templates, too
LINK_END: Final = "{{1}}"
#: the variables that hold a code to copy, and the end of an offer as ISO 8601
CODE: Final = "code"
ENDS: Final = "ends"
#: what an article is called on a card, at most
LONGEST_ITEM: Final = 60
#: what a header shows that has no file of the owner's: the article, or the file, that the message is about
ITEM: Final = "item"
#: what a card shows that has no file of the owner's: the first, second, … article of the cart that has a picture; the
#: message's variable of that name is what the article is called
GOODS: Final = tuple(f"{ITEM}{n}" for n in range(1, 11))
DOCUMENT: Final = "document"
#: the variable that names the file of a document's header
FILE_NAME: Final = "file"


class HeaderType(StrEnum):
    """What stands above the text."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


class PartType(StrEnum):
    """The buttons that a text can have besides its kind's own answers."""

    URL = "url"
    PHONE = "phone"
    COPY_CODE = "copy_code"


@dataclass(frozen=True, slots=True)
class Header:
    """A line of text, or a medium: the owner's `file` (its hash), else what each message is about."""

    type: HeaderType
    text: str = ""
    file: str = ""

    @property
    def source(self) -> str:
        """Where a medium comes from: a file's hash, ITEM or DOCUMENT; "" for a text."""
        if self.type is HeaderType.TEXT:
            return ""
        return self.file or (DOCUMENT if self.type is HeaderType.DOCUMENT else ITEM)


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A button. `value` is an address or a phone number (E.164).

    With a `variable` the address is only what all links begin with, and the message's variable of that name is the
    whole link. A copy-code button has neither title nor value: Meta writes it, and `variable` holds the code.
    """

    type: PartType
    title: str = ""
    value: str = ""
    variable: str = ""

    @property
    def address(self) -> str:
        """The address as Meta has it."""
        return self.value + LINK_END if self.variable and self.type is PartType.URL else self.value


@dataclass(frozen=True, slots=True)
class CardPart:
    """One card of a carousel: a picture or video, a text, one or two buttons.

    It is the same for everybody, with a `file` of the owner's. With one of GOODS it shows an article of
    the person's: then its text holds {{item}}, and its button may lead where the message's link leads.
    """

    type: HeaderType
    file: str
    text: str
    buttons: tuple[LinkButton, ...]

    @property
    def own(self) -> bool:
        """Whether each person sees an article of their own."""
        return self.file in GOODS


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a template shows besides its text. `offer` is the title of a limited-time offer."""

    header: Header | None = None
    footer: str = ""
    buttons: tuple[LinkButton, ...] = ()
    offer: str = ""
    cards: tuple[CardPart, ...] = ()

    def __bool__(self) -> bool:
        return self != NO_PARTS

    @property
    def sources(self) -> dict[str, HeaderType]:
        """The media that a message needs: source and type."""
        header = {self.header.source: self.header.type} if self.header and self.header.source else {}
        return header | {card.file: card.type for card in self.cards}


NO_PARTS: Final = Parts()


def fits(parts: Parts, variables: Variables) -> bool:
    """Whether a message with these variables has what this shape needs; pictures aside."""
    buttons = [*parts.buttons, *(button for card in parts.cards for button in card.buttons)]
    links = all(_has(button, variables) for button in buttons if button.variable)
    goods = all(variables.get(card.file) for card in parts.cards if card.own)
    return links and goods and (not parts.offer or bool(variables.get(ENDS)))


def _has(button: LinkButton, variables: Variables) -> bool:
    value = variables.get(button.variable, "")
    if button.type is PartType.COPY_CODE:
        return value.isascii() and value.isalnum() and len(value) <= MAX_CODE
    return value.startswith(button.value) and len(button.value) < len(value) <= MAX_URL


def filled(parts: Parts, replies: int, variables: Variables, media: Mapping[str, str]) -> Components:
    """What one message fills in; `replies` quick replies stand before the other buttons, `media` are ids by source.

    A medium without id has to be got ready before the message leaves. The variables must fit.
    """
    header = parts.header
    return Components(
        title=_title(header.text, variables) if header else {},
        header=_medium(header, variables, media) if header and header.source else None,
        buttons=tuple(_buttons(parts.buttons, replies, variables)),
        offer_ends=datetime.fromisoformat(variables[ENDS]) if parts.offer else None,
        cards=tuple(_card(card, variables, media) for card in parts.cards),
    )


def _card(card: CardPart, variables: Variables, media: Mapping[str, str]) -> Card:
    shown = Media(MediaType(card.type), id=media.get(card.file, ""))
    told = {ITEM: variables[card.file][:LONGEST_ITEM]} if card.own else {}
    return Card(shown, tuple(_buttons(card.buttons, 0, variables)), told)


def _title(words: str, variables: Variables) -> dict[str, str]:
    """A heading's variable, shortened so that the heading fits."""
    room = MAX_HEADER - length(PLACEHOLDER.sub("", words))
    return {name: _shortened(variables[name], room) for name in PLACEHOLDER.findall(words)}


def _shortened(value: str, room: int) -> str:
    while length(value) > room:
        value = value[:-2] + "…"
    return value


def _medium(header: Header, variables: Variables, media: Mapping[str, str]) -> Media:
    name = variables.get(FILE_NAME, "") if header.type is HeaderType.DOCUMENT else ""
    return Media(MediaType(header.type), id=media.get(header.source, ""), filename=name)


def _buttons(buttons: Sequence[LinkButton], first: int, variables: Variables) -> Iterator[Button]:
    for index, button in enumerate(buttons, first):
        value = variables.get(button.variable, "")
        if button.type is PartType.COPY_CODE:
            yield Button(index, ButtonType.COPY_CODE, value)
        elif button.variable:
            yield Button(index, ButtonType.URL, value.removeprefix(button.value))


def outline(titles: Sequence[str], parts: Parts) -> tuple[Row, ...]:
    """What people see of a template besides its text; `titles` are those of its quick replies."""
    return tuple(_outline(titles, parts))


def _outline(titles: Sequence[str], parts: Parts) -> Iterator[Row]:
    if parts.header:
        yield ("header", str(parts.header.type), parts.header.text)
    if parts.offer:
        yield ("offer", parts.offer, "")
    if parts.footer:
        yield ("footer", parts.footer, "")
    for title in titles:
        yield ("quick_reply", title, "")
    yield from map(button_row, parts.buttons)
    for card in parts.cards:
        yield ("card", str(card.type), card.text)
        yield from map(button_row, card.buttons)


def button_row(button: LinkButton) -> Row:
    """A button in an outline."""
    return (str(button.type), button.title, button.address)


def link_begins(rows: Sequence[Row]) -> str:
    """What the links of the first button with a variable begin with, by an outline; "" when there is none."""
    ends = (value for kind, _, value in rows if kind == PartType.URL and value.endswith(LINK_END))
    return next(ends, "").removesuffix(LINK_END)


def stored(parts: Parts) -> dict[str, Any]:
    """As JSON, for the row of a text."""
    header = parts.header
    found = {
        "header": header and [str(header.type), header.text, header.file],
        "footer": parts.footer,
        "buttons": _button_rows(parts.buttons),
        "offer": parts.offer,
        "cards": [[str(card.type), card.file, card.text, _button_rows(card.buttons)] for card in parts.cards],
    }
    return {name: value for name, value in found.items() if value}


def restored(row: Mapping[str, Any]) -> Parts:
    """What `stored` wrote."""
    header = row.get("header")
    return Parts(
        header=Header(HeaderType(header[0]), header[1], header[2]) if header else None,
        footer=row.get("footer", ""),
        buttons=_restored_buttons(row.get("buttons", ())),
        offer=row.get("offer", ""),
        cards=tuple(
            CardPart(HeaderType(kind), file, text, _restored_buttons(buttons))
            for kind, file, text, buttons in row.get("cards", ())
        ),
    )


def _button_rows(buttons: Sequence[LinkButton]) -> list[list[str]]:
    return [[str(button.type), button.title, button.value, button.variable] for button in buttons]


def _restored_buttons(rows: Sequence[Sequence[str]]) -> tuple[LinkButton, ...]:
    return tuple(LinkButton(PartType(kind), *rest) for kind, *rest in rows)
