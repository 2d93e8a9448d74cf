"""The proof sheet: complete, signed, and genuine only as long as nobody touches a letter of it."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from storekit import a_message, an_entry, rows
from worlds import NOON, WORDING, Clock, make_world, order, post, post_meta

from integration.domain.consent.consent import ConsentType, Source
from integration.domain.errors import LadenboteError
from integration.domain.messages.channel import Inbound, MetaUpdate, RemoteTemplate
from integration.domain.templates.selection import OwnText
from integration.flow import answer, react, send
from integration.flow.consent import evidence, proof
from integration.flow.privacy import erasure, export
from integration.flow.world import World
from integration.store import tables
from integration.store.consent import ledger_checks
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.messages import messages
from integration.store.templates import templates

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANNA = "+491713920012"
DOCS = Path(__file__).parents[3] / "docs" / "proof.md"


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    yield make_world(database, keys, clock)


def buy(world: World, number: str = "1001") -> str:
    """Anna orders with the box ticked; returns her contact id."""
    post(world, order(number=number))
    react.run(world)
    with world.database.read() as connection:
        return connection.execute(select(tables.contact.c.id).where(tables.contact.c.phone == ANNA)).scalar_one()


def say(world: World, text: str) -> None:
    item = Inbound(f"in-{text}", ANNA, "DE.1", "Anna", world.clock(), "text", text, "")
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)


def others(world: World, count: int) -> None:
    with world.database.write() as connection:
        world.ledger.append(connection, [an_entry() for _ in range(count)], NOON)


def advertise(world: World, contact_id: str) -> str:
    message = a_message(contact_id, kind="newsletter", purpose="newsletter", text="Neu: Herbstkaffee")
    with world.database.write() as connection:
        messages.add(connection, [message], NOON)
        messages.start(connection, [message], NOON)
    return message.id


def made(world: World, contact_id: str) -> Any:
    """The file as it is read again."""
    return json.loads(json.dumps(proof.make(world, contact_id, "chef")))


def verdict(file: Any, **more: Any) -> Any:
    return proof.verify(json.dumps(file).encode(), **more)


def said(file: Any, **more: Any) -> str:
    return " ".join(fault.en for fault in verdict(file, **more).faults)


def test_it_tells_everything_and_is_genuine(world: World, clock: Clock) -> None:
    id_ = buy(world)
    send.claim(world, "nummer", 10)
    clock.advance(hours=1)
    say(world, "STOP ALLES")
    file = made(world, id_)
    document = file["proof"]
    assert [e["type"] for e in document["events"]] == ["granted", "withdrawn", "proof_exported"]
    granted, withdrawn, _ = document["events"]
    assert granted["evidence"]["shop"] == "laden"
    assert withdrawn["evidence"]["text"] == "STOP ALLES"
    assert (granted["occurred_at"], granted["occurred_local"]) == (
        "2026-11-24T11:00:00+00:00",
        "2026-11-24T12:00:00+01:00",
    )
    assert [w["text"] for w in document["wordings"]] == [WORDING]
    [message] = document["messages"]
    assert message["basis"] == [granted["event_id"]] and message["kind"] == "order_confirmation"
    assert "1001" in message["text"] and message["advertising"] is False
    assert document["person"]["phone"] == ANNA
    found = verdict(file, key=world.vault.public_key)
    assert (found.faults, found.events, found.linked) == ((), 3, 3)


def test_advertising_names_its_consent(world: World) -> None:
    id_ = buy(world)
    advertise(world, id_)
    [message] = [m for m in made(world, id_)["proof"]["messages"] if m["advertising"]]
    assert (message["purpose"], message["text"]) == ("newsletter", "Neu: Herbstkaffee")


OWN = "lb_order_confirmation_du_v101"
OWN_BODY = "Moin {{name}}, Bestellung {{order}} bei {{shop}} ist da. Kaffee kommt! Antworte mit STOP, wenn es nervt."


def own_words(world: World) -> None:
    """The owner's own confirmation, which Meta has approved."""
    text = OwnText(new_id(), "firma", "", "order_confirmation", "de", "du", 101, OWN, OWN_BODY, NOON, "chef")
    with world.database.write() as connection:
        templates.add_text(connection, text)
        templates.put(connection, "konto", RemoteTemplate(OWN, "de", "APPROVED", "UTILITY"), NOON)


