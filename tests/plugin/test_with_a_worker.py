"""A real `ladenbote run`, a real WordPress, and nothing between them but HTTP on loopback."""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from letters import at
from sqlalchemy import select
from storekit import an_entry
from workers import RunningWorker
from worlds import NOON, order
from wp_site import PAGE, Site, hidden_fields

from integration.cli import main
from integration.cli.demo import free_port
from integration.domain.contacts.contacts import e164
from integration.domain.shops.events import ObjectType, Snapshot
from integration.flow.world import World
from integration.run.wiring import first_key, opened, upgrade
from integration.settings.settings import load
from integration.store import tables
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.privacy import shop_requests
from integration.store.shops import snapshots

BODY = b'{"object": "whatsapp_business_account", "entry": []}'


def settings_file(folder: Path, site: Site, port: int) -> Path:
    file = folder / "settings.toml"
    file.write_text(
        f"""
demo = true
public_url = "http://127.0.0.1:{port}"
[server]
port = {port}
[companies.laden]
name = "Laden Beispiel"
[senders.nummer]
phone_number_id = "1"
token = "token"
app_secret = "app-secret"
verify_token = "verify-me"
base_url = "http://127.0.0.1:9"
[shops.laden]
platform = "woocommerce"
name = "Kaffeeladen"
url = "{site.url}"
webhook_secret = "hook-secret"
"""
    )
    return file


@pytest.fixture
def worker(site: Site, plugin_mailbox: str, tmp_path: Path) -> Iterator[tuple[Path, World, RunningWorker]]:
    """A worker that is not paired yet."""
    port = free_port()
    file = settings_file(tmp_path, site, port)
    first_key(load(file), tmp_path)
    running = RunningWorker(file, f"http://127.0.0.1:{port}")
    with opened(load(file), tmp_path) as world:
        upgrade(world)
        running.start()
        try:
            yield file, world, running
        finally:
            running.stop()


def pair(site: Site, file: Path) -> str:
    """What an owner does: the button in the shop, the command here."""
    owner = site.sign_in()
    page = owner.post(PAGE, data=hidden_fields(owner.get(PAGE).text, "ladenbote_pair")).text
    found = re.search(r'class="ladenbote-code"[^>]*>([^<]+)<', page)
    assert found
    done = CliRunner().invoke(main, ["pair", "laden", "--settings", str(file), "--code", found[1]])
    assert done.exit_code == 0, done.output
    return done.output


def until(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def inbox(world: World) -> list[tuple[str, str, str]]:
    with world.database.read() as connection:
        rows = connection.execute(select(tables.inbox.c.channel, tables.inbox.c.topic, tables.inbox.c.note))
        return [tuple(row) for row in rows]


def handshake(site: Site) -> int:
    query = "&hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=1"
    return httpx.get(at(site.mailbox, "meta/nummer") + query, timeout=30).status_code


def tool(site: Site, kind: str, email: str, page: int = 1) -> Any:
    """What WordPress' own tool does with our exporter or eraser."""
    all_ = f"apply_filters('wp_privacy_personal_data_{kind}s', [])"
    return site.run(f"return call_user_func({all_}['ladenbote']['callback'], '{email}', {page});")


def erase(site: Site, email: str) -> str:
    """The first message for the owner."""
    return str(tool(site, "eraser", email)["messages"][0])


def bought(world: World, email: str, phone: str) -> None:
    """An order that is finished, with the box ticked."""
    facts = order(number=phone, phone=phone, email=email, status="completed")["facts"]
    with world.database.write() as connection:
        [person] = identity_resolution.resolve(
            connection, [Person("laden", e164(phone, "DE"), name="Anna Beispiel")], NOON
        )
        found = Snapshot("laden", ObjectType.ORDER, phone, NOON, facts)
        snapshots.save(connection, [found], set(), {found.key: person.id}, NOON)
        world.ledger.append(connection, [an_entry(person.subject, "laden", phone=person.phone)], NOON)


def test_pairing_mailbox_and_reports(site: Site, worker: tuple[Path, World, RunningWorker]) -> None:
    file, world, running = worker
    assert "reaches this Ladenbote directly" in pair(site, file)
    until(lambda: ("shop", "plugin", "ping") in inbox(world))

    until(lambda: handshake(site) == 200)
    signature = "sha256=" + hmac.new(b"app-secret", BODY, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": signature, "content-type": "application/json"}
    assert httpx.post(at(site.mailbox, "meta/nummer"), content=BODY, headers=headers, timeout=30).status_code == 200
    until(lambda: any(channel == "meta" for channel, *_ in inbox(world)))
    until(lambda: site.run("return Ladenbote\\Letters::count();") == 0)

    bought(world, "anna@example.com", "+491713920012")
    copy = tool(site, "exporter", "anna@example.com")
    values = [row["value"] for item in copy["data"] for row in item["data"]]
    assert copy["done"] is True and "+491713920012" in values and "Anna Beispiel" in values
    assert {item["group_id"] for item in copy["data"]} >= {"ladenbote-person", "ladenbote-consents"}
    done = tool(site, "eraser", "anna@example.com")
    assert (done["items_removed"], done["items_retained"], done["done"]) == (True, True, True)
    assert "gelöscht" in done["messages"][0] and "Art. 6 Abs. 1" in " ".join(done["messages"])
    assert _waiting(world) == [] and site.run("return Ladenbote\\Letters::count();") == 0

    running.stop()
    assert "does not answer now" in erase(site, "berta@example.com")
    assert "passed on" in tool(site, "exporter", "berta@example.com")["data"][0]["data"][0]["value"]
    assert tool(site, "exporter", "berta@example.com", 2)["errors"]["ladenbote"], "half a copy is none"
    assert site.run("return Ladenbote\\Letters::count();") == 2, "nobody was there: they lie in the mailbox"
    running.start()
    until(lambda: len(_waiting(world)) == 2)
    assert {(request.kind, request.email) for request in _waiting(world)} == {
        ("erase", "berta@example.com"),
        ("export", "berta@example.com"),
    }
    assert site.complaints() == []


def _waiting(world: World) -> list[shop_requests.OpenRequest]:
    with world.database.read() as connection:
        return shop_requests.waiting(connection, world.vault)
