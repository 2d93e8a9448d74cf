"""Shops, orders and verdicts for tests with real worker processes."""

import base64
import hashlib
import hmac
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx
import orjson
from sqlalchemy import select
from stub_meta import APP_SECRET, StubMeta

from integration.flow.world import World
from integration.store import tables


class Meta(Protocol):
    """Where a pretend WhatsApp is."""

    url: str


WEBHOOK_SECRET = "kill-test-webhook-secret"
BODY = Path(__file__).parents[1] / "data" / "woocommerce" / "13_order.created_placed.body"


def settings_file(
    folder: Path, port: int, stub: Meta, database_url: str, name: str = "settings.toml",
    shop: str = 'url = "http://127.0.0.1:1"', rate: int = 200,
) -> Path:  # fmt: skip
    """A worker's settings: one WooCommerce shop, one number at the stub. `shop` is where, and with which keys."""
    file = folder / name
    file.write_text(
        f"""
demo = true
public_url = "http://127.0.0.1:{port}"
[server]
port = {port}
[database]
url = "{database_url}"
[companies.laden]
name = "Laden Beispiel"
[senders.nummer]
phone_number_id = "1"
business_account_id = "2"
token = "stub-token"
app_secret = "{APP_SECRET}"
verify_token = "v"
base_url = "{stub.url}"
rate = {rate}
[shops.laden]
platform = "woocommerce"
name = "Kaffeeladen"
{shop}
webhook_secret = "{WEBHOOK_SECRET}"
"""
    )
    return file


def order_body(number: int) -> bytes:
    """The recorded order of our own shop, as somebody else's order of this minute."""
    order = orjson.loads(BODY.read_bytes())
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    phone = f"+4917139{number:05d}"
    order |= {"id": number, "number": str(number), "date_created_gmt": at, "date_modified_gmt": at}
    order["billing"]["phone"] = phone
    for meta in order["meta_data"]:
        if meta["key"] == "_ladenbote_consent":
            meta["value"] |= {"phone": phone, "at": at + "+00:00"}
    return orjson.dumps(order)


def place(url: str, numbers: list[int], done: threading.Event) -> None:
    """Post each order until it is answered 200, as often as that takes: the shop that never gives up."""
    with httpx.Client(trust_env=False, timeout=60) as client:
        for number in numbers:
            body = order_body(number)
            signature = base64.b64encode(hmac.digest(WEBHOOK_SECRET.encode(), body, hashlib.sha256)).decode()
            headers = {"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Signature": signature}
            while not done.is_set():
                try:
                    if client.post(url, content=body, headers=headers).status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.05)


def shops(url: str, orders: int, done: threading.Event) -> list[threading.Thread]:
    """Four shop threads that share the orders 1 to `orders`."""
    numbers = [list(range(1 + n, orders + 1, 4)) for n in range(4)]
    return [threading.Thread(target=place, args=(url, some, done), daemon=True) for some in numbers]


def states(world: World) -> Counter[str]:
    """How many messages stand where."""
    with world.database.read() as connection:
        return Counter(connection.execute(select(tables.message.c.status)).scalars())


def wait_until_quiet(world: World, stub: StubMeta, orders: int) -> None:
    """Until every order has its message and nothing moves any more (stranded ones aside)."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        found = states(world)
        moving = found["queued"] + found["accepted"] + found["sent"]
        if sum(found.values()) == orders and not moving and not stub.undelivered:
            return
        time.sleep(0.2)
    raise AssertionError(f"still moving after a minute: {states(world)}, {stub.undelivered} statuses, {left(world)}")


def left(world: World) -> list[tuple[str, ...]]:
    """What the inbox and the events say about orders that have no message."""
    with world.database.read() as connection:
        bodies = select(tables.inbox.c.channel, tables.inbox.c.state, tables.inbox.c.note, tables.inbox.c.error)
        events = select(tables.event.c.outcome, tables.event.c.error)
        found = [*connection.execute(bodies), *connection.execute(events)]
    return [(*map(str, row), str(count)) for row, count in Counter(map(tuple, found)).items()]


def judge(world: World, stub: StubMeta, orders: int) -> None:
    """Every order has exactly one message; Meta accepted none twice; what is unknown was never accepted."""
    with world.database.read() as connection:
        rows = connection.execute(select(tables.message.c.object_id, tables.message.c.status)).all()
        tries = connection.execute(select(tables.attempt.c.message_id, tables.attempt.c.outcome)).all()
    by_order = dict(rows)
    assert len(rows) == len(by_order) == orders
    assert {order: n for order, n in stub.accepted.items() if n > 1} == {}
    assert set(by_order.values()) <= {"delivered", "read", "unknown"}
    uncertain = {order for order, status in by_order.items() if status == "unknown"}
    assert uncertain.isdisjoint(stub.accepted), "a status must have settled what Meta accepted"
    assert uncertain | set(stub.accepted) == set(by_order)
    assert len(tries) >= orders
