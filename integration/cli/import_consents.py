"""`ladenbote import-consents`: the same look-through and import as on the dashboard, from the command line."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from integration.domain.consent.imports import REASONS, ROLES, Choices, Verdict, problem
from integration.domain.errors import LadenboteError
from integration.flow.consent import imports as flow
from integration.flow.world import World
from integration.store.consent import imports
from integration.store.consent.imports import Import

PIECE = 256_000
_SAID: Mapping[str, str] = {
    Verdict.A: "A: counts",
    Verdict.B: "B: advertising waits for an own yes",
    Verdict.C: "C: no consent, contact only",
    Verdict.OUT: "opted out",
    Verdict.KEPT_OUT: "stays out",
    Verdict.KNOWN: "known already",
    Verdict.REFUSED: "left out",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the command line says of the file; "" and None leave it to the file."""

    company: str
    purposes: tuple[str, ...]
    columns: tuple[str, ...]
    channel: str
    wording: str
    source: str
    country: str
    per_month: int | None


def look_through(world: World, file: Path, told: Told) -> Import:
    """Keep the file and look it through. Raises LadenboteError when it cannot be read or something is left open."""
    company = _company(world, told.company)
    item = flow.receive(world, company, file.name, _pieces(file), "command line")
    try:
        flow.check(world, item, _choices(item, flow.headers_of(world, item), told))
    except LadenboteError:
        flow.give_up(world, item)
        raise
    return _worked(world, item.id)


def bring_in(world: World, item: Import) -> Import:
    """Write what was looked through."""
    flow.start(world, item)
    return _worked(world, item.id)


def forget(world: World, item: Import) -> None:
    """Nothing is written, and the file is kept no longer."""
    flow.give_up(world, item)


def summary(world: World, item: Import) -> Iterator[str]:
    """A line for each result and its reason."""
    with world.database.read() as connection:
        found = imports.by_reason(connection, item.id)
    for verdict, reason, count in found:
        yield f"{count:8}  {_SAID[verdict]:36} {REASONS[reason].en}"


def write_report(world: World, item: Import, file: Path) -> None:
    """What became of each row, as a table."""
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out)
        table.writerow(("row", "result", "reason"))
        after = 0
        while rows := _rows(world, item.id, after):
            table.writerows((row, _SAID[verdict], REASONS[reason].en) for row, verdict, reason in rows)
            after = rows[-1][0]


def _rows(world: World, id_: str, after: int) -> list[tuple[int, str, str]]:
    with world.database.read() as connection:
        return imports.rows(connection, id_, after)


def _worked(world: World, id_: str) -> Import:
    while not flow.work(world, id_):
        sleep(0.2)  # a running Ladenbote takes steps, too
    with world.database.read() as connection:
        found = imports.find(connection, id_)
    if found is None or found.state == "failed":
        raise LadenboteError(problem(found.problem).en if found else "The import is gone.")
    return found


def _company(world: World, asked: str) -> str:
    if asked in world.companies:
        return asked
    if asked or len(world.companies) != 1:
        known = ", ".join(world.companies) or "none is set up yet"
        raise LadenboteError(f"Say whose consents they are, with --company. Known: {known}.")
    return next(iter(world.companies))


def _choices(item: Import, headers: Sequence[str], told: Told) -> Choices:
    return Choices(
        columns=dict(item.choices.columns) | _columns(headers, told.columns),
        channel=told.channel or item.choices.channel,
        purposes=told.purposes,
        wording=told.wording,
        source=told.source,
        country=told.country,
        per_month=told.per_month,
    )


def _columns(headers: Sequence[str], told: Sequence[str]) -> dict[str, int]:
    found = {}
    for pair in told:
        role, _, header = pair.partition("=")
        if role not in ROLES or header not in headers:
            raise LadenboteError(
                f"--column {pair}: write ROLE=HEADER with a role of {', '.join(ROLES)} and a header of the file."
            )
        found[role] = headers.index(header)
    return found


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            yield piece