def test_the_owners_own_words_stand_in_sheet_and_export_as_they_were_sent(world: World) -> None:
    own_words(world)
    id_ = buy(world)
    [left] = send.claim(world, "nummer", 10)
    read = "Moin Anna, Bestellung 1001 bei Laden ist da. Kaffee kommt! Antworte mit STOP, wenn es nervt."
    assert left.envelope.template == OWN
    [message] = made(world, id_)["proof"]["messages"]
    assert message["text"] == read
    out = io.BytesIO()
    found = export.write(world, id_, out, "staff")
    assert found and [text for _, ours, _, text in found.lately if ours] == [read]
    with zipfile.ZipFile(out) as archive:
        assert [m["text"] for m in json.loads(archive.read("daten.json"))["messages"]] == [read]


def test_words_that_only_meta_knows_by_now_are_found_there(world: World) -> None:
    id_, old = buy(world), "lb_order_confirmation_du_v0"
    told = RemoteTemplate(old, "de", "APPROVED", "UTILITY", body="Früher: Bestellung {{order}} bei {{shop}} ist da.")
    with world.database.write() as connection:
        templates.put(connection, "konto", told, NOON)
        connection.execute(update(tables.message).values(template=old))
    send.claim(world, "nummer", 10)
    [message] = made(world, id_)["proof"]["messages"]
    assert message["text"] == "Früher: Bestellung 1001 bei Laden ist da."


def test_deleted_words_are_not_made_up(world: World) -> None:
    id_ = buy(world)
    send.claim(world, "nummer", 10)
    with world.database.write() as connection:
        connection.execute(update(tables.message).values(variables={}))
    [message] = made(world, id_)["proof"]["messages"]
    assert message["text"] is None


def test_other_people_lie_between_and_stay_nameless(world: World) -> None:
    id_ = buy(world)
    others(world, 20)
    evidence.take_checkpoints(world, NOON)
    others(world, 5)
    file = made(world, id_)
    assert said(file) == "" and len(file["proof"]["events"]) == 2
    assert [len(part["rows"]) for part in file["proof"]["chain"]] == [21, 1]
    assert ANNA not in json.dumps(file["proof"]["chain"])


def test_a_checkpoint_too_far_off_is_left_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "MOST_BETWEEN", 10)
    id_ = buy(world)
    others(world, 20)
    file = made(world, id_)
    found = verdict(file)
    assert found.faults == () and (found.events, found.linked) == (2, 1)


def _evidence(document: Any) -> None:
    document["events"][0]["evidence"]["shop"] = "anderer"


def _time(document: Any) -> None:
    document["events"][0]["occurred_at"] = "2026-11-24T10:59:59+00:00"


def _text(document: Any) -> None:
    document["wordings"][0]["text"] += " Und alles andere."


def _left_out(document: Any) -> None:
    del document["messages"][0]


def _row(document: Any) -> None:
    document["chain"][0]["rows"][0][4] = "confirmed"


def _cut(document: Any) -> None:
    del document["chain"][0]["rows"][0]


def _hash(document: Any) -> None:
    document["chain"][0]["checkpoint"]["hash"] = "0" * 64


CHANGES = (_evidence, _time, _text, _left_out, _row, _cut, _hash)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_is_changed_is_found(world: World, change: Callable[[Any], None]) -> None:
    id_ = buy(world)
    send.claim(world, "nummer", 10)
    file = made(world, id_)
    change(file["proof"])
    assert "signature does not fit" in said(file)


#: what the chain itself finds, even when somebody with the key signs the changed document again
BY_THE_CHAIN = {_time: "Event 1", _text: "wording of event 1", _row: "broken", _cut: "broken", _hash: "broken"}


@pytest.mark.parametrize("change", BY_THE_CHAIN)
def test_a_new_signature_does_not_mend_the_chain(world: World, change: Callable[[Any], None]) -> None:
    from integration.domain.consent.proof import signed_bytes

    file = made(world, buy(world))
    change(file["proof"])
    file["signature"] = world.vault.sign(signed_bytes(file["proof"]))
    assert BY_THE_CHAIN[change] in said(file) and "signature" not in said(file)


def test_another_key_is_not_ours(world: World) -> None:
    file = made(world, buy(world))
    assert said(file, key=world.vault.public_key.upper()) == ""
    assert "another key" in said(file, key=Vault(b"\2" * 32).public_key)


