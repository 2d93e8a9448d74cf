"""What came in, and what it told: bodies, snapshots, events."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from integration.store.tables.base import metadata
from integration.store.types import Id, Json, UtcDateTime

#: Everything that came in over HTTP, until `react` and `answer` have dealt with it.
#: channel: shop | meta. state: new | done | failed. note: a reason code when there was nothing to do.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(8), nullable=False),
    Column("endpoint", String(64), nullable=False),
    Column("topic", String(128), nullable=False),
    Column("has_messages", Boolean, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False),
    Column("note", String(64)),
    Column("tries", Integer, nullable=False),
    Column("try_after", UtcDateTime, nullable=False),
    Column("error", Text),
    Column("processed_at", UtcDateTime),
)
Index(
    "ix_inbox_open",
    inbox.c.channel,
    inbox.c.id,
    sqlite_where=text("state <> 'done'"),
    postgresql_where=text("state <> 'done'"),
)
Index(
    "ix_inbox_noted",
    inbox.c.note,
    inbox.c.id,
    sqlite_where=text("note IS NOT NULL"),
    postgresql_where=text("note IS NOT NULL"),
)

#: The bytes as they came. A table of its own: SQLite rewrites a whole row, body and all, to change its state.
inbox_body = Table(
    "inbox_body",
    metadata,
    Column("id", Id, primary_key=True),
    Column("headers", Json, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

#: `key` is shop/object_type/object_id.
snapshot = Table(
    "snapshot",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("object_type", String(16), nullable=False),
    Column("object_id", String(128), nullable=False),
    Column("version", UtcDateTime, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("facts", Json, nullable=False),
    Column("contact_id", Id),
    Column("first_seen_at", UtcDateTime, nullable=False),
)
Index("ix_snapshot_first_seen", snapshot.c.object_type, snapshot.c.first_seen_at)
_OWNED = text("contact_id IS NOT NULL")
Index("ix_snapshot_contact", snapshot.c.contact_id, sqlite_where=_OWNED, postgresql_where=_OWNED)

#: `key` is the snapshot's key and the milestone; `order_key` the key of the order's snapshot.
event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(255), nullable=False),
    Column("shop", String(64), nullable=False),
    Column("object_type", String(16), nullable=False),
    Column("object_id", String(128), nullable=False),
    Column("milestone", String(32), nullable=False),
    Column("name", String(128), nullable=False),
    Column("order_key", String(255), nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("origin", String(8), nullable=False),
    Column("inbox_id", Id),
    Column("processed_at", UtcDateTime),
    Column("outcome", String(64)),
    Column("tries", Integer, nullable=False),
    Column("try_after", UtcDateTime, nullable=False),
    Column("error", Text),
    UniqueConstraint("key", name="uq_event_key"),
)
Index(
    "ix_event_open",
    event.c.id,
    sqlite_where=text("processed_at IS NULL"),
    postgresql_where=text("processed_at IS NULL"),
)
Index("ix_event_outcome", event.c.outcome, event.c.id)
Index("ix_event_order", event.c.order_key)
