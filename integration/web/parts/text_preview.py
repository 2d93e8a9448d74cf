"""How a text looks on the phone: what the page's chat bubble shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from integration.domain.messages.components import MAX_BODY, Row
from integration.domain.templates.parts import ITEM, CardPart, HeaderType, LinkButton, Parts, PartType
from integration.domain.templates.templates import EXAMPLES, rendered
from integration.domain.values import fitted, visible

_BUTTONS: Final = ("url", "phone", "copy_code", "quick_reply")


@dataclass(frozen=True, slots=True)
class Preview:
    """A bubble. `picture` is the hash of an owner's file that can be shown, `media` what stands there otherwise."""

    text: str
    header: str
    media: str
    picture: str
    footer: str
    offer: str
    buttons: Sequence[tuple[str, str]]
    cards: Sequence[tuple[str, str, str, str]]


def preview(
    body: str, parts: Parts, titles: Sequence[str], values: Mapping[str, str], files: Mapping[str, tuple[str, str]]
) -> Preview:
    """A text filled in with these values; `titles` are those of its quick replies."""
    header = parts.header
    values = {name: visible(value) for name, value in fitted(body, values, MAX_BODY).items()}
    return Preview(
        text=rendered(body, values),
        header=rendered(header.text, values) if header else "",
        media=str(header.type) if header and header.source else "",
        picture=_picture(header.file if header else "", files),
        footer=parts.footer,
        offer=parts.offer,
        buttons=[*(("quick_reply", title) for title in titles), *map(_button, parts.buttons)],
        cards=[_card(card, values, files) for card in parts.cards],
    )


def _card(card: CardPart, values: Mapping[str, str], files: Mapping[str, tuple[str, str]]) -> tuple[str, str, str, str]:
    words = rendered(card.text, {ITEM: values.get(card.file) or EXAMPLES[ITEM]})
    return (card.type, _picture(card.file, files), words, _title(card.buttons))


def outlined(text: str, rows: Sequence[Row], variables: Mapping[str, str]) -> Preview:
    """A message that went out, by the outline of its text."""
    parts = {kind: (title, value) for kind, title, value in rows}
    type_, heading = parts.get("header", ("", ""))
    return Preview(
        text=text,
        header=rendered(heading, variables),
        media="" if type_ == HeaderType.TEXT else type_,
        picture="",
        footer=parts.get("footer", ("", ""))[0],
        offer=parts.get("offer", ("", ""))[0],
        buttons=[(kind, title) for kind, title, _ in rows if kind in _BUTTONS],
        cards=[(title, "", value, "") for kind, title, value in rows if kind == "card"],
    )


def _picture(file: str, files: Mapping[str, tuple[str, str]]) -> str:
    return file if files.get(file, ("", ""))[1].startswith(HeaderType.IMAGE) else ""


def _button(button: LinkButton) -> tuple[str, str]:
    return str(button.type), "" if button.type is PartType.COPY_CODE else button.title


def _title(buttons: Sequence[LinkButton]) -> str:
    return buttons[0].title if buttons else ""
