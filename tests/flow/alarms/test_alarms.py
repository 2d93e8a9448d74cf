"""What needs the owner is raised once, stays while it lasts, and clears when it is over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, event, insert, text, update
from storekit import a_message, an_entry
from worlds import NOON, Clock

from integration.domain.alarms.alarms import CAUSES, Cause, told
from integration.domain.costs.spending import Caps
from integration.domain.errors import ShopUnreachable
from integration.domain.messages.channel import RemoteTemplate, TemplateNews
from integration.domain.messages.manual_actions import Choice
from integration.domain.numbers.numbers import NumberFacts
from integration.domain.shops.ports import Page
from integration.domain.templates.approval import BECOMES_MARKETING
from integration.domain.templates.selection import Slot
from integration.domain.templates.templates import all_templates
from integration.domain.text import Text
from integration.flow.alarms import monitor
from integration.flow.alarms.raising import PASSING, clear, raise_alarm
from integration.flow.consent import evidence
from integration.flow.privacy import requests
from integration.flow.templates.templates import write
from integration.flow.world import World
from integration.store import job_runs, tables
from integration.store.alarms import alarms
from integration.store.messages import manual_actions, messages
from integration.store.numbers import numbers, paused
from integration.store.shops import mailboxes, streams
from integration.store.templates import templates
from jobs.sweeps import alarms as sweep

AWAY = ShopUnreachable("timeout", Text("Keine Antwort.", "No answer."))


def opened(world: World) -> list[tuple[str, str]]:
    with world.database.read() as connection:
        return [(a.cause, a.about) for a in alarms.current(connection)]


def looked(world: World) -> list[tuple[str, str]]:
    sweep.sweep(world, world.clock())
    return opened(world)


def test_an_alarm_is_raised_once_and_again_after_it_was_cleared(world: World) -> None:
    with world.database.write() as connection:
        assert raise_alarm(connection, Cause.GAP_FOUND, "laden", NOON, {"count": 2})
        assert not raise_alarm(connection, Cause.GAP_FOUND, "laden", NOON, {"count": 3})
        assert raise_alarm(connection, Cause.GAP_FOUND, "tee", NOON)
        assert clear(connection, Cause.GAP_FOUND, "laden", NOON)
        assert not clear(connection, Cause.GAP_FOUND, "laden", NOON)
        assert raise_alarm(connection, Cause.GAP_FOUND, "laden", NOON)
    with world.database.read() as connection:
        assert [a.facts for a in alarms.over(connection)] == [{"count": 2}]
    assert sorted(opened(world)) == [("gap_found", "laden"), ("gap_found", "tee")]


def test_the_watch_leaves_alone_what_somebody_else_raised(world: World) -> None:
    with world.database.write() as connection:
        raise_alarm(connection, Cause.SENDER_PAUSED, "nummer", NOON)
    assert looked(world) == [("sender_paused", "nummer")]


def test_all_is_well(world: World) -> None:
    assert sweep.sweep(world, NOON) == "raised=0 cleared=0 told=0 failed=0"


@pytest.mark.parametrize(("code", "cause"), [(190, "token_expired"), (0, "token_expired"), (131031, "sender_paused")])
def test_a_paused_number(world: World, code: int, cause: str) -> None:
    with world.database.write() as connection:
        paused.pause(connection, "nummer", code, "words of Meta's with +49 171 3920012", NOON)
    assert looked(world) == looked(world) == [(cause, "nummer")]
    with world.database.read() as connection:
        assert "3920012" not in str(alarms.current(connection))
    with world.database.write() as connection:
        paused.resume(connection, "nummer")
    assert looked(world) == []


def test_a_number_whose_cause_changes_has_one_alarm(world: World) -> None:
    for code in (190, 131042):
        with world.database.write() as connection:
            paused.pause(connection, "nummer", code, "", NOON)
        looked(world)
    assert opened(world) == [("sender_paused", "nummer")]


def fail_stream(connection: Connection, world: World) -> None:
    [state] = streams.of(connection, "laden").values()
    streams.fail(connection, "laden", [state], AWAY, world.clock())


def test_a_shop_that_is_away_for_long(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        row = {"shop": "laden", "name": "orders", "cursor": {}, "due_at": NOON, "interval_s": 60, "started_at": NOON}
        connection.execute(insert(tables.stream), [row | {"read": 0, "failures": 0, "polled_at": NOON}])
    clock.advance(minutes=29)
    with world.database.write() as connection:
        fail_stream(connection, world)
    assert looked(world) == []
    clock.advance(minutes=2)
    assert looked(world) == [("shop_unreachable", "laden")]
    with world.database.write() as connection:
        [state] = streams.of(connection, "laden").values()
        streams.advance(connection, "laden", state, Page((), {}, more=False), clock())
    assert looked(world) == []


def test_a_shop_that_is_merely_quiet_is_no_alarm(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        row = {"shop": "laden", "name": "orders", "cursor": {}, "due_at": NOON, "interval_s": 60, "started_at": NOON}
        connection.execute(insert(tables.stream), [row | {"read": 0, "failures": 0, "polled_at": NOON}])
    clock.advance(days=1)
    assert looked(world) == []


def test_a_silent_mailbox(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        mailboxes.note(connection, "webspace", "unreachable", NOON)
        mailboxes.note(connection, "gut", "", NOON)
    assert looked(world) == []
    clock.advance(minutes=10)
    assert looked(world) == [("mailbox_silent", "webspace")]


@pytest.mark.parametrize(
    ("status", "category", "cause"),
    [
        ("REJECTED", "UTILITY", "template_rejected"),
        ("PAUSED", "UTILITY", "template_paused"),
        ("DISABLED", "UTILITY", "template_paused"),
        ("CHANGED", "UTILITY", "template_rejected"),
        ("PENDING_DELETION", "UTILITY", "template_rejected"),
        ("LIMIT_EXCEEDED", "UTILITY", "template_rejected"),
        ("APPROVED", "MARKETING", "template_flipped"),
    ],
)
def test_a_template_that_meta_changed(world: World, status: str, category: str, cause: str) -> None:
    service = next(t for t in all_templates() if t.category == "UTILITY")
    with world.database.write() as connection:
        found = [RemoteTemplate(service.name, service.language, status, category)]
        strange = RemoteTemplate("fremd", "de", "REJECTED", "UTILITY")
        templates.replace_all(connection, "konto", [*found, strange], NOON)
    assert looked(world) == [(cause, f"{service.name}/{service.language}")]


def test_a_template_that_meta_is_about_to_call_advertising(world: World) -> None:
    name = "lb_order_confirmation_du_v1"
    with world.database.write() as connection:
        templates.replace_all(connection, "konto", [RemoteTemplate(name, "de", "APPROVED", "UTILITY")], NOON)
        ahead = TemplateNews(name, "de", category="UTILITY", reason=BECOMES_MARKETING)
        templates.note(connection, "konto", ahead, NOON)
    assert looked(world) == [("template_flipping", f"{name}/de")]


def test_a_version_that_a_newer_one_replaced_alarms_nobody(world: World) -> None:
    slot, old = Slot("firma", "order_confirmation", "de", "du"), "lb_order_confirmation_du_v101"
    with world.database.write() as connection:
        write(world, connection, slot, "Text", "owner", NOON)
        templates.replace_all(connection, "konto", [RemoteTemplate(old, "de", "REJECTED", "UTILITY")], NOON)
    assert looked(world) == [("template_rejected", f"{old}/de")]
    with world.database.write() as connection:
        write(world, connection, slot, "Besserer Text", "owner", NOON)
    assert looked(world) == []


def test_an_owners_text_that_meta_changed_until_it_is_accepted(world: World) -> None:
    name = "lb_order_confirmation_du_v101"
    with world.database.write() as connection:
        write(world, connection, Slot("firma", "order_confirmation", "de", "du"), "Text", "owner", NOON)
        found = [RemoteTemplate(name, "de", "APPROVED", "MARKETING")]
        templates.replace_all(connection, "konto", found, NOON)
    assert looked(world) == [("template_flipped", f"{name}/de")]
    with world.database.write() as connection:
        templates.choose(connection, "konto", (name, "de"), accept=True, by="owner", now=NOON)
    assert looked(world) == []


def test_a_broken_ledger(world: World) -> None:
    with world.database.write() as connection:
        world.ledger.append(connection, [an_entry()], NOON)
        connection.execute(update(tables.ledger_head).values(broken_at=NOON))
    assert looked(world) == [("ledger_broken", "firma")]
    with world.database.write() as connection:
        connection.execute(update(tables.ledger_head).values(broken_at=None))
    assert looked(world) == []


def test_a_ledger_that_is_no_longer_sealed(world: World, clock: Clock) -> None:
    for _ in range(2):
        with world.database.write() as connection:
            world.ledger.append(connection, [an_entry()], clock())
        assert looked(world) == []
        clock.advance(hours=4)
        assert looked(world) == [("checkpoint_overdue", "firma")]
        evidence.take_checkpoints(world, clock())
        assert looked(world) == []


def test_bodies_that_were_given_up(world: World) -> None:
    row = {"id": "1", "channel": "meta", "endpoint": "nummer", "topic": "", "has_messages": True, "received_at": NOON}
    with world.database.write() as connection:
        more = {"state": "failed", "note": "poison", "tries": 5, "try_after": NOON}
        connection.execute(insert(tables.inbox), [row | more])
    assert looked(world) == [("poison", "inbox")]


def run_of(world: World, error: str | None, job: str = "carts") -> None:
    with world.database.write() as connection:
        job_runs.ended(connection, job_runs.started(connection, job, NOON), NOON, "", error)


def test_a_sweep_that_keeps_failing(world: World) -> None:
    for job in ("carts", "ledger_check"):
        run_of(world, None, job)
        run_of(world, "OSError", job)
        run_of(world, "OSError", job)
    assert looked(world) == []
    run_of(world, "OSError: full")
    run_of(world, "LedgerBroken", "ledger_check")
    assert looked(world) == [("job_failing", "carts")]
    run_of(world, None)
    assert looked(world) == []


def test_a_full_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(_path: Path) -> Any:
        return type("Usage", (), {"free": 1024**2})

    monkeypatch.setattr(monitor.shutil, "disk_usage", usage)
    expected = [("disk_full", "disk")] if world.database.is_sqlite else []
    assert looked(world) == expected


def accepted(world: World, at: Any) -> Callable[[], None]:
    item = a_message(send_after=at, occurred_at=at)
    with world.database.write() as connection:
        messages.add(connection, [item], at)
        move = update(tables.message).where(tables.message.c.id == item.id)
        connection.execute(move.values(status="accepted", status_at=at))

    def read() -> None:
        with world.database.write() as connection:
            connection.execute(update(tables.message).values(status="read"))

    return read


def test_meta_that_reports_nothing(world: World, clock: Clock) -> None:
    read = accepted(world, NOON)
    assert looked(world) == []
    clock.advance(hours=2)
    assert looked(world) == [("webhook_silent", "nummer")]
    read()
    assert looked(world) == []


def test_meta_that_reports_other_things(world: World, clock: Clock) -> None:
    accepted(world, NOON)
    clock.advance(hours=2)
    row = {"id": "1", "channel": "meta", "endpoint": "nummer", "topic": "", "has_messages": True, "state": "done"}
    with world.database.write() as connection:
        heard = {"received_at": NOON + timedelta(minutes=1), "tries": 0, "try_after": NOON}
        connection.execute(insert(tables.inbox), [row | heard])
    assert looked(world) == []


def test_a_privacy_request_is_reminded_of_on_days_20_and_27(world: World, clock: Clock) -> None:
    [id_] = requests.by_staff(
        world, "firma", "access", requests.Identifiers(email="x@example.com"), "letter", clock(), ""
    )
    for days, expected in ((19, []), (1, ["request_due"]), (6, ["request_due"]), (1, ["request_urgent"])):
        clock.advance(days=days)
        assert looked(world) == [(cause, id_) for cause in expected]
    requests.end(world, id_, requests.NOBODY)
    assert looked(world) == []


def read_number(world: World, **facts: Any) -> None:
    with world.database.write() as connection:
        numbers.keep(connection, "nummer", NumberFacts(display_number="+49 221 1", **facts), [], world.clock())


def test_a_token_that_ends_soon(world: World, clock: Clock) -> None:
    read_number(world, token_expires_at=NOON + timedelta(days=15))
    assert looked(world) == []
    clock.advance(days=1)
    assert looked(world) == [("token_ending", "nummer")]
    read_number(world)
    assert looked(world) == []


def test_a_version_that_meta_ends(world: World, clock: Clock) -> None:
    read_number(world, version="v26.0")
    assert looked(world) == []
    read_number(world, version="v21.0")  # until 21 January 2027
    assert looked(world) == [("version_ending", "nummer")]
    with world.database.read() as connection:
        [alarm] = alarms.current(connection)
    sentence = told(alarm.cause, alarm.about, alarm.facts, "de", ZoneInfo("Europe/Berlin")).sentence
    assert "v21.0" in sentence and "21. Januar 2027" in sentence


def stored(world: World, status: str, code: int | None = None) -> str:
    item = a_message(send_after=world.clock(), occurred_at=world.clock())
    with world.database.write() as connection:
        messages.add(connection, [item], world.clock())
        move = update(tables.message).where(tables.message.c.id == item.id)
        connection.execute(move.values(status=status, error_code=code, status_at=world.clock()))
    return item.id


def test_uncertain_messages_that_the_owner_has_not_decided(world: World, clock: Clock) -> None:
    id_ = stored(world, "unknown")
    clock.advance(minutes=59)
    assert looked(world) == []
    clock.advance(minutes=1)
    assert looked(world) == [("uncertain_waiting", "messages")]
    with world.database.write() as connection:
        assert manual_actions.apply(connection, id_, Choice.DROP, "owner", clock())
    assert looked(world) == []


@pytest.mark.parametrize(("code", "expected"), [(131008, True), (None, True), (131026, False), (131050, False)])
def test_messages_that_failed_but_not_for_their_recipients(
    world: World, clock: Clock, code: int | None, expected: bool
) -> None:
    stored(world, "failed", code)
    assert looked(world) == ([("messages_failed", "messages")] if expected else [])
    clock.advance(days=1, minutes=1)
    assert looked(world) == [], "told once; the page still lists it"


def test_messages_that_should_have_left_long_ago(world: World, clock: Clock) -> None:
    stored(world, "queued")
    clock.advance(minutes=29)
    assert looked(world) == []
    clock.advance(minutes=1)
    assert looked(world) == [("sending_behind", "nummer")]
    with world.database.write() as connection:
        paused.pause(connection, "nummer", 131042, "", NOON)
    assert looked(world) == [("sender_paused", "nummer")], "one cause, one alarm"


def test_what_came_in_and_nobody_reads(world: World, clock: Clock) -> None:
    row = {"id": "1", "channel": "meta", "endpoint": "nummer", "topic": "", "has_messages": True, "received_at": NOON}
    with world.database.write() as connection:
        connection.execute(insert(tables.inbox), [row | {"state": "new", "tries": 0, "try_after": NOON}])
    assert looked(world) == []
    clock.advance(minutes=30)
    assert looked(world) == [("reading_behind", "inbox")]
    with world.database.write() as connection:
        connection.execute(update(tables.inbox).values(state="done"))
    assert looked(world) == []


# --- the watches themselves


def broken(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One watch meets a database that refuses its query."""

    def _broken(_world: World, connection: Connection, _now: datetime) -> monitor.Found:
        connection.execute(text("SELECT nothing FROM nowhere"))
        return {}

    _broken.__name__ = f"_{name}"
    table = [replace(w, see=_broken) if w.name == name else w for w in monitor.WATCHES]
    monkeypatch.setattr(monitor, "WATCHES", tuple(table))


