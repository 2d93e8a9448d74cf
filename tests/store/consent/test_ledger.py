"""The consent ledger: whole under concurrent appends, any change is found, payloads are encrypted and erasable."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from storekit import an_entry, rows
from worlds import NOON

from integration.domain.consent.consent import ConsentType, Flag, Source
from integration.domain.consent.ledger import FIELDS, row_hash
from integration.store import tables
from integration.store.consent import ledger, ledger_checks
from integration.store.consent.ledger import Entry, Ledger, Wording
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.tables import consent, ledger_head, subject_key, suppression

ANNA = "+491713920012"
TEXT = Wording("v1", "de", "Laden darf mir per WhatsApp schreiben.", ("service_updates",))


@pytest.fixture
def vault() -> Vault:
    return Vault(b"\1" * 32)


@pytest.fixture
def book(keys: Database, vault: Vault) -> Ledger:
    return Ledger(keys, vault)


def append(database: Database, book: Ledger, *entries: Entry) -> list[str]:
    with database.write() as connection:
        return book.append(connection, entries, NOON)


def verify(database: Database, company: str = "firma") -> int | None:
    with database.read() as connection:
        return ledger_checks.verify(connection, company)


def full(n: int) -> Entry:
    """An entry with something in every column."""
    return an_entry(
        flags=frozenset({Flag.PRE_CHECKED, Flag.WORDING_NOT_SHOWN}),
        purposes=("service_updates", "marketing_news"),
        wa_user_id=f"DE.{n}",
        promised_per_month=4,
        wording=TEXT,
        occurred_at=NOON + timedelta(microseconds=n),
    )


def test_an_entry_comes_back_as_the_event_that_decisions_read(database: Database, book: Ledger, vault: Vault) -> None:
    entry = full(1)
    [event_id] = append(database, book, entry)
    with database.read() as connection:
        [event] = book.events(connection, "firma", {entry.subject: "contact"})["contact"]
        assert book.events(connection, "andere", {entry.subject: "contact"}) == {}
    assert (event.event_id, event.type, event.purposes) == (event_id, ConsentType.GRANTED, entry.purposes)
    assert (event.source, event.channel, event.via) == (Source.CHECKOUT, "whatsapp", "whatsapp")
    assert (event.flags, event.promised_per_month, event.occurred_at) == (entry.flags, 4, entry.occurred_at)
    assert event.account == vault.keyed_hash("firma", ANNA)
    assert event.bsuid == vault.keyed_hash("firma", "DE.1")


def test_no_personal_data_stand_in_the_row(database: Database, book: Ledger) -> None:
    append(database, book, an_entry(payload={"phone": ANNA, "name": "Anna Beispiel"}))
    with database.read() as connection:
        [row] = connection.execute(select(consent)).mappings().all()
    told = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    for personal in (b"1713920012", b"Anna", b"Beispiel"):
        assert personal not in told


def test_the_payload_opens_until_the_persons_key_is_destroyed(database: Database, keys: Database, book: Ledger) -> None:
    anna, bernd = an_entry(payload={"n": 1}), an_entry(payload={"n": 2})
    first, second = append(database, book, anna, bernd)
    with keys.write() as connection:
        connection.execute(delete(subject_key).where(subject_key.c.subject == anna.subject))
    with database.read() as connection:
        assert book.payload(connection, first) is None
        assert book.payload(connection, second) == {"n": 2}
    assert verify(database) is None, "erasing leaves the chain whole"


def test_a_persons_events_share_a_key_and_persons_do_not(database: Database, keys: Database, book: Ledger) -> None:
    anna = an_entry()
    append(database, book, anna)
    append(database, book, an_entry(anna.subject), an_entry())
    wrapped = rows(keys, subject_key, "subject", "wrapped_key")
    assert len(wrapped) == 2
    assert len({bytes(key) for _, key in wrapped}) == 2


def test_chains_of_companies_are_apart(database: Database, book: Ledger) -> None:
    append(database, book, an_entry(), an_entry(company="andere"), an_entry())
    append(database, book, an_entry(company="andere"))
    assert sorted(rows(database, consent, "company", "seq")) == [
        ("andere", 1), ("andere", 2), ("firma", 1), ("firma", 2),
    ]  # fmt: skip
    assert verify(database) is None and verify(database, "andere") is None
    with database.write() as connection:
        connection.execute(update(consent).where(consent.c.company == "andere").values(actor="x"))
    assert verify(database) is None
    assert verify(database, "andere") == 1


def test_a_company_without_chain_is_whole(database: Database) -> None:
    assert verify(database) is None


def test_appending_nothing_does_nothing(database: Database, book: Ledger) -> None:
    assert append(database, book) == []
    assert rows(database, ledger_head, "seq") == []


def test_a_rolled_back_append_leaves_no_gap(database: Database, book: Ledger) -> None:
    append(database, book, full(1))
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        book.append(connection, [full(2)], NOON)
        raise ZeroDivisionError
    append(database, book, full(3))
    assert [seq for (seq,) in rows(database, consent, "seq")] == [1, 2]
    assert verify(database) is None


def other_value(column: Any, value: Any) -> Any:
    """A valid value of the column's type that is not `value`."""
    if column.name in ("purposes", "flags"):
        return [*value, "pre_checked_x"]
    if column.name == "payload":
        return value[:-1] + bytes([value[-1] ^ 1])
    if column.name in ("occurred_at", "recorded_at"):
        return value + timedelta(microseconds=1)
    if column.name == "seq":
        return value + 100
    if isinstance(value, int):
        return value + 1
    if value is None:
        raise AssertionError(f"{column.name} is not filled by full()")
    return ("0" if value[0] != "0" else "1") + value[1:]


