"""Bringing consents in from another system: read, looked through, then written in small steps.

See docs/reference/law.md sections 4 and 15. Nothing here can lift a no. Who has opted out, objected or is on the
suppression list is left out before anything is written, and the ledger's fold would ignore an imported consent against
a no all the same.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from integration.domain.consent.consent import (
    ALL_MARKETING,
    SERVICE_SCOPE,
    ConsentEvent,
    ConsentType,
    Flag,
    Situation,
    Source,
)
from integration.domain.consent.imports import Choices, Judged, Verdict, channel_of, guess, judge
from integration.domain.consent.standing import Standing, fold
from integration.domain.consent.wordings import OFFERED
from integration.domain.contacts.contacts import Contact
from integration.domain.errors import LadenboteError
from integration.flow.consent import import_files
from integration.flow.consent.import_files import BadFile
from integration.flow.world import World
from integration.store.consent import imports
from integration.store.consent.imports import Import
from integration.store.consent.ledger import OBJECTED, Entry, Wording
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import lock_people
from integration.store.ids import new_id

LIMIT = 40_000_000
CHUNK = 500
#: more columns than any export has; csv itself refuses cells beyond 128 KB
MOST_COLUMNS = 300
_WRITTEN = {Verdict.A, Verdict.B, Verdict.C}


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database says of the people of some rows, by phone. `objected` are those who did so as strangers."""

    ledgers: Mapping[str, Sequence[ConsentEvent]]
    suppressed: frozenset[str]
    objected: frozenset[str]


def receive(world: World, company: str, name: str, parts: Iterable[bytes], by: str) -> Import:
    """Keep a file, encrypted, and guess what its columns are. Raises BadFile."""
    id_, now = new_id(), world.clock()
    digest, size, kinds = hashlib.sha256(), 0, import_files.Encodings()
    try:
        for n, piece in enumerate(import_files.resized(parts)):
            size += len(piece)
            if size > LIMIT:
                raise BadFile("too_large")
            digest.update(piece)
            kinds.see(piece)
            with world.database.write() as connection:
                imports.add_piece(connection, world.vault, id_, n, piece)
        if not size:
            raise BadFile("empty")
        encoding = kinds.answer()
        separator = import_files.separator_of(import_files.first_line(world, id_, encoding))
        made = Import(
            id_, company, name.strip()[:200], digest.hexdigest(), size, encoding, separator,
            Choices({}), "new", 0, {}, "", now, by[:64],
        )  # fmt: skip
        headers = headers_of(world, made)
    except BadFile:
        with world.database.write() as connection:
            imports.forget_file(connection, id_)
        raise
    columns = guess(headers)
    made = replace(made, choices=Choices(columns, channel_of(headers, columns)))
    with world.database.write() as connection:
        imports.add(connection, made)
    return made


def headers_of(world: World, item: Import) -> list[str]:
    """The names of the columns. Raises BadFile when there are none."""
    for _, cells in islice(import_files.table(world, item), 1):
        if len(cells) > MOST_COLUMNS:
            raise BadFile("too_many_columns")
        if any(cell.strip() for cell in cells):
            return [cell.strip()[:100] for cell in cells]
    raise BadFile("no_header")


def samples(world: World, item: Import, most: int = 3) -> list[list[str]]:
    """The first rows, for the owner to recognise the columns."""
    try:
        return [cells for _, cells in islice(import_files.table(world, item), 1, most + 1)]
    except BadFile:
        return []


def check(world: World, item: Import, choices: Choices) -> None:
    """Begin to look the file through with these choices. Raises LadenboteError when they cannot be."""
    if "phone" not in choices.columns:
        raise LadenboteError("Say which column holds the phone number.")
    if not choices.purposes or set(choices.purposes) - set(OFFERED):
        raise LadenboteError("Say what the people agreed to: tick at least one purpose.")
    with world.database.write() as connection:
        if imports.turn(
            connection, item.id, ("new", "ready", "checking"), "checking", choices=choices, cursor=0, counts={}
        ):
            imports.forget_rows(connection, item.id)


def start(world: World, item: Import) -> bool:
    """Begin to write what was looked through; False when it is not ready."""
    with world.database.write() as connection:
        begun = imports.turn(connection, item.id, ("ready",), "running", cursor=0, counts={})
        if begun:
            imports.forget_rows(connection, item.id)
    return begun