@pytest.mark.parametrize("name", [watch.name for watch in monitor.WATCHES])
def test_a_watch_that_fails_silences_no_other_and_says_so(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = set()
    if name != "numbers":
        with world.database.write() as connection:
            paused.pause(connection, "nummer", 190, "", NOON)
        expected.add(("token_expired", "nummer"))
    if name != "mailboxes":
        with world.database.write() as connection:
            mailboxes.note(connection, "webspace", "unreachable", NOON - timedelta(hours=1))
        expected.add(("mailbox_silent", "webspace"))
    with monkeypatch.context() as patch:
        broken(patch, name)
        assert set(looked(world)) == {*expected, ("monitor_failing", name)}
    with world.database.read() as connection:
        [failing] = [a for a in alarms.current(connection) if a.cause == "monitor_failing"]
    assert "Error (test_alarms.py:" in str(failing.facts["error"])
    told_ = told(failing.cause, failing.about, failing.facts, "de", ZoneInfo("Europe/Berlin"))
    [first, *_] = next(watch.causes for watch in monitor.WATCHES if watch.name == name)
    assert f"„{CAUSES[first].title.de}“" in told_.sentence
    assert set(looked(world)) == expected, "it works again, and the alarm is over by itself"


def test_what_a_watch_raised_stays_while_it_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.database.write() as connection:
        paused.pause(connection, "nummer", 190, "", NOON)
    assert looked(world) == [("token_expired", "nummer")]
    with monkeypatch.context() as patch:
        broken(patch, "numbers")
        assert looked(world) == [("token_expired", "nummer"), ("monitor_failing", "numbers")]
    with world.database.write() as connection:
        paused.resume(connection, "nummer")
    assert looked(world) == []


def test_every_cause_that_is_watched_belongs_to_one_watch() -> None:
    declared = [cause for watch in monitor.WATCHES for cause in watch.causes]
    assert len(declared) == len(set(declared))
    raised_elsewhere = {*PASSING, Cause.MONITOR_FAILING}
    assert set(declared) == set(Cause) - raised_elsewhere


def test_no_watch_changes_anything(world: World) -> None:
    """Not even for a moment: whatever they find, they only ask."""
    company = replace(world.companies["firma"], caps=Caps(day=Decimal("0.01"), stop_day=Decimal(9)))
    limited = replace(world, companies={"firma": company})
    item = a_message()
    with world.database.write() as connection:
        paused.pause(connection, "nummer", 190, "", NOON)
        messages.add(connection, [item], NOON)
        connection.execute(update(tables.message).values(status="queued", reason="cost_stop"))
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement.split(maxsplit=1)[0].upper())

    event.listen(world.database.engine, "before_cursor_execute", note)
    for watch in monitor.WATCHES:
        with world.database.read() as connection:
            watch.see(limited, connection, NOON)
    event.remove(world.database.engine, "before_cursor_execute", note)
    assert asked.count("SELECT") > len(monitor.WATCHES)
    assert set(asked) <= {"SELECT", "BEGIN"}
