"""Imports: in steps that a crash neither loses nor repeats, once however often, and never against a no."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from consent_kit import say, state_of, with_number
from sqlalchemy import select
from storekit import rows
from worlds import NOON, Clock, make_world, order, post

from integration.domain.consent.consent import ConsentType, Source
from integration.domain.consent.imports import Choices, Judged, Verdict, guess, judge
from integration.domain.errors import LadenboteError
from integration.flow import react
from integration.flow.consent import import_files, imports
from integration.flow.consent.imports import BadFile
from integration.flow.privacy import erasure, objections
from integration.flow.world import World
from integration.store import tables
from integration.store.consent import imports as store
from integration.store.consent.imports import Import
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database

HEADERS = ("phone", "status", "optin_at", "wording", "source", "message_id")
TEXT = "Ja, Laden darf mir per WhatsApp Neuigkeiten schicken; mit STOP ende ich das."
NEWS = ("marketing_news", "marketing_offers")


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    yield with_number(make_world(database, keys, clock))


def phone(n: int) -> str:
    return f"+4917139{n:05}"


def row(n: int, **cells: str) -> list[str]:
    good = dict(zip(HEADERS, (phone(n), "subscribed", "2025-03-31 14:05", TEXT, "Pop-up", f"wamid.{n}"), strict=True))
    return list({**good, **cells}.values())


def table(*lines: Sequence[str], separator: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([HEADERS, *lines])
    return text.getvalue().encode(encoding)


def receive(world: World, body: bytes, name: str = "liste.csv") -> Import:
    return imports.receive(world, "firma", name, [body], "chef")


def again(world: World, id_: str) -> Import:
    with world.database.read() as connection:
        found = store.find(connection, id_)
    assert found
    return found


def check(world: World, item: Import, *purposes: str, **more: Any) -> Import:
    imports.check(world, item, Choices(item.choices.columns, purposes=purposes or NEWS, **more))
    assert imports.work(world, item.id)
    return again(world, item.id)


def bring_in(world: World, body: bytes, *purposes: str) -> Import:
    item = check(world, receive(world, body), *purposes)
    assert imports.start(world, item) and imports.work(world, item.id)
    return again(world, item.id)


def acts(world: World) -> list[Any]:
    return rows(world.database, tables.consent, "type", "source", "purposes", "flags")


# ── Grades ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_written_before_the_owner_says_so(world: World) -> None:
    item = check(world, receive(world, table(row(1), row(2, message_id=""), row(3, phone="12"))))
    assert (item.state, dict(item.counts)) == ("ready", {"A": 1, "B": 1, "refused": 1})
    assert acts(world) == [] and rows(world.database, tables.contact, "id") == []
    assert rows(world.database, tables.import_row, "row", "verdict", "reason") == [
        (2, "A", "proven"), (3, "B", "not_confirmed"), (4, "refused", "not_a_phone"),
    ]  # fmt: skip


def test_each_grade_counts_for_what_it_proves(world: World) -> None:
    lines = [row(1), row(2, message_id=""), row(3, wording="", source="")]
    item = bring_in(world, table(*lines), *NEWS, "service_updates")
    assert item.state == "done" and dict(item.counts) == {"A": 1, "B": 1, "C": 1}
    assert state_of(world, phone(1), "marketing_news").standing == "on"
    assert state_of(world, phone(2), "marketing_news").code == "unproven_import"
    assert state_of(world, phone(2), "service_updates").standing == "on"
    assert state_of(world, phone(3), "service_updates").code == "unproven_import"


def test_the_evidence_is_in_the_ledger_and_the_file_is_gone(world: World) -> None:
    item = bring_in(world, table(row(1)))
    with world.database.read() as connection:
        event = connection.execute(select(tables.consent.c.event_id)).scalar_one()
        kept = world.ledger.payload(connection, event)
    assert kept and (kept["file_hash"], kept["row"], kept["grade"]) == (item.file_hash, 2, "A")
    assert kept["confirmation"] == "wamid.1" and kept["cells"]["phone"] == phone(1)
    assert rows(world.database, tables.wording, "text") == [(TEXT,)]
    assert rows(world.database, tables.import_piece, "n") == []


def test_the_stored_file_is_unreadable(world: World) -> None:
    receive(world, table(row(1)))
    [(body,)] = rows(world.database, tables.import_piece, "body")
    assert phone(1).encode() not in body


def test_another_channels_list_makes_contacts_only(world: World) -> None:
    item = check(world, receive(world, table(row(1))), channel="sms")
    imports.start(world, item)
    imports.work(world, item.id)
    assert state_of(world, phone(1), "marketing_news").code == "wrong_channel"


def test_who_left_there_has_left_here(world: World) -> None:
    bring_in(world, table(row(1)))
    bring_in(world, table(row(1, status="unsubscribed", optin_at="2026-01-01 10:00")))
    assert state_of(world, phone(1), "marketing_news").code == "withdrawn"


# ── Never against a no ──────────────────────────────────────────────────────────────────────────────────────


def opted_out(world: World, numbers: range) -> None:
    """A third by STOP from the phone, a third objected by letter, a third were erased."""
    with world.database.write() as connection:
        found = identity_resolution.resolve(connection, [Person("firma", phone(n)) for n in numbers], NOON)
    for n, person in enumerate(found):
        if n % 3 == 0:
            say(world, "STOP", phone=person.phone or "")
        elif n % 3 == 1:
            objections.by_staff(
                world, person.id, objections.StaffEntry(False, True, "letter", "chef", world.clock(), "Brief")
            )
        else:
            with world.database.write() as connection:
                erasure.erase_by_chat(world, connection, person, world.clock())


def reachable(world: World) -> set[str]:
    """Everybody who could get news now."""
    with world.database.read() as connection:
        known = connection.execute(select(tables.contact.c.phone).where(tables.contact.c.phone.is_not(None))).scalars()
        listed = world.ledger.suppressed(connection, "firma", phones := list(known))
    return {p for p in phones if state_of(world, p, "marketing_news").standing == "on"} - listed


ALL, OUT = range(1000), range(0, 1000, 10)
#: half of those who opted out are listed with a date after that
LIST = [row(n, optin_at="2026-11-24 20:00") if n % 20 == 0 else row(n) for n in ALL]


def a_day_later(world: World) -> None:
    assert isinstance(world.clock, Clock)
    world.clock.advance(days=1)


def by_file(world: World) -> None:
    a_day_later(world)
    bring_in(world, table(*LIST))


def by_program(world: World) -> None:
    columns = guess(HEADERS)
    choices = Choices(columns, purposes=NEWS)
    a_day_later(world)
    zone, now = world.owner.zone, world.clock()
    found = [judge(n, cells, choices, zone, now) for n, cells in enumerate(LIST)]
    imports.record(world, "firma", found, choices, {"program": "test"})


@pytest.mark.parametrize("route", [by_file, by_program], ids=["csv", "api"])
def test_a_hundred_of_a_thousand_stay_out(world: World, route: Any) -> None:
    opted_out(world, OUT)
    route(world)
    in_ = {phone(n) for n in ALL if n % 10}
    assert reachable(world) == in_
    route(world)
    assert reachable(world) == in_, "however often"


def test_a_hundred_stay_out_when_old_webhooks_come_again(world: World, clock: Clock) -> None:
    told = {"purposes": list(NEWS), "granted": True, "at": (NOON - timedelta(days=9)).isoformat(), "wording": TEXT,
            "version": "v1", "source": "test"}  # fmt: skip
    orders = [
        order(str(n), phone(n), consent=None, marketing_consent={**told, "phone": phone(n)},
              version=NOON - timedelta(days=9)) for n in OUT
    ]  # fmt: skip
    post(world, *orders)
    react.run(world)
    opted_out(world, OUT)
    before = len(acts(world))
    later = [{**one, "version": (NOON + timedelta(minutes=n + 1)).isoformat()} for n, one in enumerate(orders)]
    clock.advance(hours=3)
    post(world, *orders)
    post(world, *later)
    while react.run(world):
        pass
    assert reachable(world) == set() and len(acts(world)) >= before


def test_a_hundred_stay_out_after_a_restore(world: World, tmp_path: Any) -> None:
    """The file is imported into a backup from after the opt-outs, and the keys' own list is replayed first."""
    opted_out(world, OUT)
    with world.database.write() as connection:  # the backup lacks the suppression list
        connection.execute(tables.suppression.delete())
    erasure.replay(world)
    by_file(world)
    assert reachable(world) == {phone(n) for n in ALL if n % 10}


