"""Checks the components of a template as it is created: texts, media, buttons, offers, carousels."""

import re
from collections.abc import Mapping
from typing import Any, Final

from integration.sandbox.whatsapp.errors import GraphError

PLACEHOLDER: Final = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
TEXTS: Final = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
MEDIA: Final = ("IMAGE", "VIDEO", "DOCUMENT")
#: a header that needs no example
PLACE: Final = "LOCATION"
BUTTONS: Final = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "QUICK_REPLY": 10}
MAX_BUTTONS: Final = 10
MAX_OFFER_BODY: Final = 600
MAX_CARD_BODY: Final = 160
#: what neither a header's text nor a button may hold: new lines, formatting, emojis
MARKUP: Final = re.compile(r"[\n\r*_~`\u2600-\u27bf\U0001f000-\U0001faff]")
CODE: Final = re.compile(r"[A-Za-z0-9]{1,20}")
NUMBER: Final = re.compile(r"\+?[1-9][0-9]{6,18}")
ADVERTISING: Final = ("LIMITED_TIME_OFFER", "CAROUSEL")


def placeholders(text: str) -> list[str]:
    """The variables of a text, each once, in order of appearance."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def check_components(value: Any, category: str, *, named: bool) -> list[dict[str, Any]]:
    """The components with upper-case types, or a GraphError."""
    components = _listed(value, named=named)
    found = {component["type"]: component for component in components}
    if "BODY" not in found:
        raise GraphError(100, "components need exactly one BODY.")
    for kind in ADVERTISING:
        if kind in found and (category != "MARKETING" or "FOOTER" in found):
            raise GraphError(100, f"{kind} needs the category MARKETING and no FOOTER.")
    if "LIMITED_TIME_OFFER" in found and len(found["BODY"]["text"]) > MAX_OFFER_BODY:
        raise GraphError(100, f"BODY of a limited-time offer: at most {MAX_OFFER_BODY} characters.", subcode=2388040)
    if "LIMITED_TIME_OFFER" in found:
        _check_offer_buttons(found.get("BUTTONS", {}).get("buttons", []))
    if "CAROUSEL" in found and set(found) != {"BODY", "CAROUSEL"}:
        raise GraphError(100, "A carousel template has a BODY and the CAROUSEL, nothing else.")
    return components


def _check_offer_buttons(buttons: list[dict[str, Any]]) -> None:
    kinds = [str(button.get("type", "")).upper() for button in buttons]
    if "URL" not in kinds or ("COPY_CODE" in kinds and kinds[0] != "COPY_CODE"):
        raise GraphError(100, "A limited-time offer needs a URL button; a copy-code button must be the first.")


def _listed(value: Any, *, named: bool) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(c, dict) for c in value):
        raise GraphError(100, "components must be a list of objects.")
    components = [{**c, "type": str(c.get("type", "")).upper()} for c in value]
    kinds = [c["type"] for c in components]
    if len(set(kinds)) != len(kinds):
        raise GraphError(100, "components: each type at most once.")
    for component in components:
        _check(component, named=named)
    return components


def _check(component: dict[str, Any], *, named: bool) -> None:
    kind = component["type"]
    if kind == "BUTTONS":
        check_buttons(component.get("buttons"), MAX_BUTTONS)
    elif kind == "LIMITED_TIME_OFFER":
        _check_offer(component.get("limited_time_offer"))
    elif kind == "CAROUSEL":
        component["cards"] = _cards(component.get("cards"), named=named)
    elif kind == "HEADER" and str(component.get("format", "TEXT")).upper() != "TEXT":
        _check_medium(component)
    elif kind in TEXTS:
        check_text(component, TEXTS[kind], named=named)
    else:
        raise GraphError(100, f"components: unknown type {kind!r}.")


def _check_offer(offer: Any) -> None:
    text = offer.get("text") if isinstance(offer, dict) else None
    if not isinstance(text, str) or not 1 <= len(text) <= 16:
        raise GraphError(100, "limited_time_offer needs a text of 1 to 16 characters.")
    if not isinstance(offer.get("has_expiration", True), bool):
        raise GraphError(100, "limited_time_offer: has_expiration is true or false.")


def _check_medium(component: Mapping[str, Any]) -> None:
    if str(component["format"]).upper() == PLACE:
        return
    if str(component["format"]).upper() not in MEDIA:
        raise GraphError(100, f"HEADER format {component['format']!r} is not supported.")
    example = component.get("example")
    handles = example.get("header_handle") if isinstance(example, dict) else None
    if not isinstance(handles, list) or len(handles) != 1 or not handles[0]:
        raise GraphError(100, "HEADER needs an example (header_handle) of its medium.", subcode=2388273)


def _cards(cards: Any, *, named: bool) -> list[dict[str, Any]]:
    if not isinstance(cards, list) or not 2 <= len(cards) <= 10 or not all(isinstance(card, dict) for card in cards):
        raise GraphError(100, "A carousel has 2 to 10 cards.")
    found = [{"components": _listed(card.get("components"), named=named)} for card in cards]
    for card in found:
        _check_card({component["type"]: component for component in card["components"]})
    if len({_shape(card["components"]) for card in found}) > 1:
        raise GraphError(100, "All cards of a carousel must have the same components.")
    return found


def _check_card(parts: Mapping[str, Mapping[str, Any]]) -> None:
    if not {"HEADER", "BUTTONS"} <= set(parts) <= {"HEADER", "BODY", "BUTTONS"}:
        raise GraphError(100, "A card has a HEADER, perhaps a BODY, and BUTTONS.")
    if str(parts["HEADER"].get("format", "")).upper() not in ("IMAGE", "VIDEO") or len(parts["BUTTONS"]["buttons"]) > 2:
        raise GraphError(100, "A card shows an IMAGE or a VIDEO, and one or two buttons.")
    if len(str(parts.get("BODY", {}).get("text", ""))) > MAX_CARD_BODY:
        raise GraphError(100, f"The text of a card has at most {MAX_CARD_BODY} characters.", subcode=2388040)


def _shape(components: list[dict[str, Any]]) -> tuple[object, ...]:
    return tuple(
        (c["type"], str(c.get("format", "")), tuple(str(b.get("type")).upper() for b in c.get("buttons", ())))
        for c in sorted(components, key=lambda c: str(c["type"]))
    )


def check_text(component: Mapping[str, Any], longest: int, *, named: bool) -> None:
    """A text with its variables and their examples."""
    kind = component["type"]
    text = component.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= longest:
        raise GraphError(100, f"{kind} text must have 1 to {longest} characters.", subcode=2388040)
    variables = placeholders(text)
    if any(variable.isdigit() == named for variable in variables):
        raise GraphError(100, f"{kind} variables do not fit parameter_format.", subcode=2388073)
    if kind == "FOOTER" and variables:
        raise GraphError(100, "FOOTER cannot have variables.", subcode=2388073)
    if kind == "HEADER" and len(variables) > 1:
        raise GraphError(100, "HEADER may have one variable.", subcode=2388073)
    if kind == "HEADER" and MARKUP.search(PLACEHOLDER.sub("", text)):
        raise GraphError(100, "HEADER cannot have new lines, emojis, asterisks or other formatting.", subcode=2388047)
    if kind == "HEADER" and variables and not _has_example(component, named=named):
        raise GraphError(100, "HEADER needs an example for its variable.", subcode=2388043)
    if kind == "BODY" and variables:
        _check_variables(text.strip(), variables, component, named=named)


def _check_variables(text: str, variables: list[str], component: Mapping[str, Any], *, named: bool) -> None:
    if text.startswith("{{") or text.endswith("}}"):
        raise GraphError(100, "Variables can't be at the start or end of the template.", subcode=2388299)
    if len(PLACEHOLDER.sub("", text).split()) < 2 * len(variables):
        raise GraphError(100, "Too many variables for the length of the text.", subcode=2388293)
    example = component.get("example")
    key = "body_text_named_params" if named else "body_text"
    given = example.get(key) if isinstance(example, dict) else None
    given = given if isinstance(given, list) else []
    count = len(given) if named else len(given[0]) if given and isinstance(given[0], list) else len(given)
    if count != len(variables):
        raise GraphError(100, f"BODY needs an example for each variable ({key}).", subcode=2388043)


def _has_example(component: Mapping[str, Any], *, named: bool) -> bool:
    example = component.get("example")
    given = example.get("header_text_named_params" if named else "header_text") if isinstance(example, dict) else None
    return isinstance(given, list) and len(given) == 1


def check_buttons(buttons: Any, most: int) -> None:
    """The buttons of a template: each kind so often, quick replies side by side."""
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most or not all(isinstance(b, dict) for b in buttons):
        raise GraphError(100, f"BUTTONS must list 1 to {most} buttons.")
    kinds = [str(button.get("type", "")).upper() for button in buttons]
    for kind in kinds:
        if kinds.count(kind) > BUTTONS.get(kind, 0):
            raise GraphError(100, f"button type {kind!r} is not supported, or not so often.")
    titles = [str(button["text"]) for button in buttons if button.get("text")]
    if len(set(titles)) < len(titles):
        raise GraphError(100, "Two buttons cannot have the same text.", subcode=2388060)
    replies = [n for n, kind in enumerate(kinds) if kind == "QUICK_REPLY"]
    if replies and replies[-1] - replies[0] >= len(replies):
        raise GraphError(100, "Quick replies must stand side by side.", subcode=2388060)
    for kind, button in zip(kinds, buttons, strict=True):
        _check_button(kind, button)


def _check_button(kind: str, button: Mapping[str, Any]) -> None:
    if kind == "COPY_CODE":
        if not CODE.fullmatch(str(button.get("example") or "")):
            raise GraphError(100, "A copy-code button needs an example of 1 to 20 letters and digits.")
        return
    text = str(button.get("text", ""))
    if not 1 <= len(text) <= 25 or MARKUP.search(text) or placeholders(text):
        raise GraphError(100, "button text must have 1 to 25 characters, without variables, emojis or new lines.")
    if kind == "PHONE_NUMBER" and not NUMBER.fullmatch(str(button.get("phone_number", ""))):
        raise GraphError(100, "phone_number must be a number of at most 20 characters with its country code.")
    if kind == "URL":
        _check_url(str(button.get("url", "")), button.get("example"))


def _check_url(url: str, example: Any) -> None:
    if not url.startswith(("https://", "http://")) or len(url) > 2000:
        raise GraphError(100, "button url must be a web address of at most 2000 characters.")
    variables = placeholders(url)
    if variables and (len(variables) > 1 or not url.rstrip().endswith("}}")):
        raise GraphError(100, "button url: one variable at most, at the end.", subcode=2388047)
    if variables and not (example and isinstance(example, str | list)):
        raise GraphError(100, "button url needs an example for its variable.", subcode=2388043)
