"""Appointments: entered, moved and cancelled, reminded of in time and never late."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sending import ANNA, channel, deliver
from shoplife import here, switch, told, write
from storekit import rows
from worlds import NOON, Clock, make_world, order

from integration.domain.appointments.appointments import Fault, Typed, Wanted, listed, read
from integration.flow.appointments import appointments
from integration.flow.privacy import erasure
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from jobs.sweeps import retention

pytestmark = pytest.mark.databases("sqlite", "postgresql")

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADVICE = Wanted(ANNA, "DE", "Anna Beispiel", "Beratung", NOON + 3 * DAY)


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    """A shop that reminds, and Anna, who agreed to service messages when she ordered."""
    made = make_world(database, keys, clock)
    switch(made, "order_confirmation", on=False)
    here(made, order())
    switch(made, "appointment_reminder")
    return made


def entered(world: World, *wanted: Wanted) -> str:
    """Enter these; the id of the last one."""
    appointments.enter(world, world.shops["laden"], wanted or (ADVICE,), "inhaberin")
    ids = rows(world, tables.appointment, "id")
    return str(ids[-1][0])


def passes(world: World, clock: Clock, by: timedelta) -> list[str]:
    """Time passes hour by hour, sweep and sender run; what left meanwhile says when."""
    until, before = clock.now + by, len(channel(world).sent)
    while clock.now < until:
        clock.now += HOUR
        appointments.sweep(world, clock())
        deliver(world)
    return [envelope.variables["when"] for envelope in channel(world).sent[before:]]


def test_it_is_reminded_of_a_day_before_once(world: World, clock: Clock) -> None:
    entered(world)
    assert passes(world, clock, 47 * HOUR) == []
    assert passes(world, clock, 30 * HOUR) == ["Freitag, 27. November 2026, um 12:00 Uhr"]
    [envelope] = channel(world).sent
    assert (envelope.to, envelope.variables["what"], envelope.variables["name"]) == (ANNA, "Beratung", "Anna")
    assert told(world) == {"appointment_reminder": "accepted"}


def test_the_owners_time_before_counts_at_once(world: World, clock: Clock) -> None:
    entered(world)
    switch(world, "appointment_reminder", days=2)
    assert passes(world, clock, 23 * HOUR) == []
    assert len(passes(world, clock, 2 * HOUR)) == 1


def test_one_that_is_near_already_is_told_at_once_and_one_that_began_never(world: World, clock: Clock) -> None:
    entered(world, Wanted(ANNA, "DE", "", "Beratung", NOON + 3 * HOUR))
    assert len(passes(world, clock, HOUR)) == 1
    entered(world, Wanted("+491713920099", "DE", "", "Beratung", clock() + HOUR))
    clock.advance(hours=1)
    assert appointments.sweep(world, clock()) == 0


def test_it_expires_when_it_begins(world: World, clock: Clock) -> None:
    """Due in the night, and over before anybody may be written to."""
    early = datetime(2026, 11, 26, 5, 30, tzinfo=UTC)
    entered(world, Wanted(ANNA, "DE", "", "Frühstück", early))
    clock.now = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    assert passes(world, clock, 6 * HOUR) == []
    assert told(world) == {"appointment_reminder": "stale"}


def test_a_moved_one_is_reminded_of_anew_and_only_of_its_new_time(world: World, clock: Clock) -> None:
    id_ = entered(world)
    clock.advance(days=2, hours=1)
    appointments.sweep(world, clock())
    assert told(world) == {"appointment_reminder": "queued"}
    assert appointments.move(world, id_, NOON + 6 * DAY)
    assert told(world) == {"appointment_reminder": "appointment_moved"}
    assert passes(world, clock, 4 * DAY) == ["Montag, 30. November 2026, um 12:00 Uhr"]


def test_moved_there_and_back_it_is_reminded_of_once(world: World, clock: Clock) -> None:
    id_ = entered(world)
    appointments.move(world, id_, NOON + 6 * DAY)
    appointments.move(world, id_, ADVICE.starts_at)
    assert len(passes(world, clock, 7 * DAY)) == 1


def test_a_cancelled_one_is_not_told(world: World, clock: Clock) -> None:
    id_ = entered(world)
    clock.advance(days=2, hours=1)
    appointments.sweep(world, clock())
    assert appointments.cancel(world, id_)
    assert not appointments.cancel(world, id_) and not appointments.move(world, id_, NOON + 9 * DAY)
    assert passes(world, clock, 2 * DAY) == []
    assert told(world) == {"appointment_reminder": "appointment_cancelled"}


def test_who_agreed_to_nothing_is_not_reminded(world: World, clock: Clock) -> None:
    entered(world, Wanted("+491713920099", "DE", "Bert", "Beratung", NOON + DAY))
    assert passes(world, clock, DAY) == []
    assert told(world) == {"appointment_reminder": "no_consent"}


def test_stop_all_takes_back_what_waits(world: World, clock: Clock) -> None:
    entered(world)
    clock.advance(days=2, hours=1)
    appointments.sweep(world, clock())
    write(world, "STOP ALLES")
    assert told(world)["appointment_reminder"] == "withdrawn"
    assert not [e for e in channel(world).sent if e.template and "appointment" in e.template]


def test_switched_off_nothing_is_made_and_switched_on_again_it_is(world: World, clock: Clock) -> None:
    switch(world, "appointment_reminder", on=False)
    entered(world)
    assert passes(world, clock, 50 * HOUR) == []
    switch(world, "appointment_reminder")
    assert len(passes(world, clock, HOUR)) == 1


def test_a_list_that_is_entered_twice_adds_nothing(world: World) -> None:
    assert appointments.enter(world, world.shops["laden"], [ADVICE, ADVICE], "inhaberin") == 1
    assert appointments.enter(world, world.shops["laden"], [ADVICE], "inhaberin") == 0
    assert len(rows(world, tables.appointment, "id")) == 1


def test_an_erased_person_has_no_appointments_and_no_list_brings_them_back(world: World, clock: Clock) -> None:
    entered(world)
    [(anna,)] = set(rows(world, tables.appointment, "contact_id"))
    assert erasure.erase_contact(world, anna, "letter")
    assert rows(world, tables.appointment, "id") == []
    assert appointments.enter(world, world.shops["laden"], [ADVICE], "inhaberin") == 0
    assert passes(world, clock, 4 * DAY) == []


def test_an_old_one_is_forgotten(world: World, clock: Clock) -> None:
    entered(world)
    clock.advance(days=34)
    retention.sweep(world, clock())
    assert rows(world, tables.appointment, "id") == []


# ── What was typed ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, datetime(2026, 12, 1, 13, 30, tzinfo=UTC)),
        ({"day": "2026-12-01"}, datetime(2026, 12, 1, 13, 30, tzinfo=UTC)),
        ({"phone": "kein Anruf"}, Fault.PHONE),
        ({"what": " "}, Fault.WHAT),
        ({"what": "x" * 101}, Fault.WHAT),
        ({"day": "31.11.2026"}, Fault.WHEN),
        ({"time": "25:00"}, Fault.WHEN),
        ({"day": "28.3.2027", "time": "02:30"}, Fault.WHEN),
        ({"day": "1.11.2026"}, Fault.PAST),
        ({"day": "1.12.2062"}, Fault.FAR),
    ],
    ids=str,
)
def test_what_is_typed_is_read_or_named(changes: dict[str, str], found: datetime | Fault) -> None:
    typed = {"phone": "0171 3920012", "name": "Anna", "what": "Beratung", "day": "1.12.2026", "time": "14:30"}
    got = read(Typed(**(typed | changes)), "DE", BERLIN, NOON)  # type: ignore[arg-type]
    assert (got.starts_at if isinstance(got, Wanted) else got) == found


@pytest.mark.parametrize("separator", ["\t", ";", ","])
@pytest.mark.parametrize("heading", [True, False])
def test_a_list_comes_from_a_spreadsheet(separator: str, heading: bool) -> None:
    rows = [["Telefon", "Name", "Was", "Tag", "Zeit"]] if heading else []
    rows += [
        ["0171 3920012", "Anna", "Beratung", "1.12.2026", "14:30"],
        ["0171 3920013", "", "Probe", "2.12.2026", "9:00"],
    ]
    found = listed("\n".join(separator.join(row) for row in rows) + "\n\n")
    assert [(item.row, item.phone, item.what, item.time) for item in found] == [
        (1, "0171 3920012", "Beratung", "14:30"),
        (2, "0171 3920013", "Probe", "9:00"),
    ]


def test_a_list_has_an_end() -> None:
    with pytest.raises(ValueError, match="too many"):
        listed("0171 3920012;Anna;Beratung;1.12.2026;14:30\n" * 501)
