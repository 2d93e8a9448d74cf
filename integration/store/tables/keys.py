"""The keys database: what ordinary backups leave out."""

from sqlalchemy import Column, LargeBinary, String, Table

from integration.store.tables.base import keys_metadata
from integration.store.types import Id, UtcDateTime

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
