"""What a template message carries besides its text: a header, buttons, the end of an offer, cards to swipe through.

The sizes are Meta's (docs/reference/whatsapp.md section 2); whoever writes a text and whoever sends it keep to the
same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from integration.domain.hot_dataclass import lean

MAX_BODY: Final = 1024
MAX_HEADER: Final = 60
MAX_FOOTER: Final = 60
MAX_BUTTON: Final = 25
MAX_BUTTONS: Final = 10
MAX_URL: Final = 2000
MAX_CODE: Final = 20
#: the body of a limited-time offer; it may have no footer
MAX_OFFER_BODY: Final = 600
MAX_OFFER: Final = 16
CARDS: Final = range(2, 11)
MAX_CARD_BODY: Final = 160
MAX_CARD_BUTTONS: Final = 2
#: replies under a free text, and how long their titles may be
MAX_REPLIES: Final = 3
MAX_REPLY: Final = 20
MAX_TEXT: Final = 4096
MAX_PAYLOAD: Final = 256

#: by name, or by position when the names are "1", "2", … (Meta's positional format)
Variables = Mapping[str, str]
#: one visible part of a template: its kind, a title, and what is behind it
Row = tuple[str, str, str]


class MediaType(StrEnum):
    """What a header may show."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


class ButtonType(StrEnum):
    """The buttons of a template whose content differs from message to message."""

    URL = "url"
    QUICK_REPLY = "quick_reply"
    COPY_CODE = "copy_code"


@lean
class Media:
    """A picture, video or document by its id at Meta, or else by an https link. `filename` is a document's."""

    type: MediaType
    id: str = ""
    link: str = ""
    filename: str = ""


@lean
class Button:
    """What one button gets. `index` is its place in the template, from 0.

    `value` is the end of a link (url), what comes back when it is tapped (quick_reply), or the code (copy_code).
    """

    index: int
    type: ButtonType
    value: str


@lean
class Card:
    """One card of a carousel: its picture or video, the variables of its text, its buttons."""

    header: Media
    buttons: tuple[Button, ...]
    variables: Variables = field(default_factory=dict)


@lean
class Components:
    """What a template message carries besides the variables of its body.

    `title` are the variables of a text header, `header` its medium: at most one of them. A template with
    `offer_ends` shows a countdown; one with `cards` is a carousel.
    """

    title: Variables = field(default_factory=dict)
    header: Media | None = None
    buttons: tuple[Button, ...] = ()
    offer_ends: datetime | None = None
    cards: tuple[Card, ...] = ()


def stored(components: Components) -> dict[str, Any]:
    """As JSON, for the row of a message."""
    found = {
        "title": dict(components.title),
        "header": components.header and _medium_row(components.header),
        "buttons": _button_rows(components.buttons),
        "offer_ends": components.offer_ends and components.offer_ends.isoformat(),
        "cards": [_card_row(card) for card in components.cards],
    }
    return {name: value for name, value in found.items() if value}


def restored(row: Mapping[str, Any]) -> Components:
    """What `stored` wrote."""
    ends = row.get("offer_ends")
    return Components(
        title=row.get("title", {}),
        header=_medium(row["header"]) if "header" in row else None,
        buttons=_buttons(row.get("buttons", ())),
        offer_ends=datetime.fromisoformat(ends) if ends else None,
        cards=tuple(
            Card(_medium(card["header"]), _buttons(card["buttons"]), card.get("variables", {}))
            for card in row.get("cards", ())
        ),
    )


def lacks_media(row: Mapping[str, Any] | None) -> bool:
    """Whether a stored row names a medium that still has to be got ready (uploaded, or found uploaded)."""
    return bool(row) and any(not (one.get("id") or one.get("link")) for one in _media_of(row or {}))


def media_ids(row: Mapping[str, Any] | None) -> list[str]:
    """The ids at Meta that a stored row names."""
    return [one["id"] for one in _media_of(row or {}) if one.get("id")]


def without_media(row: Mapping[str, Any]) -> dict[str, Any]:
    """The stored row with its ids forgotten: they are got ready anew."""
    found = dict(row)
    if "header" in row:
        found["header"] = _idless(row["header"])
    if "cards" in row:
        found["cards"] = [{**card, "header": _idless(card["header"])} for card in row["cards"]]
    return found


def _idless(medium: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in medium.items() if name != "id"}


def _media_of(row: Mapping[str, Any]) -> list[Mapping[str, str]]:
    header = [row["header"]] if "header" in row else []
    return header + [card["header"] for card in row.get("cards", ())]


def _card_row(card: Card) -> dict[str, Any]:
    return {
        "header": _medium_row(card.header),
        "buttons": _button_rows(card.buttons),
        "variables": dict(card.variables),
    }


def _medium_row(media: Media) -> dict[str, str]:
    row = {"type": str(media.type), "id": media.id, "link": media.link, "filename": media.filename}
    return {name: value for name, value in row.items() if value}


def _medium(row: Mapping[str, str]) -> Media:
    return Media(MediaType(row["type"]), row.get("id", ""), row.get("link", ""), row.get("filename", ""))


def _button_rows(buttons: Sequence[Button]) -> list[list[int | str]]:
    return [[button.index, str(button.type), button.value] for button in buttons]


def _buttons(rows: Sequence[Sequence[Any]]) -> tuple[Button, ...]:
    return tuple(Button(index, ButtonType(kind), value) for index, kind, value in rows)
