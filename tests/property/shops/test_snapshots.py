"""Snapshots in any order, with copies and gaps, end in the newest state and in the same dated milestones."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.domain.shops.events import Milestone, ObjectType, Snapshot, diff, is_news

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
STEPS = ("paid_at", "completed_at", "refund")
DATED = {Milestone.PLACED, Milestone.PAID, Milestone.COMPLETED, Milestone.REFUNDED}
statuses = st.sampled_from(["pending", "on_hold", "processing", "completed"])
#: a busy machine is no fault
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def histories(draw: st.DrawFn) -> list[Snapshot]:
    """An order that gains facts and never loses one; each version later than the one before."""
    facts: dict[str, Any] = {
        "status": "pending", "placed_at": NOON.isoformat(), "paid_at": None, "completed_at": None,
        "cancelled_at": None, "ready_for_pickup_at": None, "cart_id": "", "refunds": [], "consent": None,
    }  # fmt: skip
    found = []
    for n, steps in enumerate(draw(st.lists(st.sets(st.sampled_from(STEPS), max_size=2), min_size=1, max_size=6))):
        at = NOON + timedelta(minutes=n)
        for step in steps:
            if step == "refund":
                facts = facts | {"refunds": [*facts["refunds"], {"id": str(n), "at": at.isoformat()}]}
            elif not facts[step]:
                facts = facts | {step: at.isoformat()}
        facts = facts | {"status": draw(statuses)}
        found.append(Snapshot("laden", ObjectType.ORDER, "1", at, facts))
    return found


def absorb(arrivals: list[Snapshot]) -> tuple[Snapshot | None, dict[str, datetime]]:
    """As react does it: each against what is stored; each event key once."""
    stored: Snapshot | None = None
    events: dict[str, datetime] = {}
    for new in arrivals:
        if is_news(stored, new):
            for occurrence in diff(stored, new):
                events.setdefault(occurrence.name, occurrence.at)
            stored = new
    return stored, events


def dated(events: dict[str, datetime]) -> dict[str, datetime]:
    return {name: at for name, at in events.items() if Milestone(name.split(":")[0]) in DATED}


@unhurried
@given(history=histories(), data=st.data())
def test_any_arrival_ends_in_the_newest_state(history: list[Snapshot], data: st.DataObject) -> None:
    copies = data.draw(st.lists(st.sampled_from(history), max_size=4))
    arrivals = data.draw(st.permutations(history + copies))
    stored, events = absorb(list(arrivals))
    in_order, in_order_events = absorb(history)
    assert stored == in_order == history[-1]
    assert dated(events) == dated(in_order_events)


@unhurried
@given(history=histories(), data=st.data())
def test_missing_bodies_lose_no_dated_milestone(history: list[Snapshot], data: st.DataObject) -> None:
    """The newest body alone tells everything that a date tells."""
    kept = data.draw(st.lists(st.sampled_from(history), max_size=3))
    _, events = absorb([*kept, history[-1]])
    assert dated(events) == dated(absorb(history)[1])


@unhurried
@given(history=histories())
def test_the_same_again_is_never_an_event(history: list[Snapshot]) -> None:
    for snapshot in history:
        assert diff(snapshot, snapshot) == []
        assert not is_news(snapshot, snapshot)


@unhurried
@given(history=histories())
def test_events_come_in_order_of_occurrence_and_are_aware(history: list[Snapshot]) -> None:
    for old, new in zip([None, *history], history, strict=False):
        times = [occurrence.at for occurrence in diff(old, new)]
        assert times == sorted(times)
        assert all(at.tzinfo for at in times)


@unhurried
@given(history=histories())
def test_of_two_versions_only_the_newer_is_news(history: list[Snapshot]) -> None:
    for old in history:
        for new in history:
            assert is_news(old, new) == (new.version > old.version)
