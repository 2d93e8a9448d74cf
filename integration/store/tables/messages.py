"""What is sent and answered."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, false, text

from integration.domain.messages.status import WAITING
from integration.store.tables.base import metadata
from integration.store.tables.personal import HOUSE, OURS, ROW, leads, nobody, person
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
    Column("id", Id, primary_key=True, info=OURS),
    Column("company", String(64), nullable=False, info=OURS),
    Column("sender", String(64), nullable=False, info=OURS),
    Column("shop", String(64), info=OURS),
    Column(
        "contact_id",
        Id,
        ForeignKey("contact.id"),
        info=leads(
            "contact.id",
            merge="move",
            erase="keep",
            export="messages",
            retain="stay",
            why="counts go on; leads to an empty profile",
        ),
    ),
    Column("event_id", Id, info=OURS),
    Column("object_type", String(16), info=ROW),
    Column("object_id", String(128), info=person("an order's or parcel's id, kept with the order", erase="keep")),
    Column("order_key", String(255), info=person("an order's id, kept with the order", erase="keep", export="hide")),
    Column("order_number", String(64), info=person("which order", erase="blank", retain="messages")),
    Column("kind", String(32), nullable=False, info=ROW),
    Column("purpose", String(32), nullable=False, info=ROW),
    Column(
        "key",
        String(255),
        nullable=False,
        info=person(
            "so that nothing is said twice; an answer's holds a message id", erase="hash_within", export="hide"
        ),
    ),
    Column("template", String(128), info=ROW),
    Column("language", String(16), nullable=False, info=ROW),
    Column("variables", Json, nullable=False, info=person("words", erase="blank", retain="messages")),
    Column("text", Text, info=person("words", erase="blank", retain="messages")),
    Column("status", String(16), nullable=False, info=ROW),
    Column("reason", String(64), info=ROW),
    Column("held", Boolean, nullable=False, info=OURS),
    Column("tries", Integer, nullable=False, info=OURS),
    Column("occurred_at", UtcDateTime, nullable=False, info=ROW),
    Column("created_at", UtcDateTime, nullable=False, info=ROW),
    Column("send_after", UtcDateTime, nullable=False, info=OURS),
    Column("expires_at", UtcDateTime, nullable=False, info=OURS),
    Column("lease_until", UtcDateTime, info=OURS),
    Column("status_at", UtcDateTime, nullable=False, info=ROW),
    Column("price_category", String(32), info=OURS),
    Column("price", Money, info=OURS),
    Column("price_currency", String(3), info=OURS),
    Column("price_type", String(32), info=OURS),
    Column("price_at", UtcDateTime, info=OURS),
    Column("item", String(128), info=ROW),
    Column("promotion", Boolean, nullable=False, server_default=false(), info=ROW),
    Column("buttons", Json, info=person("words", erase="blank", retain="messages")),
    Column("components", Json, info=person("words", erase="blank", retain="messages")),
    Column("prepared_at", UtcDateTime, info=OURS),
    Column("marketing", Boolean, nullable=False, server_default=false(), info=ROW),
    Column("error_code", Integer, info=ROW),
    Column("rule", Integer, nullable=False, server_default="0", info=OURS),
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
    Column("id", Id, primary_key=True, info=OURS),
    Column(
        "message_id",
        Id,
        nullable=False,
        info=leads(
            "message.id",
            merge="stay",
            erase="keep",
            export="hide",
            retain="refusals",
            why="its message says whose; only refusals go",
        ),
    ),
    Column("at", UtcDateTime, nullable=False, info=ROW),
    Column("stage", String(8), nullable=False, info=ROW),
    Column("outcome", String(8), nullable=False, info=ROW),
    Column("reason", String(64), nullable=False, info=ROW),
    Column("basis", Json, nullable=False, info=person("rows of the ledger", export="hide")),
    Column("facts", Json, nullable=False, info=person("country and window, no names", export="hide")),
)
Index("ix_decision_message", decision.c.message_id)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, primary_key=True, info=OURS),
    Column(
        "message_id",
        Id,
        nullable=False,
        info=leads(
            "message.id",
            merge="stay",
            erase="keep",
            export="hide",
            retain="stay",
            why="its message tells what became of it",
        ),
    ),
    Column("n", Integer, nullable=False, info=ROW),
    Column("at", UtcDateTime, nullable=False, info=ROW),
    Column("outcome", String(16), nullable=False, info=ROW),
    Column("wa_message_id", String(255), info=person("Meta's id holds the phone number in base64", erase="hash")),
    Column("http_status", Integer, info=ROW),
    Column("error_code", Integer, info=ROW),
    Column("error", Text, info=person("a word of ours or Meta's", erase="blank")),
    Column("duration_ms", Integer, info=ROW),
)
Index("ix_attempt_message", attempt.c.message_id)
Index("ix_attempt_wa_message_id", attempt.c.wa_message_id)

status = Table(
    "status",
    metadata,
    Column(
        "wa_message_id",
        String(255),
        primary_key=True,
        info=person("Meta's id holds the phone number in base64", erase="hash"),
    ),
    Column("status", String(16), primary_key=True, info=ROW),
    Column("at", UtcDateTime, primary_key=True, info=ROW),
    Column(
        "message_id",
        Id,
        info=leads(
            "message.id",
            merge="stay",
            erase="keep",
            export="hide",
            retain="stay",
            why="its message tells what became of it",
        ),
    ),
    Column("received_at", UtcDateTime, nullable=False, info=ROW),
    Column("error_code", Integer, info=ROW),
    Column("error", Text, info=person("Meta's words", erase="blank")),
)
Index("ix_status_message", status.c.message_id)

inbound_message = Table(
    "inbound_message",
    metadata,
    Column("id", Id, primary_key=True, info=OURS),
    Column("company", String(64), nullable=False, info=OURS),
    Column("sender", String(64), nullable=False, info=OURS),
    Column(
        "contact_id",
        Id,
        ForeignKey("contact.id"),
        nullable=False,
        info=leads(
            "contact.id", merge="move", erase="delete", export="written", retain="stay", why="what the person wrote"
        ),
    ),
    Column("wa_message_id", String(255), nullable=False, info=person("Meta's id holds the phone number in base64")),
    Column("type", String(32), nullable=False, info=ROW),
    Column("text", Text, nullable=False, info=person("words", retain="inbound", empty="…")),
    Column("payload", String(255), nullable=False, info=person("the button")),
    Column("intent", String(16), nullable=False, info=ROW),
    Column("at", UtcDateTime, nullable=False, info=ROW),
    Column("received_at", UtcDateTime, nullable=False, info=OURS),
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
    Column("reason", Text, nullable=False, info=nobody("Meta's words about a text")),
    Column("read_at", UtcDateTime, nullable=False),
    Column("quality", String(16), nullable=False, server_default=text("''")),
    Column("body", Text, nullable=False, server_default=text("''"), info=nobody("a text with variables")),
    Column("footer", Text, nullable=False, server_default=text("''"), info=nobody("a text for everybody")),
    Column("since", UtcDateTime),
    Column("accepted_at", UtcDateTime),
    Column("outline", Json, info=nobody("what a text shows")),
    info=nobody("texts for everybody"),
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
    Column("body", Text, info=nobody("a text with variables")),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("parts", Json, info=nobody("what a text shows")),
    UniqueConstraint("name", "language", name="uq_template_text_name"),
    info=nobody("texts for everybody"),
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
    info=nobody("the owner's choices"),
)

#: What the owner decided about a message that failed or is uncertain. choice: resend | sent | drop.
intervention = Table(
    "intervention",
    metadata,
    Column("id", Id, primary_key=True, info=OURS),
    Column(
        "message_id",
        Id,
        nullable=False,
        info=leads(
            "message.id",
            merge="stay",
            erase="keep",
            export="hide",
            retain="stay",
            why="what the owner decided about a message",
        ),
    ),
    Column("at", UtcDateTime, nullable=False, info=ROW),
    Column("actor", String(64), nullable=False, info=HOUSE),
    Column("choice", String(16), nullable=False, info=ROW),
    Column("was", String(16), nullable=False, info=ROW),
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
    info=nobody("accounts, countries and texts that rest"),
)

#: Whom an account wrote to outside the service window within a day: Meta limits how many people
#: (flow.messages.throttle).
reached = Table(
    "reached",
    metadata,
    Column("account", String(64), primary_key=True, info=HOUSE),
    Column(
        "contact_id",
        Id,
        primary_key=True,
        info=leads(
            "contact.id",
            merge="stay",
            erase="keep",
            export="hide",
            retain="stay",
            why="gone in a day; counted twice rather than too little",
        ),
    ),
    Column("at", UtcDateTime, nullable=False, info=ROW),
)
Index("ix_reached_at", reached.c.account, reached.c.at)

#: What the shop wrote on its own phone (coexistence): part of the conversation, not a message of ours.
echo = Table(
    "echo",
    metadata,
    Column("id", Id, primary_key=True, info=OURS),
    Column("company", String(64), nullable=False, info=OURS),
    Column("sender", String(64), nullable=False, info=OURS),
    Column(
        "contact_id",
        Id,
        ForeignKey("contact.id"),
        nullable=False,
        info=leads(
            "contact.id",
            merge="move",
            erase="delete",
            export="phone",
            retain="stay",
            why="what the shop wrote to the person on its phone",
        ),
    ),
    Column(
        "wa_message_id",
        String(255),
        nullable=False,
        info=person("Meta's id holds the phone number in base64", export="hide"),
    ),
    Column("type", String(32), nullable=False, info=ROW),
    Column("text", Text, nullable=False, info=person("words", retain="inbound", empty="…")),
    Column("at", UtcDateTime, nullable=False, info=ROW),
    Column("received_at", UtcDateTime, nullable=False, info=OURS),
    UniqueConstraint("wa_message_id", name="uq_echo_wa_message_id"),
)
Index("ix_echo_contact", echo.c.contact_id, echo.c.at)

sender_state = Table(
    "sender_state",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("paused_at", UtcDateTime, nullable=False),
    Column("code", Integer, nullable=False),
    Column("detail", Text, nullable=False, info=nobody("Meta's words about a number")),
    info=nobody("the owner's numbers"),
)
