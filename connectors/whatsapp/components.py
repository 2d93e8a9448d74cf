"""The components of a template in POST /messages: header, body, buttons, offer, carousel.

Meta refuses what breaks its limits, and charges a number's quality for it: such a message is Unfit and stays here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from integration.domain.errors import Unfit
from integration.domain.messages.components import (
    CARDS,
    MAX_BODY,
    MAX_BUTTONS,
    MAX_CARD_BUTTONS,
    MAX_CODE,
    MAX_HEADER,
    MAX_PAYLOAD,
    MAX_URL,
    Button,
    ButtonType,
    Card,
    Components,
    Media,
    MediaType,
)
from integration.domain.values import length, visible

_ONE_LINE: Final = re.compile(r"\s*[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]\s*|\s{5,}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_LINK: Final = re.compile(r"https://[^\s/]+\S*\Z")
_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: (parameter's type, its longest value) of each kind of button
_BUTTONS: Final = {
    ButtonType.URL: ("text", MAX_URL),
    ButtonType.QUICK_REPLY: ("payload", MAX_PAYLOAD),
    ButtonType.COPY_CODE: ("coupon_code", MAX_CODE),
}


def template_components(
    variables: Mapping[str, str], replies: Sequence[str], more: Components | None
) -> list[dict[str, Any]]:
    """Everything that fills a template in; `replies` are the payloads of its first buttons. Raises Unfit."""
    found: list[dict[str, Any]] = []
    if more is not None:
        found += _header(more)
    if variables:
        found.append({"type": "body", "parameters": parameters(variables, MAX_BODY)})
    if replies or (more is not None and more.buttons):
        quick = tuple(Button(n, ButtonType.QUICK_REPLY, payload) for n, payload in enumerate(replies))
        found += _buttons(quick + (more.buttons if more is not None else ()), MAX_BUTTONS)
    if more is not None and more.offer_ends is not None:
        found.append(_offer(more.offer_ends))
    if more is not None and more.cards:
        found.append(_carousel(more.cards))
    return found


def parameters(variables: Mapping[str, str], longest: int) -> list[dict[str, str]]:
    """Text parameters, named or by position ("1", "2", …). Raises Unfit."""
    return [_parameter(name, value, longest) for name, value in _in_order(variables)]


def _in_order(variables: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    if not any(name.isdecimal() for name in variables):
        return list(variables.items())
    places = [str(n) for n in range(1, len(variables) + 1)]
    if set(places) != set(variables):
        raise Unfit("variables by position must be named 1, 2, 3 and so on")
    return [("", variables[place]) for place in places]


def _parameter(name: str, value: str, longest: int) -> dict[str, str]:
    # Meta refuses line ends, tabs and more than four spaces in a row inside a parameter.
    text = visible(_ONE_LINE.sub(" ", value)).strip()
    if not text:
        raise Unfit(f"variable {name or 'by position'} is empty")
    if length(text) > longest:
        raise Unfit(f"variable {name or 'by position'} is longer than {longest} characters")
    if not name:
        return {"type": "text", "text": text}
    if not _NAME.match(name):
        raise Unfit(f"variable name {name[:40]!r} may hold only a-z, 0-9 and _")
    return {"type": "text", "parameter_name": name, "text": text}


def _header(components: Components) -> Iterator[dict[str, Any]]:
    if components.header and components.title:
        raise Unfit("a header is either text or a medium")
    if components.header:
        yield {"type": "header", "parameters": [_medium(components.header)]}
    elif components.title:
        yield {"type": "header", "parameters": parameters(components.title, MAX_HEADER)}


def _medium(media: Media) -> dict[str, Any]:
    if bool(media.id) == bool(media.link):
        raise Unfit(f"the header's {media.type} needs either an id or a link")
    if media.link and (len(media.link) > MAX_URL or not _LINK.match(media.link)):
        raise Unfit(f"the link to the header's {media.type} must begin with https:// and have no spaces")
    if media.filename and media.type is not MediaType.DOCUMENT:
        raise Unfit("only a document has a file name")
    content = {"id": media.id} if media.id else {"link": media.link}
    if media.filename:
        content["filename"] = media.filename
    return {"type": str(media.type), str(media.type): content}


def _buttons(buttons: Sequence[Button], most: int) -> list[dict[str, Any]]:
    places = [button.index for button in buttons]
    if len(set(places)) != len(places) or not all(0 <= place < most for place in places):
        raise Unfit(f"buttons need different places from 0 to {most - 1}")
    if sum(button.type is ButtonType.COPY_CODE for button in buttons) > 1:
        raise Unfit("a template has one copy-code button at most")
    return [_button(button) for button in sorted(buttons, key=lambda button: button.index)]


def _button(button: Button) -> dict[str, Any]:
    kind, longest = _BUTTONS[button.type]
    value = button.value.strip()
    if not value or len(value) > longest:
        raise Unfit(f"the {button.type} button's value must have 1 to {longest} characters")
    if button.type is not ButtonType.QUICK_REPLY and re.search(r"\s", value):
        raise Unfit(f"the {button.type} button's value must have no spaces")
    if button.type is ButtonType.COPY_CODE and not (value.isascii() and value.isalnum()):
        raise Unfit("a code to copy may hold only letters and digits")
    return {
        "type": "button",
        "sub_type": str(button.type),
        # Meta's examples show text and number; every version of the API takes text
        "index": str(button.index),
        "parameters": [{"type": kind, kind: value}],
    }


def _offer(ends: datetime) -> dict[str, Any]:
    # milliseconds: seconds would end every offer in January 1970
    expiration = {"expiration_time_ms": (ends - _EPOCH) // _MILLISECOND}
    return {
        "type": "limited_time_offer",
        "parameters": [{"type": "limited_time_offer", "limited_time_offer": expiration}],
    }


def _carousel(cards: Sequence[Card]) -> dict[str, Any]:
    if len(cards) not in CARDS:
        raise Unfit(f"a carousel has {CARDS[0]} to {CARDS[-1]} cards")
    if len({_shape(card) for card in cards}) > 1:
        raise Unfit("all cards of a carousel must have the same parts")
    return {"type": "carousel", "cards": [_card(n, card) for n, card in enumerate(cards)]}


def _shape(card: Card) -> tuple[object, ...]:
    buttons = sorted((button.index, button.type) for button in card.buttons)
    return (card.header.type, frozenset(card.variables), tuple(buttons))


def _card(index: int, card: Card) -> dict[str, Any]:
    if card.header.type is MediaType.DOCUMENT:
        raise Unfit("a card shows a picture or a video, not a document")
    parts: list[dict[str, Any]] = [{"type": "header", "parameters": [_medium(card.header)]}]
    if card.variables:
        parts.append({"type": "body", "parameters": parameters(card.variables, MAX_BODY)})
    return {"card_index": index, "components": parts + _buttons(card.buttons, MAX_CARD_BUTTONS)}
