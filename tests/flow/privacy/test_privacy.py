"""Erasure and the other rights: gone stays gone after re-import, re-sync and restore; the proof remains."""

import asyncio
import shutil
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from storekit import a_message, an_entry, reopened, rows
from traces import decoded, everything, stored
from worlds import NOON, Clock, make_world, meta_id, order, post, post_meta

from integration.domain.consent.consent import Source
from integration.domain.messages.channel import Echo, Inbound, MetaUpdate, StatusUpdate
from integration.flow import answer, react, send
from integration.flow.consent import links
from integration.flow.privacy import erasure as erasure_flow
from integration.flow.privacy import requests as subject_requests
from integration.flow.privacy.requests import Identifiers
from integration.flow.receive import InboxItem
from integration.flow.world import World
from integration.store import tables
from integration.store.consent import ledger_checks
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.messages import messages
from integration.store.privacy import erasure, requests
from integration.store.webhooks import inbox

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANNA, MAIL = "+491713920012", "anna@example.com"
CAME = b"\x12\x18"


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    yield make_world(database, keys, clock)


def say(world: World, text: str, payload: str = "", phone: str = ANNA, user: str | None = "DE.1") -> None:
    item = Inbound(f"in-{text}-{payload}-{world.clock()}", phone, user, "Anna", world.clock(), "text", text, payload)
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)


def buy(world: World, number: str = "1", **changes: object) -> None:
    post(world, order(number=number, **changes))  # type: ignore[arg-type]
    react.run(world)


def contact(world: World) -> str:
    with world.database.read() as connection:
        return connection.execute(select(tables.contact.c.id).where(tables.contact.c.phone == ANNA)).scalar_one()


def marketed(world: World) -> None:
    message = a_message(contact(world), kind="newsletter", purpose="newsletter")
    with world.database.write() as connection:
        messages.add(connection, [message], NOON)
        messages.start(connection, [message], NOON)


def talked(world: World, clock: Clock) -> None:
    """Everything in which Meta's message ids come: sent, delivered, answered, echoed, of another's message, alone."""
    asyncio.run(deliver_all(world))
    [(attempt_id, sent)] = rows(world.database, tables.attempt, "id", "wa_message_id")
    heard = Inbound(meta_id(ANNA, "in", CAME), ANNA, "DE.1", "Anna", clock(), "image", "STOP", media_id="m1")
    found = (
        StatusUpdate(sent, "delivered", clock(), attempt_id),
        StatusUpdate(meta_id(ANNA, "other"), "read", clock()),
    )
    shop = Echo(meta_id(ANNA, "echo"), ANNA, "DE.1", clock(), "text", "Gern!")
    post_meta(world, MetaUpdate(messages=(heard,), statuses=found, echoes=(shop,)))
    alone = InboxItem("meta", "nummer", "", {}, b'{"id": "' + meta_id(ANNA, "alone").encode() + b'"}', False, clock())
    answer.run(world)
    with world.database.write() as connection:
        inbox.add(connection, [alone])
        connection.execute(tables.inbox.update().values(state="done"))
        stray = {"wa_message_id": meta_id(ANNA, "stray"), "status": "sent", "at": clock(), "received_at": clock()}
        connection.execute(tables.status.insert().values(stray))  # as it was kept before


async def deliver_all(world: World) -> None:
    items = send.claim(world, "nummer", 10)
    results = [await send.dispatch(world, world.senders["nummer"].channel, item) for item in items]
    send.claim(world, "nummer", 0, results)


def test_erasing_leaves_no_trace_in_any_table(world: World, clock: Clock) -> None:
    buy(world, "4711")
    say(world, "Hallo, ich bin Anna Beispiel")
    talked(world, clock)
    before = everything(world)
    for trace in (ANNA, ANNA[1:], "Beispiel", MAIL, "DE.1", "4711"):
        assert trace in before, f"the test would not see {trace}"
    for place in ("attempt", "status", "message", "inbound_message", "echo", "attachment", "inbox_body"):
        assert ANNA[1:] in decoded(stored(world, place)), f"the test would not see an id in {place}"
    assert erasure_flow.erase_contact(world, contact(world), "letter")
    after = everything(world)
    for trace in (ANNA, ANNA[1:], "3920012", "Anna", MAIL, "DE.1"):
        assert trace not in after
        assert trace not in decoded(after)


