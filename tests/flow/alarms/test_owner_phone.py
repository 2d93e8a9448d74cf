"""The owner's own WhatsApp gets alarms as messages like every other, with a consent, never through what is broken."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sending import channel, deliver, said
from sqlalchemy import select
from worlds import NOON, Clock, make_world, post_meta

from integration.domain.alarms.alarm_texts import Owner, OwnersPhone
from integration.domain.alarms.alarms import Cause
from integration.flow import answer
from integration.flow.alarms.raising import clear, raise_alarm
from integration.flow.world import World
from integration.store import tables
from integration.store.alarms import alarms
from integration.store.db import Database
from jobs.sweeps import alarms as job

OWN = "+491713920012"
TODAY = date(2026, 11, 24)


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    return owned(make_world(database, keys, clock))


def owned(world: World, agreed_on: date = TODAY, **more: Any) -> World:
    phone = OwnersPhone(OWN, "", agreed_on)
    return replace(world, owner=Owner(url="https://bote.example.de", digest_hour=None, phone=phone, **more))


def raised(world: World, cause: Cause = Cause.GAP_FOUND, about: str = "laden", **facts: Any) -> None:
    with world.database.write() as connection:
        raise_alarm(connection, cause, about, world.clock(), {"count": 2, **facts})


def swept(world: World, clock: Clock) -> str:
    clock.advance(minutes=1)
    found = job.sweep(world, clock())
    clock.advance(seconds=10)
    deliver(world)
    return found


def read(world: World, *columns: Any) -> list[Any]:
    with world.database.read() as connection:
        return list(connection.execute(select(*columns)))


def sent(world: World) -> list[dict[str, str]]:
    return [dict(envelope.variables) for envelope in channel(world).sent]


def test_an_alarm_comes_once_with_the_remedy_and_the_all_clear_after_it(world: World, clock: Clock) -> None:
    raised(world)
    assert swept(world, clock).endswith("told=1 failed=0")
    assert swept(world, clock).endswith("told=0 failed=0")
    [first] = channel(world).sent
    assert (first.to, first.template) == (OWN, "lb_owner_alarm_sie_v1")
    assert first.variables["alarm"].startswith("Bestellungen ohne Nachricht. Im Shop laden gibt es Bestellungen")
    assert first.variables["remedy"].startswith("Sehen Sie sich die Liste an.")
    with world.database.write() as connection:
        clear(connection, Cause.GAP_FOUND, "laden", clock())
    clock.advance(minutes=10)
    swept(world, clock)
    assert sent(world)[1:] == [{
        "shop": "Laden Beispiel", "alarm": "Erledigt: Bestellungen ohne Nachricht.",
        "remedy": "Nichts mehr, es hat sich erledigt.",
    }]  # fmt: skip


def test_it_is_decided_on_with_a_consent_of_its_own(world: World, clock: Clock) -> None:
    raised(world)
    swept(world, clock)
    [(kind, purpose)] = read(world, tables.message.c.kind, tables.message.c.purpose)
    assert (kind, purpose) == ("owner_alarm", "owner_alarm")
    [consent] = read(world, tables.consent.c.type, tables.consent.c.purposes, tables.consent.c.event_id)
    assert (consent.type, list(consent.purposes)) == ("granted", ["owner_alarms"])
    decided = read(world, tables.decision.c.stage, tables.decision.c.outcome, tables.decision.c.basis)
    assert [(d.stage, d.outcome, list(d.basis)) for d in decided] == [
        ("queue", "allow", [consent.event_id]), ("send", "allow", [consent.event_id]),
    ]  # fmt: skip


def test_the_agreement_is_recorded_once(world: World, clock: Clock) -> None:
    for about in ("laden", "tee"):
        raised(world, about=about)
        swept(world, clock)
    assert len(channel(world).sent) == 2
    assert len(read(world, tables.consent.c.type)) == 1


def test_several_at_once_are_one_message(world: World, clock: Clock) -> None:
    for about in ("laden", "tee", "kaffee"):
        raised(world, about=about)
    swept(world, clock)
    [only] = sent(world)
    assert "(und 2 weitere)" in only["alarm"]


def test_a_stop_ends_it_until_the_owner_agrees_on_a_later_day(world: World, clock: Clock) -> None:
    raised(world)
    swept(world, clock)
    post_meta(world, said("STOP", at=clock()))
    answer.run(world)
    deliver(world)  # the confirmation of STOP
    before = len(channel(world).sent)
    raised(world, about="tee")
    assert swept(world, clock).endswith("told=0 failed=1")
    assert len(channel(world).sent) == before
    assert {row.status for row in read(world, tables.message.c.status)} == {"accepted"}, "nothing is left behind"
    clock.advance(days=1)
    again = owned(world, agreed_on=TODAY + timedelta(days=1))
    assert swept(again, clock).endswith("failed=0")
    assert len(channel(world).sent) == before + 1
    assert [tuple(row) for row in read(world, tables.consent.c.type)].count(("granted",)) == 2


@pytest.mark.parametrize(
    ("cause", "about"),
    [
        (Cause.TOKEN_EXPIRED, "nummer"), (Cause.SENDER_PAUSED, "nummer"), (Cause.WEBHOOK_SILENT, "nummer"),
        (Cause.TEMPLATE_REJECTED, "lb_owner_alarm_sie_v1/de"), (Cause.TEMPLATE_STOPPED, "konto/lb_owner_alarm_v1/en"),
    ],
)  # fmt: skip
def test_what_is_broken_never_tells_of_itself(world: World, clock: Clock, cause: Cause, about: str) -> None:
    raised(world, cause, about)
    for _ in range(3):
        assert swept(world, clock).endswith("told=0 failed=0")
    assert not channel(world).sent
    with world.database.read() as connection:
        assert len(alarms.current(connection)) == 1, "telling nobody raises no further alarm"


def test_another_number_and_other_templates_are_told(world: World, clock: Clock) -> None:
    raised(world, Cause.SENDER_PAUSED, "zweite", code=131042)
    raised(world, Cause.TEMPLATE_REJECTED, "lb_offer_sie_v1/de")
    swept(world, clock)
    assert len(sent(world)) == 1


def test_a_long_sentence_fits(world: World, clock: Clock) -> None:
    raised(world, Cause.JOB_FAILING, "poll", error="x" * 900)
    swept(world, clock)
    [only] = sent(world)
    assert max(len(value) for value in only.values()) <= 330


def test_quiet_hours_count_and_what_is_too_old_is_dropped(world: World, clock: Clock) -> None:
    clock.now = NOON.replace(hour=22)  # 23:00 in Berlin
    raised(world)
    swept(world, clock)
    assert not channel(world).sent
    clock.now = NOON.replace(day=25, hour=6, minute=5)  # 7:05
    deliver(world)
    assert len(channel(world).sent) == 1


def test_without_the_number_it_says_so(world: World, clock: Clock) -> None:
    gone = replace(world, owner=replace(world.owner, phone=OwnersPhone(OWN, "weg", TODAY)))
    raised(gone)
    assert job.sweep(gone, clock()).endswith("told=0 failed=1")
    [(error,)] = read(world, tables.notice.c.error)
    assert error == "no_number"


def test_the_digest_does_not_come_this_way(world: World, clock: Clock) -> None:
    daily = replace(world, owner=replace(world.owner, digest_hour=8))
    assert swept(daily, clock).endswith("told=0 failed=0")
