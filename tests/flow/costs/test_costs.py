"""What messages cost is kept per message, counted against the owner's limits, and told."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from storekit import a_message, rows
from worlds import NOON, Clock, order, post, post_meta

from integration.domain.consent.consent import MARKETING_OFFERS, ConsentType, Policy, Purpose, Situation, Source
from integration.domain.consent.decision import Allow, decide
from integration.domain.costs.pricing import Category, Window
from integration.domain.costs.spending import Caps
from integration.domain.messages.channel import MetaUpdate, StatusUpdate
from integration.flow import answer, react, send
from integration.flow.alarms import monitor
from integration.flow.costs import caps
from integration.flow.costs.costs import Costs, month_end, periods
from integration.flow.world import World
from integration.store import tables
from integration.store.alarms import alarms
from integration.store.consent.ledger import Entry
from integration.store.costs import costs
from integration.store.messages import messages, queued

pytestmark = pytest.mark.databases("sqlite", "postgresql")

UTILITY, MARKETING = Decimal("0.0456"), Decimal("0.1131")


def capped(world: World, **limits: str) -> World:
    company = replace(world.companies["firma"], caps=Caps(**{name: Decimal(cap) for name, cap in limits.items()}))
    return replace(world, companies={"firma": company}, costs=Costs())


def queue(world: World, count: int = 1, start: int = 1) -> None:
    numbers = range(start, start + count)
    post(world, *(order(number=str(n), phone=f"+4917139{10000 + n}") for n in numbers))
    react.run(world)


def flipped(world: World) -> None:
    """Meta lists every template as marketing and the owner took that, so that order news costs as marketing does.

    Everybody has agreed to offers, too: without that a flipped text goes to nobody.
    """
    with world.database.write() as connection:
        connection.execute(update(tables.template).values(category="MARKETING", accepted_at=NOON))
        agreed = connection.execute(select(tables.contact)).all()
        world.ledger.append(connection, [_agreed(person) for person in agreed], NOON)


def _agreed(person: Any) -> Entry:
    return Entry.of(
        person,
        ConsentType.GRANTED,
        purposes=(MARKETING_OFFERS,),
        occurred_at=NOON - timedelta(days=1),
        source=Source.CHAT_BUTTON,
        actor="person",
        payload={},
        phone_only=True,
    )


def prices(world: World) -> list[Any]:
    return sorted(rows(world.database, tables.message, "status", "price", "price_category", "price_type"))


def sent(world: World, most: int = 99) -> list[send.Dispatch]:
    found = send.claim(world, "nummer", most)
    channel = world.senders["nummer"].channel
    results = [asyncio.run(send.dispatch(world, channel, item)) for item in found]
    send.claim(world, "nummer", 0, results)
    return found


def reported(world: World, item: send.Dispatch, status: str, **more: Any) -> None:
    row = StatusUpdate(f"wamid.{item.attempt.id}", status, world.clock(), attempt_id=item.attempt.id, **more)
    post_meta(world, MetaUpdate(statuses=(row,)))
    answer.run(world)


def test_what_leaves_has_its_forecast_price(world: World) -> None:
    queue(world)
    assert prices(world) == [("queued", None, None, None)]
    sent(world)
    assert prices(world) == [("accepted", UTILITY, "utility", "regular")]


def test_metas_word_corrects_the_forecast(world: World, clock: Clock) -> None:
    queue(world)
    [item] = sent(world)
    clock.advance(minutes=1)
    reported(world, item, "sent", price_category="marketing", price_type="regular")
    assert prices(world) == [("sent", MARKETING, "marketing", "regular")]
    assert rows(world.database, tables.message, "price_currency", "price_at") == [("EUR", clock())]
    reported(world, item, "delivered", price_category="marketing", price_type="free_entry_point")
    reported(world, item, "read")
    assert prices(world) == [("read", Decimal(0), "marketing", "free_entry_point")]


def test_a_price_that_was_right_is_not_written_again(world: World, clock: Clock) -> None:
    queue(world)
    [item] = sent(world)
    clock.advance(minutes=1)
    reported(world, item, "delivered", price_category="utility", price_type="regular")
    assert rows(world.database, tables.message, "status", "price_at") == [("delivered", NOON)]


def test_only_what_was_delivered_is_charged_and_what_failed_counts_nowhere(world: World) -> None:
    queue(world, 3)
    arrived, failed, _ = sent(world)
    reported(world, arrived, "delivered", price_category="utility", price_type="regular")
    reported(world, failed, "failed", error_code=131026)
    today, _, month, _ = periods(NOON, world.costs.prices.zone)
    with world.database.read() as connection:
        assert costs.billed(connection, month, NOON + timedelta(days=1)) == [("EUR", UTILITY)]
        assert costs.sums(connection, "firma", month, today) == (2 * UTILITY, 2 * UTILITY)
        assert costs.sums(connection, "andere", month, today) == (0, 0)


def test_free_text_uses_up_the_free_answers_of_its_number(world: World) -> None:
    """The count rests on what was stored, also by another process."""
    for n in range(3):
        made = a_message(text="Hallo", template=None)
        price = world.costs.prices.price("DE", Category.SERVICE, Window.OPEN, NOON, n)
        with world.database.write() as connection:
            messages.add(connection, [made], NOON)
            messages.start(connection, [made], NOON, [price])
    _, _, month, later = periods(NOON, world.costs.prices.zone)
    with world.database.read() as connection:
        assert costs.answers(connection, "nummer", month) == 3
        assert costs.answers(connection, "andere", month) == 0
        assert costs.answers(connection, "nummer", later) == 0


# --- limits


def test_marketing_waits_at_the_limit_and_the_limit_is_never_passed(world: World) -> None:
    limited = capped(world, day="0.30")
    queue(limited, 4)
    flipped(limited)
    assert len(send.claim(limited, "nummer", 99)) == 2, "in one claim, too: 0.2262 fit, 0.3393 would not"
    held = rows(limited.database, tables.message, "status", "reason", "send_after")
    tomorrow = datetime(2026, 11, 24, 23, 0, tzinfo=NOON.tzinfo)
    assert [row for row in held if row[0] == "queued"] == [("queued", "cost_cap", tomorrow)] * 2


def test_service_goes_on_at_the_limit_for_marketing(world: World) -> None:
    limited = capped(world, day="0.10", month="0.10")
    queue(limited, 5)
    assert len(send.claim(limited, "nummer", 99)) == 5


def test_everything_waits_at_the_hard_limit(world: World) -> None:
    limited = capped(world, stop_month="0.10")
    queue(limited, 4)
    assert len(send.claim(limited, "nummer", 99)) == 2
    reasons = [row[0] for row in rows(limited.database, tables.message, "reason")]
    assert reasons.count("cost_stop") == 2
    december = datetime(2026, 11, 30, 23, 0, tzinfo=NOON.tzinfo)
    assert december in [row[0] for row in rows(limited.database, tables.message, "send_after")]


def test_the_limit_counts_what_another_process_sent_and_what_is_uncertain(world: World, clock: Clock) -> None:
    queue(world, 2)
    assert len(send.claim(world, "nummer", 99)) == 2
    with world.database.write() as connection:
        connection.execute(update(tables.message).values(status="unknown"))
    limited = capped(world, stop_day="0.10")
    queue(limited, 1, start=50)
    assert send.claim(limited, "nummer", 99) == []


@pytest.mark.databases("postgresql")
def test_two_processes_together_do_not_pass_a_limit(world: World, clock: Clock) -> None:
    """Each knows the sums of a moment ago, and both claim at once, again and again."""
    limit = Decimal("0.50")
    both = [capped(world, stop_day=str(limit)) for _ in range(2)]
    queue(both[0], 40)
    for one in both:
        with one.database.read() as connection:
            assert one.costs.spent(connection, "firma", clock()).today == 0
    start = threading.Barrier(2)

    def claims(one: World) -> int:
        start.wait(20)
        return sum(len(send.claim(one, "nummer", 1)) for _ in range(20))

    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(claims, both))
    assert sum(taken) == limit // UTILITY
    today, _, month, _ = periods(clock(), world.costs.prices.zone)
    with world.database.read() as connection:
        assert costs.sums(connection, "firma", month, today)[0] <= limit


def test_sums_are_read_again_after_a_minute(world: World, clock: Clock) -> None:
    limited = capped(world, stop_day="0.05")
    queue(limited, 2)
    [item] = sent(limited)
    reported(limited, item, "failed", error_code=131026)
    with limited.database.write() as connection:
        queued.release(connection, "cost_stop", clock())
    if limited.database.is_sqlite:
        assert send.claim(limited, "nummer", 9) == [], "the sum of a minute ago still counts"
    clock.advance(seconds=60)
    with limited.database.write() as connection:
        queued.release(connection, "cost_stop", clock())
    assert len(send.claim(limited, "nummer", 9)) == 1, "what failed is free"


def test_a_new_day_has_new_room(world: World, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 24, 22, 59, tzinfo=NOON.tzinfo)  # a minute to midnight in Berlin
    zone = world.costs.prices.zone
    assert periods(clock(), zone)[1] - clock() == timedelta(minutes=1)
    limited = capped(world, day="1.00")
    with limited.database.read() as connection:
        spent = limited.costs.spent(connection, "firma", clock())
        spent.today = Decimal("1.00")
        assert spent.until((Decimal("1.00"), None), MARKETING) == clock() + timedelta(minutes=1)
        clock.advance(minutes=1)
        assert limited.costs.spent(connection, "firma", clock()).today == 0


@pytest.mark.parametrize(
    ("moment", "hours"),
    [("2026-10-25T12:00:00+01:00", 25), ("2027-03-28T12:00:00+02:00", 23), ("2026-10-24T23:59:59+02:00", 24)],
)
def test_a_day_of_the_owners_is_a_calendar_day(moment: str, hours: int) -> None:
    at = datetime.fromisoformat(moment).astimezone(UTC)
    zone = ZoneInfo("Europe/Berlin")
    today, tomorrow, month, later = (one.astimezone(UTC) for one in periods(at, zone))
    assert tomorrow - today == timedelta(hours=hours)
    assert today <= at < tomorrow and month <= today and tomorrow <= later
    assert (later.astimezone(zone).day, later.astimezone(zone).hour) == (1, 0)


def test_a_stop_is_confirmed_whatever_it_costs() -> None:
    situation = Situation(
        now=NOON,
        company="firma",
        zones=("Europe/Berlin",),
        country="DE",
        template=None,
        window_open=True,
        cost_stop=NOON + timedelta(days=1),
        cost_cap=NOON + timedelta(days=1),
    )
    assert isinstance(decide(Purpose.OPTOUT_CONFIRMATION, (), situation, Policy()), Allow)


# --- alarms


def opened(world: World) -> list[tuple[str, str]]:
    monitor.look(world, world.clock())
    with world.database.read() as connection:
        return [(a.cause, a.about) for a in alarms.current(connection) if a.cause.startswith("cap")]


def test_the_owner_is_told_at_80_percent_and_at_the_limit(world: World) -> None:
    limited = capped(world, month="2.00")
    queue(limited, 50)
    sent(limited, 33)  # 1.5048 and what the next one may cost is just over 80 %
    assert opened(limited) == [("cap_near", "firma/month")]
    sent(limited, 9)
    assert opened(limited) == [("cap_reached", "firma/month")]
    with limited.database.read() as connection:
        [alarm] = [a for a in alarms.current(connection) if a.cause == "cap_reached"]
    told = {"name": "Laden Beispiel", "spent": "1.9152", "cap": "2.00", "currency": "EUR", "period": "month"}
    assert alarm.facts == told


def test_a_raised_limit_lets_go_what_waited(world: World, clock: Clock) -> None:
    limited = capped(world, day="0.20", stop_day="0.20")
    queue(limited, 6)
    sent(limited)
    assert opened(limited) == [("cap_stop", "firma/day")]
    clock.advance(minutes=1)
    assert send.claim(limited, "nummer", 9) == []
    raised = capped(world, day="20.00")
    assert opened(raised) == []
    assert send.claim(raised, "nummer", 9) == [], "looking changes nothing"
    assert caps.release(raised, clock()) == 2
    assert len(send.claim(raised, "nummer", 9)) == 2


def test_a_month_that_goes_on_as_it_began(world: World) -> None:
    zone = world.costs.prices.zone
    half = datetime(2026, 11, 15, 23, 0, tzinfo=NOON.tzinfo)
    assert month_end(Decimal("10.00"), half, zone) == Decimal("20.00")
    assert month_end(Decimal(0), half, zone) == 0
    first = datetime(2026, 10, 31, 23, 0, tzinfo=NOON.tzinfo)
    assert month_end(Decimal("1.00"), first, zone) == Decimal("31.00"), "the first day counts whole"
