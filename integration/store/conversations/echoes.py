"""What the shop wrote on its own phone (coexistence)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from integration.domain.messages.channel import Echo
from integration.store.bulk_write import insert_or_ignore
from integration.store.ids import new_id
from integration.store.tables import echo


def add(connection: Connection, company: str, sender: str, items: Sequence[tuple[Echo, str]], now: datetime) -> None:
    """Store (echo, contact id) pairs, each once: Meta repeats its webhooks."""
    rows = [
        {
            "id": new_id(),
            "company": company,
            "sender": sender,
            "contact_id": contact_id,
            "wa_message_id": item.wa_message_id,
            "type": item.type[:32],
            "text": item.text,
            "at": item.at,
            "received_at": now,
        }
        for item, contact_id in items
    ]
    if rows:
        connection.execute(insert_or_ignore(connection, echo), rows)


def of_contact(connection: Connection, contact_id: str, size: int = 20) -> list[Row[Any]]:
    """What was written to a contact on the phone lately, the newest first."""
    query = select(echo).where(echo.c.contact_id == contact_id)
    return list(connection.execute(query.order_by(echo.c.at.desc()).limit(size)))
