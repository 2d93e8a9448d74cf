"""What became of a message, and Meta's own opt-out signal."""

from datetime import UTC, datetime
from typing import Final

from connectors.reading import Json, mapping, rows, text
from connectors.whatsapp.answers import without_persons
from connectors.whatsapp.errors import code_of, reaction
from connectors.whatsapp.people import People, message_id_of, phone_of, user_id_of
from integration.domain.messages.channel import Preference, StatusUpdate

LAST_EPOCH: Final = 4_102_444_800
STOP: Final = {"stop": True, "resume": False}


def at_of(row: Json) -> datetime | None:
    """A `timestamp` in Unix seconds, which is text in one webhook and a number in the next."""
    value = row.get("timestamp")
    seconds = _number(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds and 0 < seconds < LAST_EPOCH else None


def status_of(row: Json, people: People) -> StatusUpdate | str:
    """One status, or the word that says why it is none. Who it went to is told as far as Meta tells it."""
    wa_message_id, status, at = message_id_of(row.get("id")), text(row.get("status"), 40), at_of(row)
    if not wa_message_id or not status or at is None:
        return "no_id_status_or_time"
    phone, user_id, _ = people.identity(phone_of(row.get("recipient_id")), user_id_of(row.get("recipient_user_id")))
    code, title = _error(row)
    found = reaction(code) if code is not None else None
    pricing = mapping(row.get("pricing"))
    billable = pricing.get("billable")
    return StatusUpdate(
        wa_message_id=wa_message_id,
        status=status,
        at=at,
        attempt_id=text(row.get("biz_opaque_callback_data"), 512) or None,
        phone=phone,
        wa_user_id=user_id,
        error_code=code,
        error_title=title,
        action=found.action if found else None,
        wait=found.wait if found else 0,
        tries=found.tries if found else 0,
        price_category=text(pricing.get("category"), 32) or None,
        price_type=text(pricing.get("type"), 32) or None,
        billable=billable if isinstance(billable, bool) else None,
    )


def preference_of(row: Json, people: People) -> Preference | str:
    """A stop or resume of marketing in WhatsApp's own settings, or the word that says why it is none."""
    value, at = text(row.get("value"), 40), at_of(row)
    if row.get("category") != "marketing_messages" or value not in STOP:
        return value or "no_value"
    phone, user_id, _ = people.identity(phone_of(row.get("wa_id")), user_id_of(row.get("user_id")))
    if at is None or not (phone or user_id):
        return "no_person_or_time"
    return Preference(phone, user_id, at, stop=STOP[value])


def _error(row: Json) -> tuple[int | None, str]:
    first = next(iter(rows(row.get("errors"))), {})
    code = code_of(first.get("code"))
    if code is None:
        return None, ""
    return code, without_persons(text(first.get("title") or first.get("message")))


def _number(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    fits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12
    return int(value) if fits and isinstance(value, str) else None
