"""Consents brought in from elsewhere, and the ledger's running totals."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from integration.store.tables.base import metadata
from integration.store.tables.personal import HOUSE, OURS, leads, nobody, person
from integration.store.types import Id, Json, Serial, UtcDateTime

#: A file of consents from another system. state: new | checking | ready | running | done | failed. `cursor` counts the
#: rows that are dealt with in the present state, `counts` the verdicts so far. `choices` are the owner's: columns,
#: purposes, wording. `problem` says why it failed.
consent_import = Table(
    "consent_import",
    metadata,
    Column(
        "id",
        Id,
        primary_key=True,
        info=leads(
            "",
            merge="stay",
            erase="keep",
            export="hide",
            retain="own",
            why="a list of people; its words go once it is imported",
            code="integration.store.consent.imports.forget_left_alone",
        ),
    ),
    Column("company", String(64), nullable=False, info=HOUSE),
    Column("file_name", String(200), nullable=False, info=person("what the owner called the file", export="hide")),
    Column("file_hash", String(64), nullable=False, info=OURS),
    Column("size", Integer, nullable=False, info=OURS),
    Column("encoding", String(16), nullable=False, info=OURS),
    Column("separator", String(1), nullable=False, info=OURS),
    Column("choices", Json, nullable=False, info=nobody("columns and purposes")),
    Column("state", String(8), nullable=False, info=OURS),
    Column("cursor", Integer, nullable=False, info=OURS),
    Column("counts", Json, nullable=False, info=nobody("counts")),
    Column("problem", String(200), nullable=False, info=OURS),
    Column("created_at", UtcDateTime, nullable=False, info=OURS),
    Column("created_by", String(64), nullable=False, info=HOUSE),
    Column("ended_at", UtcDateTime, info=OURS),
)
Index("ix_consent_import_company", consent_import.c.company, consent_import.c.created_at)
Index("ix_consent_import_state", consent_import.c.state)

#: The file's bytes in order, encrypted with master.key; gone once it is imported or given up.
import_piece = Table(
    "import_piece",
    metadata,
    Column(
        "import_id",
        Id,
        primary_key=True,
        info=leads(
            "",
            merge="stay",
            erase="own",
            export="hide",
            retain="own",
            why="sealed; gone once it is imported or given up",
            code="integration.store.consent.imports.forget_left_alone",
        ),
    ),
    Column("n", Integer, primary_key=True, autoincrement=False, info=OURS),
    Column("body", LargeBinary, nullable=False, info=person("the list, sealed with master.key", export="hide")),
)

#: What became of each row: a grade (A, B, C) or out, kept_out, known, refused; and why. No personal data.
import_row = Table(
    "import_row",
    metadata,
    Column("import_id", Id, primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("verdict", String(8), nullable=False),
    Column("reason", String(40), nullable=False),
    info=nobody("verdicts by row number"),
)

#: Running totals of the ledger, so that an overview need not fold it. kind: standing (name is a scope, code where it
#: stands and why), reach (name is service, marketing or withdrawn: people whom several scopes make one), wording (name
#: is a hash) or day (name is a date, code gained or lost and the scope).
consent_total = Table(
    "consent_total",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("code", String(64), primary_key=True),
    Column("people", Integer, nullable=False),
    info=nobody("counts"),
)

#: Up to which row the ledger is counted in `consent_total`.
consent_counted = Table(
    "consent_counted",
    metadata,
    Column("company", String(64), primary_key=True),
    Column("seq", Serial, nullable=False, autoincrement=False),
    info=nobody("how far was counted"),
)

#: Ledger subjects that are counted together in `consent_total`, because their contacts turned out to be one person.
#: `lead` is the subject of the contact that the others were merged into.
consent_joined = Table(
    "consent_joined",
    metadata,
    Column("company", String(64), primary_key=True, info=HOUSE),
    Column(
        "subject",
        Id,
        primary_key=True,
        info=leads(
            "contact.subject",
            merge="own",
            erase="keep",
            export="hide",
            retain="stay",
            why="random names, counted together",
            code="integration.store.consent.totals.join",
        ),
    ),
    Column(
        "lead",
        Id,
        nullable=False,
        info=person("a random name", merge="own", export="hide", code="integration.store.consent.totals.join"),
    ),
)
Index("ix_consent_joined_lead", consent_joined.c.company, consent_joined.c.lead)
