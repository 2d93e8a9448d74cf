"""What customers wrote."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select

from integration.domain.channel import Inbound
from integration.store import attachments
from integration.store.ids import new_id
from integration.store.tables import inbound_message


def known(connection: Connection, wa_message_ids: Iterable[str]) -> set[str]:
    """Which of these messages are stored already: Meta repeats its webhooks."""
    wanted = list(wa_message_ids)
    query = select(inbound_message.c.wa_message_id).where(inbound_message.c.wa_message_id.in_(wanted))
    return set(connection.execute(query).scalars()) if wanted else set()


def add(
    connection: Connection,
    company: str,
    sender: str,
    items: Sequence[tuple[Inbound, str, str]],
    now: datetime,
) -> None:
    """Store (message, contact id, intent) triples."""
    rows = [
        {
            "id": new_id(),
            "company": company,
            "sender": sender,
            "contact_id": contact_id,
            "wa_message_id": item.wa_message_id,
            "type": item.type[:32],
            "text": item.text,
            "payload": item.payload[:255],
            "intent": intent,
            "at": item.at,
            "received_at": now,
        }
        for item, contact_id, intent in items
    ]
    if rows:
        connection.execute(insert(inbound_message), rows)
    attachments.want(connection, sender, [item for item, *_ in items if item.media_id], now)
