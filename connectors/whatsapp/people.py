"""Who is meant in a webhook: phones, business-scoped user ids (BSUID) and names.

Since usernames exist, phone or BSUID may be missing on either side; `contacts` often holds the other one.
"""

import re
from typing import Final

from connectors.reading import Json, mapping, rows, text

_DIGITS: Final = re.compile(r"\+?([1-9][0-9]{6,14})\Z")
_USER_ID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}\Z")

#: as Meta writes them; anything else fits no column of ours and would take the rest of its body with it
_MESSAGE_ID: Final = re.compile(r"[!-~]{1,255}\Z")

Identity = tuple[str | None, str | None, str]


def phone_of(value: object) -> str | None:
    """A `wa_id` as E.164; None for everything that is no phone number."""
    found = _DIGITS.match(value) if isinstance(value, str) else None
    return f"+{found[1]}" if found else None


def user_id_of(value: object) -> str | None:
    """A BSUID (`DE.` and up to 128 characters), None for everything else."""
    return value if isinstance(value, str) and _USER_ID.match(value) else None


def message_id_of(value: object) -> str:
    """A `wamid`, "" for everything that is none."""
    return value if isinstance(value, str) and _MESSAGE_ID.match(value) else ""


class People:
    """The `contacts` of one change."""

    def __init__(self, value: Json) -> None:
        self._rows = rows(value.get("contacts"))

    def identity(self, phone: str | None, user_id: str | None) -> Identity:
        """Phone, BSUID and name, each completed from the contact that one of them names."""
        for row in self._rows:
            its_phone, its_id = phone_of(row.get("wa_id")), user_id_of(row.get("user_id"))
            if (phone and phone == its_phone) or (user_id and user_id == its_id):
                name = text(mapping(row.get("profile")).get("name"))
                return phone or its_phone, user_id or its_id, name
        return phone, user_id, self._only_name()

    def _only_name(self) -> str:
        # Meta's own sample spells one BSUID in two ways; a lone contact is the writer all the same.
        return text(mapping(self._rows[0].get("profile")).get("name")) if len(self._rows) == 1 else ""
