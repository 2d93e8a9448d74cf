"""Appointments: what one is, and how what an owner typed is read.

A reminder is about one time: an appointment that moves is another fact, and is reminded of anew.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from io import StringIO
from zoneinfo import ZoneInfo

from integration.domain.contacts.contacts import read_phone
from integration.domain.hot_dataclass import lean

LONGEST = 100
MOST_ROWS = 500
#: nobody is reminded of what is farther away; a year's typing error is found so
FARTHEST = timedelta(days=730)
#: an appointment is kept so long after it was
KEPT_FOR = timedelta(days=30)


class AppointmentState(StrEnum):
    """Where an appointment stands. One that is over stays planned."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class Fault(StrEnum):
    """What is wrong with an appointment as typed."""

    PHONE = "phone"
    WHAT = "what"
    WHEN = "when"
    PAST = "past"
    FAR = "far"


@lean
class Appointment:
    """One appointment of one person. `reminded_at` is when the reminder of its present time was made."""

    id: str
    company: str
    shop: str
    contact_id: str
    what: str
    starts_at: datetime
    state: AppointmentState
    reminded_at: datetime | None
    created_at: datetime
    changed_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Typed:
    """An appointment as somebody typed it. `row` is its place in a list, from 1."""

    phone: str
    name: str
    what: str
    day: str
    time: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """An appointment that makes sense. `phone` is E.164."""

    phone: str
    country: str | None
    name: str
    what: str
    starts_at: datetime


def read(typed: Typed, country: str, zone: ZoneInfo, now: datetime) -> Wanted | Fault:
    """What was typed, or what is wrong with it."""
    phone, starts_at = read_phone(typed.phone[:40], country), _moment(typed.day, typed.time, zone)
    checks = {
        Fault.PHONE: phone is not None,
        Fault.WHAT: 0 < len(typed.what.strip()) <= LONGEST,
        Fault.WHEN: starts_at is not None,
        Fault.PAST: starts_at is None or starts_at > now,
        Fault.FAR: starts_at is None or starts_at < now + FARTHEST,
    }
    wrong = next((fault for fault, fine in checks.items() if not fine), None)
    if wrong or phone is None or starts_at is None:
        return wrong or Fault.WHEN
    return Wanted(phone.number, phone.country, typed.name.strip()[:200], " ".join(typed.what.split()), starts_at)


def _moment(day: str, time: str, zone: ZoneInfo) -> datetime | None:
    """A day (2026-12-01 or 1.12.2026) and a time (14:30) on the shop's clock; None for a time that the clock skips."""
    for pattern in ("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"):
        try:
            local = datetime.strptime(f"{day.strip()} {time.strip()}", pattern).replace(tzinfo=zone)
        except ValueError:
            continue
        there = local.astimezone(UTC)
        return there if there.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None
    return None


def listed(text: str) -> list[Typed]:
    """The rows of a list that was pasted from a spreadsheet: phone, name, what, day, time, in this order.

    Cells stand apart by tabs, semicolons or commas; a first row of headings is left out. Raises ValueError for more
    than `MOST_ROWS` rows.
    """
    first = text.strip().splitlines()[0] if text.strip() else ""
    separator = next((sign for sign in "\t;," if sign in first), ";")
    rows = [row for row in csv.reader(StringIO(text.strip()), delimiter=separator) if any(cell.strip() for cell in row)]
    if rows and not any(character.isdigit() for character in rows[0][0]):
        del rows[0]
    if len(rows) > MOST_ROWS:
        raise ValueError("too many rows")
    return [_typed(row, place) for place, row in enumerate(rows, start=1)]


def _typed(row: Sequence[str], place: int) -> Typed:
    cells: Mapping[int, str] = dict(enumerate(row))
    phone, name, what, day, time = (cells.get(n, "").strip() for n in range(5))
    return Typed(phone, name, what, day, time, place)