def test_a_later_date_in_the_list_lifts_nothing(world: World, clock: Clock) -> None:
    opted_out(world, range(1, 2))
    clock.advance(days=30)
    late = (NOON + timedelta(days=20)).strftime("%Y-%m-%d %H:%M")
    item = bring_in(world, table(row(1, optin_at=late)))
    assert dict(item.counts) == {"kept_out": 1}
    assert state_of(world, phone(1), "marketing_news").standing == "off"


def test_who_objected_before_anybody_knew_them_gets_no_advertising(world: World) -> None:
    told = objections.StaffEntry(False, True, "letter", "chef", world.clock(), "Brief")
    assert objections.by_number(world, "firma", phone(1), told) is None
    assert dict(bring_in(world, table(row(1))).counts) == {"kept_out": 1}
    bring_in(world, table(row(1)), *NEWS, "service_updates")
    assert acts(world)[-1][2] == ["service_updates"]


def test_only_what_was_said_no_to_is_left_out(world: World) -> None:
    opted_out(world, range(1, 2))
    bring_in(world, table(row(1)), *NEWS, "service_updates")
    assert acts(world)[-1][2] == ["service_updates"], "STOP ended advertising, not order messages"


def test_who_opts_out_between_look_and_import_stays_out(world: World) -> None:
    item = check(world, receive(world, table(row(1))))
    opted_out(world, range(1, 2))
    imports.start(world, item)
    imports.work(world, item.id)
    assert dict(again(world, item.id).counts) == {"kept_out": 1}