@pytest.mark.parametrize("before", [b"", b"x", b"xy"])
def test_another_numbers_ids_and_bodies_stay(world: World, clock: Clock, before: bytes) -> None:
    """Base64 of numbers that differ in the last digit is alike but for a few bits, by where in it they begin."""
    other = "wamid." + b64encode(before + ANNA[1:-1].encode() + b"3\x15\x02").decode()
    post_meta(world, other.encode())
    with world.database.write() as connection:
        stray = {"wa_message_id": other, "status": "sent", "at": clock(), "received_at": clock()}
        connection.execute(tables.status.insert().values(stray))
        connection.execute(tables.inbox.update().values(state="done"))
    buy(world)
    erasure_flow.erase_contact(world, contact(world), "letter")
    assert rows(world.database, tables.status, "wa_message_id") == [(other,)]
    assert (other.encode(),) in rows(world.database, tables.inbox_body, "body")


@pytest.mark.parametrize("by", ["attempt", "id"])
def test_a_late_status_finds_its_erased_persons_message(world: World, clock: Clock, by: str) -> None:
    buy(world)
    asyncio.run(deliver_all(world))
    [(attempt_id, sent)] = rows(world.database, tables.attempt, "id", "wa_message_id")
    erasure_flow.erase_contact(world, contact(world), "retention")
    with world.database.write() as connection:
        connection.execute(tables.suppression.delete())  # as after a profile that nothing was heard of
    late = StatusUpdate(sent, "read", clock(), attempt_id if by == "attempt" else None, ANNA, "DE.1")
    post_meta(world, MetaUpdate(statuses=(late, late)))
    answer.run(world)
    assert rows(world.database, tables.message, "status") == [("read",)]
    assert rows(world.database, tables.contact, "phone", "wa_user_id") == [(None, None)]
    [(kept,)] = rows(world.database, tables.status, "wa_message_id")
    assert rows(world.database, tables.attempt, "wa_message_id") == [(kept,)] and kept.startswith("erased.")


def test_an_answer_of_metas_after_the_erasure_keeps_no_number(world: World) -> None:
    buy(world)
    [item] = send.claim(world, "nummer", 1)
    result = asyncio.run(send.dispatch(world, world.senders["nummer"].channel, item))
    erasure_flow.erase_contact(world, contact(world), "letter")
    send.claim(world, "nummer", 0, [result])
    [(kept, outcome)] = rows(world.database, tables.attempt, "wa_message_id", "outcome")
    assert outcome == "accepted" and kept.startswith("erased.")


def test_everything_is_withdrawn_cancelled_and_the_key_destroyed(world: World, keys: Database) -> None:
    buy(world)
    assert erasure_flow.erase_contact(world, contact(world), "letter")
    assert [s for (s,) in rows(world.database, tables.message, "status")] == ["cancelled"]
    assert [t for (t,) in rows(world.database, tables.consent, "type")] == ["granted", "erased"]
    assert rows(keys, tables.subject_key, "subject") == []
    assert len(rows(keys, tables.tombstone, "subject")) == 1
    with world.database.read() as connection:
        assert ledger_checks.verify(connection, "firma") is None, "the chain still verifies"
        ids = connection.execute(select(tables.consent.c.event_id)).scalars().all()
        assert [world.ledger.payload(connection, id_) for id_ in ids] == [None, None]


def test_twice_is_once(world: World) -> None:
    buy(world)
    id_ = contact(world)
    assert erasure_flow.erase_contact(world, id_, "letter")
    assert not erasure_flow.erase_contact(world, id_, "letter")
    assert not erasure_flow.erase_contact(world, "nobody", "letter")


def test_a_shops_re_sync_brings_nobody_back(world: World, clock: Clock) -> None:
    buy(world)
    erasure_flow.erase_contact(world, contact(world), "letter")
    clock.advance(minutes=5)
    buy(world)
    buy(world, version=NOON + timedelta(minutes=4), status="completed")
    buy(world, "2", version=NOON + timedelta(minutes=4))
    assert [p for (p,) in rows(world.database, tables.contact, "phone")] == [None]
    assert "Beispiel" not in "".join(str(f) for (f,) in rows(world.database, tables.snapshot, "facts"))
    assert ("suppressed", "suppressed") in rows(world.database, tables.message, "status", "reason")


