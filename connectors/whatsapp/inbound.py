"""What a customer wrote or tapped, as `Inbound`."""

from typing import Final

from connectors.reading import Json, identifier, mapping, text
from connectors.whatsapp.people import Identity, People, message_id_of, phone_of, user_id_of
from connectors.whatsapp.statuses import at_of
from integration.domain.messages.channel import Inbound

LONGEST: Final = 4_096
MEDIA: Final = frozenset({"image", "video", "audio", "voice", "document", "sticker"})
#: nobody wrote these: WhatsApp did, or somebody took back what they wrote
SYSTEM: Final = frozenset({"system", "ephemeral", "revoke"})


def inbound_of(row: Json, people: People) -> Inbound | str:
    """One message, or the word that says why it is none."""
    wa_message_id, at, kind = message_id_of(row.get("id")), at_of(row), text(row.get("type"), 40)
    phone, user_id, name = sender_of(row, people)
    if kind in SYSTEM:
        return kind
    if not wa_message_id or at is None:
        return "no_id_or_time"
    if not phone and not user_id:
        return "no_sender"
    said, kind = edited(row) if kind == "edit" else (row, kind)
    words, payload = content_of(said, kind)
    medium = mapping(said.get(kind)) if kind in MEDIA else {}
    file = identifier(medium.get("id")), text(medium.get("filename"), 200)
    return Inbound(wa_message_id, phone, user_id, name, at, kind, words, payload, _reply_to(said), *file)


def edited(row: Json) -> tuple[Json, str]:
    """What an edited message says now, and its type: who makes a STOP of it means STOP."""
    said = mapping(mapping(row.get("edit")).get("message"))
    return said, text(said.get("type"), 40) or "edit"


def sender_of(row: Json, people: People) -> Identity:
    """Who wrote a message or changed a preference: phone, BSUID, name."""
    phone = phone_of(row.get("from")) or phone_of(row.get("wa_id"))
    user_id = user_id_of(row.get("from_user_id")) or user_id_of(row.get("user_id"))
    return people.identity(phone, user_id)


def content_of(row: Json, kind: str) -> tuple[str, str]:
    """The words that can be read of a message, and a button's payload."""
    part = mapping(row.get(kind))
    if kind == "text":
        return _words(part.get("body")), ""
    if kind == "button":
        return _words(part.get("text")), _words(part.get("payload"))
    if kind == "interactive":
        return _interactive(part)
    if kind == "reaction":
        return _words(part.get("emoji")), ""
    if kind == "location":
        return ", ".join(found for key in ("name", "address") if (found := _words(part.get(key)))), ""
    return _words(part.get("caption") or part.get("text")), ""


def _interactive(part: Json) -> tuple[str, str]:
    reply = mapping(part.get(text(part.get("type"), 40)))
    return _words(reply.get("title") or reply.get("body")), _words(reply.get("id"))


def _reply_to(row: Json) -> str | None:
    quoted = mapping(row.get("context")).get("id") or mapping(row.get("reaction")).get("message_id")
    return message_id_of(quoted) or None


def _words(value: object) -> str:
    """A customer's words as written: the reading of a STOP needs them untouched, only not unbounded."""
    return value.replace("\0", "")[:LONGEST] if isinstance(value, str) else ""
