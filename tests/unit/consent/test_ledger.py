"""The chain's format is final: a fixed example, and every way to break it."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from integration.domain.consent.ledger import FIELDS, GENESIS, first_break, payload_hash, row_hash, wording_hash

AT = datetime(2026, 11, 24, 11, 0, 0, 123_456, UTC)
HEADER: dict[str, Any] = {
    "company": "firma", "seq": 1, "event_id": "e1", "subject": "s1", "type": "granted",
    "purposes": ["service_updates", "marketing_news"], "channel": "whatsapp", "via": "whatsapp", "source": "checkout",
    "actor": "customer", "flags": [], "account": "a" * 64, "bsuid": None, "promised_per_month": None,
    "wording_hash": None, "occurred_at": AT, "recorded_at": AT, "payload_hash": "p" * 64,
}  # fmt: skip


def chain(count: int) -> list[dict[str, Any]]:
    rows, previous = [], GENESIS
    for seq in range(1, count + 1):
        payload = f"payload {seq}".encode()
        row = HEADER | {"seq": seq, "event_id": f"e{seq}", "payload": payload, "payload_hash": payload_hash(payload)}
        row |= {"prev_hash": previous, "hash": row_hash(row, previous)}
        previous = row["hash"]
        rows.append(row)
    return rows


def test_the_format_as_written_down_somewhere_else() -> None:
    """Computed here without our code, from the sentence at the top of integration/domain/consent/ledger.py."""
    micros = 1795518000123456
    assert datetime.fromtimestamp(micros / 1e6, UTC).replace(microsecond=123_456) == AT
    listed = [
        "firma", 1, "e1", "s1", "granted", ["marketing_news", "service_updates"], "whatsapp", "whatsapp", "checkout",
        "customer", [], "a" * 64, None, None, None, micros, micros, "p" * 64,
    ]  # fmt: skip
    canonical = json.dumps(listed, separators=(",", ":"), ensure_ascii=False)
    assert row_hash(HEADER, GENESIS) == hashlib.sha256((GENESIS + canonical).encode()).hexdigest()


def test_the_format_does_not_change() -> None:
    """If this fails, every ledger in the world would be called broken: the row format cannot be changed."""
    assert row_hash(HEADER, GENESIS) == "1c30ecd4b61858b65df192476cba70f0882966bab396ed5bfb7a91c1b5697367"


def test_lists_and_zones_have_one_form() -> None:
    turned = HEADER | {"purposes": HEADER["purposes"][::-1]}
    elsewhere = HEADER | {"occurred_at": AT.astimezone(timezone(timedelta(hours=5)))}
    assert row_hash(turned, GENESIS) == row_hash(elsewhere, GENESIS) == row_hash(HEADER, GENESIS)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_changes_the_hash(field: str) -> None:
    value = HEADER[field]
    if isinstance(value, datetime):
        other: Any = value + timedelta(microseconds=1)
    elif isinstance(value, list):
        other = [*value, "x"]
    elif isinstance(value, int):
        other = value + 1
    else:
        other = f"{value}x"
    assert row_hash(HEADER | {field: other}, GENESIS) != row_hash(HEADER, GENESIS)
    assert row_hash(HEADER, "1" * 64) != row_hash(HEADER, GENESIS)


def test_neighbouring_fields_cannot_flow_into_each_other() -> None:
    one = HEADER | {"event_id": "ab", "subject": "c"}
    two = HEADER | {"event_id": "a", "subject": "bc"}
    assert row_hash(one, GENESIS) != row_hash(two, GENESIS)


def test_a_whole_chain_has_no_break() -> None:
    assert first_break([]) is None
    assert first_break(chain(5)) is None


@pytest.mark.parametrize("seq", [1, 2, 5])
def test_removed_swapped_and_edited_rows(seq: int) -> None:
    rows = chain(5)
    assert first_break([row for row in rows if row["seq"] != seq]) == (seq if seq < 5 else None)
    assert first_break([row | ({"actor": "x"} if row["seq"] == seq else {}) for row in rows]) == seq
    assert first_break([row | ({"payload": b"x"} if row["seq"] == seq else {}) for row in rows]) == seq
    turned = rows[: seq - 1] + rows[seq - 1 :][::-1]
    assert first_break(turned) == (seq if seq < 5 else None)


def test_a_rewritten_row_breaks_the_next_one() -> None:
    rows = chain(3)
    rows[1] |= {"actor": "x"}
    rows[1]["hash"] = row_hash(rows[1], rows[0]["hash"])
    assert first_break(rows) == 3


def test_wordings_are_named_by_their_full_text() -> None:
    assert wording_hash("ä") == hashlib.sha256("ä".encode()).hexdigest()
    assert wording_hash("a") != wording_hash("a ")