def test_any_edited_field_of_any_row_is_found(database: Database, book: Ledger) -> None:
    append(database, book, *(full(n) for n in range(4)))
    assert verify(database) is None
    missed = []
    with database.write() as connection:
        for column in consent.c:
            for which in (1, 2, 4):
                mine = consent.c.seq == which
                value = connection.execute(select(column).where(mine)).scalar_one()
                edits = [other_value(column, value)] + ([None] if column.nullable else [])
                for edit in edits:
                    undo = connection.begin_nested()
                    connection.execute(update(consent).where(mine).values({column.name: edit}))
                    if ledger_checks.verify(connection, "firma") != which:
                        missed.append((column.name, which, edit))
                    undo.rollback()
    assert missed == []
    assert verify(database) is None


def test_every_column_takes_part_in_the_chain() -> None:
    assert {c.name for c in consent.c} - set(FIELDS) == {"payload", "prev_hash", "hash"}


@pytest.mark.parametrize("which", [1, 2, 4, 5])
def test_a_removed_row_is_found(database: Database, book: Ledger, which: int) -> None:
    append(database, book, *(full(n) for n in range(5)))
    with database.write() as connection:
        connection.execute(delete(consent).where(consent.c.seq == which))
    assert verify(database) == which


def test_a_cut_tail_and_an_emptied_ledger_are_found(database: Database, book: Ledger) -> None:
    append(database, book, *(full(n) for n in range(5)))
    with database.write() as connection:
        connection.execute(delete(consent).where(consent.c.seq > 2))
    assert verify(database) == 3
    with database.write() as connection:
        connection.execute(delete(consent))
    assert verify(database) == 1


def test_swapped_rows_are_found(database: Database, book: Ledger) -> None:
    append(database, book, *(full(n) for n in range(5)))
    with database.write() as connection:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute(update(consent).where(consent.c.seq == old).values(seq=new))
    assert verify(database) == 2


def test_an_inserted_row_is_found(database: Database, book: Ledger) -> None:
    append(database, book, *(full(n) for n in range(3)))
    with database.write() as connection:
        row = dict(connection.execute(select(consent).where(consent.c.seq == 3)).mappings().one())
        connection.execute(insert(consent), [row | {"seq": 4, "event_id": new_id()}])
    assert verify(database) == 4


def test_a_last_row_that_was_rewritten_with_a_fitting_hash_is_found(database: Database, book: Ledger) -> None:
    """Nothing follows the last row: only the head knows what its hash was."""
    append(database, book, *(full(n) for n in range(3)))
    with database.write() as connection:
        row = dict(connection.execute(select(consent).where(consent.c.seq == 3)).mappings().one())
        row["type"] = "withdrawn"
        values = {"type": "withdrawn", "hash": row_hash(row, row["prev_hash"])}
        connection.execute(update(consent).where(consent.c.seq == 3).values(values))
    assert verify(database) == 3


def test_a_removed_head_hides_no_company(database: Database, book: Ledger) -> None:
    append(database, book, full(1))
    with database.write() as connection:
        connection.execute(delete(ledger_head))
    with database.read() as connection:
        assert ledger_checks.companies(connection) == ["firma"]
    assert verify(database) is not None


def test_a_broken_chain_is_marked_and_unmarked(database: Database, book: Ledger) -> None:
    append(database, book, full(1), an_entry(company="andere"))
    with database.write() as connection:
        ledger_checks.note(connection, "firma", 1, [("edited", 1)], NOON)
        assert ledger.broken(connection) == {"firma"}
        ledger_checks.note(connection, "firma", 1, [], NOON)
        assert ledger.broken(connection) == set()


