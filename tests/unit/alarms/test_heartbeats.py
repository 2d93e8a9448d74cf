"""Who stands still is found, and nobody else: not who rests, stopped in order, or is done by another process."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.domain.alarms.heartbeats import LOOPS, Heartbeat, Pulses, loop_name, stopped

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Seconds:
    """A stopwatch that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def row(process: str, name: str, minutes: float) -> Heartbeat:
    return Heartbeat(name, process, NOW - timedelta(minutes=minutes), 60)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], set()),
        ([("me", "heart", 0), ("me", "reactor", 5)], set()),
        ([("me", "heart", 0), ("me", "reactor", 5.1)], {"reactor"}),
        ([("me", "heart", 0), ("me", "reactor", 9), ("he", "heart", 0), ("he", "reactor", 0)], {"reactor"}),
        ([("me", "heart", 0), ("me", "reactor", 0), ("he", "heart", 0), ("he", "sender:a", 9)], {"sender:a"}),
        # a process that vanished: whose work another does is not missed
        ([("me", "heart", 0), ("me", "reactor", 0), ("he", "heart", 9), ("he", "reactor", 9)], set()),
        ([("me", "heart", 0), ("he", "heart", 9), ("he", "intake", 9)], {"intake"}),
        ([("me", "heart", 0), ("me", "sender:b", 0), ("he", "heart", 9), ("he", "sender:a", 9)], set()),
        ([("he", "heart", 9), ("he", "reactor", 9)], {"heart", "reactor"}),
        # while its own heart stands still, nobody knows about the rest
        ([("me", "heart", 9), ("me", "reactor", 9), ("me", "poller", 9)], {"heart"}),
    ],
)
def test_what_stands_still(rows: list[tuple[str, str, float]], found: set[str]) -> None:
    assert set(stopped([row(*one) for one in rows], "me", NOW)) == found


def test_it_is_told_since_when() -> None:
    rows = [row("me", "heart", 0), row("me", "reactor", 7), row("he", "heart", 0), row("he", "reactor", 9)]
    assert stopped(rows, "me", NOW) == {"reactor": NOW - timedelta(minutes=9)}


def test_who_rests_is_well_and_who_ended_in_order_is_forgotten() -> None:
    pulses = Pulses(seconds := Seconds())
    works, rests, ends = pulses.begin("reactor"), pulses.begin("intake", 10), pulses.begin("poller")
    rests.rest()
    pulses.end(ends)
    seconds.now += 100
    assert [(b.name, NOW - b.at, b.period) for b in pulses.beats(NOW)] == [
        ("reactor", timedelta(seconds=100), 60),
        ("intake", timedelta(), 10),
    ]
    works.beat()
    rests.beat()
    seconds.now += 1
    assert {NOW - b.at for b in pulses.beats(NOW)} == {timedelta(seconds=1)}
    assert {b.process for b in pulses.beats(NOW)} == {pulses.process} != {Pulses().process}


def test_who_replaces_another_is_not_ended_by_it() -> None:
    pulses = Pulses()
    old, new = pulses.begin("sender:a"), pulses.begin("sender:a")
    pulses.end(old)
    assert [b.name for b in pulses.beats(NOW)] == ["sender:a"]
    pulses.end(new)
    assert pulses.beats(NOW) == []


def test_every_loop_has_words() -> None:
    assert loop_name("sender:laden", "en") == "sending messages (laden)"
    assert loop_name("reactor", "de") == LOOPS["reactor"].de
    assert loop_name("new", "de") == "new"