def test_late_statuses_bring_nobody_back(world: World, clock: Clock) -> None:
    buy(world)
    say(world, "Hallo")
    [item] = send.claim(world, "nummer", 1)
    erasure_flow.erase_contact(world, contact(world), "letter")
    late = StatusUpdate("wamid.1", "read", clock(), item.attempt.id, ANNA, "DE.1")
    post_meta(world, MetaUpdate(statuses=(late,)))
    answer.run(world)
    assert [p for (p,) in rows(world.database, tables.contact, "phone")] == [None]


def test_a_thousand_rows_re_imported_leave_a_hundred_out(world: World) -> None:
    """docs/reference/law.md section 15: import, with a tenth who opted out or were erased."""
    from integration.flow.messages.decide import Question, decide_all

    numbers = [f"+4917139{n:05}" for n in range(1000)]
    gone = numbers[::10]
    with world.database.write() as connection:
        people = identity_resolution.resolve(connection, [Person("firma", n) for n in gone], NOON)
        for person in people:
            erasure_flow.erase(world, connection, person, "letter", NOON)
        again = identity_resolution.resolve(connection, [Person("firma", n) for n in numbers], NOON)
        grants = [
            an_entry(p.subject, phone=p.phone, source=Source.IMPORT, occurred_at=NOON - timedelta(days=1))
            for p in again
        ]
        world.ledger.append(connection, grants, NOON)
        answers = decide_all(world, connection, [Question(a_message(p.id), p) for p in again], "queue")
    refused = [a.question.contact.phone for a in answers if a.decision.reason == "suppressed"]
    assert refused == gone
    assert len([a for a in answers if a.decision.reason == "ok"]) == 900


def test_an_own_message_starts_anew(world: World, clock: Clock) -> None:
    buy(world)
    erasure_flow.erase_contact(world, contact(world), "letter")
    link = links.make(world, links.Wish("firma", "nummer", ("service_updates",), "de"))
    clock.advance(minutes=1)
    say(world, f"START {link.code}", user=None)
    buy(world, "2", version=clock(), consent=None)
    assert ("queued", None) in rows(world.database, tables.message, "status", "reason")


def test_deleting_by_chat_takes_a_wish_and_a_tap(world: World, clock: Clock, keys: Database) -> None:
    buy(world)
    say(world, "Bitte alle meine Daten löschen")
    assert [(k, s) for k, s in rows(world.database, tables.request, "kind", "state")] == [("erasure", "open")]
    assert [s for (s, k) in rows(world.database, tables.message, "status", "kind") if k == "order_confirmation"] == [
        "cancelled"
    ], "everything stops at once"
    assert contact(world)
    clock.advance(minutes=1)
    say(world, "Ja, alles löschen", "ERASE:yes")
    assert erasure_flow.finish(world) == 1 and erasure_flow.finish(world) == 0
    assert [p for (p,) in rows(world.database, tables.contact, "phone")] == [None]
    assert rows(world.database, tables.request, "state", "outcome") == [("done", "erased")]


def test_who_taps_no_keeps_the_data(world: World) -> None:
    buy(world)
    say(world, "Bitte alle meine Daten löschen")
    say(world, "Nein", "ERASE:no")
    assert contact(world)
    assert rows(world.database, tables.request, "state") == [("done",)]


def test_a_crash_between_the_parts_is_made_up_for(world: World, keys: Database) -> None:
    buy(world)
    with world.database.write() as connection:
        person = contacts.by_id(connection, [contact(world)]).popitem()[1]
        erasure_flow.erase(world, connection, person, "letter", NOON)
    assert len(rows(keys, tables.subject_key, "subject")) == 1
    erasure_flow.finish(world)
    assert rows(keys, tables.subject_key, "subject") == []


def test_proof_of_marketing_is_kept_under_lock_until_claims_are_barred(world: World, keys: Database) -> None:
    buy(world)
    marketed(world)
    erasure_flow.erase_contact(world, contact(world), "letter")
    [(until,)] = rows(keys, tables.proof_key, "destroy_after")
    assert until.date().isoformat() == "2029-12-31"
    assert erasure.empty_vault(keys, datetime(2029, 12, 31, tzinfo=UTC)) == 0
    assert erasure.empty_vault(keys, datetime(2030, 1, 1, tzinfo=UTC)) == 1


