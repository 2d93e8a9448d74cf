"""Jobs, signs of life, secrets, signed-in browsers."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from integration.store.tables.base import metadata
from integration.store.tables.personal import nobody
from integration.store.types import Id, UtcDateTime

job_run = Table(
    "job_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("job", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("result", String(255)),
    Column("error", Text, info=nobody("a short text of our own, masked")),
    info=nobody("runs of jobs"),
)
Index("ix_job_run_job", job_run.c.job, job_run.c.started_at)

#: When each loop of each process beat last; `period` in seconds. A process that stops in order takes its rows away.
heartbeat = Table(
    "heartbeat",
    metadata,
    Column("process", String(32), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("period", Integer, nullable=False),
    info=nobody("signs of life of our loops"),
)

#: Secrets that arose at run time, encrypted with master.key.
secret = Table(
    "secret",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False, info=nobody("sealed; keys of shops and numbers")),
    Column("updated_at", UtcDateTime, nullable=False),
    info=nobody("secrets of the owner's"),
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
    info=nobody("the owner's browsers"),
)
