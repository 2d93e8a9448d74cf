"""The shapes of POST /messages: which keys each part takes and needs, and what they hold.

Meta refuses a key that it does not know, with code 100 ('Unexpected key "x" on param "text"').
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from integration.sandbox.whatsapp.errors import GraphError


@dataclass(frozen=True, slots=True)
class Shape:
    """An object. `keys` say what each holds: types, a Shape, or a list with the Shape of its items."""

    keys: Mapping[str, Any]
    needs: tuple[str, ...] = ()


NAMES: Final = {str: "a string", bool: "true or false", int: "an integer", list: "a list", dict: "a JSON object"}
_ID: Final = Shape({"message_id": str}, ("message_id",))
_LINKED: Final = {"id": str, "link": str}
_TEXT: Final = Shape({"text": str}, ("text",))
_ADDRESS: Final = Shape(dict.fromkeys(("street", "city", "state", "zip", "country", "country_code", "type"), str))
_PERSON: Final = Shape(
    dict.fromkeys(("formatted_name", "first_name", "last_name", "middle_name", "suffix", "prefix"), str),
    ("formatted_name",),
)
_CONTACT: Final = Shape(
    {
        "addresses": [_ADDRESS], "birthday": str, "name": _PERSON,
        "emails": [Shape({"email": str, "type": str})],
        "org": Shape(dict.fromkeys(("company", "department", "title"), str)),
        "phones": [Shape({"phone": str, "type": str, "wa_id": str})],
        "urls": [Shape({"url": str, "type": str})],
    },
    ("name",),
)  # fmt: skip
_HEADER: Final = Shape(
    {"type": str, "text": str, **dict.fromkeys(("image", "video", "document"), Shape(_LINKED | {"filename": str}))},
    ("type",),
)
_ROW: Final = Shape({"id": str, "title": str, "description": str}, ("id", "title"))
_ACTION: Final = Shape({
    "buttons": [Shape({"type": str, "reply": Shape({"id": str, "title": str}, ("id", "title"))}, ("type", "reply"))],
    "button": str,
    "sections": [Shape({"title": str, "rows": [_ROW]}, ("rows",))],
    "name": str,
    "parameters": Shape({"display_text": str, "url": str}, ("display_text", "url")),
})  # fmt: skip

#: what each type of message holds under its own name
CONTENTS: Final[Mapping[str, Any]] = {
    "text": Shape({"body": str, "preview_url": bool}, ("body",)),
    "image": Shape(_LINKED | {"caption": str}),
    "video": Shape(_LINKED | {"caption": str}),
    "audio": Shape(_LINKED | {"voice": bool}),
    "document": Shape(_LINKED | {"caption": str, "filename": str}),
    "sticker": Shape(_LINKED),
    "location": Shape(
        {"latitude": (int, float, str), "longitude": (int, float, str), "name": str, "address": str},
        ("latitude", "longitude"),
    ),
    "contacts": [_CONTACT],
    "reaction": Shape({"message_id": str, "emoji": str}, ("message_id", "emoji")),
    "interactive": Shape(
        {"type": str, "header": _HEADER, "body": _TEXT, "footer": _TEXT, "action": _ACTION}, ("type", "action")
    ),
    "template": Shape({
        "name": str,
        "language": Shape({"code": str, "policy": str}, ("code",)),
        "components": [
            Shape({"type": str, "sub_type": str, "index": (int, str), "parameters": list, "cards": list}, ("type",))
        ],
    }, ("name", "language")),
}  # fmt: skip
#: beside the content
ENVELOPE: Final = Shape({
    "messaging_product": str, "recipient_type": str, "to": object, "recipient": object, "type": str,
    "context": _ID, "biz_opaque_callback_data": object, "recipient_identity_key_hash": str,
})  # fmt: skip
READ: Final = Shape(
    {"messaging_product": str, "status": str, "message_id": str, "typing_indicator": Shape({"type": str}, ("type",))},
    ("message_id",),
)
#: a parameter of a template by its type
PARAMETERS: Final[Mapping[str, Shape]] = {
    "text": Shape({"type": str, "text": object, "parameter_name": str}),
    "currency": Shape({
        "type": str, "parameter_name": str,
        "currency": Shape(
            {"fallback_value": str, "code": str, "amount_1000": int}, ("fallback_value", "code", "amount_1000")
        ),
    }, ("currency",)),
    "date_time": Shape(
        {"type": str, "parameter_name": str, "date_time": Shape({"fallback_value": str}, ("fallback_value",))},
        ("date_time",),
    ),
    "image": Shape({"type": str, "image": Shape(_LINKED)}),
    "video": Shape({"type": str, "video": Shape(_LINKED)}),
    "document": Shape({"type": str, "document": Shape(_LINKED | {"filename": str})}),
    "location": Shape({"type": str, "location": CONTENTS["location"]}, ("location",)),
    "payload": Shape({"type": str, "payload": str}),
    "coupon_code": Shape({"type": str, "coupon_code": str}),
    "limited_time_offer": Shape(
        {"type": str, "limited_time_offer": Shape({"expiration_time_ms": object}, ("expiration_time_ms",))}
    ),
}  # fmt: skip


def check(value: Any, shape: Any, path: str = "") -> None:
    """Whether a value has a shape. GraphError 100 for a strange key or a wrong type, 131008 for what is missing."""
    if isinstance(shape, Shape):
        _check_object(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise GraphError(100, f"Param {path} must be a list.")
        for n, item in enumerate(value):
            check(item, shape[0], f"{path}[{n}]")
    elif shape is not object and not _fits(value, shape):
        raise GraphError(100, f"Param {path} must be {_named(shape)}.")


def _check_object(value: Any, shape: Shape, path: str) -> None:
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {path} must be a JSON object.")
    for key, part in value.items():
        if key not in shape.keys:
            raise GraphError(100, f'Unexpected key "{key}" on param' + (f' "{path}".' if path else "."))
        if part is not None:
            check(part, shape.keys[key], inner(path, key))
    for key in shape.needs:
        if value.get(key) is None:
            raise GraphError(131008, f"The parameter {inner(path, key)} is required.")


def inner(path: str, key: str) -> str:
    """How Meta writes where something stands: interactive['header']['text']."""
    return f"{path}['{key}']" if path else key


def _fits(value: Any, kinds: Any) -> bool:
    if isinstance(value, bool):
        return kinds is bool
    return isinstance(value, kinds)


def _named(kinds: Any) -> str:
    found = kinds if isinstance(kinds, tuple) else (kinds,)
    return " or ".join(NAMES.get(kind, "a number") for kind in found)