def test_a_rewritten_ledger_contradicts_what_was_kept_elsewhere(world: World, clock: Clock) -> None:
    from integration.domain.consent.ledger import GENESIS, row_hash

    id_ = buy(world)
    [kept] = evidence.take_checkpoints(world, NOON)
    with world.database.write() as connection:
        row = connection.execute(select(tables.consent)).mappings().one()
        forged = {"occurred_at": NOON - timedelta(days=9)}
        hash_ = row_hash({**row, **forged}, GENESIS)
        connection.execute(update(tables.consent).values(**forged, hash=hash_))
        connection.execute(update(tables.ledger_head).values(hash=hash_))
        connection.execute(delete(tables.checkpoint))
    file = made(world, id_)
    assert said(file) == "", "who has master.key can forge a whole installation …"
    assert "another chain at row 1" in said(file, elsewhere=[kept]), "… but not what lay elsewhere"


def test_a_row_edited_in_the_database_shows_in_the_sheet(world: World) -> None:
    id_ = buy(world)
    with world.database.write() as connection:
        connection.execute(update(tables.consent).values(actor="owner"))
    assert "Event 1" in said(made(world, id_)) and "broken" in said(made(world, id_))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b'{"proof":{}}', b'"x"', b"\xff", b"[" * 5000])
def test_what_is_no_proof_is_said_so(content: bytes) -> None:
    [fault] = proof.verify(content).faults
    assert "no proof sheet" in fault.en


def test_the_erased_are_proved_from_the_vault_until_it_is_empty(world: World, keys: Database, clock: Clock) -> None:
    id_ = buy(world)
    advertise(world, id_)
    erasure.erase_contact(world, id_, "letter")
    assert proof.find(world, "0171 3920012", "DE") == id_
    file = made(world, id_)
    assert said(file) == ""
    granted, erased, exported = file["proof"]["events"]
    assert granted["evidence"]["shop"] == "laden" and erased["evidence"] is None and exported["evidence"] is None
    assert rows(keys, tables.subject_key, "subject") == [], "no new key is made for somebody erased"
    with keys.write() as connection:
        connection.execute(delete(tables.proof_key))
    later = made(world, id_)
    assert said(later) == "" and {e["evidence"] is None for e in later["proof"]["events"]} == {True}


def test_people_are_found_by_number_or_id(world: World) -> None:
    id_ = buy(world)
    assert proof.find(world, "0171/3920012", "DE") == proof.find(world, id_, "DE") == id_
    with pytest.raises(LadenboteError, match="Nobody"):
        proof.find(world, "0171 3920099", "DE")
    with pytest.raises(LadenboteError, match="Nobody"):
        proof.find(world, "anna", "DE")
    assert proof.make(world, "nobody", "chef") is None


def test_merged_people_are_one(world: World) -> None:
    id_ = buy(world)
    with world.database.write() as connection:
        [other] = identity_resolution.resolve(connection, [Person("firma", None, "DE.9")], NOON)
        entry = an_entry(other.subject, type=ConsentType.WITHDRAWN, purposes=("*",), source=Source.KEYWORD)
        world.ledger.append(connection, [entry], NOON)
        identity_resolution.resolve(connection, [Person("firma", ANNA, "DE.9")], NOON)
    types = [e["type"] for e in made(world, id_)["proof"]["events"]]
    assert types == ["granted", "withdrawn", "proof_exported"]


def test_it_is_an_event_and_its_checkpoint_is_kept(world: World, tmp_path: Path) -> None:
    there = replace(world, checkpoint_file=tmp_path / "kept.jsonl")
    id_ = buy(there)
    made(there, id_)
    assert (tmp_path / "kept.jsonl").read_text().count("\n") == 1
    with there.database.read() as connection:
        assert ledger_checks.verify(connection, "firma") is None
        [event] = connection.execute(select(tables.consent.c.event_id).where(tables.consent.c.type == "proof_exported"))
        assert there.ledger.payload(connection, event[0])["by"] == "chef"  # type: ignore[index]


def test_a_third_party_verifies_with_the_code_in_the_docs(world: World) -> None:
    [code] = [c for c in re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.S) if "faults_of" in c]
    scope: dict[str, Any] = {}
    exec(code, scope)  # noqa: S102 the code of our own documentation
    id_ = buy(world)
    others(world, 3)
    send.claim(world, "nummer", 10)
    file = made(world, id_)
    assert scope["faults_of"](file) == []
    for change in CHANGES:
        changed = json.loads(json.dumps(file))
        change(changed["proof"])
        assert scope["faults_of"](changed)