def give_up(world: World, item: Import) -> None:
    """Forget a file that was not imported."""
    with world.database.write() as connection:
        if imports.turn(connection, item.id, ("new", "ready", "checking"), "failed", problem="given_up"):
            imports.forget_file(connection, item.id)
            imports.forget_rows(connection, item.id)


def work(world: World, id_: str, most: int | None = None) -> bool:
    """Deal with the file's next rows, at most `most`; True when none are left.

    A crash loses no step and repeats none: what a step writes and the cursor are one transaction.
    """
    with world.database.read() as connection:
        item = imports.find(connection, id_)
    if item is None or item.state not in ("checking", "running"):
        return True
    try:
        rows = islice(
            import_files.table(world, item), 1 + item.cursor, None if most is None else 1 + item.cursor + most
        )
        dealt = 0
        while chunk := list(islice(rows, CHUNK)):
            moved = _step(world, item, chunk)
            if moved is None:
                return False  # somebody else is at it
            item, dealt = moved, dealt + len(chunk)
    except BadFile as bad:
        _end(world, item, "failed", bad.code)
        return True
    if most is not None and dealt >= most:
        return False
    _end(world, item, "ready" if item.state == "checking" else "done", "")
    return True


def record(
    world: World, company: str, found: Sequence[Judged], choices: Choices, evidence: Mapping[str, Any]
) -> list[Judged]:
    """Consents from a program instead of a file, by the same rules; returns what became of each."""
    now = world.clock()
    with world.database.write() as connection:
        lock_people(connection)
        settled = _settled(world, connection, company, found, choices)
        _write(world, connection, company, settled, choices, evidence, now, now)
    return settled


def _step(world: World, item: Import, chunk: Sequence[tuple[int, list[str]]]) -> Import | None:
    """Judge some rows and, when it is for good, write them; the cursor moves in the same transaction."""
    now, zone = world.clock(), ZoneInfo(world.companies[item.company].time_zone)
    judged = [judge(row, cells, item.choices, zone, now) for row, cells in chunk]
    with world.database.write() as connection:
        lock_people(connection)
        settled = _settled(world, connection, item.company, judged, item.choices)
        counts = Counter(item.counts) + Counter(str(found.verdict) for found in settled)
        if not imports.advance(connection, item, item.cursor + len(chunk), counts):
            return None
        imports.add_rows(connection, item.id, [(f.row, str(f.verdict), f.why) for f in settled])
        if item.state == "running":
            evidence = {"import": item.id, "file": item.file_name, "file_hash": item.file_hash}
            _write(world, connection, item.company, settled, item.choices, evidence, item.created_at, now)
    return replace(item, cursor=item.cursor + len(chunk), counts=counts)


def _settled(
    world: World, connection: Connection, company: str, found: Sequence[Judged], choices: Choices
) -> list[Judged]:
    """The rows against what the ledger says already: a no stays, and what is known is not written twice."""
    known = _look_up(world, connection, company, {item.phone for item in found if item.phone})
    seen: set[tuple[object, ...]] = set()
    settled = []
    for item in found:
        better = _against(world, company, item, choices, known)
        mark = (better.phone, better.verdict, better.at)
        if better.verdict in (*_WRITTEN, Verdict.OUT) and mark in seen:
            better = replace(better, verdict=Verdict.KNOWN, why="known")
        seen.add(mark)
        settled.append(better)
    return settled


def _look_up(world: World, connection: Connection, company: str, phones: set[str]) -> _Found:
    listed = world.ledger.listed(connection, company, phones)
    objected = frozenset(phone for phone, reason in listed.items() if reason == OBJECTED)
    gone = listed.keys() - objected
    gone -= contacts.living(connection, company, gone)
    holders = contacts.with_phones(connection, [(company, phone) for phone in phones])
    people = contacts.by_id(connection, holders.values())
    subjects = contacts.subjects(connection, people.values())
    events = world.ledger.events(connection, company, subjects)
    ledgers = {phone: events.get(id_, ()) for (_, phone), id_ in holders.items()}
    return _Found(ledgers, frozenset(gone), objected)


def _against(world: World, company: str, item: Judged, choices: Choices, known: _Found) -> Judged:
    if item.verdict is Verdict.REFUSED:
        return item
    if item.phone in known.suppressed:
        return replace(item, verdict=Verdict.KEPT_OUT, why="suppressed")
    ledger = known.ledgers.get(item.phone, ())
    if item.verdict is Verdict.OUT:
        return replace(item, verdict=Verdict.KNOWN, why="known") if _is_out_already(ledger, item) else item
    allowed = _open(world, company, item.phone, choices.purposes, known)
    if not allowed:
        return replace(item, verdict=Verdict.KEPT_OUT, why="stays_out")
    return item if _unsaid(ledger, item, allowed) else replace(item, verdict=Verdict.KNOWN, why="known")


