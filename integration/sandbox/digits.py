"""Numbers from outside: plain ASCII digits of sane length, or nothing."""

import re
from typing import Final

_WHOLE: Final = re.compile(r"[0-9]{1,20}")


def whole(text: str) -> int | None:
    """The number, or None: unlike int() this refuses signs, spaces and other scripts' digits."""
    return int(text) if _WHOLE.fullmatch(text) else None