# ── Once, and to the end ────────────────────────────────────────────────────────────────────────────────────


def test_the_same_file_twice_adds_nothing(world: World) -> None:
    body = table(row(1), row(2, message_id=""), row(3, optin_at=""), row(4, status="unsubscribed"))
    bring_in(world, body)
    before = acts(world)
    item = bring_in(world, body)
    assert acts(world) == before and dict(item.counts) == {"known": 4}
    with world.database.read() as connection:
        assert store.done_with(connection, "firma", item.file_hash, NEWS)
        assert store.done_with(connection, "firma", item.file_hash, ("service_updates",)) is None


def test_the_same_row_twice_in_a_file_counts_once(world: World) -> None:
    item = bring_in(world, table(row(1), row(1)))
    assert dict(item.counts) == {"A": 1, "known": 1} and len(acts(world)) == 1


def test_another_purpose_of_the_same_file_is_news(world: World) -> None:
    body = table(row(1))
    bring_in(world, body, "marketing_news")
    bring_in(world, body, "marketing_news", "marketing_offers")
    assert [act[2] for act in acts(world)] == [["marketing_news"], ["marketing_offers"]]


@pytest.mark.parametrize("died_after", [0, 1, 2, 3])
def test_a_crash_between_steps_loses_and_repeats_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, died_after: int
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 10)
    item = check(world, receive(world, table(*(row(n) for n in range(35)))))
    imports.start(world, item)
    appended, left = type(world.ledger).append, [died_after]

    def dying(*arguments: Any, **more: Any) -> Any:
        done = appended(*arguments, **more)
        if not left[0]:
            raise KeyboardInterrupt  # the process dies before the commit
        left[0] -= 1
        return done

    with monkeypatch.context() as patch:
        patch.setattr(type(world.ledger), "append", dying)
        with pytest.raises(KeyboardInterrupt):
            imports.work(world, item.id)
    assert again(world, item.id).cursor == 10 * died_after == len(acts(world))
    assert imports.work(world, item.id)
    assert len(acts(world)) == 35 == len(rows(world.database, tables.import_row, "row"))
    assert dict(again(world, item.id).counts) == {"A": 35}


def test_two_who_work_on_one_file_do_not_double(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 10)
    item = check(world, receive(world, table(*(row(n) for n in range(30)))))
    imports.start(world, item)
    stale = again(world, item.id)
    assert imports.work(world, item.id, 10) is False
    chunk = list(import_files.table(world, stale))[1:11]
    assert imports._step(world, stale, chunk) is None, "the step was taken already"
    assert imports.work(world, item.id) and len(acts(world)) == 30


def test_a_part_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 10)
    item = receive(world, table(*(row(n) for n in range(25))))
    imports.check(world, item, Choices(item.choices.columns, purposes=NEWS))
    assert [imports.work(world, item.id, 10) for _ in range(4)] == [False, False, True, True]
    assert again(world, item.id).state == "ready"


def test_memory_does_not_grow_with_the_file(world: World) -> None:
    """Pieces are read one at a time: a reader holds one of them, not the file."""
    body = table(*(row(n, source="x" * 3000) for n in range(400)))
    item = receive(world, body)
    assert len(rows(world.database, tables.import_piece, "n")) == len(body) // import_files.PIECE + 1 > 4
    held = [len(piece) for piece in store.pieces(world.database, world.vault, item.id)]
    assert max(held) <= import_files.PIECE and sum(held) == len(body) == item.size
    assert sum(1 for _ in import_files.table(world, item)) == 401


