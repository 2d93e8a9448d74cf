"""Tools for tests that look into the database, or at it from several processes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from worlds import NOON, Clock, NoAccount, PlainShop, PlainWebhook, RememberingChannel, plain_parts

from integration.domain.consent.consent import ConsentType, Source
from integration.domain.messages.status import MessageStatus
from integration.domain.shops.ports import ShopContext
from integration.flow.world import Company, Sender, Shop, World
from integration.store.consent.ledger import Entry
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.messages.messages import Message

HERE = Path(__file__).parent


def rows(held: Database | World, table: Any, *columns: str) -> list[Any]:
    """Columns of a table, all rows; of a database, or of a world's."""
    database = held if isinstance(held, Database) else held.database
    with database.read() as connection:
        return list(connection.execute(select(*[table.c[name] for name in columns])).all())


def reopened(database: Database, keys: Database) -> World:
    """The world of `worlds.make_world` on databases that hold it already; writes nothing."""
    return World(
        database=database,
        keys=keys,
        vault=Vault(b"\1" * 32),
        clock=Clock(),
        companies={"firma": Company("firma", "Laden Beispiel")},
        shops={"laden": Shop("laden", "Laden", "firma", "nummer", "de", "du", PlainShop(), ShopContext("laden", "DE"))},
        senders={"nummer": Sender("nummer", "firma", "konto", 80, RememberingChannel(), NoAccount(), PlainWebhook())},
        **plain_parts(database),
    )


def a_message(contact_id: str | None = None, **changes: Any) -> Message:
    """A queued order confirmation, not stored yet."""
    values: dict[str, Any] = {
        "id": new_id(),
        "company": "firma",
        "sender": "nummer",
        "shop": "laden",
        "contact_id": contact_id,
        "event_id": None,
        "object_type": None,
        "object_id": None,
        "order_key": None,
        "order_number": None,
        "kind": "order_confirmation",
        "purpose": "order_confirmation",
        "key": new_id(),
        "template": "lb_order_confirmation_du_v1",
        "language": "de",
        "variables": {},
        "text": None,
        "status": MessageStatus.QUEUED,
        "reason": None,
        "tries": 0,
        "occurred_at": NOON,
        "send_after": NOON,
        "expires_at": NOON + timedelta(hours=12),
    }
    return Message(**(values | changes))


def an_entry(subject: str | None = None, company: str = "firma", **changes: Any) -> Entry:
    """A grant with evidence."""
    values: dict[str, Any] = {
        "company": company,
        "subject": subject or new_id(),
        "type": ConsentType.GRANTED,
        "purposes": ("service_updates",),
        "occurred_at": NOON,
        "source": Source.CHECKOUT,
        "actor": "customer",
        "payload": {"phone": "+491713920012"},
        "phone": "+491713920012",
    }
    return Entry(**(values | changes))


@contextmanager
def database_errors(database: Database) -> Iterator[list[str]]:
    """The kinds of errors that the database raises inside the block, those that somebody catches too."""
    found: list[str] = []

    def heard(context: Any) -> None:
        found.append(f"{type(context.original_exception).__name__}: {str(context.original_exception)[:300]}")

    event.listen(database.engine, "handle_error", heard)
    yield found
    event.remove(database.engine, "handle_error", heard)


def child(script: str, *arguments: str) -> "subprocess.Popen[str]":
    """A helper of this folder as a process of its own, with pipes to talk through."""
    command = [sys.executable, str(HERE / script), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, bufsize=1)


def ended(process: "subprocess.Popen[str]", timeout: float = 60) -> str:
    """What a child still says until it ends; its pipes are closed."""
    output, _ = process.communicate(timeout=timeout)
    return output
