"""Every fact that `decide` honours gets there the way it does in life: from a form, an order, a chat, a sent message.

Advertising is a request for a review here: the order, its delivery and the follow-up bring it about, nobody makes it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from consent_kit import ANNA, deliver, say, with_number
from sqlalchemy import select
from worlds import NOON, Clock, make_world, order, parcel, post

from integration.domain.notifications.settings import Rule
from integration.flow import react
from integration.flow.consent import links
from integration.flow.notifications import follow_ups
from integration.flow.privacy import erasure
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from integration.store.notifications import settings

LATER = timedelta(days=3)
BOTH = ("marketing_offers", "review_request")


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    made = with_number(make_world(database, keys, clock))
    with database.write() as connection:
        settings.decide(connection, ["laden"], "review_request", Rule(True, LATER), "inhaberin", NOON)
    yield made


def by_code(world: World, phone: str = ANNA, per_month: int | None = None) -> None:
    """Somebody scans the poster's code: an own message, with the text beside the code."""
    link = links.make(world, links.Wish("firma", "nummer", BOTH, "de", per_month=per_month))
    say(world, f"START {link.code}", phone=phone)


def review(world: World, clock: Clock, number: str, **changes: Any) -> tuple[str, str | None, datetime]:
    """An order, its end, and three days later what became of the request: status, reason, not before."""
    facts = {"status": "completed", "placed_at": clock().isoformat(), "completed_at": clock().isoformat()}
    post(world, order(number, version=clock(), **(facts | changes)))
    react.run(world)
    deliver(world)
    clock.now += LATER
    follow_ups.sweep(world, clock())
    deliver(world)
    return told(world, "review_request", number)


def told(world: World, kind: str, number: str) -> tuple[str, str | None, datetime]:
    columns = (tables.message.c.status, tables.message.c.reason, tables.message.c.send_after)
    query = select(*columns).where(tables.message.c.kind == kind, tables.message.c.order_number == number)
    with world.database.read() as connection:
        row = connection.execute(query).one()
        return row[0], row[1], row[2]


def test_the_number_that_the_text_promises_is_kept(world: World, clock: Clock) -> None:
    by_code(world, per_month=1)
    assert review(world, clock, "1001")[0] == "accepted"
    clock.advance(days=5)
    assert review(world, clock, "1002")[:2] == ("suppressed", "frequency_promise")
    clock.advance(days=19)
    assert review(world, clock, "1003")[:2] == ("suppressed", "frequency_promise"), "the thirtieth day counts"
    clock.advance(days=1)
    assert review(world, clock, "1004")[0] == "accepted"


def test_another_promise_of_the_settings_changes_no_text_that_was_agreed_to(world: World, clock: Clock) -> None:
    by_code(world)
    with world.database.read() as connection:
        promised = connection.execute(select(tables.consent.c.promised_per_month)).scalar_one()
    assert promised == world.companies["firma"].per_month == 4


def test_a_birthday_keeps_advertising_from_minors(world: World, clock: Clock) -> None:
    by_code(world)
    with world.database.read() as connection:
        anna = connection.execute(select(tables.contact.c.id)).scalar_one()
    assert erasure.correct(world, anna, born_on=date(2010, 12, 1), by="inhaberin")
    assert review(world, clock, "1001")[:2] == ("suppressed", "minor")
    assert told(world, "order_confirmation", "1001")[0] == "accepted", "what concerns the order goes on"
    clock.advance(days=2)
    assert review(world, clock, "1002")[0] == "accepted", "sixteen by now"


@pytest.mark.parametrize("used", [False, True])
def test_a_consent_that_nobody_used_for_two_years_has_lapsed(world: World, clock: Clock, used: bool) -> None:
    by_code(world)
    if used:
        clock.advance(days=365)
        assert review(world, clock, "1001")[0] == "accepted"
        clock.advance(days=365)
    else:
        clock.advance(days=731)
    expected = ("accepted", None) if used else ("suppressed", "dormant")
    assert review(world, clock, "1002")[:2] == expected


