"""The ledger's evidence: signing the ends of its chains, and verifying chains and signatures."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from integration.domain.checkpoint import Checkpoint, signed_bytes
from integration.flow.world import World
from integration.store import checkpoints, ledger
from integration.store.crypto import signature_fits


@dataclass(frozen=True, slots=True)
class Report:
    """What verifying a company's ledger found. `faults` are plain sentences, none when all is well."""

    company: str
    rows: int
    checkpoints: int
    faults: tuple[str, ...] = ()


def take_checkpoints(world: World, now: datetime) -> list[Checkpoint]:
    """Sign the end of every chain that has grown, store it, and append it to the file that the settings name."""
    with world.database.write() as connection:
        made = [_signed(world, *end, now) for end in checkpoints.unsigned(connection)]
        for new in made:
            checkpoints.add(connection, new)
    if world.checkpoint_file and made:
        _append(world.checkpoint_file, made)
    return made


def verify(world: World, elsewhere: Sequence[Checkpoint] = ()) -> list[Report]:
    """Verify every company's chain against its head, our checkpoints and those that were kept `elsewhere`."""
    with world.database.read() as connection:
        known = set(ledger.companies(connection)) | {kept.company for kept in elsewhere}
        return [_report(world, connection, company, elsewhere) for company in sorted(known)]


def _report(world: World, connection: Connection, company: str, elsewhere: Sequence[Checkpoint]) -> Report:
    ours = checkpoints.of_company(connection, company)
    kept = [*ours, *(c for c in elsewhere if c.company == company and c not in ours)]
    broken = ledger.verify(connection, company)
    faults = [f"Row {broken} does not fit: it was edited, or a row was removed or cut off there."] if broken else []
    faults += _checkpoint_faults(world, kept, checkpoints.hashes(connection, company, [c.seq for c in kept]))
    return Report(company, ledger.length(connection, company), len(kept), tuple(faults))


def _checkpoint_faults(world: World, kept: Sequence[Checkpoint], rows: dict[int, str]) -> list[str]:
    faults = []
    for item in kept:
        if item.key != world.vault.public_key or not signature_fits(item.key, item.signed, item.signature):
            faults.append(f"The checkpoint at row {item.seq} is not signed by this installation.")
        elif item.seq not in rows:
            faults.append(f"Row {item.seq} is missing, but a checkpoint knows it: the ledger was cut off.")
        elif rows[item.seq] != item.hash:
            faults.append(f"Row {item.seq} is not the one that its checkpoint knows: the ledger was rewritten.")
    return faults


def _signed(world: World, company: str, seq: int, hash_: str, at: datetime) -> Checkpoint:
    signature = world.vault.sign(signed_bytes(company, seq, hash_, at))
    return Checkpoint(company, seq, hash_, at, world.vault.public_key, signature)


def _append(file: Path, made: Sequence[Checkpoint]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as out:
        out.writelines(f"{item.line()}\n" for item in made)
        out.flush()
        os.fsync(out.fileno())
