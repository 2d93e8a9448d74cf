"""Messages: guarded moves, and what moves them from outside."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update
from storekit import a_message, rows
from worlds import NOON

from integration.domain.consent.consent import TemplateFacts
from integration.domain.messages.channel import RemoteTemplate
from integration.domain.messages.status import MessageStatus, Outcome
from integration.store import job_runs
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.messages import messages, queued, sent
from integration.store.messages.messages import Message, Move, Result
from integration.store.numbers import paused
from integration.store.tables import attempt, job_run, message, template
from integration.store.templates import templates

LATER = NOON + timedelta(minutes=5)
ALL = list(MessageStatus)


def cancelled(connection: Connection, order_key: str, kind: str) -> int:
    return queued.cancel_for_orders(connection, [order_key], [kind], "overtaken", NOON)


def add(database: Database, *items: Message) -> None:
    with database.write() as connection:
        messages.add(connection, items, NOON)


def state(database: Database, id_: str) -> tuple[str, str | None]:
    with database.read() as connection:
        row = connection.execute(select(message.c.status, message.c.reason).where(message.c.id == id_)).one()
    return (row[0], row[1])


def force(database: Database, id_: str, status: MessageStatus) -> None:
    with database.write() as connection:
        connection.execute(update(message).where(message.c.id == id_).values(status=status))


def test_a_message_comes_back_as_it_was_stored(database: Database) -> None:
    item = a_message(variables={"name": "Jörg", "total": "24,90 €"}, text="Hallo")
    add(database, item)
    with database.read() as connection:
        assert messages.by_id(connection, [item.id]) == [item]
        assert messages.by_id(connection, []) == []
        assert messages.known_keys(connection, [item.key, "x"]) == {item.key}


def test_a_second_message_of_one_key_is_refused(database: Database) -> None:
    item = a_message()
    add(database, item)
    with pytest.raises(Exception, match=r"(?i)unique"):
        add(database, a_message(key=item.key))
    assert len(rows(database, message, "id")) == 1


def test_due_are_the_waiting_ones_of_the_number_oldest_first(database: Database) -> None:
    late, early = a_message(send_after=NOON), a_message(send_after=NOON - timedelta(hours=1))
    future, other = a_message(send_after=NOON + timedelta(microseconds=1)), a_message(sender="andere")
    done = a_message(status=MessageStatus.ACCEPTED)
    add(database, late, early, future, other, done)
    with database.read() as connection:
        assert [id_ for id_, _ in messages.due(connection, "nummer", NOON, 10)] == [early.id, late.id]
        assert [id_ for id_, _ in messages.due(connection, "nummer", NOON, 1)] == [early.id]


def test_a_local_move_never_overrides_what_happened_meanwhile(database: Database) -> None:
    """Whatever the move wants, it starts from *queued* as it was read."""
    found, expected = {}, {}
    for now in ALL:
        item = a_message()
        add(database, item)
        force(database, item.id, now)
        with database.write() as connection:
            messages.move(connection, [Move(item, MessageStatus.SUPPRESSED, "withdrawn")], NOON)
        found[now] = state(database, item.id)
        expected[now] = ("suppressed", "withdrawn") if now is MessageStatus.QUEUED else (now, None)
    assert found == expected


def test_only_a_queued_message_is_claimed_and_starts(database: Database) -> None:
    items = {now: a_message(status=now) for now in ALL}
    add(database, *items.values())
    with database.write() as connection:
        found = messages.claim(connection, [item.id for item in items.values()])
        assert [m.status for m in found] == ["queued"]
        messages.start(connection, list(items.values()), NOON)
    begun = [now for now, item in items.items() if state(database, item.id)[0] == "sending"]
    assert begun == [MessageStatus.QUEUED, MessageStatus.SENDING]


def test_a_result_never_overrides_a_status(database: Database) -> None:
    for outcome in (MessageStatus.ACCEPTED, MessageStatus.UNKNOWN, MessageStatus.QUEUED):
        found, expected = {}, {}
        for now in ALL:
            item = a_message()
            add(database, item)
            with database.write() as connection:
                [begun] = messages.start(connection, [item], NOON)
            force(database, item.id, now)
            with database.write() as connection:
                messages.settle(connection, [Result(begun, Outcome.ACCEPTED, outcome, LATER, wa_message_id="wamid.1")])
            found[now] = state(database, item.id)[0]
            expected[now] = outcome if now is MessageStatus.SENDING else now
        assert found == expected
    assert set(rows(database, attempt, "outcome", "wa_message_id")) == {("accepted", "wamid.1")}


def test_rescue_and_cancelling_touch_only_what_has_not_left(database: Database) -> None:
    with database.write() as connection:
        [anna] = identity_resolution.resolve(connection, [Person("firma", "+491713920012")], NOON)
    items = {now: a_message(anna.id, order_key="laden/order/1", status=now) for now in ALL}
    add(database, *items.values())
    with database.write() as connection:
        assert queued.cancel_for_contact(connection, anna.id, ["offer"], "withdrawn", NOON) == 0
        assert cancelled(connection, "laden/order/1", "shipping_notice") == 0
        assert cancelled(connection, "laden/order/2", "order_confirmation") == 0
        assert messages.expire(connection, NOON) == 0
        assert messages.strand(connection, LATER, LATER) == 1
        undo = connection.begin_nested()
        assert cancelled(connection, "laden/order/1", "order_confirmation") == 2
        undo.rollback()
        assert queued.cancel_for_contact(connection, anna.id, ["order_confirmation"], "withdrawn", NOON) == 2
    changed = {now: state(database, item.id) for now, item in items.items() if state(database, item.id)[0] != now}
    assert changed == {
        MessageStatus.QUEUED: ("cancelled", "withdrawn"),
        MessageStatus.CLAIMED: ("cancelled", "withdrawn"),
        MessageStatus.SENDING: ("unknown", "uncertain"),
    }


def test_strand_leaves_the_young_and_marks_the_attempt(database: Database) -> None:
    old, young = a_message(), a_message()
    add(database, old, young)
    with database.write() as connection:
        messages.start(connection, [old], NOON)
        messages.start(connection, [young], LATER)
        assert messages.strand(connection, LATER, LATER) == 1
    assert state(database, old.id) == ("unknown", "uncertain")
    assert state(database, young.id) == ("sending", None)
    assert sorted(o for (o,) in rows(database, attempt, "outcome")) == ["pending", "unknown"]


def test_expire_keeps_the_reason_why_it_waited(database: Database) -> None:
    plain, waited = a_message(), a_message(reason="template_not_approved")
    over = NOON + timedelta(hours=12)
    add(database, plain, waited)
    with database.write() as connection:
        assert messages.expire(connection, over - timedelta(microseconds=1)) == 0
        assert messages.expire(connection, over) == 2
    assert state(database, plain.id) == ("expired", "expired")
    assert state(database, waited.id) == ("expired", "template_not_approved")


def test_release_frees_what_waits_for_that_reason(database: Database) -> None:
    freed = a_message(reason="template_not_approved", send_after=LATER)
    quiet = a_message(reason="quiet_hours", send_after=LATER)
    gone = a_message(reason="template_not_approved", send_after=LATER, status=MessageStatus.EXPIRED)
    add(database, freed, quiet, gone)
    with database.write() as connection:
        assert queued.release(connection, "template_not_approved", NOON) == 1
        assert [id_ for id_, _ in messages.due(connection, "nummer", NOON, 9)] == [freed.id]


def test_caps_count_what_left_or_may_have_left(database: Database) -> None:
    with database.write() as connection:
        [anna] = identity_resolution.resolve(connection, [Person("firma", "+491713920012")], NOON)
    add(database, *(a_message(anna.id, status=status, purpose="offer") for status in ALL))
    with database.read() as connection:
        counted = sent.counted(connection, [anna.id], ["offer"], NOON - timedelta(days=1))
        assert sent.counted(connection, [anna.id], ["voucher"], NOON - timedelta(days=1)) == {}
        assert sent.counted(connection, [anna.id], ["offer"], LATER) == {}
    # sending, unknown, accepted, sent, lapsed, delivered, read
    assert len(counted[anna.id]) == 7


def test_replace_all_leaves_exactly_what_was_found(database: Database) -> None:
    old = [RemoteTemplate("a", "de", "APPROVED", "UTILITY"), RemoteTemplate("b", "de", "APPROVED", "UTILITY")]
    new = [RemoteTemplate("b", "de", "PAUSED", "MARKETING", "quality"), RemoteTemplate("b", "en", "PENDING", "UTILITY")]
    with database.write() as connection:
        templates.replace_all(connection, "konto", old, NOON)
        templates.replace_all(connection, "andere", old, NOON)
        templates.replace_all(connection, "konto", new, LATER)
        assert templates.facts(connection, "konto") == {
            ("b", "de"): TemplateFacts("PAUSED", "MARKETING", braked=True, flipped=True),
            ("b", "en"): TemplateFacts("PENDING", "UTILITY"),
        }
        assert len(templates.facts(connection, "andere")) == 2
        templates.replace_all(connection, "konto", [], LATER)
        assert templates.facts(connection, "konto") == {}
    assert len(rows(database, template, "name")) == 2


def test_a_paused_number_keeps_the_newest_cause(database: Database) -> None:
    with database.write() as connection:
        paused.pause(connection, "nummer", 190, "x" * 900, NOON)
        paused.pause(connection, "nummer", 131042, "payment", LATER)
        assert paused.paused(connection) == {"nummer": 131042}
        paused.resume(connection, "nummer")
        paused.resume(connection, "nummer")
        assert paused.paused(connection) == {}


def test_old_job_runs_are_forgotten_in_pieces(database: Database) -> None:
    with database.write() as connection:
        for n in range(25):
            job_runs.started(connection, "rescue", NOON - timedelta(days=20, minutes=n))
        job_runs.started(connection, "rescue", NOON)
        assert [job_runs.forget(connection, NOON - timedelta(days=14), most=10) for _ in range(4)] == [10, 10, 5, 0]
    assert rows(database, job_run, "started_at") == [(NOON,)]
