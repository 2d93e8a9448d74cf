"""What customers wrote."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from integration.domain.messages.channel import Inbound
from integration.store.ids import new_id
from integration.store.messages import attachments
from integration.store.tables import inbound_message


def known(connection: Connection, wa_message_ids: Iterable[str]) -> set[str]:
    """Which of these messages are stored already: Meta repeats its webhooks."""
    wanted = list(wa_message_ids)
    query = select(inbound_message.c.wa_message_id).where(inbound_message.c.wa_message_id.in_(wanted))
    return set(connection.execute(query).scalars()) if wanted else set()


#: what belongs to a sign-up is no conversation
SIGNING_UP = ("opt_in", "confirm")


def conversed(connection: Connection, contact_ids: Sequence[str], since: datetime) -> dict[str, datetime]:
    """When these contacts last wrote since then, other than to sign up."""
    query = (
        select(inbound_message.c.contact_id, func.max(inbound_message.c.at))
        .where(
            inbound_message.c.contact_id.in_(contact_ids),
            inbound_message.c.at > since,
            inbound_message.c.intent.not_in(SIGNING_UP),
        )
        .group_by(inbound_message.c.contact_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)} if contact_ids else {}


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
