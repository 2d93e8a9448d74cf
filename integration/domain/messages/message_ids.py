"""Meta's message ids: `wamid.` and base64 with the phone number inside.

`wamid.HBgLMTY1MDM4Nzk0MzkV…` is 0x1c 0x18, a length, the digits 16503879439, and more: personal data.
"""

import re
from base64 import b64decode, b64encode

IDS = re.compile(r"wamid\.[A-Za-z0-9+/=_-]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}")


def pieces(phone: str) -> list[str]:
    """How a phone stands in base64, by where in a group of three bytes it begins.

    The first and last characters, which its neighbours share, are left out: what has a piece may still be a number
    that ends in another digit. `holds` knows.
    """
    return [_piece(_digits(phone), before) for before in range(3)]


def holds(text: str, phone: str) -> bool:
    """Whether something in a text is base64 around a phone."""
    whole = re.compile(rb"(?<!\d)" + _digits(phone) + rb"(?!\d)")
    return any(whole.search(found) for word in _BASE64.findall(text) for found in _decoded(word))


def _digits(phone: str) -> bytes:
    return phone.removeprefix("+").encode()


def _piece(digits: bytes, before: int) -> str:
    text = b64encode(bytes(before) + digits).decode()
    return text[-(-before * 8 // 6) : (before + len(digits)) * 8 // 6]


def _decoded(word: str) -> list[bytes]:
    """What a word is in base64, whichever of its first four characters begins it."""
    plain = word.replace("-", "+").replace("_", "/")
    return [
        b64decode(plain[start : start + (len(plain) - start) // 4 * 4]) + _rest(plain[start:]) for start in range(4)
    ]


def _rest(word: str) -> bytes:
    left = word[len(word) // 4 * 4 :]
    return b64decode(left.ljust(4, "=")) if len(left) > 1 else b""
