"""Fills a template in with the components of a POST /messages body, as strictly as Meta does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from integration.sandbox.digits import whole
from integration.sandbox.whatsapp.definitions import CODE, placeholders
from integration.sandbox.whatsapp.errors import GraphError
from integration.sandbox.whatsapp.kinds import medium, place
from integration.sandbox.whatsapp.shapes import PARAMETERS, Shape, check, inner
from integration.sandbox.whatsapp.shown import Shown
from integration.sandbox.whatsapp.templates import Template, fill

MAX_BODY: Final = 1024
MAX_HEADER: Final = 60
MAX_URL: Final = 2000
PARTS: Final = ("header", "body", "button", "limited_time_offer", "carousel")
#: a time in milliseconds has 13 digits until the year 2286; ten are seconds
MILLISECONDS: Final = range(10**12, 10**13)
#: the sub_type of each kind of button that takes a parameter, and the parameter's type
SUB_TYPES: Final = {"URL": "url", "QUICK_REPLY": "quick_reply", "COPY_CODE": "copy_code"}
GIVEN: Final = {"URL": "text", "QUICK_REPLY": "payload", "COPY_CODE": "coupon_code"}
CARD: Final = Shape({"card_index": int, "components": list}, ("card_index", "components"))

Part = Mapping[str, Any]


@dataclass(slots=True)
class Filled(Shown):
    """A template with its parameters in their places."""

    parameters: dict[str, str] = field(default_factory=dict)


def parts_of(components: Any, where: str = "template['components']") -> list[dict[str, Any]]:
    """The components as a list of objects with a known type, whose parameters have the shape of theirs."""
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise GraphError(100, f"Param {where} must be a list of JSON objects.")
    found = [_part(part, f"{where}[{n}]") for n, part in enumerate(components)]
    kinds = [part["type"] for part in found if part["type"] != "button"]
    if len(set(kinds)) < len(kinds):
        raise GraphError(100, f"Param {where}: each type but button at most once.")
    return found


def _part(part: Part, where: str) -> dict[str, Any]:
    kind = str(part.get("type")).lower()
    if kind not in PARTS:
        raise GraphError(100, f"Param {inner(where, 'type')}: unknown type {part.get('type')!r}.")
    parameters = part.get("parameters") or []
    if not isinstance(parameters, list):
        raise GraphError(100, f"Param {inner(where, 'parameters')} must be a list.")
    for n, parameter in enumerate(parameters):
        _check_parameter(parameter, f"{inner(where, 'parameters')}[{n}]")
    return {**part, "type": kind, "parameters": parameters}


def _check_parameter(parameter: Any, where: str) -> None:
    kind = parameter.get("type") if isinstance(parameter, dict) else None
    if not isinstance(kind, str) or kind.lower() not in PARAMETERS:
        raise GraphError(100, f"Param {where} must be a JSON object with a known type.")
    check(parameter, PARAMETERS[kind.lower()], where)


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
    if len(header) > MAX_HEADER:
        raise GraphError(132005, f"header: the filled-in text has {len(header)} characters, {MAX_HEADER} are allowed")
    return Filled(body, header, footer, _buttons(template, parts), media, parameters=values)


def _reject_strangers(template: Template, parts: list[dict[str, Any]]) -> None:
    kinds = {component["type"].lower() for component in template.components}
    for part in parts:
        if part["type"] != "button" and part["type"] not in kinds:
            raise GraphError(132000, f"{part['type']}: the template has no such component")


def _medium(template: Template, parts: list[dict[str, Any]]) -> dict[str, str]:
    kind = template.header_format.lower()
    if kind in ("", "text"):
        return {}
    given = _given(parts, "header")
    if len(given) != 1 or given[0]["type"].lower() != kind:
        raise GraphError(132012, f"header: Format mismatch, expected {kind.upper()}")
    content = given[0].get(kind) or {}
    if kind == "location":
        place(content, "location")
        return {"type": kind, "source": str(content.get("name") or content.get("address") or "")}
    return medium(content, kind, f"header: {kind}")


def _given(parts: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [parameter for part in parts if part["type"] == kind for parameter in part["parameters"]]


def _values(template: Template, kind: str, parts: list[dict[str, Any]]) -> dict[str, str]:
    expected = placeholders(template.text(kind))
    given = _given(parts, kind.lower())
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


def parameter_text(parameter: Part, where: str) -> str:
    """The text of a text parameter, or what stands for an amount or a day."""
    kind = parameter["type"].lower()
    if kind in ("currency", "date_time"):
        return str(parameter[kind]["fallback_value"])
    if kind != "text":
        raise GraphError(132012, f"{where}: a parameter of type text is expected")
    text = parameter.get("text")
    if not isinstance(text, str) or not text:
        raise GraphError(131008, f"{where}: parameter of type text is missing its text value")
    if re.search(r"[\n\t]| {5,}", text):
        raise GraphError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    return text


def _buttons(template: Template, parts: list[dict[str, Any]]) -> list[dict[str, str]]:
    given: dict[int, Part] = {}
    for part in (p for p in parts if p["type"] == "button"):
        if part.get("index") is None or not part.get("sub_type"):
            raise GraphError(131008, "button: needs an index and a sub_type")
        number = whole(str(part["index"]))
        if number is None or number >= len(template.buttons):
            raise GraphError(132000, f"button: index {part['index']} does not exist in the template")
        if number in given:
            raise GraphError(131009, f"button: index {number} is given twice")
        given[number] = part
    return [_button(button, given.get(n), n) for n, button in enumerate(template.buttons)]


def _button(button: Part, part: Part | None, index: int) -> dict[str, str]:
    kind = str(button["type"]).upper()
    if part is not None and str(part["sub_type"]).lower() != SUB_TYPES.get(kind):
        raise GraphError(132012, f"button: index {index} is of type {kind}, not {part.get('sub_type')}")
    first = _button_parameter(kind, part, index) if part is not None else {}
    shown = {"type": kind.lower(), "text": str(button.get("text", ""))}
    if kind == "URL":
        return shown | {"url": _url(str(button["url"]), first, index)}
    if kind == "COPY_CODE":
        if not CODE.fullmatch(first.get("coupon_code") or ""):
            raise GraphError(131008, f"buttons: Button at index {index} requires a coupon_code of letters and digits")
        return {"type": "copy_code", "text": first["coupon_code"]}
    return shown | {"payload": str(first.get("payload") or button.get("text", ""))}


def _button_parameter(kind: str, part: Part, index: int) -> Part:
    given = part["parameters"]
    if len(given) > 1:
        raise GraphError(132000, f"buttons: Button at index {index} takes one parameter, {len(given)} are given")
    if given and given[0]["type"].lower() != GIVEN[kind]:
        raise GraphError(132012, f"buttons: Button at index {index} takes a parameter of type {GIVEN[kind]}")
    return given[0] if given else {}


def _url(url: str, first: Part, index: int) -> str:
    names, text = placeholders(url), first.get("text")
    if bool(names) != bool(text) or not isinstance(text or "", str):
        need = "requires a parameter" if names else "takes no parameter"
        raise GraphError(131008, f"buttons: Button at index {index} of type Url {need}")
    shown = fill(url, dict.fromkeys(names, str(text or "")))
    if len(shown) > MAX_URL:
        raise GraphError(131009, f"buttons: the filled-in address at index {index} is longer than {MAX_URL}")
    return shown


def _offer(template: Template, parts: list[dict[str, Any]]) -> dict[str, str]:
    defined = template.component("LIMITED_TIME_OFFER").get("limited_time_offer")
    if defined is None:
        return {}
    given = _given(parts, "limited_time_offer")
    first = given[0] if len(given) == 1 else {}
    ends = (first.get("limited_time_offer") or {}).get("expiration_time_ms")
    if not isinstance(ends, int) or isinstance(ends, bool) or ends not in MILLISECONDS:
        raise GraphError(131009, "limited_time_offer: expiration_time_ms must be Unix time in milliseconds")
    return {"text": str(defined["text"]), "ends": datetime.fromtimestamp(ends / 1000, UTC).isoformat()}


def _cards(template: Template, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    defined = template.component("CAROUSEL").get("cards", [])
    given = [card for part in parts if part["type"] == "carousel" for card in part.get("cards") or []]
    for n, card in enumerate(given):
        check(card, CARD, f"carousel['cards'][{n}]")
    if [card["card_index"] for card in given] != list(range(len(defined))):
        raise GraphError(132000, f"carousel: cards 0 to {len(defined) - 1} are expected, in order")
    return [_card(template, card["components"], given[n]) for n, card in enumerate(defined)]


def _card(template: Template, components: list[dict[str, Any]], given: Part) -> dict[str, Any]:
    one = Template(
        template.id, template.name, template.language, template.category, template.status,
        template.parameter_format, components,
    )  # fmt: skip
    parts = parts_of(given["components"], "carousel['cards'][]['components']")
    _reject_strangers(one, parts)
    shown = _filled(one, parts)
    return {"media": shown.media, "body": shown.body, "buttons": shown.buttons}