@pytest.mark.parametrize(
    ("region", "until"), [("DE-BY", datetime(2027, 1, 7, 7, tzinfo=UTC)), ("DE-HH", None), ("", "any")]
)
def test_a_holiday_of_the_state_that_the_bill_names(world: World, clock: Clock, region: str, until: Any) -> None:
    """Epiphany 2027, a Wednesday: a holiday in Bavaria, none in Hamburg; who may live in Bavaria waits, too."""
    by_code(world)
    clock.now = datetime(2027, 1, 3, 11, tzinfo=UTC)
    status, reason, after = review(world, clock, "1001", **({"region": region} if region else {}))
    if until is None:
        assert (status, reason) == ("accepted", None)
    else:
        assert (status, reason, after) == ("queued", "quiet_hours", datetime(2027, 1, 7, 7, tzinfo=UTC))
        clock.now = datetime(2027, 1, 7, 6, 59, 59, tzinfo=UTC)
        assert deliver(world) == []
        clock.now = datetime(2027, 1, 7, 7, tzinfo=UTC)
        assert len(deliver(world)) == 1


def test_no_advertising_on_sundays(world: World, clock: Clock) -> None:
    by_code(world)
    clock.now = datetime(2027, 2, 4, 11, tzinfo=UTC)
    assert review(world, clock, "1001")[1:] == ("quiet_hours", datetime(2027, 2, 8, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("shipped", "leaves"),
    [
        (datetime(2026, 11, 24, 20, 30, tzinfo=UTC), datetime(2026, 11, 25, 6, tzinfo=UTC)),
        (datetime(2027, 3, 27, 20, 30, tzinfo=UTC), datetime(2027, 3, 28, 5, tzinfo=UTC)),
        (datetime(2027, 10, 30, 19, 30, tzinfo=UTC), datetime(2027, 10, 31, 6, tzinfo=UTC)),
    ],
    ids=["winter", "clocks go forward", "clocks go back"],
)
def test_a_parcel_of_the_evening_is_told_in_the_morning(
    world: World, clock: Clock, shipped: datetime, leaves: datetime
) -> None:
    clock.now = shipped - timedelta(hours=8)
    post(world, order(version=clock(), placed_at=clock().isoformat()))
    react.run(world)
    deliver(world)
    clock.now = shipped
    post(world, parcel(version=shipped))
    react.run(world)
    assert deliver(world) == []
    with world.database.read() as connection:
        query = select(tables.message.c.reason, tables.message.c.send_after, tables.message.c.kind)
        waits = connection.execute(query.where(tables.message.c.status == "queued")).one()
    assert (waits.reason, waits.send_after) == ("quiet_hours", leaves)
    clock.now = leaves - timedelta(seconds=1)
    assert deliver(world) == []
    clock.now = leaves
    assert len(deliver(world)) == 1


@pytest.mark.parametrize(("minutes", "status"), [(0, "accepted"), (15, "accepted"), (16, "queued")])
def test_an_order_of_the_night_is_confirmed_at_once_or_in_the_morning(
    world: World, clock: Clock, minutes: int, status: str
) -> None:
    placed = datetime(2026, 11, 25, 1, 10, tzinfo=UTC)
    clock.now = placed + timedelta(minutes=minutes)
    post(world, order(version=placed, placed_at=placed.isoformat()))
    react.run(world)
    deliver(world)
    found = told(world, "order_confirmation", "1001")
    assert found[0] == status
    assert status == "accepted" or found[1:] == ("quiet_hours", datetime(2026, 11, 25, 6, tzinfo=UTC))


def test_meta_carries_no_advertising_to_the_united_states(world: World, clock: Clock) -> None:
    by_code(world, phone="+12125550123")
    clock.now = datetime(2026, 11, 24, 18, tzinfo=UTC)
    there = {"phone": "+1 212 555 0123", "country": "US"}
    assert review(world, clock, "1001", **there)[:2] == ("suppressed", "meta_us_marketing_pause")


def test_a_stop_in_the_united_states_ends_order_messages_too(world: World, clock: Clock) -> None:
    by_code(world, phone="+12125550123")
    say(world, "stop", phone="+12125550123")
    clock.now = datetime(2026, 11, 24, 18, tzinfo=UTC)
    review(world, clock, "1001", phone="+1 212 555 0123", country="US")
    assert told(world, "order_confirmation", "1001")[:2] == ("suppressed", "withdrawn")
