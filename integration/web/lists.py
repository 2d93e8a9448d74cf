"""What long lists share: where a page ended, days, CSV for spreadsheets."""

import csv
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from starlette.responses import Response, StreamingResponse

from integration.store.messages.listing import Key
from integration.web.formats import day_span

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: spreadsheets recognise UTF-8 by it
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


def write_key(key: Key) -> str:
    """Where a page ended, for an address."""
    text = f"{key.created_at.isoformat()} {key.id} {key.status}"
    return urlsafe_b64encode(text.encode()).decode()


def read_key(text: str) -> Key | None:
    """Where to go on, None when the address says nothing sensible."""
    try:
        at, id_, status = urlsafe_b64decode(text.encode()).decode().split(" ")
        return Key(datetime.fromisoformat(at).astimezone(UTC), id_, status)
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """A day as a form sends it, None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_period(text: str, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """A day or a month ("2026-11") of the owner's as two moments, None when it is neither."""
    if day := read_day(text):
        return day_span(day, zone)
    first = read_day(f"{text}-01") if len(text) == len("2026-11") else None
    if first is None or first.year == MAXYEAR:
        return None
    later = (first + timedelta(days=31)).replace(day=1)
    return day_span(first, zone)[0], day_span(later, zone)[0]


def csv_response(lines: Iterable[str], name: str) -> Response:
    """A file to download."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def csv_line(cells: Iterable[str], language: str) -> str:
    """One line, with the separator that spreadsheets expect in this language."""
    text = StringIO()
    csv.writer(text, delimiter=";" if language == "de" else ",").writerow([harmless(cell) for cell in cells])
    return text.getvalue()


def harmless(cell: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
