"""Fills a template in with the components of a POST /messages body, as strictly as Meta does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from integration.sandbox.digits import whole
from integration.sandbox.graph_definitions import CODE, placeholders
from integration.sandbox.graph_errors import GraphError
from integration.sandbox.graph_templates import Template, fill

MAX_BODY: Final = 1024
PARTS: Final = ("header", "body", "button", "limited_time_offer", "carousel")
#: a time in milliseconds has 13 digits until the year 2286; ten are seconds
MILLISECONDS: Final = range(10**12, 10**13)
LINK: Final = re.compile(r"https?://[^\s/]+\S*")
#: the sub_type of each kind of button that takes a parameter
SUB_TYPES: Final = {"URL": "url", "QUICK_REPLY": "quick_reply", "COPY_CODE": "copy_code"}

Part = Mapping[str, Any]


@dataclass(slots=True)
class Filled:
    """What the phone shows: texts, `media` as {type, source}, `offer_ends` as ISO time, cards of the same shape."""

    body: str
    header: str = ""
    footer: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    media: dict[str, str] = field(default_factory=dict)
    offer: dict[str, str] = field(default_factory=dict)
    cards: list[dict[str, Any]] = field(default_factory=list)


def parts_of(components: Any) -> list[dict[str, Any]]:
    """The components as a list of objects with a known type."""
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise GraphError(100, "template['components'] must be a list of objects.")
    for part in components:
        if str(part.get("type")).lower() not in PARTS:
            raise GraphError(100, f"template['components']: unknown type {part.get('type')!r}.")
        part["type"] = str(part["type"]).lower()
        if not isinstance(part.get("parameters", []), list):
            raise GraphError(100, "template['components'][]['parameters'] must be a list.")
    return components


def filled(template: Template, parts: list[dict[str, Any]]) -> Filled:
    """The template with everything that it shows."""
    _reject_strangers(template, parts)
    found = _filled(template, parts)
    found.offer = _offer(template, parts)
    found.cards = _cards(template, parts)
    return found


def _filled(template: Template, parts: list[dict[str, Any]]) -> Filled:
    media = _medium(template, parts)
    title = {} if media else _values(template, "HEADER", parts)
    values = _values(template, "BODY", parts)
    body = fill(template.text("BODY"), values)
    if len(body) > MAX_BODY:
        raise GraphError(132005, f"body: the filled-in text has {len(body)} characters, {MAX_BODY} are allowed")
    header, footer = fill(template.text("HEADER"), title), template.text("FOOTER")
    return Filled(body, header, footer, _buttons(template, parts), values, media)


def _reject_strangers(template: Template, parts: list[dict[str, Any]]) -> None:
    kinds = {component["type"].lower() for component in template.components}
    for part in parts:
        if part["type"] != "button" and part["type"] not in kinds:
            raise GraphError(132000, f"{part['type']}: the template has no such component")


def _medium(template: Template, parts: list[dict[str, Any]]) -> dict[str, str]:
    kind = template.header_format.lower()
    if kind in ("", "text"):
        return {}
    given = [p for part in parts if part["type"] == "header" for p in part.get("parameters", [])]
    if len(given) != 1 or not isinstance(given[0], dict) or given[0].get("type") != kind:
        raise GraphError(132012, f"header: Format mismatch, expected {kind.upper()}")
    content = given[0].get(kind)
    source = {k: v for k, v in content.items() if k in ("id", "link")} if isinstance(content, dict) else {}
    if len(source) != 1 or not isinstance(next(iter(source.values())), str):
        raise GraphError(131008, f"header: {kind} needs either an id or a link")
    if not source.get("id", "1").isdecimal() or not LINK.fullmatch(source.get("link", "https://x")):
        raise GraphError(131009, f"header: {kind} needs the id of an upload, or a web address")
    return {"type": kind, "source": next(iter(source.values()))}


def _values(template: Template, kind: str, parts: list[dict[str, Any]]) -> dict[str, str]:
    expected = placeholders(template.text(kind))
    given = [p for part in parts if part["type"] == kind.lower() for p in part.get("parameters", [])]
    if len(given) != len(expected):
        counts = f"({len(given)}) does not match the expected number of params ({len(expected)})"
        raise GraphError(132000, f"{kind.lower()}: number of localizable_params {counts}")
    texts = [parameter_text(p, kind.lower()) for p in given]
    if not template.named:
        return dict(zip(expected, texts, strict=True)) if _unnamed(given) else {}
    names = [str(p.get("parameter_name") or "") for p in given]
    if sorted(names) != sorted(expected):
        raise GraphError(132000, f"{kind.lower()}: parameter names {names} do not match {expected}")
    return dict(zip(names, texts, strict=True))


def _unnamed(given: list[dict[str, Any]]) -> bool:
    if any("parameter_name" in p for p in given):
        raise GraphError(132012, "parameter_name is not allowed: the template's variables are positional")
    return True


def parameter_text(parameter: Any, where: str) -> str:
    """The text of a text parameter."""
    if not isinstance(parameter, dict) or parameter.get("type") != "text":
        raise GraphError(132012, f"{where}: a parameter of type text is expected")
    text = parameter.get("text")
    if not isinstance(text, str) or not text:
        raise GraphError(131008, f"{where}: parameter of type text is missing its text value")
    if re.search(r"[\n\t]| {5,}", text):
        raise GraphError(100, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    return text


def _buttons(template: Template, parts: list[dict[str, Any]]) -> list[dict[str, str]]:
    given = {str(p.get("index")): p for p in parts if p["type"] == "button"}
    for index in given:
        number = whole(index)
        if number is None or number >= len(template.buttons):
            raise GraphError(132000, f"button: index {index} does not exist in the template")
    return [_button(button, given.get(str(n)), n) for n, button in enumerate(template.buttons)]


def _button(button: Part, part: Part | None, index: int) -> dict[str, str]:
    kind = str(button["type"]).upper()
    if part is not None and str(part.get("sub_type")).lower() != SUB_TYPES.get(kind):
        raise GraphError(132012, f"button: index {index} is of type {kind}, not {part.get('sub_type')}")
    given = part.get("parameters", []) if part is not None else []
    first = given[0] if given and isinstance(given[0], dict) else {}
    shown = {"type": kind.lower(), "text": str(button.get("text", ""))}
    if kind == "URL":
        return shown | {"url": _url(str(button["url"]), first, index)}
    if kind == "COPY_CODE":
        if not CODE.fullmatch(str(first.get("coupon_code", ""))):
            raise GraphError(131008, f"buttons: Button at index {index} requires a coupon_code of letters and digits")
        return {"type": "copy_code", "text": str(first["coupon_code"])}
    return shown | {"payload": str(first.get("payload") or button.get("text", ""))}


def _url(url: str, first: Part, index: int) -> str:
    names = placeholders(url)
    if bool(names) != bool(first.get("text")):
        need = "requires a parameter" if names else "takes no parameter"
        raise GraphError(131008, f"buttons: Button at index {index} of type Url {need}")
    return fill(url, dict.fromkeys(names, str(first.get("text", ""))))


def _offer(template: Template, parts: list[dict[str, Any]]) -> dict[str, str]:
    defined = template.component("LIMITED_TIME_OFFER").get("limited_time_offer")
    if defined is None:
        return {}
    given = [p for part in parts if part["type"] == "limited_time_offer" for p in part.get("parameters", [])]
    first = given[0] if given and isinstance(given[0], dict) else {}
    ends = (first.get("limited_time_offer") or {}).get("expiration_time_ms")
    if not isinstance(ends, int) or ends not in MILLISECONDS:
        raise GraphError(131009, "limited_time_offer: expiration_time_ms must be Unix time in milliseconds")
    return {"text": str(defined["text"]), "ends": datetime.fromtimestamp(ends / 1000, UTC).isoformat()}


def _cards(template: Template, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    defined = template.component("CAROUSEL").get("cards", [])
    given = [card for part in parts if part["type"] == "carousel" for card in part.get("cards", [])]
    if [card.get("card_index") for card in given if isinstance(card, dict)] != list(range(len(defined))):
        raise GraphError(132000, f"carousel: cards 0 to {len(defined) - 1} are expected, in order")
    return [_card(template, card["components"], given[n]) for n, card in enumerate(defined)]


def _card(template: Template, components: list[dict[str, Any]], given: Part) -> dict[str, Any]:
    one = Template(
        template.id, template.name, template.language, template.category, template.status,
        template.parameter_format, components,
    )  # fmt: skip
    parts = parts_of(given.get("components", []))
    _reject_strangers(one, parts)
    shown = _filled(one, parts)
    return {"media": shown.media, "body": shown.body, "buttons": shown.buttons}