def _open(world: World, company: str, phone: str, purposes: Sequence[str], known: _Found) -> tuple[str, ...]:
    """The purposes that the person has not said no to."""
    ledger = known.ledgers.get(phone, ())
    situation = Situation(now=world.clock(), company=company, zones=(), country=None, template=None)
    policy = world.companies[company].policy
    asked = [p for p in purposes if p == SERVICE_SCOPE or phone not in known.objected]
    return tuple(p for p in asked if fold(ledger, p, situation, policy).standing is not Standing.OFF)


def _is_out_already(ledger: Sequence[ConsentEvent], item: Judged) -> bool:
    """Whether the ledger has this opt-out. Without a time the same thing said once more is no news."""
    imported = [e for e in ledger if e.type is ConsentType.WITHDRAWN and e.source is Source.IMPORT]
    return any(item.at is None or e.occurred_at == item.at for e in imported)


def _unsaid(ledger: Sequence[ConsentEvent], item: Judged, purposes: Sequence[str]) -> tuple[str, ...]:
    """The purposes for which the ledger does not have this row yet."""
    flags = _flags(item)
    same = [
        e
        for e in ledger
        if e.type is ConsentType.IMPORTED and e.flags == flags and (item.at is None or e.occurred_at == item.at)
    ]
    return tuple(purpose for purpose in purposes if not any(purpose in e.purposes for e in same))


def _write(
    world: World,
    connection: Connection,
    company: str,
    settled: Sequence[Judged],
    choices: Choices,
    evidence: Mapping[str, Any],
    learnt: datetime,
    now: datetime,
) -> None:
    todo = [item for item in settled if item.verdict in _WRITTEN or item.verdict is Verdict.OUT]
    people = identity_resolution.resolve(
        connection, [Person(company, item.phone, country=item.country) for item in todo], now
    )
    contacts.lock(connection, {person.id for person in people})
    known = _look_up(world, connection, company, {item.phone for item in todo})
    entries = []
    for item, person in zip(todo, people, strict=True):
        purposes: tuple[str, ...] = (ALL_MARKETING,)
        if item.verdict is not Verdict.OUT:
            ledger = known.ledgers.get(item.phone, ())
            purposes = _unsaid(ledger, item, _open(world, company, item.phone, choices.purposes, known))
        entries.append(_entry(item, person, purposes, choices, evidence, learnt))
    world.ledger.append(connection, entries, now)


def _entry(
    item: Judged,
    person: Contact,
    purposes: tuple[str, ...],
    choices: Choices,
    evidence: Mapping[str, Any],
    learnt: datetime,
) -> Entry:
    out = item.verdict is Verdict.OUT
    shown = Wording("import", "de", item.wording, purposes) if item.wording.strip() and not out else None
    return Entry.of(
        person,
        ConsentType.WITHDRAWN if out else ConsentType.IMPORTED,
        purposes=purposes,
        occurred_at=item.at or learnt,
        source=Source.IMPORT,
        actor="owner",
        payload={
            **evidence,
            "row": item.row,
            "grade": str(item.verdict),
            "reason": item.why,
            "cells": dict(item.cells),
            "source": item.source,
            "confirmation": item.confirmation,
            "phone": person.phone,
        },
        channel=choices.channel,
        flags=frozenset() if out else _flags(item),
        phone_only=True,
        promised_per_month=None if out else choices.per_month,
        wording=shown,
    )


def _flags(item: Judged) -> frozenset[Flag]:
    if item.verdict is Verdict.B:
        return frozenset({Flag.IMPORT_WITHOUT_CONFIRMATION})
    if item.verdict is not Verdict.C:
        return frozenset()
    flaws = {Flag.IMPORT_UNPROVEN}
    return frozenset(flaws | ({Flag.WHATSAPP_NOT_NAMED} if item.why == "whatsapp_missing" else set()))


def _end(world: World, item: Import, state: str, code: str) -> None:
    with world.database.write() as connection:
        ended = {"ended_at": world.clock()} if state in ("done", "failed") else {}
        if imports.turn(connection, item.id, (item.state,), state, problem=code, **ended) and ended:
            imports.forget_file(connection, item.id)