def test_two_threads_append_to_one_whole_chain(database: Database, database_url: str, book: Ledger) -> None:
    """Each with connections of its own, as two processes; half of the people are the same ones."""
    shared = [new_id() for _ in range(10)]
    own = [Database(database_url) for _ in range(2)]
    start, errors = threading.Barrier(2), []

    def work(mine: Database) -> None:
        start.wait()
        try:
            for n in range(20):
                append(mine, book, full(n), an_entry(shared[n % 10]))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in own]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mine in own:
        mine.close()
    assert errors == []
    assert sorted(seq for (seq,) in rows(database, consent, "seq")) == list(range(1, 81))
    assert verify(database) is None
    with database.read() as connection:
        for (event_id,) in rows(database, consent, "event_id"):
            assert book.payload(connection, event_id) == {"phone": ANNA}


@pytest.mark.databases("postgresql")
def test_two_processes_may_meet_a_new_person_at_once(database: Database, keys: Database, vault: Vault) -> None:
    """The second to make the person's key takes the first one's; neither append fails."""
    subject, read = new_id(), threading.Barrier(2, timeout=60)
    errors = []

    class Slow(Ledger):
        def _subject_keys(self, *arguments: Any) -> Any:
            read.wait()
            return super()._subject_keys(*arguments)

    def work(book: Ledger, connection: Any) -> None:
        try:
            book.append(connection, [an_entry(subject)], NOON)
            connection.commit()
        except Exception as error:
            errors.append(error)

    for _ in range(5):
        subject = new_id()
        connections = [database.engine.connect() for _ in range(2)]
        threads = [threading.Thread(target=work, args=(Slow(keys, vault), c)) for c in connections]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for connection in connections:
            connection.close()
    assert errors == []
    assert len(rows(database, consent, "seq")) == 10


def test_a_row_that_comes_while_the_check_reads_is_no_break(database: Database, book: Ledger, monkeypatch) -> None:
    """An append that commits between rows and head must not look like a break: that would stop marketing."""
    append(database, book, full(0))
    looked, appended, other = ledger_checks.first_break, [], Database(database.url)

    def late(found: Any) -> Any:
        result = looked(found)
        if not appended:
            appended.append(append(other, book, full(1)))
        return result

    monkeypatch.setattr(ledger_checks, "first_break", late)
    found = verify(database)
    other.close()
    assert found is None


def test_a_wording_is_stored_once_and_never_changed(database: Database, book: Ledger) -> None:
    later = NOON + timedelta(days=1)
    append(database, book, an_entry(wording=TEXT), an_entry(wording=TEXT))
    with database.write() as connection:
        again = Wording("v2", "en", TEXT.text, ("marketing_news",))
        book.append(connection, [an_entry(wording=again)], later)
    found = rows(database, tables.wording, "version", "language", "purposes", "names_whatsapp", "first_seen_at")
    assert found == [("v1", "de", ["service_updates"], True, NOON)]
    assert len({h for (h,) in rows(database, consent, "wording_hash")}) == 1


def test_another_text_or_company_is_another_wording(database: Database, book: Ledger) -> None:
    append(
        database,
        book,
        an_entry(wording=TEXT),
        an_entry(wording=Wording("v1", "de", "Ruf mich an.")),
        an_entry(company="andere", wording=TEXT),
        an_entry(),
    )
    found = rows(database, tables.wording, "company", "names_whatsapp")
    assert sorted(found) == [("andere", True), ("firma", False), ("firma", True)]


def test_the_suppression_list_is_looked_up_by_keyed_hash(database: Database, book: Ledger, vault: Vault) -> None:
    with database.write() as connection:
        for company, person in (("firma", ANNA), ("firma", "DE.9"), ("andere", "+491713920099")):
            row = {
                "company": company,
                "keyed_hash": vault.keyed_hash(company, person),
                "kind": "phone",
                "reason": "erased",
                "created_at": NOON,
            }
            connection.execute(insert(suppression), [row])
        everybody = [ANNA, "DE.9", "+491713920099", "DE.1"]
        assert book.suppressed(connection, "firma", everybody) == {ANNA, "DE.9"}
        assert book.suppressed(connection, "andere", everybody) == {"+491713920099"}
        assert book.suppressed(connection, "firma", []) == set()
        assert Ledger(database, Vault(b"\2" * 32)).suppressed(connection, "firma", everybody) == set()
