"""Signed ends of the ledger's chains: a copy kept elsewhere shows a cut end or a rewritten chain (docs/ledger.md)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from integration.domain.errors import Malformed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTHS = {"hash": 64, "key": 64, "signature": 128}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of a company's chain at a moment. `key` is the Ed25519 public key of the `signature`; both in hex."""

    company: str
    seq: int
    hash: str
    at: datetime
    key: str
    signature: str

    @property
    def signed(self) -> bytes:
        """The bytes under the signature."""
        return signed_bytes(self.company, self.seq, self.hash, self.at)

    def line(self) -> str:
        """One line of JSON, to be kept anywhere else."""
        row = {"company": self.company, "seq": self.seq, "hash": self.hash, "at": _micros(self.at)}
        return orjson.dumps({**row, "key": self.key, "signature": self.signature}).decode()


def signed_bytes(company: str, seq: int, hash_: str, at: datetime) -> bytes:
    """A JSON list without spaces: the words "ladenbote checkpoint", company, seq, hash, microseconds since 1970."""
    return orjson.dumps(["ladenbote checkpoint", company, seq, hash_, _micros(at)])


def read_lines(text: str) -> list[Checkpoint]:
    """The checkpoints of a file. Raises Malformed with the number of the first line that is none."""
    return [_read(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]


def _read(number: int, line: str) -> Checkpoint:
    try:
        row: dict[str, Any] = orjson.loads(line)
        at = _EPOCH + timedelta(microseconds=row["at"])
        found = Checkpoint(row["company"], row["seq"], row["hash"], at, row["key"], row["signature"])
        fits = all(len(bytes.fromhex(getattr(found, name))) * 2 == size for name, size in _LENGTHS.items())
    except (ValueError, KeyError, TypeError, OverflowError):
        fits = False
    if not fits:
        raise Malformed(f"line {number} is no checkpoint")
    return found


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
