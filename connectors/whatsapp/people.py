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
    """The `contacts` of one change, found by phone or BSUID: a change may hold a thousand of both."""

    def __init__(self, value: Json) -> None:
        self._rows = rows(value.get("contacts"))
        self._found = [(phone_of(row.get("wa_id")), user_id_of(row.get("user_id"))) for row in self._rows]
        self._places: dict[str, int] = {}
        for place, names in enumerate(self._found):
            for name in filter(None, names):
                self._places.setdefault(name, place)

    def identity(self, phone: str | None, user_id: str | None) -> Identity:
        """Phone, BSUID and name, each completed from the first contact that one of them names."""
        places = [self._places[name] for name in (phone, user_id) if name in self._places]
        if not places:
            return phone, user_id, self._only_name()
        its_phone, its_id = self._found[min(places)]
        return phone or its_phone, user_id or its_id, self._name(min(places))

    def _only_name(self) -> str:
        # Meta's own sample spells one BSUID in two ways; a lone contact is the writer all the same.
        return self._name(0) if len(self._rows) == 1 else ""

    def _name(self, place: int) -> str:
        return text(mapping(self._rows[place].get("profile")).get("name"))
