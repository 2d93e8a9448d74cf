"""The schema. One table per noun; every word is the one of docs/glossary.md."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from integration.domain.status import WAITING
from integration.store.types import Id, Json, Serial, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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

#: `region` is the federal state ("DE-BY"), where known. `asked_at`: a STOP that was not clear is being asked about, and
#: marketing rests. `identity_since`: when phone and BSUID were last brought together; `phone_from`: the BSUID that this
#: phone belonged to before.
contact = Table(
    "contact",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company", String(64), nullable=False),
    Column("subject", Id, nullable=False),
    Column("phone", String(20)),
    Column("wa_user_id", String(140)),
    Column("name", String(200), nullable=False),
    Column("locale", String(16), nullable=False),
    Column("country", String(2)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_inbound_at", UtcDateTime),
    Column("erased_at", UtcDateTime),
    Column("merged_into", Id),
    Column("region", String(8)),
    Column("born_on", Date),
    Column("asked_at", UtcDateTime),
    Column("identity_since", UtcDateTime),
    Column("phone_from", String(140)),
    UniqueConstraint("company", "phone", name="uq_contact_phone"),
    UniqueConstraint("company", "wa_user_id", name="uq_contact_wa_user_id"),
    UniqueConstraint("company", "subject", name="uq_contact_subject"),
)

_MERGED = text("merged_into IS NOT NULL")
Index("ix_contact_merged", contact.c.merged_into, sqlite_where=_MERGED, postgresql_where=_MERGED)

#: The consent ledger. Append-only; the row format is final (reference/law.md section 3). Header columns hold no
#: personal data; `payload` is encrypted under the subject's own key, which lies in the keys database.
consent = Table(
    "consent",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("event_id", Id, nullable=False),
    Column("subject", Id, nullable=False),
    Column("type", String(20), nullable=False),
    Column("purposes", Json, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("via", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("actor", String(16), nullable=False),
    Column("flags", Json, nullable=False),
    Column("account", String(64)),
    Column("bsuid", String(64)),
    Column("promised_per_month", Integer),
    Column("wording_hash", String(64)),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("payload_hash", String(64), nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("event_id", name="uq_consent_event_id"),
)
Index("ix_consent_subject", consent.c.company, consent.c.subject, consent.c.seq)

#: The chain's end per company; its row lock makes appends follow one another.
ledger_head = Table(
    "ledger_head",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("seq", Serial, nullable=False, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("broken_at", UtcDateTime),
)

#: The wordings that people agreed to. Immutable: the hash is the key.
wording = Table(
    "wording",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("purposes", Json, nullable=False),
    Column("names_whatsapp", Boolean, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
)

#: Keyed hashes of people never to write to. kind: phone | bsuid.
suppression = Table(
    "suppression",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("keyed_hash", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

#: `item` is the article that an availability or price alert is about, `promotion` says that a service text advertises,
#: `buttons` are the replies under a free text: [payload, title] pairs.
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
    Column("item", String(128)),
    Column("promotion", Boolean, nullable=False, server_default=false()),
    Column("buttons", Json),
    UniqueConstraint("key", name="uq_message_key"),
)
#: messages that may still be sent, as the index and its query must both say it
IS_WAITING = text(f"status IN ({', '.join(repr(str(status)) for status in sorted(WAITING))})")
Index("ix_message_due", message.c.sender, message.c.send_after, sqlite_where=IS_WAITING, postgresql_where=IS_WAITING)
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

#: Meta's templates as last read, per account.
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
)

#: When a shop was connected: what happened before is knowledge only. `findings` are the last ones of `doctor`.
shop_state = Table(
    "shop_state",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("connected_at", UtcDateTime, nullable=False),
    Column("examined_at", UtcDateTime),
    Column("findings", Json),
)

#: How far each shop has been read. `cursor` is the connector's own; `left` counts what its platform says is unread.
#: `caught_up_at` is when the first reading (the backfill) was complete. `error` is {code, de, en}.
stream = Table(
    "stream",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("cursor", Json, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("interval_s", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("polled_at", UtcDateTime),
    Column("caught_up_at", UtcDateTime),
    Column("read", Integer, nullable=False),
    Column("left", Integer),
    Column("failures", Integer, nullable=False),
    Column("error", Json),
)
Index("ix_stream_due", stream.c.due_at)

#: Objects of which a hint told too little: they are read from the shop. `key` is the snapshot's.
reread = Table(
    "reread",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("object_type", String(16), nullable=False),
    Column("object_id", String(128), nullable=False),
    Column("wanted_at", UtcDateTime, nullable=False),
    Column("try_after", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text),
)
Index("ix_reread_shop", reread.c.shop, reread.c.try_after)

sender_state = Table(
    "sender_state",
    metadata,
    Column("sender", String(64), primary_key=True),
    Column("paused_at", UtcDateTime, nullable=False),
    Column("code", Integer, nullable=False),
    Column("detail", Text, nullable=False),
)

job_run = Table(
    "job_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("result", String(255)),
    Column("error", Text),
)
Index("ix_job_run_job", job_run.c.job, job_run.c.started_at)

#: Secrets that arose at run time, encrypted with master.key.
secret = Table(
    "secret",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

#: Signed-in browsers; only the hash of the cookie's token is stored.
session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("language", String(8), nullable=False),
)

#: Signatures of plugin facts that were stored: the same one again is a replay.
plugin_signature = Table(
    "plugin_signature",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("stored_at", UtcDateTime, nullable=False),
)

#: Whether each mailbox answers. `problem` is a `MailboxProblem`, empty while it does.
mailbox_state = Table(
    "mailbox_state",
    metadata,
    Column("mailbox", String(64), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("problem", Text, nullable=False),
)

#: What people asked for through their shop. kind: export | erase. `email` is encrypted with master.key.
privacy_request = Table(
    "privacy_request",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("email", LargeBinary, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("handled_at", UtcDateTime),
    UniqueConstraint("shop", "reference", name="uq_privacy_request_shop"),
)

#: What one person of one shop put together (domain/carts.py). `parts` are its drafts and sessions, NULL once personal
#: data were deleted; `snapshot_key` is the newest of them. `named`: somebody gave a contact. `due_at`: to look at.
cart = Table(
    "cart",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("named", Boolean, nullable=False),
    Column("snapshot_key", String(255), nullable=False),
    Column("contact_id", Id),
    Column("began_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("abandoned_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("expired_at", UtcDateTime),
    Column("ordered_at", UtcDateTime),
    Column("order_id", String(128), nullable=False),
    Column("total", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("parts", Json),
)
#: conditions of partial indexes, as their queries must say them, too
IS_DUE = text("due_at IS NOT NULL")
IS_NAMED = text("named")
HAS_PARTS = text("parts IS NOT NULL")
_LINKED = text("contact_id IS NOT NULL")
Index("ix_cart_due", cart.c.due_at, sqlite_where=IS_DUE, postgresql_where=IS_DUE)
Index("ix_cart_changed", cart.c.changed_at, cart.c.id, sqlite_where=IS_NAMED, postgresql_where=IS_NAMED)
Index("ix_cart_state", cart.c.state, cart.c.changed_at, sqlite_where=IS_NAMED, postgresql_where=IS_NAMED)
Index("ix_cart_kept", cart.c.changed_at, sqlite_where=HAS_PARTS, postgresql_where=HAS_PARTS)
Index("ix_cart_contact", cart.c.contact_id, sqlite_where=_LINKED, postgresql_where=_LINKED)

#: Under what a cart is known: keyed hashes of its ids, and of its person's customer id, phone and e-mail address.
cart_key = Table(
    "cart_key",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("cart_id", Id, primary_key=True),
)
Index("ix_cart_key_cart", cart_key.c.cart_id)

#: Who bought lately, under the same keys: a cart that arrives after its order is known to be bought.
purchase = Table(
    "purchase",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("order_id", String(128), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_purchase_at", purchase.c.at)

#: Which product a variant belongs to, where their ids differ.
variant = Table(
    "variant",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("product_id", String(128), nullable=False),
)

#: Personal vouchers. `purpose_key` says what for: asking again gives the same one. status: drawn | created | redeemed |
#: removed | gone. `due_at`: to do something about it; `error` is {code, de, en} while the shop does not let us.
voucher = Table(
    "voucher",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("purpose_key", String(255), nullable=False),
    Column("contact_id", Id),
    Column("customer_id", String(128), nullable=False),
    Column("code", String(32), nullable=False),
    Column("percent", String(40)),
    Column("amount", String(40)),
    Column("currency", String(3), nullable=False),
    Column("minimum", String(40)),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("drawn_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("error", Json),
    UniqueConstraint("shop", "purpose_key", name="uq_voucher_purpose"),
    UniqueConstraint("shop", "code", name="uq_voucher_code"),
)
Index("ix_voucher_due", voucher.c.due_at, sqlite_where=IS_DUE, postgresql_where=IS_DUE)
Index("ix_voucher_contact", voucher.c.contact_id, sqlite_where=_OWNED, postgresql_where=_OWNED)

#: Links and QR codes that people opt in by: the inbound text "START <code>" stands for the wording that was shown.
#: source: qr | keyword. `promised_per_month` is what the wording promises at most.
optin_link = Table(
    "optin_link",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("company", String(64), nullable=False),
    Column("sender", String(64), nullable=False),
    Column("wording_hash", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("purposes", Json, nullable=False),
    Column("promised_per_month", Integer),
    Column("source", String(16), nullable=False),
    Column("label", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("ended_at", UtcDateTime),
)
Index("ix_optin_link_company", optin_link.c.company, optin_link.c.created_at)

#: What people asked for about their data (GDPR Art. 15 to 21). kind: access | erasure | rectification | restriction |
#: objection. state: open | done | refused. `detail` is encrypted with master.key: who asked, in which words.
request = Table(
    "request",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company", String(64), nullable=False),
    Column("contact_id", Id),
    Column("kind", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False),
    Column("ended_at", UtcDateTime),
    Column("outcome", String(255)),
)
Index("ix_request_state", request.c.state, request.c.due_at)
Index("ix_request_contact", request.c.contact_id)

#: Signed ends of the ledger's chains (docs/ledger.md).
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("key", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)

#: The ledger's last entry whose person's state was shown in the shop (Shopify's own consent list).
consent_shown = Table(
    "consent_shown",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("seq", Serial, nullable=False, autoincrement=False),
)

keys_metadata = MetaData(naming_convention=metadata.naming_convention)

#: The per-person keys of the ledger, in a database of their own that ordinary backups leave out.
subject_key = Table(
    "subject_key",
    keys_metadata,
    Column("subject", Id, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

#: Subjects whose key was destroyed; a restore replays them first.
tombstone = Table(
    "tombstone",
    keys_metadata,
    Column("subject", Id, primary_key=True),
    Column("company", String(64), nullable=False),
    Column("erased_at", UtcDateTime, nullable=False),
)

#: The suppression list once more: a restored backup of the other database must not forget it.
kept_suppression = Table(
    "kept_suppression",
    keys_metadata,
    Column("company", String(64), primary_key=True),
    Column("keyed_hash", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

#: The proof vault: keys of erased people to whom marketing was sent, until claims are barred (GDPR Art. 17(3)(e)).
proof_key = Table(
    "proof_key",
    keys_metadata,
    Column("subject", Id, primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("destroy_after", UtcDateTime, nullable=False),
)
