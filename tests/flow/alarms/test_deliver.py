"""The owner is told once per cause and route, gets an all-clear, and a digest of the day before."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from mailserver import Hooks, Letters, hook_server, mail_server
from sqlalchemy import update
from storekit import a_message
from worlds import NOON, Clock, make_world

from connectors.alarm_routes.mail import Mail
from connectors.alarm_routes.settings import MailSettings, WebhookSettings
from connectors.alarm_routes.webhook import Webhook
from integration.domain.alarms.alarm_texts import Notice, Owner
from integration.domain.alarms.alarms import Cause
from integration.domain.errors import NoticeFailed
from integration.flow.alarms.raising import clear, raise_alarm
from integration.flow.world import World
from integration.store import tables
from integration.store.alarms import alarms, deliveries
from integration.store.db import Database
from integration.store.messages import messages
from integration.store.numbers import paused
from jobs.sweeps import alarms as job


@dataclass
class Bell:
    """A route that remembers, and fails while it is told to."""

    name: str = "bell"
    target: str = "door"
    rung: list[Notice] = field(default_factory=list)
    fails: Exception | None = None

    def send(self, notice: Notice, at: datetime) -> None:
        if self.fails:
            raise self.fails
        self.rung.append(notice)


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, bell: Bell) -> World:
    return with_routes(make_world(database, keys, clock), bell)


def with_routes(world: World, *routes: Any, **more: Any) -> World:
    chosen: dict[str, Any] = {"url": "https://bote.example.de", "digest_hour": None, "routes": routes}
    return replace(world, owner=Owner(**(chosen | more)))


def raised(world: World, about: str = "laden", cause: Cause = Cause.GAP_FOUND) -> None:
    with world.database.write() as connection:
        raise_alarm(connection, cause, about, world.clock(), {"count": 2})


def over(world: World, about: str = "laden") -> None:
    with world.database.write() as connection:
        clear(connection, Cause.GAP_FOUND, about, world.clock())


def swept(world: World) -> str:
    return job.sweep(world, world.clock())


def test_told_once_with_the_remedy_and_once_when_it_is_over(world: World, bell: Bell, clock: Clock) -> None:
    raised(world)
    assert swept(world) == "raised=0 cleared=0 told=1 failed=0"
    clock.advance(minutes=1)
    assert swept(world).endswith("told=0 failed=0")
    [notice] = bell.rung
    assert notice.subject == "Ladenbote braucht Sie: Bestellungen ohne Nachricht"
    assert "(Anzahl: 2)" in notice.text
    assert "Was zu tun ist: Sehen Sie sich die Liste an." in notice.text
    assert "https://bote.example.de/reconciliation" in notice.text
    over(world)
    swept(world)
    clock.advance(minutes=9)
    swept(world)
    assert len(bell.rung) == 1, "it may come back"
    clock.advance(minutes=1)
    swept(world)
    swept(world)
    assert [n.subject for n in bell.rung[1:]] == ["Erledigt: Bestellungen ohne Nachricht"]
    raised(world)
    swept(world)
    assert len(bell.rung) == 3, "a new alarm of the same cause is told anew"


def test_what_flaps_is_told_once_and_gets_one_all_clear(world: World, bell: Bell, clock: Clock) -> None:
    def pause(*, on: bool) -> None:
        with world.database.write() as connection:
            if on:
                paused.pause(connection, "nummer", 131042, "", clock())
            else:
                paused.resume(connection, "nummer")
        swept(world)

    for _ in range(5):
        pause(on=True)
        clock.advance(minutes=4)
        pause(on=False)
        clock.advance(minutes=4)
    assert [n.subject for n in bell.rung] == ["Ladenbote braucht Sie: Eine WhatsApp-Nummer pausiert"]
    with world.database.read() as connection:
        assert [a.cause for a in alarms.over(connection)] == ["sender_paused"], "one alarm in the history, too"
    clock.advance(minutes=10)
    swept(world)
    assert [n.subject for n in bell.rung[1:]] == ["Erledigt: Eine WhatsApp-Nummer pausiert"]
    clock.advance(minutes=1)
    pause(on=True)
    assert len(bell.rung) == 3, "after the all-clear it is a new alarm"


def test_what_only_becomes_worse_gets_no_all_clear(world: World, bell: Bell, clock: Clock) -> None:
    raised(world, "firma/day", Cause.CAP_NEAR)
    swept(world)
    with world.database.write() as connection:
        clear(connection, Cause.CAP_NEAR, "firma/day", clock())
    raised(world, "firma/day", Cause.CAP_REACHED)
    clock.advance(hours=1)
    swept(world)
    assert [n.subject.partition(": ")[0] for n in bell.rung] == ["Ladenbote braucht Sie"] * 2
    with world.database.write() as connection:
        clear(connection, Cause.CAP_REACHED, "firma/day", clock())
    clock.advance(minutes=10)
    swept(world)
    [over] = bell.rung[2:]
    assert len(over.data["cleared"]) == 2, "both are over now"


def test_a_route_that_keeps_failing_is_told_by_the_others(world: World, bell: Bell, clock: Clock) -> None:
    other = Bell("other")
    both = with_routes(world, bell, other)
    bell.fails = NoticeFailed("login")
    raised(both)
    for _ in range(6):
        swept(both)
        clock.advance(minutes=1)
    assert [n.data["raised"][0]["cause"] for n in other.rung] == ["gap_found", "notice_failing"]
    clock.advance(days=5)
    bell.fails = None
    swept(both)
    assert [n.data["raised"][0]["cause"] for n in bell.rung] == ["gap_found"], "it lasts, so it is still told"
    clock.advance(minutes=1)
    swept(both)
    with world.database.read() as connection:
        assert [a.cause for a in alarms.current(connection)] == ["gap_found"]


def test_a_notice_of_an_alarm_that_nobody_knows_holds_up_nothing(world: World, bell: Bell, clock: Clock) -> None:
    with world.database.write() as connection:
        alarms.add(connection, "from_the_future", "x", {}, clock())
        deliveries.owe(connection, [("gone", "raised", "bell")], clock())
    raised(world)
    assert swept(world).endswith("told=1 failed=0")


def test_when_the_owner_was_told_is_kept(world: World, clock: Clock) -> None:
    raised(world)
    clock.advance(minutes=3)
    swept(world)
    with world.database.read() as connection:
        assert [a.notified_at for a in alarms.current(connection)] == [clock()]


def test_several_at_once_are_one_letter(world: World, bell: Bell) -> None:
    for about in ("laden", "tee", "kaffee"):
        raised(world, about)
    swept(world)
    [notice] = bell.rung
    assert notice.subject.endswith("(+2)")
    assert [item["about"] for item in notice.data["raised"]] == ["laden", "tee", "kaffee"]


def test_what_is_over_before_it_was_told_is_not_told(world: World, bell: Bell, clock: Clock) -> None:
    bell.fails = NoticeFailed("unreachable")
    raised(world)
    swept(world)
    over(world)
    bell.fails = None
    clock.advance(hours=1)
    swept(world)
    assert not bell.rung


@pytest.mark.parametrize("failure", [NoticeFailed("unreachable"), ZeroDivisionError()])
def test_a_route_that_fails_is_tried_again_ever_later_and_holds_up_no_other(
    world: World, bell: Bell, clock: Clock, failure: Exception
) -> None:
    other = Bell("other")
    both = with_routes(world, bell, other)
    bell.fails = failure
    raised(both)
    tries = []
    for minute in range(16):
        tries += [minute] if "failed=1" in swept(both) else []
        clock.advance(minutes=1)
    assert tries == [0, 1, 3, 7, 15]
    assert len(other.rung) == 2, "the alarm at once, and later that the bell fails"
    bell.fails = None
    clock.advance(minutes=16)
    swept(both)
    assert len(bell.rung) == 1


def test_without_routes_nothing_is_owed(world: World) -> None:
    alone = with_routes(world)
    raised(alone)
    assert swept(alone) == "raised=0 cleared=0 told=0 failed=0"


def test_the_digest_comes_once_a_day_from_its_hour_on(world: World, bell: Bell, clock: Clock) -> None:
    daily = with_routes(world, bell, digest_hour=13)
    clock.now = NOON.replace(hour=11, minute=59)  # 12:59 in Berlin
    swept(daily)
    assert not bell.rung
    clock.advance(minutes=1)
    swept(daily)
    swept(daily)
    assert [n.data["day"] for n in bell.rung] == ["2026-11-23"]
    clock.advance(hours=11)  # midnight in Berlin: the day's digest was sent, the next one is not due
    swept(daily)
    clock.advance(hours=13)
    swept(daily)
    assert [n.data["day"] for n in bell.rung] == ["2026-11-23", "2026-11-24"]


def said(world: World, status: str, at: datetime, reason: str | None = None) -> None:
    item = a_message(send_after=at, occurred_at=at)
    with world.database.write() as connection:
        messages.add(connection, [item], at)
        move = update(tables.message).where(tables.message.c.id == item.id)
        connection.execute(move.values(status=status, reason=reason, status_at=at))


def test_the_digest_tells_the_day_before_and_what_needs_the_owner(world: World, bell: Bell, clock: Clock) -> None:
    daily = with_routes(world, bell, digest_hour=8)
    eve = NOON.replace(day=23)
    for status in ("sent", "delivered", "read", "read"):
        said(daily, status, eve)
    said(daily, "suppressed", eve, "no_consent")
    said(daily, "suppressed", eve, "no_consent")
    said(daily, "expired", eve, "template_not_approved")
    said(daily, "unknown", eve)
    said(daily, "read", NOON)
    said(daily, "read", NOON.replace(day=22, hour=22, minute=59))  # 23:59 in Berlin, the day before
    raised(daily)
    swept(daily)
    digest = bell.rung[-1]
    assert digest.subject == "Ladenbote: Montag, 23. November"
    figures = {key: digest.data[key] for key in ("sent", "delivered", "read", "not_sent", "uncertain")}
    assert figures == {
        "sent": 4,
        "delivered": 3,
        "read": 2,
        "not_sent": {"no_consent": 2, "template_not_approved": 1},
        "uncertain": 1,
    }
    assert "4 gesendet\n3 zugestellt\n2 gelesen\n3 nicht gesendet" in digest.text
    assert "2 × Für diese Art von Nachricht liegt keine WhatsApp-Einwilligung vor" in digest.text
    assert "Bestellungen ohne Nachricht" in digest.text
    english = with_routes(daily, bell, digest_hour=8, language="en")
    clock.advance(days=1)
    swept(english)
    assert bell.rung[-1].subject == "Ladenbote: Tuesday, 24 November"
    assert "1 read" in bell.rung[-1].text


def test_a_quiet_day_says_that_all_is_well(world: World, bell: Bell) -> None:
    swept(with_routes(world, bell, digest_hour=8))
    assert bell.rung[0].text == (
        "0 gesendet\n0 zugestellt\n0 gelesen\n0 nicht gesendet\n\nAlles läuft, nichts braucht Sie.\n"
    )


def test_both_real_routes(world: World) -> None:
    letters, hooks = Letters(), Hooks()
    with mail_server(letters) as port, hook_server(hooks) as address:
        to = MailSettings(host="localhost", port=port, security="none", sender="b@example.com", to=("o@example.com",))
        hook = WebhookSettings(url=address, secret="geheim-und-lang-genug")  # type: ignore[arg-type]
        both = with_routes(world, Mail(to), Webhook(hook))
        raised(both)
        assert swept(both).endswith("told=2 failed=0")
    assert b"Ladenbote braucht Sie" in letters.taken[0].content
    body = json.loads(hooks.taken[0][2])
    assert (body["type"], body["raised"][0]["cause"]) == ("alarm", "gap_found")
