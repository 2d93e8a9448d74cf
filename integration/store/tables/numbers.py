"""What we know of the WhatsApp numbers, and the media that go and come through them."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from integration.store.tables.base import metadata
from integration.store.types import Id, Json, UtcDateTime

#: Numbers that were entered in the browser: their settings without the secrets, which stand in `secret`.
number = Table(
    "number",
    metadata,
    Column("slug", String(64), primary_key=True),
    Column("settings", Json, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

#: What Meta said of a number when it was asked last (`facts`, `findings`), and the round trip: `asked` is the word that
#: the owner sends from a phone, `shaken_at` Meta's last handshake, `refused_at` the last body with a wrong signature.
#: `goods_at` is when the owner said that nothing is sold that WhatsApp forbids.
number_state = Table(
    "number_state",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("read_at", UtcDateTime),
    Column("facts", Json),
    Column("findings", Json),
    Column("asked", String(32)),
    Column("asked_at", UtcDateTime),
    Column("proved_at", UtcDateTime),
    Column("shaken_at", UtcDateTime),
    Column("refused_at", UtcDateTime),
    Column("goods_at", UtcDateTime),
)

#: What lies with WhatsApp under an id, by the hash of its content. An id lives 30 days.
media = Table(
    "media",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("media_id", String(128), nullable=False),
    Column("uploaded_at", UtcDateTime, nullable=False),
)

#: The owner's pictures, videos and files that go out with texts, by the SHA-256 of their content; documents of orders
#: as well, with the order and the person that they are about.
enclosure = Table(
    "enclosure",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("mime", String(128), nullable=False),
    Column("name", String(255), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("order_key", String(255)),
    Column("contact_id", Id),
)
_OF_AN_ORDER = text("order_key IS NOT NULL")
Index(
    "ix_enclosure_document",
    enclosure.c.at,
    sqlite_where=_OF_AN_ORDER,
    postgresql_where=_OF_AN_ORDER,
)

#: What customers sent: pictures, voices, files. `file` is a random name, `key` opens it and is sealed with master.key.
attachment = Table(
    "attachment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sender", String(64), nullable=False),
    Column("wa_message_id", String(255), nullable=False),
    Column("media_id", String(128), nullable=False),
    Column("name", String(255), nullable=False),
    Column("state", String(16), nullable=False),
    Column("mime", String(128)),
    Column("size", Integer),
    Column("file", String(64)),
    Column("key", LargeBinary),
    Column("tries", Integer, nullable=False),
    Column("try_after", UtcDateTime, nullable=False),
    Column("error", Text),
    Column("received_at", UtcDateTime, nullable=False),
)
Index("ix_attachment_message", attachment.c.wa_message_id, unique=True)
Index("ix_attachment_due", attachment.c.state, attachment.c.try_after)
