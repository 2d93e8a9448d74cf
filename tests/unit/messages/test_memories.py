"""What is remembered in memory is bounded, and what goes is what no longer matters."""

from datetime import timedelta

import pytest
from worlds import NOON

from integration.flow.messages import recent_optouts, throttle
from integration.flow.messages.recent_optouts import RecentOptOuts
from integration.flow.messages.throttle import Pairs

SECOND = timedelta(seconds=1)


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic clock, which stands at its last entry."""
    found = [1_000.0]
    monkeypatch.setattr(recent_optouts, "monotonic", lambda: found[-1])
    return found


def test_who_said_no_a_moment_ago_is_remembered_however_many_say_it(ticks: list[float]) -> None:
    stops = RecentOptOuts()
    stops.note(["early"])
    ticks.append(ticks[-1] + recent_optouts.REMEMBERED + 1)
    stops.note(["anna"])
    ticks.append(ticks[-1] + 5)
    stops.note(f"other{n}" for n in range(recent_optouts.MANY + 1))
    assert stops.since("anna", ticks[-1] - 6), "a permission lasts five seconds, and hers ended five seconds ago"
    assert stops.since("other1", ticks[-1] - 1)
    assert not stops.since("early", 0), "nobody's permission is so old"


def test_whom_a_message_went_to_a_moment_ago_is_remembered_however_many_there_are() -> None:
    pairs = Pairs()
    pairs.begin(["early"], NOON)
    pairs.end("early")
    now = NOON + timedelta(minutes=1)
    pairs.begin(["anna", *(f"other{n}" for n in range(throttle.REMEMBERED))], now)
    pairs.end("anna")
    assert pairs.free_at("anna", now + SECOND, answer=False) == now + timedelta(seconds=6)
    assert "early" not in pairs._due


def test_who_waits_for_another_try_is_remembered_however_many_there_are() -> None:
    pairs = Pairs()
    pairs.wait({"early": NOON - timedelta(hours=2), "anna": NOON + SECOND})
    pairs.wait({f"other{n}": NOON + SECOND for n in range(throttle.REMEMBERED)})
    pairs.begin(["bert"], NOON)
    assert pairs.waiting(["anna", "other1"], NOON) == {"anna", "other1"}
    assert "early" not in pairs._waiting


def test_messages_to_one_person_are_as_far_apart_as_meta_wants_them() -> None:
    """docs/reference/whatsapp.md section 2: one message every six seconds, 45 of them lent in advance."""
    pairs = Pairs()
    pairs.begin(["anna"], NOON)
    pairs.end("anna")
    assert pairs.free_at("anna", NOON, answer=False) == NOON + timedelta(seconds=6)
