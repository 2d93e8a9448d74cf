"""The consent ledger's chain: pure functions over a row's plain header and the hash of its ciphertext.

Format (final): hash = SHA-256 over prev_hash and the canonical JSON list of the header's fields in the order of
`FIELDS`, times as whole microseconds since 1970, lists sorted. The payload takes part through the hash of its
*ciphertext*, so erasing a person's key leaves the chain whole (docs/reference/law.md sections 3 and 8).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

GENESIS = "0" * 64
FIELDS = (
    "company",
    "seq",
    "event_id",
    "subject",
    "type",
    "purposes",
    "channel",
    "via",
    "source",
    "actor",
    "flags",
    "account",
    "bsuid",
    "promised_per_month",
    "wording_hash",
    "occurred_at",
    "recorded_at",
    "payload_hash",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def row_hash(header: Mapping[Any, Any], prev_hash: str) -> str:
    """The hash of one row, chained to the row before it (`GENESIS` for a company's first)."""
    return chained(plain(header), prev_hash)


def plain(header: Mapping[Any, Any]) -> list[Any]:
    """The header's values as the hash takes them: in the order of `FIELDS`, times as microseconds, lists sorted."""
    return [_plain(header[field]) for field in FIELDS]


def chained(values: Sequence[Any], prev_hash: str) -> str:
    """The hash over `plain` values, chained to the row before."""
    return hashlib.sha256(prev_hash.encode() + orjson.dumps(values)).hexdigest()


def payload_hash(ciphertext: bytes) -> str:
    """SHA-256 of the encrypted payload."""
    return hashlib.sha256(ciphertext).hexdigest()


def wording_hash(text: str) -> str:
    """The name of a wording: SHA-256 of its full text."""
    return hashlib.sha256(text.encode()).hexdigest()


def first_break(rows: Iterable[Mapping[Any, Any]]) -> int | None:
    """The seq of the first row of a company that was edited, or that follows a removed one; None if whole.

    `rows` come in order of seq. A cut tail shows only against `ledger_head` or a checkpoint.
    """
    previous, expected = GENESIS, 1
    for row in rows:
        whole = row["seq"] == expected and row["prev_hash"] == previous
        if not whole or payload_hash(row["payload"]) != row["payload_hash"] or row_hash(row, previous) != row["hash"]:
            return expected
        previous, expected = row["hash"], expected + 1
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        delta = value - _EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
    return sorted(value) if isinstance(value, list) else value
