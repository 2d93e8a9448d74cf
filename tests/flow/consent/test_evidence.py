"""Checkpoints: whoever cuts or rewrites the ledger, head and all, is found by a line that lay elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from sqlalchemy import delete, select, update
from storekit import an_entry
from worlds import NOON, make_world

from integration.domain.consent.checkpoint import Checkpoint, read_lines
from integration.domain.consent.ledger import GENESIS, row_hash
from integration.domain.errors import Malformed
from integration.flow.consent import evidence
from integration.flow.world import World
from integration.store.consent import ledger
from integration.store.db import Database
from integration.store.tables import consent, ledger_head

pytestmark = pytest.mark.databases("sqlite", "postgresql")

DOCS = Path(__file__).parents[3] / "docs" / "ledger.md"


@pytest.fixture
def world(database: Database, keys: Database) -> Iterator[World]:
    yield make_world(database, keys)


def write(world: World, count: int = 3) -> None:
    with world.database.write() as connection:
        world.ledger.append(connection, [an_entry() for _ in range(count)], NOON)


def faults(world: World, *elsewhere: Checkpoint) -> str:
    return " ".join(
        evidence.sentence(fault).en for report in evidence.verify(world, elsewhere) for fault in report.faults
    )


def forge(world: World, actor: str, rows: int) -> None:
    """Rewrite the whole chain, or its beginning, with fitting hashes and a fitting head."""
    with world.database.write() as connection:
        found = connection.execute(select(consent).order_by(consent.c.seq)).mappings().all()
        previous = GENESIS
        for row in found[:rows]:
            changed = {**row, "actor": actor}
            fresh = row_hash(changed, previous)
            where = update(consent).where(consent.c.seq == row["seq"])
            connection.execute(where.values(actor=actor, prev_hash=previous, hash=fresh))
            previous = fresh
        connection.execute(delete(consent).where(consent.c.seq > rows))
        connection.execute(update(ledger_head).values(seq=rows, hash=previous))


def test_a_whole_ledger_and_its_checkpoints_fit(world: World) -> None:
    write(world)
    [first] = evidence.take_checkpoints(world, NOON)
    assert evidence.take_checkpoints(world, NOON) == [], "nothing has grown"
    write(world, 1)
    evidence.take_checkpoints(world, NOON)
    [report] = evidence.verify(world, [first])
    assert (report.company, report.rows, report.checkpoints, report.faults) == ("firma", 4, 2, ())


def test_a_cut_end_is_found(world: World) -> None:
    write(world)
    [kept] = evidence.take_checkpoints(world, NOON)
    forge(world, "customer", 2)
    assert "cut off" in faults(world)
    assert "Row 3 is missing" in faults(world, kept)


def test_a_rewritten_chain_is_found(world: World) -> None:
    write(world)
    evidence.take_checkpoints(world, NOON)
    forge(world, "owner", 3)
    assert "rewritten" in faults(world)


def test_a_line_kept_elsewhere_finds_what_our_own_table_cannot(world: World) -> None:
    """Whoever rewrites the chain deletes the table of checkpoints, too."""
    from integration.store.tables import checkpoint

    write(world)
    [kept] = evidence.take_checkpoints(world, NOON)
    forge(world, "owner", 3)
    with world.database.write() as connection:
        connection.execute(delete(checkpoint))
    assert faults(world) == ""
    assert "rewritten" in faults(world, kept)


def test_a_company_that_vanished_is_found(world: World) -> None:
    write(world)
    [kept] = evidence.take_checkpoints(world, NOON)
    with world.database.write() as connection:
        connection.execute(delete(consent))
        connection.execute(delete(ledger_head))
    assert "missing" in faults(world, kept)


def test_a_chain_that_was_removed_whole_is_missed_by_its_own_checkpoint(world: World) -> None:
    """No row and no head are left; what was signed once still tells, and marketing stops."""
    write(world)
    evidence.take_checkpoints(world, NOON)
    with world.database.write() as connection:
        connection.execute(delete(consent))
        connection.execute(delete(ledger_head))
    assert "missing" in faults(world)
    evidence.check(world, NOON)
    with world.database.read() as connection:
        assert ledger.broken(connection) == {"firma"}


@pytest.mark.parametrize("name", ["hash", "signature", "key"])
def test_a_changed_line_is_no_evidence(world: World, name: str) -> None:
    from dataclasses import replace

    write(world)
    [kept] = evidence.take_checkpoints(world, NOON)
    flipped = f"{int(getattr(kept, name)[0], 16) ^ 1:x}{getattr(kept, name)[1:]}"
    assert "not signed by this installation" in faults(world, replace(kept, **{name: flipped}))


def test_the_file_collects_lines_that_can_be_read_again(world: World, tmp_path: Path) -> None:
    from dataclasses import replace

    file = tmp_path / "elsewhere" / "checkpoints.jsonl"
    there = replace(world, checkpoint_file=file)
    taken = []
    for _ in range(2):
        write(there, 1)
        taken += evidence.take_checkpoints(there, NOON)
    assert read_lines(file.read_text()) == taken


SHORT = '{"company": "a", "seq": 1, "hash": "x", "at": 1, "key": "", "signature": ""}'


@pytest.mark.parametrize("line", ["{}", "nonsense", "[]", SHORT])
def test_what_is_no_checkpoint_is_said_so(line: str) -> None:
    with pytest.raises(Malformed, match="line 1"):
        read_lines(line)


def test_a_third_party_verifies_with_the_code_in_the_docs(world: World) -> None:
    [code] = [c for c in re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.S) if "verify_line" in c]
    scope: dict[str, object] = {}
    exec(code, scope)  # noqa: S102 the code of our own documentation
    write(world)
    [kept] = evidence.take_checkpoints(world, NOON)
    scope["verify_line"](kept.line())  # type: ignore[operator]
    with pytest.raises(InvalidSignature):
        scope["verify_line"](kept.line().replace('"seq":3', '"seq":2'))  # type: ignore[operator]
