"""Pictures, voices and files that customers sent: which are to be fetched, and what opens those that lie here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from integration.domain.messages.channel import Inbound
from integration.store.bulk_write import insert_or_ignore
from integration.store.ids import new_id
from integration.store.tables import attachment, inbound_message


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file. `state` is due, kept, or failed; `key` opens `file`, sealed with master.key."""

    id: str
    sender: str
    wa_message_id: str
    media_id: str
    name: str
    state: str
    tries: int
    mime: str = ""
    size: int = 0
    file: str = ""
    key: bytes = field(default=b"", repr=False)
    error: str = ""


def want(connection: Connection, sender: str, items: Sequence[Inbound], now: datetime) -> None:
    """Let these be fetched."""
    rows = [
        {
            "id": new_id(),
            "sender": sender,
            "wa_message_id": item.wa_message_id,
            "media_id": item.media_id,
            "name": item.file_name,
            "state": "due",
            "tries": 0,
            "try_after": now,
            "received_at": now,
        }
        for item in items
    ]
    if rows:
        connection.execute(insert_or_ignore(connection, attachment), rows)


def due(connection: Connection, now: datetime, most: int) -> list[Attachment]:
    """Those to be fetched now, the oldest first."""
    query = select(attachment).where(attachment.c.state == "due", attachment.c.try_after <= now)
    return [_read(row) for row in connection.execute(query.order_by(attachment.c.try_after).limit(most))]


def kept(connection: Connection, id_: str, *, mime: str, size: int, file: str, key: bytes) -> bool:
    """The file lies here now; False when its person was erased meanwhile."""
    values: dict[str, Any] = {"mime": mime, "size": size, "file": file, "key": key, "state": "kept", "error": None}
    return connection.execute(update(attachment).where(attachment.c.id == id_).values(values)).rowcount == 1


def failed(connection: Connection, item: Attachment, error: str, again: datetime | None) -> None:
    """It could not be fetched; tried `again` then, or never."""
    values: dict[str, Any] = {"state": "due" if again else "failed", "tries": item.tries + 1, "error": error}
    if again:
        values["try_after"] = again
    connection.execute(update(attachment).where(attachment.c.id == item.id).values(values))


def find(connection: Connection, id_: str) -> Attachment | None:
    """One by its id."""
    row = connection.execute(select(attachment).where(attachment.c.id == id_)).one_or_none()
    return None if row is None else _read(row)


def of(connection: Connection, wa_message_ids: Iterable[str]) -> dict[str, Attachment]:
    """By the message that they came with."""
    query = select(attachment).where(attachment.c.wa_message_id.in_(list(wa_message_ids)))
    return {row.wa_message_id: _read(row) for row in connection.execute(query)}


def count_of(connection: Connection, contact_id: str) -> int:
    """How many files of a person's lie here or are about to."""
    mine = inbound_message.join(attachment, attachment.c.wa_message_id == inbound_message.c.wa_message_id)
    query = select(func.count()).select_from(mine).where(inbound_message.c.contact_id == contact_id)
    return connection.execute(query.where(attachment.c.state.in_(("kept", "due")))).scalar_one()


def files(connection: Connection) -> set[str]:
    """The names of all files that still have a key."""
    return set(connection.execute(select(attachment.c.file).where(attachment.c.file.is_not(None))).scalars())


def _read(row: Any) -> Attachment:
    return Attachment(
        id=row.id,
        sender=row.sender,
        wa_message_id=row.wa_message_id,
        media_id=row.media_id,
        name=row.name,
        state=row.state,
        tries=row.tries,
        mime=row.mime or "",
        size=row.size or 0,
        file=row.file or "",
        key=row.key or b"",
        error=row.error or "",
    )
