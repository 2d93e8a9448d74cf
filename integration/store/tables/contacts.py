"""Who there is, and what they agreed to."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from integration.store.tables.base import metadata
from integration.store.types import Id, Json, Serial, UtcDateTime

#: `region` is the federal state ("DE-BY"), where known. `asked_at`: a STOP that was not clear is being asked about, and
#: marketing rests. `identity_since`: when phone and BSUID were last brought together; `phone_from`: the BSUID that this
#: phone belonged to before. `unreachable_until`: WhatsApp could not deliver (131026), so it is not tried before.
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
    Column("unreachable_until", UtcDateTime),
    UniqueConstraint("company", "phone", name="uq_contact_phone"),
    UniqueConstraint("company", "wa_user_id", name="uq_contact_wa_user_id"),
    UniqueConstraint("company", "subject", name="uq_contact_subject"),
)

IS_BORN = text("born_on IS NOT NULL")
Index("ix_contact_born", contact.c.born_on, sqlite_where=IS_BORN, postgresql_where=IS_BORN)
_MERGED = text("merged_into IS NOT NULL")
Index("ix_contact_merged", contact.c.merged_into, sqlite_where=_MERGED, postgresql_where=_MERGED)

#: The consent ledger. Append-only; the row format is final (docs/reference/law.md section 3). Header columns hold no
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

#: The chain's end per company; its row lock makes appends follow one another. `checked_at`: when the whole chain was
#: last verified, up to `checked_seq`; `faults` are what that found, [code, seq] pairs.
ledger_head = Table(
    "ledger_head",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("seq", Serial, nullable=False, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("broken_at", UtcDateTime),
    Column("checked_at", UtcDateTime),
    Column("checked_seq", Serial, autoincrement=False),
    Column("faults", Json),
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

#: Links, QR codes and forms that people opt in by: the inbound text "START <code>" stands for the wording that was
#: shown. source: qr | keyword. `promised_per_month` is what the wording promises at most. `boxes` are what its form
#: asks for, one box each: purposes and wording_hash. `item` is the article of an alert ("shop/variant").
#: `came` counts who agreed by it.
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
    Column("boxes", Json, nullable=False, server_default="[]"),
    Column("item", String(200)),
    Column("came", Integer, nullable=False, server_default="0"),
)
Index("ix_optin_link_company", optin_link.c.company, optin_link.c.created_at)
_ALERT = text("item IS NOT NULL")
Index("ix_optin_link_item", optin_link.c.company, optin_link.c.item, sqlite_where=_ALERT, postgresql_where=_ALERT)

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

#: Visits of the public privacy page: the browser by a keyed hash, the code that its visitor sends us, who that was.
visit = Table(
    "visit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("company", String(64), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("code", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("contact_id", Id),
    Column("pin_hash", String(64)),
    Column("tries", Integer, nullable=False),
    Column("entered_at", UtcDateTime),
    UniqueConstraint("token_hash", name="uq_visit_token_hash"),
    UniqueConstraint("code", name="uq_visit_code"),
)
Index("ix_visit_created", visit.c.created_at)

#: The ledger's last entry whose person's state was shown in the shop (Shopify's own consent list).
consent_shown = Table(
    "consent_shown",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("seq", Serial, nullable=False, autoincrement=False),
)
