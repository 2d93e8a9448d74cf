"""docs/ledger.md: the fields, the example and the program that it publishes agree with ours."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integration.domain.consent import ledger
from integration.domain.consent.consent import ConsentType, Flag, Source

PAGE = (Path(__file__).parents[3] / "docs/ledger.md").read_text(encoding="utf-8")


def published() -> tuple[dict[str, Any], dict[str, Any], str]:
    """The page's own program, its example row, and the hash that it claims."""
    page = PAGE
    program: dict[str, Any] = {}
    exec(re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0], program)  # noqa: S102 - our page
    row = json.loads(re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0])
    return program, row, re.findall(r"Its hash is `(\w+)`", page)[0]


def as_stored(row: dict[str, Any]) -> dict[str, Any]:
    """A row as our code has it: with times instead of microseconds."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    times = {name: epoch + timedelta(microseconds=row[name]) for name in ("occurred_at", "recorded_at")}
    return row | times


def test_the_ledgers_fields_are_described_in_order() -> None:
    page = PAGE
    header = page.partition("## The header")[2].partition("## The hash")[0]
    assert re.findall(r"^\| `(\w+)` \|", header, re.MULTILINE) == list(ledger.FIELDS)
    for name in (*ConsentType, *Source, *Flag):
        assert re.search(rf"\b{name}\b", header), name


def test_the_published_example_is_right() -> None:
    program, row, claimed = published()
    assert tuple(program["FIELDS"]) == ledger.FIELDS
    assert list(row) == list(ledger.FIELDS)
    assert program["row_hash"](row, ledger.GENESIS) == claimed
    assert ledger.row_hash(as_stored(row), ledger.GENESIS) == claimed
    text = re.findall(r'The text of the example is "(.*?)"', PAGE, re.DOTALL)[0]
    assert ledger.wording_hash(text) == hashlib.sha256(text.encode()).hexdigest() == row["wording_hash"]


@pytest.mark.parametrize("purposes", [["b", "a"], ['back_in_stock:Grün "x" \\ \x1f\t/ 😀 \x7f'], []])
def test_the_published_program_agrees_with_ours(purposes: list[str]) -> None:
    program, example, _ = published()
    rows: list[dict[str, Any]] = []
    previous = ledger.GENESIS
    for seq in (1, 2, 3):
        payload = bytes([seq])
        row = example | {"seq": seq, "purposes": purposes, "payload_hash": ledger.payload_hash(payload)}
        row |= {"payload": payload, "prev_hash": previous, "hash": ledger.row_hash(as_stored(row), previous)}
        previous = row["hash"]
        rows.append(row)
    assert program["first_break"](rows) is None
    assert ledger.first_break([as_stored(row) for row in rows]) is None
    for broken in (rows[1:], [rows[0], rows[2]], [rows[0], rows[1] | {"type": "withdrawn"}, rows[2]]):
        found = program["first_break"](broken)
        assert found is not None
        assert found == ledger.first_break([as_stored(row) for row in broken])
