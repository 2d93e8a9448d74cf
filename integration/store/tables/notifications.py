"""What owners decided about notifications, what is to be said later, and what customers answered."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, text

from integration.store.tables.base import metadata
from integration.store.tables.personal import ROW, leads, nobody, person
from integration.store.types import Id, Money, Serial, UtcDateTime

#: The owner's decisions about the kinds of a shop. Append-only: the newest row of a kind in a shop holds. `days`,
#: `percent`, `amount` and `currency` are the personal voucher that goes with it; 0 days: none.
rule = Table(
    "rule",
    metadata,
    Column("version", Serial, primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("delay_seconds", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("days", Integer, nullable=False, server_default=text("0")),
    Column("percent", Money),
    Column("amount", Money),
    Column("currency", String(3), nullable=False, server_default=text("''")),
    info=nobody("the owner's choices"),
)
Index("ix_rule_kind", rule.c.shop, rule.c.kind, rule.c.version)

#: What a fact calls for later: one row per message key, or per person and kind. Gone once it is said or pointless.
follow_up = Table(
    "follow_up",
    metadata,
    Column("slot", String(255), primary_key=True, info=person("our ids of order or person", export="hide")),
    Column("shop", String(64), nullable=False, info=ROW),
    Column("kind", String(32), nullable=False, info=ROW),
    Column("step", Integer, nullable=False, info=ROW),
    Column("object_type", String(16), nullable=False, info=ROW),
    Column("object_id", String(128), nullable=False, info=ROW),
    Column("order_key", String(255), info=ROW),
    Column(
        "contact_id",
        Id,
        info=leads(
            "contact.id",
            merge="move",
            erase="delete",
            export="hide",
            retain="own",
            why="what is still to be said; nothing after erasure",
            code="integration.store.notifications.follow_ups.remove",
        ),
    ),
    Column("event_id", Id, info=ROW),
    Column("occurred_at", UtcDateTime, nullable=False, info=ROW),
    Column("due_at", UtcDateTime, nullable=False, info=ROW),
)
Index("ix_follow_up_due", follow_up.c.due_at)
Index("ix_follow_up_order", follow_up.c.order_key)
_OF_SOMEBODY = text("contact_id IS NOT NULL")
Index(
    "ix_follow_up_contact",
    follow_up.c.contact_id,
    sqlite_where=_OF_SOMEBODY,
    postgresql_where=_OF_SOMEBODY,
)

#: Appointments that owners entered. state: planned | cancelled. `reminded_at`: when the reminder of its present time
#: was made.
appointment = Table(
    "appointment",
    metadata,
    Column("id", Id, primary_key=True, info=ROW),
    Column("company", String(64), nullable=False, info=ROW),
    Column("shop", String(64), nullable=False, info=ROW),
    Column(
        "contact_id",
        Id,
        nullable=False,
        info=leads(
            "contact.id",
            merge="move",
            erase="delete",
            export="appointments",
            retain="appointments",
            why="over a month after it was",
        ),
    ),
    Column("what", String(100), nullable=False, info=person("what the owner wrote about it")),
    Column("starts_at", UtcDateTime, nullable=False, info=ROW),
    Column("state", String(16), nullable=False, info=ROW),
    Column("reminded_at", UtcDateTime, info=ROW),
    Column("created_at", UtcDateTime, nullable=False, info=ROW),
    Column("changed_at", UtcDateTime, nullable=False, info=ROW),
    Column("by", String(64), nullable=False, info=ROW),
)
Index("ix_appointment_starts", appointment.c.shop, appointment.c.starts_at)
Index("ix_appointment_contact", appointment.c.contact_id)

#: What customers said about an order by button or word. about: mute (no more messages) | cod (yes or no).
order_reply = Table(
    "order_reply",
    metadata,
    Column("order_key", String(255), primary_key=True, info=ROW),
    Column("about", String(8), primary_key=True, info=ROW),
    Column("answer", String(8), nullable=False, info=ROW),
    Column(
        "contact_id",
        Id,
        nullable=False,
        info=leads(
            "contact.id",
            merge="move",
            erase="delete",
            export="answers",
            retain="stay",
            why="what the person said about an order",
        ),
    ),
    Column("at", UtcDateTime, nullable=False, info=ROW),
)
Index("ix_order_reply_contact", order_reply.c.contact_id)
