"""The keys database: what ordinary backups leave out."""

from sqlalchemy import Column, LargeBinary, String, Table

from integration.store.tables.base import keys_metadata
from integration.store.tables.personal import HOUSE, OURS, ROW, leads, person
from integration.store.types import Id, UtcDateTime

#: The per-person keys of the ledger, in a database of their own that ordinary backups leave out.
subject_key = Table(
    "subject_key",
    keys_metadata,
    Column(
        "subject",
        Id,
        primary_key=True,
        info=leads(
            "contact.subject",
            merge="stay",
            erase="own",
            export="hide",
            retain="own",
            why="opens the person's evidence",
            code="integration.store.privacy.erasure.destroy_keys",
        ),
    ),
    Column(
        "wrapped_key",
        LargeBinary,
        nullable=False,
        info=person(
            "goes with erasure", erase="own", export="hide", code="integration.store.privacy.erasure.destroy_keys"
        ),
    ),
    Column("created_at", UtcDateTime, nullable=False, info=OURS),
)

#: Subjects whose key was destroyed; a restore replays them first.
tombstone = Table(
    "tombstone",
    keys_metadata,
    Column(
        "subject",
        Id,
        primary_key=True,
        info=leads(
            "contact.subject",
            merge="stay",
            erase="own",
            export="hide",
            retain="stay",
            why="a random name, so that a restored backup erases again",
            code="integration.store.privacy.erasure.destroy_keys",
        ),
    ),
    Column("company", String(64), nullable=False, info=HOUSE),
    Column("erased_at", UtcDateTime, nullable=False, info=OURS),
)

#: The suppression list once more: a restored backup of the other database must not forget it.
kept_suppression = Table(
    "kept_suppression",
    keys_metadata,
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
            why="the same once more, for restored backups",
            code="integration.store.consent.ledger.Ledger.suppress",
        ),
    ),
    Column("kind", String(8), nullable=False, info=ROW),
    Column("reason", String(64), nullable=False, info=ROW),
    Column("created_at", UtcDateTime, nullable=False, info=ROW),
)

#: The proof vault: keys of erased people to whom marketing was sent, until claims are barred (GDPR Art. 17(3)(e)).
proof_key = Table(
    "proof_key",
    keys_metadata,
    Column(
        "subject",
        Id,
        primary_key=True,
        info=leads(
            "contact.subject",
            merge="stay",
            erase="own",
            export="hide",
            retain="own",
            why="opens the evidence until claims are barred (Art. 17(3)(e))",
            code="integration.store.privacy.erasure.empty_vault",
        ),
    ),
    Column(
        "wrapped_key",
        LargeBinary,
        nullable=False,
        info=person(
            "goes on its day", erase="own", export="hide", code="integration.store.privacy.erasure.empty_vault"
        ),
    ),
    Column("destroy_after", UtcDateTime, nullable=False, info=OURS),
)
