"""Media against the pretend Meta over a real socket, on both databases."""

import base64
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from links import PlainLink, linked
from PIL import Image
from pretend_meta import Meta, pretend_meta
from sqlalchemy import select
from worlds import NOON, Clock, make_world

from connectors.whatsapp import media as whatsapp
from connectors.whatsapp.account import WhatsAppAccount
from connectors.whatsapp.settings import SenderSettings
from integration.domain.errors import Refused
from integration.domain.messages.channel import Inbound
from integration.domain.templates.media import Unfit
from integration.domain.templates.templates import pictured_for, template_for
from integration.flow.privacy import export
from integration.flow.templates import media
from integration.flow.world import World
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.conversations import inbound
from integration.store.db import Database
from integration.store.messages import attachments
from integration.store.privacy import erasure
from integration.store.privacy.retention_rules import Retention
from integration.store.tables import attachment
from integration.store.templates import media_ids as store
from integration.store.templates import uploads as upload_store
from integration.store.templates.uploads import Enclosure
from jobs.sweeps import attachments as job
from jobs.sweeps import retention

ADDRESS = "https://cdn.laden.example/a.png"


A, B = "+491713920011", "+491713920012"


def png(colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (6, 6), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def meta() -> Iterator[Meta]:
    with pretend_meta() as running:
        yield running


@pytest.fixture
def clock(meta: Meta) -> Clock:
    clock = Clock()
    meta.stage.graph.media.clock = lambda: clock().timestamp()
    return clock


@pytest.fixture
def world(database: Database, keys: Database, meta: Meta, clock: Clock, tmp_path: Path) -> World:
    made = make_world(database, keys, clock)
    real = replace(made.senders["nummer"], management=WhatsAppAccount(meta.settings()))
    return replace(made, senders={"nummer": real}, media=tmp_path / "media")


def uploads(meta: Meta) -> int:
    found: int = meta.stage.graph.media.uploads
    return found


def test_content_is_uploaded_once_and_anew_before_it_ends(world: World, meta: Meta, clock: Clock) -> None:
    before = uploads(meta)
    first = media.ready(world, "nummer", png())
    assert media.ready(world, "nummer", png()) == first
    assert media.ready(world, "nummer", png("red")) != first
    assert uploads(meta) == before + 2
    clock.advance(days=28)
    assert media.ready(world, "nummer", png()) == first
    clock.advance(days=1)
    second = media.ready(world, "nummer", png())
    assert second != first
    assert meta.stage.graph.media.knows(second)
    with world.database.write() as connection:
        store.drop(connection, "nummer", [second])
    assert media.ready(world, "nummer", png()) != second


def test_what_whatsapp_would_refuse_never_leaves(world: World, meta: Meta) -> None:
    before = uploads(meta)
    for content in (b"<html>", png() + b"\0" * 40_000_000):
        with pytest.raises(Unfit):
            media.ready(world, "nummer", content)
    assert uploads(meta) == before


def receive(world: World, meta: Meta, content: bytes, mime: str = "image/png", name: str = "") -> str:
    """A customer's file, as answer stores it; returns the attachment's id."""
    media_id = meta.stage.graph.media.add(content, mime)
    wamid = f"wamid.{media_id}"
    item = Inbound(wamid, "+491713920011", None, "Anna", NOON, "image", "", media_id=media_id, file_name=name)
    with world.database.write() as connection:
        [person] = identity_resolution.resolve(connection, [Person("firma", "+491713920011", None)], NOON)
        inbound.add(connection, "firma", "nummer", [(item, person.id, "none")], world.clock())
        return attachments.of(connection, [wamid])[wamid].id


def found(world: World, id_: str) -> attachments.Attachment:
    with world.database.read() as connection:
        item = attachments.find(connection, id_)
    assert item
    return item


def test_a_picture_is_fetched_sealed_and_opened(world: World, meta: Meta) -> None:
    id_ = receive(world, meta, png())
    assert job.sweep(world, world.clock()) == "due=1 fetched=1"
    item = found(world, id_)
    assert (item.state, item.mime, item.size) == ("kept", "image/png", len(png()))
    assert media.opened(world, item) == png()
    [file] = (world.media or Path()).iterdir()
    assert png()[:8] not in file.read_bytes()
    assert (file.stat().st_mode & 0o777, len(file.name)) == (0o600, 32)
    assert job.sweep(world, world.clock()) == "due=0 fetched=0"


def test_the_type_is_what_the_content_shows(world: World, meta: Meta) -> None:
    id_ = receive(world, meta, b"<html><script>alert(1)</script>", "image/jpeg", "bild.jpg")
    job.sweep(world, world.clock())
    assert found(world, id_).mime == ""


def test_what_fails_is_recorded_and_asked_for_as_long_as_whatsapp_keeps_it(
    world: World, meta: Meta, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_, store = receive(world, meta, png()), meta.stage.graph.media
    with monkeypatch.context() as away:
        away.setattr(store, "bytes_of", lambda _link: None)
        assert job.sweep(world, clock()) == "due=1 fetched=0"
        assert (found(world, id_).state, found(world, id_).error) == ("due", "131052")
        assert job.sweep(world, clock()) == "due=0 fetched=0"
        clock.advance(hours=2)
        assert job.sweep(world, clock()) == "due=1 fetched=0"
    clock.advance(hours=2)
    assert job.sweep(world, clock()) == "due=1 fetched=1", "its link is asked for anew each time"


def test_what_whatsapp_keeps_no_longer_is_given_up(world: World, meta: Meta, clock: Clock) -> None:
    id_ = receive(world, meta, png())
    clock.advance(days=8)
    for _ in media.AGAIN:
        assert job.sweep(world, clock()) == "due=1 fetched=0"
        clock.advance(days=3)
    assert job.sweep(world, clock()) == "due=1 fetched=0"
    assert (found(world, id_).state, found(world, id_).error) == ("failed", "33")
    clock.advance(days=3)
    assert job.sweep(world, clock()) == "due=0 fetched=0"
    assert sum(media.AGAIN, timedelta()) < timedelta(days=8)


def test_more_than_the_limit_is_not_read(world: World, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "LARGEST", 50)
    id_ = receive(world, meta, png())
    job.sweep(world, world.clock())
    assert (found(world, id_).error, found(world, id_).state) == ("131052", "failed"), "it will not shrink"


def test_a_link_that_lies_about_its_size_or_leads_away(
    world: World, meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = meta.stage.graph.media
    plain = store.node
    monkeypatch.setattr(store, "node", lambda ident: plain(ident) | {"file_size": 3})
    monkeypatch.setattr(media, "LARGEST", 50)
    id_ = receive(world, meta, png())
    job.sweep(world, world.clock())
    assert found(world, id_).error == "131052"
    monkeypatch.setattr(media, "LARGEST", 5_000_000)
    monkeypatch.setattr(store, "node", lambda ident: plain(ident) | {"url": meta.ear_url + "/steal"})
    other = receive(world, meta, png("blue"))
    job.sweep(world, world.clock())
    assert found(world, other).error == "131052"
    assert "/steal" not in meta.ear.paths


@pytest.mark.parametrize(
    ("link", "good"),
    [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        ("https://media.cdn.whatsapp.net/x", True),
        ("http://lookaside.fbsbx.com/x", False),
        ("https://lookaside.fbsbx.com.evil.example/x", False),
        ("https://evil.example/?x=.fbsbx.com", False),
        ("https://lookaside.fbsbx.com@evil.example/x", False),
        ("https://evilfbsbx.com/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_whatsapps_hosts_get_the_token(link: str, good: bool) -> None:
    assert whatsapp._is_metas(link, "https://graph.facebook.com/v26.0") is good


def test_damage_on_the_way_is_noticed(world: World, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    store = meta.stage.graph.media
    plain = store.node
    monkeypatch.setattr(store, "node", lambda ident: plain(ident) | {"sha256": "0" * 64})
    id_ = receive(world, meta, png())
    job.sweep(world, world.clock())
    assert (found(world, id_).state, found(world, id_).error) == ("due", "no_answer")


def test_a_hash_in_base64_is_a_hash_too(world: World, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    store = meta.stage.graph.media
    plain, hash_ = store.node, base64.b64encode(hashlib.sha256(png()).digest()).decode()
    monkeypatch.setattr(store, "node", lambda ident: plain(ident) | {"sha256": hash_})
    receive(world, meta, png())
    assert job.sweep(world, world.clock()) == "due=1 fetched=1"


def test_two_processes_upload_the_same_at_once(world: World) -> None:
    """Each stores what it uploaded, in whatever order; the last one counts."""
    ready = threading.Barrier(2)

    def keep(media_id: str) -> None:
        ready.wait()
        with world.database.write() as connection:
            store.keep(connection, "nummer", "h", media_id, NOON)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(keep, ["1", "2"]))
    with world.database.read() as connection:
        assert store.find(connection, "nummer", "h", NOON - timedelta(days=1)) in ("1", "2")


def test_files_end_after_ninety_days_and_with_their_person(world: World, meta: Meta, clock: Clock) -> None:
    old, mine = receive(world, meta, png()), receive(world, meta, png("red"))
    job.sweep(world, clock())
    with world.database.write() as connection:
        person = connection.execute(select(contacts.contact.c.id)).scalar_one()
    clock.advance(days=89)
    retention.sweep(world, clock())
    assert found(world, old).state == found(world, mine).state == "kept"
    with world.database.write() as connection:
        erasure.forget_person(connection, person, clock())
        assert connection.execute(select(attachment)).first() is None
    retention.sweep(world, clock())
    assert list((world.media or Path()).iterdir()) == []
    third = receive(world, meta, png("blue"))
    job.sweep(world, clock())
    clock.advance(days=91)
    assert "attachments=1" in retention.sweep(world, clock())
    with world.database.read() as connection:
        assert attachments.find(connection, third) is None


def test_pictures_are_handed_out_with_the_data(world: World, meta: Meta, clock: Clock) -> None:
    """The same bytes as were sent; what was never fetched, and what is gone after ninety days, is not there."""
    receive(world, meta, png())
    job.sweep(world, clock())
    receive(world, meta, png("red"))
    with world.database.read() as connection:
        person = connection.execute(select(contacts.contact.c.id)).scalar_one()
    assert handed_out(world, person) == [png()]
    clock.advance(days=91)
    retention.sweep(world, clock())
    assert handed_out(world, person) == []


def handed_out(world: World, contact_id: str) -> list[bytes]:
    """The files in a person's export."""
    out = io.BytesIO()
    assert export.write(world, contact_id, out, "staff")
    with zipfile.ZipFile(out) as archive:
        assert "daten.json" in archive.namelist()
        return [archive.read(name) for name in archive.namelist() if name.endswith(".png")]


def test_documents_that_went_to_somebody_are_handed_out_to_them_alone(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        anna, bert = (
            p.id for p in identity_resolution.resolve(connection, [Person("firma", A), Person("firma", B)], NOON)
        )
        for person, content in ((anna, b"%PDF-1.7 Anna"), (bert, b"%PDF-1.7 Bert")):
            invoice = Enclosure(content.hex(), "application/pdf", "rechnung.pdf", content)
            upload_store.keep(connection, invoice, NOON, order_key="laden/order/1", contact_id=person)
    out = io.BytesIO()
    assert export.write(world, anna, out, "staff")
    with zipfile.ZipFile(out) as archive:
        assert [archive.read(n) for n in archive.namelist() if n.endswith(".pdf")] == [b"%PDF-1.7 Anna"]


def test_a_large_life_of_pictures_ends_somewhere(world: World, meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    for colour in ("teal", "red", "blue"):
        receive(world, meta, png(colour))
    job.sweep(world, world.clock())
    monkeypatch.setattr(export, "MOST_MEDIA", 2 * len(png()) + 1)
    with world.database.read() as connection:
        person = connection.execute(select(contacts.contact.c.id)).scalar_one()
    assert len(handed_out(world, person)) == 2


def test_somebody_erased_while_their_file_comes(world: World, meta: Meta) -> None:
    id_ = receive(world, meta, png())
    item = found(world, id_)
    with world.database.write() as connection:
        Retention("attachments").forget(connection, world.clock() + timedelta(days=1))
    assert media.fetch(world, item)
    assert list((world.media or Path()).iterdir()) == []


def shows(world: World, monkeypatch: pytest.MonkeyPatch, content: bytes, url: str = ADDRESS) -> World:
    """The same world, whose article 7 has this picture."""
    monkeypatch.setattr(media.products, "find", lambda *_: _Item(url))
    return linked(world, PlainLink(pictures={url: content}))


class _Item:
    def __init__(self, picture: str) -> None:
        self.picture = picture


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html>", "no_picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 6_000_000, "no_picture"),
        (b"\xff\xd8\xff" + b"\0" * 21 * 2**20, "size"),
    ],
)
def test_a_shops_picture_that_is_none(
    world: World, meta: Meta, monkeypatch: pytest.MonkeyPatch, content: bytes, code: str
) -> None:
    before = uploads(meta)
    with pytest.raises(Unfit) as said:
        media.picture(shows(world, monkeypatch, content), "nummer", "laden", "7")
    assert (said.value.code, uploads(meta)) == (code, before)


def test_a_shops_picture_is_fetched_and_uploaded_once_while_its_address_stays(
    world: World, meta: Meta, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    shop = shows(world, monkeypatch, png())
    first, link = media.picture(shop, "nummer", "laden", "7"), shop.links.link("laden")
    assert media.picture(shop, "nummer", "laden", "7") == first
    assert isinstance(link, PlainLink) and link.calls == [("picture", ADDRESS)]
    assert meta.stage.graph.media.knows(first)
    clock.advance(days=30)
    assert media.picture(shop, "nummer", "laden", "7") != first
    other = shows(world, monkeypatch, png("red"), ADDRESS + "?v=2")
    assert media.picture(other, "nummer", "laden", "7") != first


def test_without_an_article_or_an_address_there_is_no_picture(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for shop in (world, shows(world, monkeypatch, png(), url="")):
        with pytest.raises(Unfit):
            media.picture(shop, "nummer", "laden", "7")


@pytest.mark.parametrize(("content", "mime"), [(png(), "image/png"), (b"%PDF-1.7\n%%EOF", "application/pdf")])
def test_reviewers_get_a_sample_by_a_resumable_upload(meta: Meta, content: bytes, mime: str) -> None:
    account = WhatsAppAccount(meta.settings())
    handle = account.sample(content, mime)
    uploads = meta.stage.graph.uploads
    assert uploads.handles[handle] == ("IMAGE" if mime == "image/png" else "DOCUMENT")
    with pytest.raises(Refused):
        account.sample(content, "text/html")
    with pytest.raises(Refused):
        account.sample(b"MZ" + content, mime)


def test_a_template_with_a_picture_is_taken_with_its_sample_only(meta: Meta) -> None:
    account = WhatsAppAccount(meta.settings())
    template = pictured_for("abandoned_cart", "de", "du", "https://laden.example/")
    assert template
    with pytest.raises(Refused):
        account.create_template(template, {"item": "4:9:invented"})
    account.create_template(template, {"item": account.sample(png(), "image/png")})
    [found] = [t for t in account.templates() if t.name == template.name]
    assert (found.body, found.outline) == (template.body, template.outline)


def test_a_paused_template_is_released_by_its_id(meta: Meta) -> None:
    account, name = WhatsAppAccount(meta.settings()), "lb_pausiert_v1"
    template = replace(template_for("delivered", "de", "du"), name=name)
    account.create_template(template, {})
    account.create_template(replace(template, name=f"{name}0"), {})
    with pytest.raises(Refused, match="code 100"):
        account.unpause(name, "de")
    meta.stage.graph.templates.set_status(name, "de", "PAUSED")
    account.unpause(name, "de")
    assert {t.status for t in account.templates() if t.name.startswith(name)} == {"APPROVED"}
    with pytest.raises(Refused, match="code 33"):
        account.unpause(name, "en")


def test_a_partner_takes_no_samples() -> None:
    settings = SenderSettings.model_validate({
        "phone_number_id": "1", "token": "t", "app_secret": "s", "verify_token": "v",
        "base_url": "https://waba-v2.360dialog.io", "auth_header": "D360-API-KEY", "auth_prefix": "",
    })  # fmt: skip
    with pytest.raises(Refused):
        WhatsAppAccount(settings).sample(png(), "image/png")
