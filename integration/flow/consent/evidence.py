"""The ledger's evidence: signing the ends of its chains, and verifying chains and signatures."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from integration import log, metrics
from integration.domain.consent.checkpoint import Checkpoint, signed_bytes
from integration.domain.text import Text
from integration.flow.world import World
from integration.store.consent import checkpoints, ledger, ledger_checks
from integration.store.crypto import signature_fits

logger = log.get("ledger_check")
#: what may be wrong, with the row in question
FAULTS: Mapping[str, Text] = {
    "edited": Text("Zeile {} wurde verändert.", "Row {} does not fit: it was edited."),
    "removed": Text("Zeile {} fehlt: Sie wurde entfernt.", "Row {} does not fit: it was removed."),
    "cut": Text("Ab Zeile {} wurde das Ende abgeschnitten.", "Row {} does not fit: the end was cut off there."),
    "added": Text("Ab Zeile {} wurde etwas angefügt.", "Row {} does not fit: it was added by somebody else."),
    "unsigned": Text(
        "Der Prüfpunkt bei Zeile {} stammt nicht von dieser Installation.",
        "The checkpoint at row {} is not signed by this installation.",
    ),
    "missing": Text(
        "Zeile {} fehlt, aber ein Prüfpunkt kennt sie: Das Ende wurde abgeschnitten.",
        "Row {} is missing, but a checkpoint knows it: the ledger was cut off.",
    ),
    "rewritten": Text(
        "Zeile {} ist nicht die, die ihr Prüfpunkt kennt: Das Protokoll wurde neu geschrieben.",
        "Row {} is not the one that its checkpoint knows: the ledger was rewritten.",
    ),
}


@dataclass(frozen=True, slots=True)
class Report:
    """What verifying a company's ledger found. `faults` are (code of `FAULTS`, row), none when all is well."""

    company: str
    rows: int
    checkpoints: int
    faults: tuple[tuple[str, int], ...] = ()


def sentence(fault: tuple[str, int]) -> Text:
    """A fault in plain words."""
    said, row = FAULTS[fault[0]], str(fault[1])
    return Text(said.de.format(row), said.en.format(row))


def take_checkpoints(world: World, now: datetime) -> list[Checkpoint]:
    """Sign the end of every chain that has grown, store it, and append it to the file that the settings name."""
    with world.database.write() as connection:
        made = [_signed(world, *end, now) for end in checkpoints.unsigned(connection)]
        for new in made:
            checkpoints.add(connection, new)
    keep_elsewhere(world, made)
    return made


def sign_end(world: World, connection: Connection, company: str, now: datetime) -> Checkpoint:
    """Sign the present end of one company's chain in this transaction; `keep_elsewhere` belongs after its commit."""
    new = _signed(world, company, *ledger.head(connection, company), now)
    checkpoints.add(connection, new)
    return new


def keep_elsewhere(world: World, made: Sequence[Checkpoint]) -> None:
    """Append checkpoints to the file that the settings name, if they name one."""
    if world.checkpoint_file and made:
        _append(world.checkpoint_file, made)


def verify(world: World, elsewhere: Sequence[Checkpoint] = ()) -> list[Report]:
    """Verify every company's chain against its head, our checkpoints and those that were kept `elsewhere`."""
    with world.database.read() as connection:
        known = set(ledger_checks.companies(connection)) | {kept.company for kept in elsewhere}
        return [_report(world, connection, company, elsewhere) for company in sorted(known)]


def check(world: World, now: datetime) -> list[Report]:
    """Verify, and note what was found: a broken ledger stops marketing, a whole one lets it go on."""
    found = verify(world)
    with world.database.write() as connection:
        for report in found:
            ledger_checks.note(connection, report.company, report.rows, report.faults, now)
    for report in found:
        metrics.LEDGER_BROKEN.labels(report.company).set(bool(report.faults))
        for fault in report.faults:
            logger.error("ledger_broken", company=report.company, fault=sentence(fault).en)
    return found


def _report(world: World, connection: Connection, company: str, elsewhere: Sequence[Checkpoint]) -> Report:
    ours = checkpoints.of_company(connection, company)
    kept = [*ours, *(c for c in elsewhere if c.company == company and c not in ours)]
    broken = ledger_checks.verify(connection, company)
    faults = [(ledger_checks.kind_of_break(connection, company, broken), broken)] if broken else []
    faults += _checkpoint_faults(world, kept, checkpoints.hashes(connection, company, [c.seq for c in kept]))
    return Report(company, ledger_checks.length(connection, company), len(kept), tuple(faults))


def _checkpoint_faults(world: World, kept: Sequence[Checkpoint], rows: dict[int, str]) -> list[tuple[str, int]]:
    faults = []
    for item in kept:
        if item.key != world.vault.public_key or not signature_fits(item.key, item.signed, item.signature):
            faults.append(("unsigned", item.seq))
        elif item.seq not in rows:
            faults.append(("missing", item.seq))
        elif rows[item.seq] != item.hash:
            faults.append(("rewritten", item.seq))
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
