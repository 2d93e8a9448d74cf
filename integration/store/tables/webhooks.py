"""What came in, and what it told: bodies, snapshots, events."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from integration.store.tables.base import metadata
from integration.store.tables.personal import OURS, ROW, leads, nobody, person
from integration.store.types import Id, Json, UtcDateTime

#: Everything that came in over HTTP, until `react` and `answer` have dealt with it.
#: channel: shop | meta. state: new | done | failed. note: a reason code when there was nothing to do.
inbox = Table(
    "inbox",
    metadata,
    Column(
        "id",
        Id,
        primary_key=True,
        info=leads(
            "",
            merge="stay",
            erase="own",
            export="hide",
            retain="bodies",
            why="a body that names the person goes whole",
            code="integration.store.privacy.erasure.forget_bodies",
        ),
    ),
    Column("channel", String(8), nullable=False, info=OURS),
    Column("endpoint", String(64), nullable=False, info=OURS),
    Column("topic", String(128), nullable=False, info=OURS),
    Column("has_messages", Boolean, nullable=False, info=OURS),
    Column("received_at", UtcDateTime, nullable=False, info=OURS),
    Column("state", String(8), nullable=False, info=OURS),
    Column("note", String(64), info=OURS),
    Column("tries", Integer, nullable=False, info=OURS),
    Column("try_after", UtcDateTime, nullable=False, info=OURS),
    Column("error", Text, info=nobody("a short text of our own, masked")),
    Column("processed_at", UtcDateTime, info=OURS),
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
    Column(
        "id",
        Id,
        primary_key=True,
        info=leads(
            "",
            merge="stay",
            erase="own",
            export="hide",
            retain="bodies",
            why="goes with its row of the inbox",
            code="integration.store.privacy.erasure.forget_bodies",
        ),
    ),
    Column(
        "headers",
        Json,
        nullable=False,
        info=person("as they came", erase="own", export="hide", code="integration.store.privacy.erasure.forget_bodies"),
    ),
    Column(
        "body",
        LargeBinary,
        nullable=False,
        info=person("as it came", erase="own", export="hide", code="integration.store.privacy.erasure.forget_bodies"),
    ),
)

#: `key` is shop/object_type/object_id.
snapshot = Table(
    "snapshot",
    metadata,
    Column("key", String(255), primary_key=True, info=OURS),
    Column("shop", String(64), nullable=False, info=ROW),
    Column("object_type", String(16), nullable=False, info=ROW),
    Column("object_id", String(128), nullable=False, info=person("the shop's id", erase="keep")),
    Column("version", UtcDateTime, nullable=False, info=ROW),
    Column("content_hash", String(64), nullable=False, info=OURS),
    Column(
        "facts",
        Json,
        nullable=False,
        info=person("what the shop told", erase="own", code="integration.store.privacy.erasure.redact"),
    ),
    Column(
        "contact_id",
        Id,
        info=leads(
            "contact.id",
            merge="move",
            erase="own",
            export="shop",
            retain="own",
            why="the order stays without its person, so that nobody hears of it anew",
            code="integration.store.privacy.erasure.redact",
        ),
    ),
    Column("first_seen_at", UtcDateTime, nullable=False, info=ROW),
)
Index("ix_snapshot_first_seen", snapshot.c.object_type, snapshot.c.first_seen_at)
_OWNED = text("contact_id IS NOT NULL")
Index("ix_snapshot_contact", snapshot.c.contact_id, sqlite_where=_OWNED, postgresql_where=_OWNED)

#: `key` is the snapshot's key and the milestone; `order_key` the key of the order's snapshot.
event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True, info=OURS),
    Column("key", String(255), nullable=False, info=OURS),
    Column("shop", String(64), nullable=False, info=OURS),
    Column("object_type", String(16), nullable=False, info=OURS),
    Column("object_id", String(128), nullable=False, info=OURS),
    Column("milestone", String(32), nullable=False, info=OURS),
    Column("name", String(128), nullable=False, info=OURS),
    Column(
        "order_key",
        String(255),
        nullable=False,
        info=leads(
            "snapshot.key",
            merge="stay",
            erase="keep",
            export="hide",
            retain="stay",
            why="that something happened to an order; names nobody",
        ),
    ),
    Column("occurred_at", UtcDateTime, nullable=False, info=OURS),
    Column("received_at", UtcDateTime, nullable=False, info=OURS),
    Column("origin", String(8), nullable=False, info=OURS),
    Column("inbox_id", Id, info=OURS),
    Column("processed_at", UtcDateTime, info=OURS),
    Column("outcome", String(64), info=OURS),
    Column("tries", Integer, nullable=False, info=OURS),
    Column("try_after", UtcDateTime, nullable=False, info=OURS),
    Column("error", Text, info=nobody("a short text of our own, masked")),
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
