"""What is sent and answered."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, false, text

from integration.domain.messages.status import WAITING
from integration.store.tables.base import metadata
from integration.store.types import Id, Json, Money, UtcDateTime

#: `item` is the article that an availability or price alert is about, `promotion` says that a service text advertises,
#: `buttons` are its replies: [payload, title] pairs. `components` is what a template carries besides the variables of
#: its text (`domain.messages.components`), null for most. `rule` is the version of the owner's rule that made it.
#: `price` is what it costs: the forecast when it left, then what Meta's statuses say; `price_at` is when that was.
#: `lease_until` and `prepared_at` belong to flow.messages.prepare.
#: `marketing` goes after everything else that is due. `error_code` is Meta's, while the message is failed.
message = Table(
    "message",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company", String(64), nullable=False),
    Column("sender", String(64), nullable=False),
    Column("shop", String(64)),
    Column("contact_id", Id, ForeignKey("contact.id")),
    Column("event_id", Id),
    Column("object_type", String(16)),
    Column("object_id", String(128)),
    Column("order_key", String(255)),
    Column("order_number", String(64)),
    Column("kind", String(32), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("key", String(255), nullable=False),
    Column("template", String(128)),
    Column("language", String(16), nullable=False),
    Column("variables", Json, nullable=False),
    Column("text", Text),
    Column("status", String(16), nullable=False),
    Column("reason", String(64)),
    Column("held", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("send_after", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("status_at", UtcDateTime, nullable=False),
    Column("price_category", String(32)),
    Column("price", Money),
    Column("price_currency", String(3)),
    Column("price_type", String(32)),
    Column("price_at", UtcDateTime),
    Column("item", String(128)),
    Column("promotion", Boolean, nullable=False, server_default=false()),
    Column("buttons", Json),
    Column("components", Json),
    Column("prepared_at", UtcDateTime),
    Column("marketing", Boolean, nullable=False, server_default=false()),
    Column("error_code", Integer),
    Column("rule", Integer, nullable=False, server_default="0"),
    UniqueConstraint("key", name="uq_message_key"),
)
#: messages that may still be sent, as the index and its query must both say it
IS_WAITING = text(f"status IN ({', '.join(repr(str(status)) for status in sorted(WAITING))})")
Index(
    "ix_message_due",
    message.c.sender,
    message.c.marketing,
    message.c.send_after,
    message.c.occurred_at,
    sqlite_where=IS_WAITING,
    postgresql_where=IS_WAITING,
)
_SENDING = text("status = 'sending'")
Index("ix_message_sending", message.c.status_at, sqlite_where=_SENDING, postgresql_where=_SENDING)
Index("ix_message_contact", message.c.contact_id, message.c.created_at)
Index("ix_message_order", message.c.order_key)
Index("ix_message_created", message.c.created_at)
Index("ix_message_kind", message.c.kind, message.c.created_at)
Index("ix_message_order_number", message.c.order_number)
_REASON = text("reason IS NOT NULL")
Index("ix_message_reason", message.c.reason, message.c.created_at, sqlite_where=_REASON, postgresql_where=_REASON)
Index("ix_message_status", message.c.status, message.c.created_at)
_PRICED = text("price IS NOT NULL")
Index("ix_message_price", message.c.price_at, sqlite_where=_PRICED, postgresql_where=_PRICED)

#: Each decision taken on a message: when it was queued and whenever it was about to leave.
decision = Table(
    "decision",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("stage", String(8), nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("basis", Json, nullable=False),
    Column("facts", Json, nullable=False),
)
Index("ix_decision_message", decision.c.message_id)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Id, nullable=False),
    Column("n", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("wa_message_id", String(255)),
    Column("http_status", Integer),
    Column("error_code", Integer),
    Column("error", Text),
    Column("duration_ms", Integer),
)
Index("ix_attempt_message", attempt.c.message_id)
Index("ix_attempt_wa_message_id", attempt.c.wa_message_id)

status = Table(
    "status",
    metadata,
    Column("wa_message_id", String(255), primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("at", UtcDateTime, primary_key=True),
    Column("message_id", Id),
    Column("received_at", UtcDateTime, nullable=False),
    Column("error_code", Integer),
    Column("error", Text),
)
Index("ix_status_message", status.c.message_id)

inbound_message = Table(
    "inbound_message",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company", String(64), nullable=False),
    Column("sender", String(64), nullable=False),
    Column("contact_id", Id, ForeignKey("contact.id"), nullable=False),
    Column("wa_message_id", String(255), nullable=False),
    Column("type", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("payload", String(255), nullable=False),
    Column("intent", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    UniqueConstraint("wa_message_id", name="uq_inbound_message_wa_message_id"),
)
Index("ix_inbound_message_contact", inbound_message.c.contact_id, inbound_message.c.at)

#: Meta's templates as last read, per account. `since` is when status and category became what they are; `accepted_at`
#: when the owner accepted that a service text is MARKETING. Of our own: REFUSED, Meta did not even take it;
#: PUT_OFF, it takes no more for now or nobody knows.
template = Table(
    "template",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("language", String(16), primary_key=True),
    Column("status", String(32), nullable=False),
    Column("category", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("read_at", UtcDateTime, nullable=False),
    Column("quality", String(16), nullable=False, server_default=text("''")),
    Column("body", Text, nullable=False, server_default=text("''")),
    Column("footer", Text, nullable=False, server_default=text("''")),
    Column("since", UtcDateTime),
    Column("accepted_at", UtcDateTime),
    Column("outline", Json),
)

#: The owner's own texts. Append-only: each edit is a row. `shop` is empty for all shops of the company, `body` null
#: where the owner went back to Ladenbote's text; `parts` is what the text shows besides
#: (domain.templates.parts).
template_text = Table(
    "template_text",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company", String(64), nullable=False),
    Column("shop", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("address", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String(128), nullable=False),
    Column("body", Text),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("parts", Json),
    UniqueConstraint("name", "language", name="uq_template_text_name"),
)

#: What the owner decided about texts that Meta calls MARKETING. Append-only. choice: pause | accept.
template_choice = Table(
    "template_choice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", String(64), nullable=False),
    Column("name", String(128), nullable=False),
    Column("language", String(16), nullable=False),
    Column("choice", String(8), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
)

#: What the owner decided about a message that failed or is uncertain. choice: resend | sent | drop.
intervention = Table(
    "intervention",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Id, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("choice", String(16), nullable=False),
    Column("was", String(16), nullable=False),
)
Index("ix_intervention_message", intervention.c.message_id)

#: What rests while a cause of Meta's lasts. scope: account | marketing | country | template
#: (domain.messages.holds says what their keys are). Without `until` it rests until somebody, or a sweep,
#: finds the cause gone.
block = Table(
    "block",
    metadata,
    Column("scope", String(16), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("code", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
)

#: Whom an account wrote to outside the service window within a day: Meta limits how many people
#: (flow.messages.throttle).
reached = Table(
    "reached",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("contact_id", Id, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_reached_at", reached.c.account, reached.c.at)

#: What the shop wrote on its own phone (coexistence): part of the conversation, not a message of ours.
echo = Table(
    "echo",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company", String(64), nullable=False),
    Column("sender", String(64), nullable=False),
    Column("contact_id", Id, ForeignKey("contact.id"), nullable=False),
    Column("wa_message_id", String(255), nullable=False),
    Column("type", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    UniqueConstraint("wa_message_id", name="uq_echo_wa_message_id"),
)
Index("ix_echo_contact", echo.c.contact_id, echo.c.at)

sender_state = Table(
    "sender_state",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("paused_at", UtcDateTime, nullable=False),
    Column("code", Integer, nullable=False),
    Column("detail", Text, nullable=False),
)
