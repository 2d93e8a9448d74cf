"""A template as the management API takes it, and as it lists it (docs/reference/whatsapp.md section 7)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from connectors.reading import Json, mapping, rows, text
from integration.domain.messages.components import MAX_URL, Row
from integration.domain.notifications import BY_KIND, TRIED_FOR
from integration.domain.templates.parts import CODE, PLACEHOLDER, HeaderType, LinkButton, PartType
from integration.domain.templates.templates import EXAMPLES, Template, examples

#: Meta's types of buttons and ours
_BUTTONS: Final = {"URL": "url", "PHONE_NUMBER": "phone", "COPY_CODE": "copy_code", "QUICK_REPLY": "quick_reply"}
_LINK: Final = "warenkorb"


def definition(template: Template, samples: Mapping[str, str]) -> dict[str, object]:
    """The body of POST /message_templates; `samples` are the handles of its media by their source."""
    body: dict[str, object] = {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "parameter_format": "POSITIONAL" if template.positional else "NAMED",
        "components": list(_components(template, samples)),
    }
    lives = _lives(template)
    return body | {"message_send_ttl_seconds": lives} if lives else body


def _lives(template: Template) -> int:
    """For how many seconds Meta tries a phone that is off, 0 for its 30 days: only service texts may say less."""
    kind = BY_KIND.get(template.kind)
    short = kind is not None and template.category == "UTILITY" and kind.lives < TRIED_FOR
    return int(kind.lives.total_seconds()) if kind and short else 0


def _components(template: Template, samples: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    parts = template.parts
    if parts.header and parts.header.type is HeaderType.TEXT:
        yield _text("HEADER", parts.header.text, template) | {"format": "TEXT"}
    elif parts.header:
        yield _medium(parts.header.type, samples[parts.header.source])
    if parts.offer:
        yield {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": parts.offer, "has_expiration": True}}
    yield _text("BODY", template.body, template)
    if parts.footer:
        yield {"type": "FOOTER", "text": parts.footer}
    replies = [{"type": "QUICK_REPLY", "text": title} for _, title in template.buttons]
    if buttons := [*replies, *map(_button, parts.buttons)]:
        yield {"type": "BUTTONS", "buttons": buttons}
    if parts.cards:
        yield {
            "type": "CAROUSEL",
            "cards": [
                {
                    "components": [
                        _medium(card.type, samples[card.file]),
                        _text("BODY", card.text, template),
                        {"type": "BUTTONS", "buttons": [_button(button) for button in card.buttons]},
                    ]
                }
                for card in parts.cards
            ],
        }


def _text(kind: str, words: str, template: Template) -> dict[str, Any]:
    names, shown = list(dict.fromkeys(PLACEHOLDER.findall(words))), examples(template.language)
    found: dict[str, Any] = {"type": kind, "text": words}
    if not names:
        return found
    if not template.positional:
        named = [{"param_name": name, "example": shown[name]} for name in names]
        return found | {"example": {f"{kind.lower()}_text_named_params": named}}
    values = [shown.get(name, f"Beispiel {name}") for name in sorted(names, key=int)]
    # a header has one variable and a flat list, a body a list of lists
    return found | {"example": {f"{kind.lower()}_text": values if kind == "HEADER" else [values]}}


def _medium(kind: HeaderType, handle: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": kind.upper(), "example": {"header_handle": [handle]}}


def _button(button: LinkButton) -> dict[str, Any]:
    if button.type is PartType.COPY_CODE:
        return {"type": "COPY_CODE", "example": EXAMPLES[CODE]}
    if button.type is PartType.PHONE:
        return {"type": "PHONE_NUMBER", "text": button.title, "phone_number": button.value}
    found: dict[str, Any] = {"type": "URL", "text": button.title, "url": button.address}
    return found | ({"example": [button.value + _LINK]} if button.variable else {})


def outline_of(components: Sequence[Json]) -> tuple[Row, ...]:
    """What people see of a template besides its text, by its components as Meta lists them."""
    parts = {text(part.get("type"), 32).upper(): part for part in components}
    return tuple(_outline(parts))


def _outline(parts: Mapping[str, Json]) -> Iterator[Row]:
    if header := parts.get("HEADER"):
        kind = text(header.get("format"), 16).lower() or "text"
        yield ("header", kind, text(header.get("text")) if kind == "text" else "")
    if offer := parts.get("LIMITED_TIME_OFFER"):
        yield ("offer", text(mapping(offer.get("limited_time_offer")).get("text")), "")
    if footer := parts.get("FOOTER"):
        yield ("footer", text(footer.get("text")), "")
    yield from map(_row, rows(parts.get("BUTTONS", {}).get("buttons")))
    for card in rows(parts.get("CAROUSEL", {}).get("cards")):
        inner = {text(part.get("type"), 32).upper(): part for part in rows(card.get("components"))}
        yield ("card", text(inner.get("HEADER", {}).get("format"), 16).lower(), text(inner.get("BODY", {}).get("text")))
        yield from map(_row, rows(inner.get("BUTTONS", {}).get("buttons")))


def _row(button: Json) -> Row:
    kind = text(button.get("type"), 32).upper()
    known = _BUTTONS.get(kind, kind.lower())
    value = text(button.get("url"), MAX_URL) or text(button.get("phone_number"), 40)
    title = "" if known == PartType.COPY_CODE else text(button.get("text"))
    return (known, title, f"+{value}" if known == PartType.PHONE and value[:1].isdigit() else value)
