"""What is filled into a text: people's names and shops' data come from strangers, and still make a message.

Whoever orders may type anything as a name, and a stranger's phone number with it: then the shop would carry it there.
"""

import re
from collections.abc import Mapping
from typing import Final

#: what stands where a shop tells nothing: WhatsApp refuses a message with an empty value
NOTHING: Final = "–"
#: what may be shortened so that a text fits, the first ones first, and to how much at least
SHORTENED: Final = ("items", "item", "what", "name", "carrier", "place", "alarm", "remedy", "shop")
LEAST: Final = 24
LONGEST_NAME: Final = 40
#: a longer link leaves no room for words
LONGEST_LINK: Final = 600
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_UNLIKE_A_NAME: Final = re.compile(r"[{}@]|://|\bwww\.|\w\.[a-z]{2,}|(?:\d\W?){4}", re.IGNORECASE)


def length(text: str) -> int:
    """How long a text is for WhatsApp, which counts most emojis as two (UTF-16, as browsers count)."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def visible(text: str) -> str:
    """The text without characters that nobody sees, and without those that turn what follows around (RTL override)."""
    return _UNSEEN.sub("", text)


def called(name: str) -> str:
    """A name to greet somebody by; "" for what is none: an address, a number, half a letter, a placeholder."""
    found = visible(name).strip()
    if len(found) > LONGEST_NAME or _UNLIKE_A_NAME.search(found) or not any(map(str.isalpha, found)):
        return ""
    return found


def linked(url: str, otherwise: str) -> str:
    """A link that fits into a text, or what to say instead."""
    return url if 0 < len(url) <= LONGEST_LINK else otherwise


def fitted(body: str, variables: Mapping[str, str], longest: int) -> Mapping[str, str]:
    """The variables so that the text, filled in, is whole and not too long; links, prices, codes stay as they are."""
    if not all(variables.values()):
        variables = {name: value or NOTHING for name, value in variables.items()}
    if len(body) + 2 * sum(map(len, variables.values())) <= longest:
        return variables
    over = _length(body, variables) - longest
    found = dict(variables)
    for name in SHORTENED:
        if over > 0 and f"{{{{{name}}}}}" in body and len(found.get(name, "")) > LEAST:
            short = found[name][: max(LEAST, len(found[name]) - over - 1)].rstrip() + "…"
            over -= length(found[name]) - length(short)
            found[name] = short
    return found


def _length(body: str, variables: Mapping[str, str]) -> int:
    """Of the text filled in."""
    return length(body) + sum(
        body.count(hole) * (length(value) - len(hole))
        for name, value in variables.items()
        for hole in (f"{{{{{name}}}}}",)
    )
