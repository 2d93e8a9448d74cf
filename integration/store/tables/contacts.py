"""Who there is, and what they agreed to."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint, text

from integration.store.tables.base import metadata
from integration.store.tables.personal import CODE, HOUSE, OURS, ROW, leads, nobody, person
from integration.store.types import Id, Json, Serial, UtcDateTime

#: `region` is the federal state ("DE-BY"), where known. `asked_at`: a STOP that was not clear is being asked about, and
#: marketing rests. `identity_since`: when phone and BSUID were last brought together; `phone_from`: the BSUID that this
#: phone belonged to before. `unreachable_until`: WhatsApp could not deliver (131026), so it is not tried before.
contact = Table(
    "contact",
    metadata,
    Column(
        "id",
        Id,
        primary_key=True,
        info=leads(
            "contact.id",
            merge="stay",
            erase="keep",
            export="person",
            retain="own",
            why="stays, empty, for what hangs on it",
            code="integration.flow.privacy.erasure.erase",
        ),
    ),
    Column("company", String(64), nullable=False, info=ROW),
    Column(
        "subject",
        Id,
        nullable=False,
        info=person(
            "the random name in the ledger, for which nobody has a key after erasure", erase="keep", export="hide"
        ),
    ),
    Column("phone", String(20), info=person("who it is", merge="fill", erase="blank")),
    Column("wa_user_id", String(140), info=person("who it is", merge="fill", erase="blank")),
    Column("name", String(200), nullable=False, info=person("who it is", merge="fill", erase="blank")),
    Column("locale", String(16), nullable=False, info=person("of the person", merge="fill", erase="blank")),
    Column("country", String(2), info=person("of the person", merge="stay", erase="blank")),
    Column("created_at", UtcDateTime, nullable=False, info=ROW),
    Column("last_inbound_at", UtcDateTime, info=person("when they wrote", merge="later", erase="blank")),
    Column("erased_at", UtcDateTime, info=person("that nobody is here any more", erase="keep")),
    Column(
        "merged_into", Id, info=person("leads to the contact that was kept", merge="move", erase="keep", export="hide")
    ),
    Column("region", String(8), info=person("where they live", merge="fill", erase="blank")),
    Column("born_on", Date, info=person("in doubt the younger", merge="later", erase="blank")),
    Column("asked_at", UtcDateTime, info=person("what they said", merge="later", erase="blank")),
    Column("identity_since", UtcDateTime, info=person("when they had this phone", merge="later", erase="blank")),
    Column("phone_from", String(140), info=person("who had the phone before", merge="fill", erase="blank")),
    Column("unreachable_until", UtcDateTime, info=person("about their phone", merge="stay", erase="blank")),
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
    Column("company", String(64), primary_key=True, info=ROW),
    Column("seq", Serial, primary_key=True, autoincrement=False, info=OURS),
    Column("event_id", Id, nullable=False, info=OURS),
    Column(
        "subject",
        Id,
        nullable=False,
        info=leads(
            "contact.subject",
            merge="stay",
            erase="own",
            export="consents",
            retain="own",
            why="both subjects stay; the chain stays, its words lose their key",
            code="integration.store.privacy.erasure.destroy_keys",
        ),
    ),
    Column("type", String(20), nullable=False, info=ROW),
    Column("purposes", Json, nullable=False, info=ROW),
    Column("channel", String(16), nullable=False, info=ROW),
    Column("via", String(16), nullable=False, info=ROW),
    Column("source", String(16), nullable=False, info=ROW),
    Column("actor", String(16), nullable=False, info=ROW),
    Column("flags", Json, nullable=False, info=ROW),
    Column("account", String(64), info=person("a keyed hash, for decisions", erase="keep", export="hide")),
    Column("bsuid", String(64), info=person("a keyed hash, for decisions", erase="keep", export="hide")),
    Column("promised_per_month", Integer, info=ROW),
    Column("wording_hash", String(64), info=ROW),
    Column("occurred_at", UtcDateTime, nullable=False, info=ROW),
    Column("recorded_at", UtcDateTime, nullable=False, info=ROW),
    Column(
        "payload",
        LargeBinary,
        nullable=False,
        info=person(
            "evidence, sealed with the person's own key",
            erase="own",
            code="integration.store.privacy.erasure.destroy_keys",
        ),
    ),
    Column("payload_hash", String(64), nullable=False, info=OURS),
    Column("prev_hash", String(64), nullable=False, info=OURS),
    Column("hash", String(64), nullable=False, info=OURS),
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
    Column("faults", Json, info=nobody("codes and rows of the chain")),
    info=nobody("ends of chains"),
)

#: The wordings that people agreed to. Immutable: the hash is the key.
wording = Table(
    "wording",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("hash", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("text", Text, nullable=False, info=nobody("the owner's words, shown to everybody")),
    Column("purposes", Json, nullable=False, info=CODE),
    Column("names_whatsapp", Boolean, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    info=nobody("texts that the owner's forms show"),
)

#: Keyed hashes of people never to write to. kind: phone | bsuid.
suppression = Table(
    "suppression",
    metadata,
    Column("company", String(64), primary_key=True, info=HOUSE),
    Column(
        "keyed_hash",
        String(64),
        primary_key=True,
        info=leads(
            "",
            merge="stay",
            erase="own",
            export="hide",
            retain="declined_codes",
            why="a keyed hash, so that nobody writes to them again",
            code="integration.store.consent.ledger.Ledger.suppress",
        ),
    ),
    Column("kind", String(8), nullable=False, info=ROW),
    Column("reason", String(64), nullable=False, info=ROW),
    Column("created_at", UtcDateTime, nullable=False, info=ROW),
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
    Column("purposes", Json, nullable=False, info=CODE),
    Column("promised_per_month", Integer),
    Column("source", String(16), nullable=False),
    Column("label", String(100), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("ended_at", UtcDateTime),
    Column("boxes", Json, nullable=False, server_default="[]", info=nobody("which boxes the form shows")),
    Column("item", String(200)),
    Column("came", Integer, nullable=False, server_default="0"),
    info=nobody("the owner's links and forms"),
)
Index("ix_optin_link_company", optin_link.c.company, optin_link.c.created_at)
_ALERT = text("item IS NOT NULL")
Index("ix_optin_link_item", optin_link.c.company, optin_link.c.item, sqlite_where=_ALERT, postgresql_where=_ALERT)

#: What people asked for about their data (GDPR Art. 15 to 21). kind: access | erasure | rectification | restriction |
#: objection. state: open | done | refused. `detail` is encrypted with master.key: who asked, in which words.
request = Table(
    "request",
    metadata,
    Column("id", Id, primary_key=True, info=HOUSE),
    Column("company", String(64), nullable=False, info=HOUSE),
    Column(
        "contact_id",
        Id,
        info=leads(
            "contact.id",
            merge="move",
            erase="own",
            export="requests",
            retain="requests",
            why="that it was answered in time must be shown",
            code="integration.flow.privacy.erasure.erase",
        ),
    ),
    Column("kind", String(16), nullable=False, info=ROW),
    Column("source", String(16), nullable=False, info=ROW),
    Column(
        "detail",
        LargeBinary,
        nullable=False,
        info=person(
            "who asked, in which words; sealed, emptied with the person",
            erase="own",
            export="hide",
            code="integration.flow.privacy.erasure.erase",
        ),
    ),
    Column("received_at", UtcDateTime, nullable=False, info=ROW),
    Column("due_at", UtcDateTime, nullable=False, info=OURS),
    Column("state", String(8), nullable=False, info=ROW),
    Column("ended_at", UtcDateTime, info=ROW),
    Column("outcome", String(255), info=ROW),
)
Index("ix_request_state", request.c.state, request.c.due_at)
Index("ix_request_contact", request.c.contact_id)

#: What people asked for through their shop. kind: export | erase. `email` is encrypted with master.key.
privacy_request = Table(
    "privacy_request",
    metadata,
    Column("id", Id, primary_key=True, info=OURS),
    Column("shop", String(64), nullable=False, info=HOUSE),
    Column(
        "reference",
        String(64),
        nullable=False,
        info=person("the shop's name for the request", erase="keep", export="hide"),
    ),
    Column("kind", String(8), nullable=False, info=ROW),
    Column(
        "email",
        LargeBinary,
        nullable=False,
        info=leads(
            "",
            merge="stay",
            erase="own",
            export="hide",
            retain="stay",
            why="who asked through the shop; sealed, emptied once dealt with",
            code="integration.store.privacy.shop_requests.handled",
        ),
    ),
    Column("requested_at", UtcDateTime, nullable=False, info=ROW),
    Column("handled_at", UtcDateTime, info=ROW),
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
    info=nobody("signed ends of chains"),
)

#: Visits of the public privacy page: the browser by a keyed hash, the code that its visitor sends us, who that was.
visit = Table(
    "visit",
    metadata,
    Column("id", Id, primary_key=True, info=OURS),
    Column("company", String(64), nullable=False, info=HOUSE),
    Column("token_hash", String(64), nullable=False, info=OURS),
    Column("code", String(16), nullable=False, info=person("drawn for one visit", export="hide")),
    Column("created_at", UtcDateTime, nullable=False, info=OURS),
    Column("expires_at", UtcDateTime, nullable=False, info=OURS),
    Column(
        "contact_id",
        Id,
        info=leads(
            "contact.id",
            merge="move",
            erase="keep",
            export="hide",
            retain="visits",
            why="leads to an empty profile, for the certificate; over in an hour",
        ),
    ),
    Column("pin_hash", String(64), info=person("a keyed hash", export="hide")),
    Column("tries", Integer, nullable=False, info=OURS),
    Column("entered_at", UtcDateTime, info=OURS),
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
    info=nobody("how far a shop was told"),
)