def test_a_restored_backup_erases_again_before_anything_leaves(keys: Database, tmp_path: Path, clock: Clock) -> None:
    """SQLite only: a copy of the file from before is put back."""
    from integration.store import schema

    file = tmp_path / "shop.db"
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database, keys)
    world = make_world(database, keys, clock)
    buy(world)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(file, tmp_path / "backup.db")
    erasure_flow.erase_contact(world, contact(world), "letter")
    database.close()
    restored = reopened(Database(f"sqlite:///{tmp_path / 'backup.db'}"), keys)
    assert contact(restored)
    assert erasure_flow.replay(restored) == 1 and erasure_flow.replay(restored) == 0
    assert send.claim(restored, "nummer", 10) == []
    assert [p for (p,) in rows(restored.database, tables.contact, "phone")] == [None]
    buy(restored, "2", version=NOON + timedelta(minutes=1))
    assert [p for (p,) in rows(restored.database, tables.contact, "phone")] == [None]
    with restored.database.read() as connection:
        assert ledger_checks.verify(connection, "firma") is None
    restored.database.close()


def test_a_backup_older_than_the_person_still_knows_the_suppression(world: World, database: Database) -> None:
    buy(world)
    erasure_flow.erase_contact(world, contact(world), "letter")
    with database.write() as connection:
        connection.execute(tables.suppression.delete())
        connection.execute(tables.snapshot.delete())
    erasure_flow.replay(world)
    buy(world)
    assert [p for (p,) in rows(world.database, tables.contact, "phone")] == [None]


def test_a_request_of_the_shop_finds_people_by_mail_phone_and_order(world: World) -> None:
    buy(world)
    with world.database.write() as connection:
        for who in (
            Identifiers(email="ANNA@example.com "),
            Identifiers(phone=ANNA),
            Identifiers(orders=("laden/order/1",)),
        ):
            [id_] = subject_requests.requested(world, connection, "firma", "access", who, "shopify", NOON)
            assert requests.by_id(connection, id_).contact_id == contact(world)  # type: ignore[union-attr]
        [nobody] = subject_requests.requested(
            world, connection, "firma", "erasure", Identifiers(email="x@example.com"), "w", NOON
        )
        found = requests.by_id(connection, nobody)
        assert found and found.contact_id is None and b"x@example.com" not in found.detail
        with pytest.raises(ValueError, match="no such request"):
            subject_requests.requested(world, connection, "firma", "hug", Identifiers(), "w", NOON)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-24", "2026-12-24"),
        ("2026-12-24", "2027-01-24"),
        ("2027-01-31", "2027-02-28"),
        ("2028-01-30", "2028-02-29"),
    ],
)
def test_a_request_is_due_in_one_month(received: str, expected: str) -> None:
    at = datetime.fromisoformat(f"{received}T10:00:00+00:00")
    assert subject_requests.due(at).isoformat() == f"{expected}T10:00:00+00:00"


def test_restricted_data_rest_until_that_is_lifted(world: World, clock: Clock) -> None:
    buy(world)
    assert erasure_flow.restrict(world, contact(world), on=True, by="chef")
    assert send.claim(world, "nummer", 1) == []
    assert rows(world.database, tables.message, "status", "reason") == [("suppressed", "restricted")]
    clock.advance(seconds=1)
    assert erasure_flow.restrict(world, contact(world), on=False, by="chef")
    buy(world, "2")
    assert len(send.claim(world, "nummer", 1)) == 1
    assert not erasure_flow.restrict(world, "nobody", on=True, by="chef")


def test_corrections_are_recorded_and_never_take_anothers_number(world: World, database: Database) -> None:
    buy(world)
    id_ = contact(world)
    with database.write() as connection:
        identity_resolution.resolve(connection, [Person("firma", "+491713920013")], NOON)
    assert erasure_flow.correct(world, id_, name="Anna Muster", phone="0171 3920014", country="DE", by="chef")
    assert not erasure_flow.correct(world, id_, phone="0171 3920013", country="DE", by="chef")
    assert not erasure_flow.correct(world, id_, phone="nichts", country="DE", by="chef")
    with database.read() as connection:
        person = contacts.by_id(connection, [id_])[id_]
        assert (person.name, person.phone) == ("Anna Muster", "+491713920014")
        event = connection.execute(
            select(tables.consent.c.event_id).where(tables.consent.c.type == "corrected")
        ).scalar_one()
        told = world.ledger.payload(connection, event)
        assert told and told["was"]["name"] == "Anna Beispiel" and told["is"]["phone"] == "+491713920014"
        assert connection.execute(select(func.count()).select_from(tables.consent)).scalar() == 2
