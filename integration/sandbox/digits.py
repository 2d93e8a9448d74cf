"""Numbers from outside: plain ASCII digits of sane length, or nothing."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

_WHOLE: Final = re.compile(r"[0-9]{1,20}")


def whole(text: str) -> int | None:
    """The number, or None: unlike int() this refuses signs, spaces and other scripts' digits."""
    return int(text) if _WHOLE.fullmatch(text) else None


@lru_cache(maxsize=10_000)
def country(number: str) -> str:
    """The country of an E.164 number as two letters, "" when nobody can tell: +1 is not the USA alone."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""
