"""What we know of the shops, and how far they were read."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from integration.store.tables.base import metadata
from integration.store.tables.personal import CODE, OURS, leads, nobody
from integration.store.types import Json, UtcDateTime

#: When a shop was connected: what happened before is knowledge only. `findings` are the last ones of `doctor`. Until
#: `shadow_until` its messages are made and decided on, but do not leave (shadow mode).
shop_state = Table(
    "shop_state",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("connected_at", UtcDateTime, nullable=False),
    Column("examined_at", UtcDateTime),
    Column("findings", Json, info=nobody("what is wrong with a shop's settings")),
    Column("shadow_until", UtcDateTime),
    info=nobody("the owner's shops"),
)

#: How far each shop has been read. `cursor` is the connector's own; `left` counts what its platform says is unread.
#: `caught_up_at` is when the first reading (the backfill) was complete. `error` is {code, de, en}.
stream = Table(
    "stream",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("cursor", Json, nullable=False, info=nobody("a place in a shop's list")),
    Column("due_at", UtcDateTime, nullable=False),
    Column("interval_s", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("polled_at", UtcDateTime),
    Column("caught_up_at", UtcDateTime),
    Column("read", Integer, nullable=False),
    Column("left", Integer),
    Column("failures", Integer, nullable=False),
    Column("error", Json, info=nobody("a code with two sentences of ours")),
    info=nobody("how far shops were read"),
)
Index("ix_stream_due", stream.c.due_at)

#: Objects of which a hint told too little: they are read from the shop. `key` is the snapshot's.
reread = Table(
    "reread",
    metadata,
    Column(
        "key",
        String(255),
        primary_key=True,
        info=leads(
            "snapshot.key",
            merge="stay",
            erase="keep",
            export="hide",
            retain="own",
            why="an object to be read again; names nobody",
            code="integration.store.shops.refetches",
        ),
    ),
    Column("shop", String(64), nullable=False, info=OURS),
    Column("object_type", String(16), nullable=False, info=OURS),
    Column("object_id", String(128), nullable=False, info=OURS),
    Column("wanted_at", UtcDateTime, nullable=False, info=OURS),
    Column("try_after", UtcDateTime, nullable=False, info=OURS),
    Column("tries", Integer, nullable=False, info=OURS),
    Column("error", Text, info=nobody("a short text of our own, masked")),
)
Index("ix_reread_shop", reread.c.shop, reread.c.try_after)

#: Signatures of plugin facts that were stored: the same one again is a replay.
plugin_signature = Table(
    "plugin_signature",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("stored_at", UtcDateTime, nullable=False),
    info=nobody("hashes of signatures"),
)

#: Whether each mailbox answers. `problem` is a `MailboxProblem`, empty while it does.
mailbox_state = Table(
    "mailbox_state",
    metadata,
    Column("mailbox", String(64), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("problem", Text, nullable=False, info=CODE),
    info=nobody("the owner's mailboxes"),
)

#: What variants cost, from when on: who is told of a lower price is told the lowest of the 30 days before, too.
price = Table(
    "price",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("variant_id", String(128), primary_key=True),
    Column("at", UtcDateTime, primary_key=True),
    Column("price", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    info=nobody("prices of articles"),
)
Index("ix_price_at", price.c.at)

#: Which product a variant belongs to, where their ids differ.
variant = Table(
    "variant",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("product_id", String(128), nullable=False),
    info=nobody("articles"),
)
