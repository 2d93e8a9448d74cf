"""What we know of the WhatsApp numbers, and the media that go and come through them."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from integration.store.tables.base import metadata
from integration.store.tables.personal import HOUSE, OURS, ROW, leads, nobody, person
from integration.store.types import Id, Json, UtcDateTime

#: Numbers that were entered in the browser: their settings without the secrets, which stand in `secret`.
number = Table(
    "number",
    metadata,
    Column("slug", String(64), primary_key=True),
    Column("settings", Json, nullable=False, info=nobody("the owner's number and account")),
    Column("changed_at", UtcDateTime, nullable=False),
    info=nobody("the owner's numbers"),
)

#: What Meta said of a number when it was asked last (`facts`, `findings`), and the round trip: `asked` is the word that
#: the owner sends from a phone, `shaken_at` Meta's last handshake, `refused_at` the last body with a wrong signature.
#: `goods_at` is when the owner said that nothing is sold that WhatsApp forbids.
number_state = Table(
    "number_state",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("read_at", UtcDateTime),
    Column("facts", Json, info=nobody("what Meta says of the owner's number")),
    Column("findings", Json, info=nobody("what is wrong with the owner's number")),
    Column("asked", String(32)),
    Column("asked_at", UtcDateTime),
    Column("proved_at", UtcDateTime),
    Column("shaken_at", UtcDateTime),
    Column("refused_at", UtcDateTime),
    Column("goods_at", UtcDateTime),
    info=nobody("the owner's numbers"),
)

#: What lies with WhatsApp under an id, by the hash of its content. An id lives 30 days.
media = Table(
    "media",
    metadata,
    Column("sender", String(64), primary_key=True, info=HOUSE),
    Column(
        "hash",
        String(64),
        primary_key=True,
        info=leads(
            "enclosure.hash",
            merge="stay",
            erase="delete",
            export="hide",
            retain="stay",
            why="the person's documents at WhatsApp; its id lives 30 days",
        ),
    ),
    Column("media_id", String(128), nullable=False, info=OURS),
    Column("uploaded_at", UtcDateTime, nullable=False, info=OURS),
)

#: The owner's pictures, videos and files that go out with texts, by the SHA-256 of their content; documents of orders
#: as well, with the order and the person that they are about.
enclosure = Table(
    "enclosure",
    metadata,
    Column("hash", String(64), primary_key=True, info=OURS),
    Column("mime", String(128), nullable=False, info=OURS),
    Column("name", String(255), nullable=False, info=person("what the file is called")),
    Column("content", LargeBinary, nullable=False, info=person("the document")),
    Column("at", UtcDateTime, nullable=False, info=OURS),
    Column("order_key", String(255), info=person("which order")),
    Column(
        "contact_id",
        Id,
        info=leads(
            "contact.id",
            merge="move",
            erase="delete",
            export="hide",
            retain="documents",
            why="a document about the person, handed out as a file",
        ),
    ),
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
    Column("id", Id, primary_key=True, info=OURS),
    Column("sender", String(64), nullable=False, info=OURS),
    Column(
        "wa_message_id",
        String(255),
        nullable=False,
        info=leads(
            "inbound_message.wa_message_id",
            merge="stay",
            erase="delete",
            export="hide",
            retain="attachments",
            why="a file that the person sent, handed out as a file",
        ),
    ),
    Column("media_id", String(128), nullable=False, info=person("WhatsApp's id of the file")),
    Column("name", String(255), nullable=False, info=person("what the file is called")),
    Column("state", String(16), nullable=False, info=OURS),
    Column("mime", String(128), info=ROW),
    Column("size", Integer, info=ROW),
    Column("file", String(64), info=OURS),
    Column("key", LargeBinary, info=person("opens the file: without it nobody can")),
    Column("tries", Integer, nullable=False, info=OURS),
    Column("try_after", UtcDateTime, nullable=False, info=OURS),
    Column("error", Text, info=nobody("a short text of our own")),
    Column("received_at", UtcDateTime, nullable=False, info=ROW),
)
Index("ix_attachment_message", attachment.c.wa_message_id, unique=True)
Index("ix_attachment_due", attachment.c.state, attachment.c.try_after)