# ── Files as they come ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_usual_form_is_read(world: World, separator: str, encoding: str) -> None:
    text = "Grüße per WhatsApp, „höchstens“ 4; STOP beendet"
    item = receive(world, table(row(1, wording=text), separator=separator, encoding=encoding))
    assert imports.headers_of(world, item) == list(HEADERS)
    bring_in(world, table(row(1, wording=text), separator=separator, encoding=encoding))
    assert rows(world.database, tables.wording, "text") == [(text,)]


def test_lines_within_a_cell_are_one_row(world: World) -> None:
    item = bring_in(world, table(row(1, wording=f"Zeile 1\n{TEXT}"), row(2)))
    assert dict(item.counts) == {"A": 2}
    assert [n for n, *_ in rows(world.database, tables.import_row, "row")] == [2, 3]


BAD = [
    (b"", "empty"),
    (b"\n\n", "no_header"),
    (b",,,\n1,2,3", "no_header"),
    (b";".join(b"c%d" % n for n in range(400)) + b"\n", "too_many_columns"),
    (b'"' + b"x" * 200_000, "unreadable:1"),
]


@pytest.mark.parametrize(("body", "code"), BAD, ids=[code for _, code in BAD])
def test_what_is_no_table_is_refused_with_a_sentence(world: World, body: bytes, code: str) -> None:
    with pytest.raises(BadFile) as refused:
        receive(world, body)
    assert refused.value.code == code and str(refused.value).endswith(".")
    assert rows(world.database, tables.consent_import, "id") == rows(world.database, tables.import_piece, "n") == []


def test_a_file_over_the_limit_is_refused_and_not_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "LIMIT", 300_000)
    with pytest.raises(BadFile, match="40 MB"):
        imports.receive(world, "firma", "x.csv", (b"a,b\n" * 20_000 for _ in range(10)), "chef")
    assert rows(world.database, tables.import_piece, "n") == []


def test_a_missing_quotation_mark_ends_the_import_at_its_row(world: World) -> None:
    body = table(row(1)) + b'"' + b"x" * 200_000
    item = check(world, receive(world, body))
    assert (item.state, item.problem) == ("failed", "unreadable:3")
    assert acts(world) == []


def test_hostile_cells_are_only_text(world: World) -> None:
    nasty = ["\0+491713900001", "<script>", "=cmd|' /C calc'!A0", "'; DROP TABLE consent; --", "x" * 100_000, "\u202e"]
    item = bring_in(world, table(nasty, ["+491713900002"], [], row(3) + ["more"] * 50))
    assert item.state == "done" and sum(item.counts.values()) == 3
    assert acts(world)


def test_choices_have_to_be_complete(world: World) -> None:
    item = receive(world, table(row(1)))
    columns = item.choices.columns
    for choices in (Choices({}, purposes=NEWS), Choices(columns), Choices(columns, purposes=("x",))):
        with pytest.raises(LadenboteError):
            imports.check(world, item, choices)
    assert not imports.start(world, item), "not looked through yet"


def test_a_file_that_is_given_up_leaves_nothing(world: World) -> None:
    item = check(world, receive(world, table(row(1))))
    imports.give_up(world, item)
    assert again(world, item.id).state == "failed"
    assert rows(world.database, tables.import_piece, "n") == rows(world.database, tables.import_row, "row") == []
    assert imports.work(world, item.id) and not imports.start(world, item)


def test_files_that_nobody_started_are_forgotten(world: World, clock: Clock) -> None:
    check(world, receive(world, table(row(1))))
    done = bring_in(world, table(row(2)))
    with world.database.write() as connection:
        assert store.forget_left_alone(connection, NOON - timedelta(days=1)) == 0
        assert store.forget_left_alone(connection, NOON + timedelta(days=7)) == 1
    assert rows(world.database, tables.consent_import, "id") == [(done.id,)]


def test_an_import_cannot_be_more_than_an_import(world: World) -> None:
    """Even an A is neither a grant nor a confirmation of the person's own."""
    bring_in(world, table(row(1)))
    assert [act[:2] for act in acts(world)] == [(ConsentType.IMPORTED, Source.IMPORT)]


def test_a_program_is_told_what_became_of_each(world: World) -> None:
    opted_out(world, range(1, 2))
    choices = Choices(guess(HEADERS), purposes=NEWS)
    found: list[Judged] = [judge(n, row(n), choices, world.owner.zone, world.clock()) for n in (1, 2)]
    settled = imports.record(world, "firma", found, choices, {"program": "test"})
    assert [one.verdict for one in settled] == [Verdict.KEPT_OUT, Verdict.A]
