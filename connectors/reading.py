"""Reading foreign JSON: everything may be missing, null or of another type, and nothing is unbounded."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import orjson

from integration.domain.errors import Malformed
from integration.domain.values import LONGEST_LINK

NAME = 200
URL = 2_000
WORDING = 4_000
#: the years 1973 and 2100, in seconds since 1970
FIRST_EPOCH, LAST_EPOCH = 100_000_000, 4_102_444_800
EPOCH = re.compile(r"[0-9]{9,10}")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")

Json = dict[str, Any]


def document(body: bytes) -> Json:
    """The JSON object in a body; Malformed when it is none."""
    try:
        found = _loaded(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("the body is not a JSON object")
    return found


def _loaded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        # Half of a surrogate pair, from a name that was cut within an emoji, must not cost the whole body.
        return orjson.loads(json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace"))


def text(value: object, limit: int = NAME) -> str:
    """A string on one line, bounded; "" for everything that is no string.

    NUL goes because PostgreSQL refuses it, line ends because Meta refuses them in parameters.
    """
    if not value or not isinstance(value, str):
        return ""
    if "\0" in value:
        value = value.replace("\0", "")
    return " ".join(value.split())[:limit]


def plain(value: object, limit: int = NAME) -> str:
    """A name without HTML: shops store "Tee &amp; Tasse" and "<b>Neu</b>", people read "Tee & Tasse" and "Neu"."""
    found = text(value, 10 * limit)
    if "<" in found or "&" in found:
        found = text(unescape(_TAG.sub("", found)), limit)
    return found[:limit]


def paragraph(value: object, limit: int = WORDING) -> str:
    """A longer text with its line ends, bounded."""
    return value.replace("\0", "").strip()[:limit] if isinstance(value, str) else ""


def link(value: object) -> str:
    """A web address, "" for any other scheme and for one too long to be whole."""
    found = value.strip() if isinstance(value, str) else ""
    if len(found) > URL or not found[:8].lower().startswith(("https://", "http://")):
        return ""
    return found if found.isprintable() and " " not in found else ""


#: longer ones do not fit into a message
MESSAGE_URL = LONGEST_LINK
#: shops that record where visitors come from find us by these; they name nobody
CAME_BY = {"utm_source": "ladenbote", "utm_medium": "whatsapp", "utm_campaign": "cart"}


def way_back(url: str, more: Mapping[str, str]) -> str:
    """A recovery link with more in its query, what stood there under these names replaced.

    One that would not fit into a message leads to the shop's front page, where its visitor's cart is as well.
    """
    parts = urlsplit(url)
    added = {**more, **CAME_BY}
    query = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] not in added]
    full = urlunsplit(parts._replace(query="&".join([*query, urlencode(added)])))
    return full if len(full) <= MESSAGE_URL else urlunsplit((parts.scheme, parts.netloc, "/", urlencode(CAME_BY), ""))


def identifier(value: object) -> str:
    """A platform's numeric id as text, "" when it is none (ids pass 2^53, so floats were rounded)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if value > 0 else ""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return value.lstrip("0")
    return ""


def moment(value: object) -> datetime | None:
    """An ISO 8601 time as aware UTC in whole seconds (UTC without offset), None when it is none."""
    return _moment(value) if value and isinstance(value, str) else None


# One body repeats its times, and one second holds many bodies.
@lru_cache(maxsize=2048)
def _moment(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=found.tzinfo or UTC, microsecond=0).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso(value: datetime | None) -> str | None:
    """A time as the facts hold it."""
    return value.isoformat() if value else None


def day(value: object) -> str:
    """A day as "2026-12-01", from a time, a date as people write it, or seconds since 1970; "" when it is none."""
    if isinstance(value, str) and (at := moment(value) or _moment(_GERMAN.sub(_iso_day, value.strip()[:10]))):
        return at.date().isoformat()
    seconds = int(value) if isinstance(value, int) or (isinstance(value, str) and EPOCH.fullmatch(value)) else 0
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if FIRST_EPOCH < seconds < LAST_EPOCH else ""


def _iso_day(found: re.Match[str]) -> str:
    return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"


def mapping(value: object) -> Json:
    """An object, {} for everything else."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[Json]:
    """The objects of a list, [] for everything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def quantity(value: object) -> int | float:
    """A number of pieces (or kilograms), 0 when it is none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def country_code(value: object) -> str:
    """An ISO 3166 code of two letters, "" when it is none."""
    if isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha():
        return value.upper()
    return ""
