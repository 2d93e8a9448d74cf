"""A person's new number or BSUID, told by a system message or by `user_id_update`.

See docs/reference/whatsapp.md section 2.
"""

from typing import Final

from connectors.reading import Json, mapping, text
from connectors.whatsapp.people import phone_of, user_id_of
from connectors.whatsapp.statuses import at_of
from integration.domain.messages.channel import IdentityChange

#: ends of what Meta calls it: user_changed_number, customer_changed_number, user_changed_user_id
CHANGES: Final = ("changed_number", "changed_user_id")


def number_change_of(row: Json) -> IdentityChange | None:
    """The change that a `system` message tells, None when it tells something else."""
    system, at = mapping(row.get("system")), at_of(row)
    if not text(system.get("type"), 40).endswith(CHANGES) or at is None:
        return None
    user_id = user_id_of(system.get("user_id"))
    was_id = user_id_of(system.get("previous_user_id")) or user_id_of(row.get("from_user_id"))
    return _change((phone_of(row.get("from")), was_id if was_id != user_id else None), system, user_id, row)


def id_change_of(row: Json) -> IdentityChange | str:
    """The change that one row of `user_id_update` tells, or the word that says why it tells none."""
    ids = mapping(row.get("user_id"))
    previous, current = user_id_of(ids.get("previous")), user_id_of(ids.get("current"))
    if not previous or not current:
        return "no_ids"
    return _change((None, previous), row, current, row) or "no_time"


def _change(was: tuple[str | None, str | None], new: Json, user_id: str | None, row: Json) -> IdentityChange | None:
    at, phone = at_of(row), phone_of(new.get("wa_id"))
    if at is None or not any(was) or not (phone or user_id):
        return None
    return IdentityChange(was, phone, user_id, at)
