"""Invoices and other documents: handed over for an order, sent like every message about it, kept for a while."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sending import ANNA, channel, deliver, prepared
from storekit import rows
from worlds import NOON, Clock, NoAccount, make_world, order, post

from integration.domain.errors import LadenboteError, NotSent
from integration.domain.messages.components import Media, MediaType
from integration.domain.notifications.settings import Rule
from integration.flow import react
from integration.flow.notifications import documents
from integration.flow.privacy import export
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import contacts
from integration.store.db import Database
from integration.store.notifications import settings as notification_settings
from integration.store.privacy import erasure
from integration.store.templates import uploads
from jobs.sweeps import retention

PDF = b"%PDF-1.7\n1 0 obj\n%%EOF"
KEY = "laden/order/1001"


class Account(NoAccount):
    """Meta's side: counts what is uploaded, or is away."""

    def __init__(self) -> None:
        self.uploaded: list[tuple[bytes, str]] = []
        self.away = False

    def upload(self, content: bytes, mime: str) -> str:
        if self.away:
            raise NotSent("no connection")
        self.uploaded.append((content, mime))
        return str(900 + len(self.uploaded))


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, account: Account) -> Iterator[World]:
    made = make_world(database, keys, clock)
    made = replace(made, senders={"nummer": replace(made.senders["nummer"], management=account)})
    post(made, order())
    react.run(made)
    deliver(made)
    channel(made).sent.clear()
    yield made


def hand_over(world: World, content: bytes = PDF, name: str = "RE-2026-1001.pdf", what: str = "invoice") -> str:
    return documents.hand_over(world, KEY, what, name, [content[:4], content[4:]])


def reach(world: World) -> None:
    deliver(world)
    prepared(world)
    deliver(world)


def states(world: World) -> list[tuple[str, str | None]]:
    kinds = rows(world.database, tables.message, "kind", "status", "reason")
    return [(status, reason) for kind, status, reason in kinds if kind == "document"]


def test_an_invoice_goes_out_as_a_document_with_its_name(world: World, account: Account) -> None:
    hand_over(world)
    reach(world)
    [envelope] = channel(world).sent
    assert (envelope.to, envelope.template) == (ANNA, "lb_document_du_v1")
    assert envelope.components and envelope.components.header == Media(
        MediaType.DOCUMENT, id="901", filename="RE-2026-1001.pdf"
    )
    assert envelope.variables["document"] == "die Rechnung"
    assert account.uploaded == [(PDF, "application/pdf")]


def test_the_same_file_goes_out_once_and_another_one_too(world: World) -> None:
    first = hand_over(world)
    assert hand_over(world) == first
    assert hand_over(world, PDF + b"\n", what="correction") != first
    reach(world)
    reach(world)
    assert [e.variables["document"] for e in channel(world).sent] == ["die Rechnung", "die Rechnungskorrektur"]


def test_only_to_who_agreed_to_messages_about_orders(world: World) -> None:
    post(world, order("1002", phone="+491713920077", consent=None))
    react.run(world)
    documents.hand_over(world, "laden/order/1002", "invoice", "a.pdf", [PDF])
    reach(world)
    assert (channel(world).sent, states(world)) == ([], [("suppressed", "no_consent")])


def test_while_meta_takes_no_upload_it_waits_and_never_goes_without(
    world: World, account: Account, clock: Clock
) -> None:
    account.away = True
    hand_over(world)
    reach(world)
    assert (channel(world).sent, states(world)) == ([], [("queued", "not_prepared")])
    account.away = False
    clock.advance(minutes=6)
    reach(world)
    assert len(channel(world).sent) == 1


def test_after_three_days_it_is_too_late(world: World, account: Account, clock: Clock) -> None:
    account.away = True
    hand_over(world)
    clock.advance(days=3, minutes=1)
    reach(world)
    assert states(world)[0][0] == "expired"


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x89PNG\r\n\x1a\n", PDF + b"\0" * documents.LIMIT])
def test_what_is_no_invoice_is_not_taken(world: World, content: bytes) -> None:
    with pytest.raises(documents.Refused):
        hand_over(world, content)
    assert rows(world.database, tables.enclosure, "hash") == []


def test_an_unknown_order_and_a_kind_that_is_off_are_said(world: World) -> None:
    with pytest.raises(documents.Refused):
        documents.hand_over(world, "laden/order/9", "invoice", "a.pdf", [PDF])
    with world.database.write() as connection:
        notification_settings.decide(connection, ["laden"], "document", Rule(False, timedelta(0)), "owner", NOON)
    with pytest.raises(documents.Refused, match="switched off"):
        hand_over(world)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("RE-1.pdf", "RE-1.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Rechnungen\\Nr 7.PDF", "Nr 7.pdf"),
        ("<b>\n.pdf", "b.pdf"),
        ("", "Dokument.pdf"),
        ("x" * 300, "x" * 80 + ".pdf"),
    ],
)
def test_the_name_is_one_that_a_phone_can_save(name: str, shown: str) -> None:
    assert documents.file_name(name) == shown


def test_a_command_finds_the_order_by_its_number(world: World) -> None:
    for number in ("1001", "#1001"):
        assert documents.find(world, "laden", number) == KEY
    said = documents.queue_document(world, None, "1001", "invoice", "a.pdf", [PDF])
    assert said.startswith("Queued.")
    with pytest.raises(documents.Refused, match="knows no order"):
        documents.queue_document(world, None, "4711", "invoice", "a.pdf", [PDF])
    with pytest.raises(LadenboteError, match="--shop"):
        documents.queue_document(world, "fremd", "1001", "invoice", "a.pdf", [PDF])


def test_it_is_no_picture_to_choose_and_goes_after_a_month_or_with_its_person(world: World, clock: Clock) -> None:
    hand_over(world)
    hand_over(world, PDF + b"\n")
    with world.database.write() as connection:
        assert uploads.names(connection) == {}, "no picture to choose for a text"
        person = connection.execute(contacts.contact.select()).one().id
    clock.advance(days=29)
    assert "documents=0" in retention.sweep(world, clock())
    clock.advance(days=2)
    assert "documents=2" in retention.sweep(world, clock())
    hand_over(world, PDF + b"\n\n")
    with world.database.write() as connection:
        erasure.forget_person(connection, person, clock())
        assert connection.execute(tables.enclosure.select()).all() == []


def test_it_is_handed_out_with_the_persons_data(world: World) -> None:
    hand_over(world)
    with world.database.read() as connection:
        person = connection.execute(contacts.contact.select()).one().id
    out = io.BytesIO()
    assert export.write(world, person, out, "owner")
    with zipfile.ZipFile(out) as archive:
        [name] = [one for one in archive.namelist() if one.startswith("documents/")]
        assert name.endswith("-RE-2026-1001.pdf") and archive.read(name) == PDF
