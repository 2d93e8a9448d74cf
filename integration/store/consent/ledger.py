"""The consent ledger: appended to, never changed. See tables.consent and domain.consent.ledger for the row format."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table, bindparam, delete, select, update

from integration.domain.consent.consent import ConsentEvent, ConsentType, Flag, Source
from integration.domain.consent.ledger import GENESIS, payload_hash, row_hash, wording_hash
from integration.domain.contacts.contacts import Contact
from integration.domain.errors import SecretUnreadable
from integration.domain.hot_dataclass import lean
from integration.store import crypto
from integration.store.bulk_write import Many, insert_or_ignore
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.fast_select import Query, among
from integration.store.ids import new_id
from integration.store.tables import (
    consent,
    kept_suppression,
    ledger_head,
    proof_key,
    subject_key,
    suppression,
    wording,
)

#: on the suppression list: no advertising (an objection of somebody who is no contact yet)
OBJECTED = "objected"
#: on the suppression list: no request to confirm for a year
DECLINED = "declined"
#: who is listed for these still gets what was asked for
MILD = frozenset({OBJECTED, DECLINED})


@lean
class Entry:
    """A consent event to record. `payload` is the full evidence; it is stored encrypted only.

    `forgotten`: the person is erased, so nobody keeps a key for it; what is left to say stands in the header.
    """

    company: str
    subject: str
    type: ConsentType
    purposes: tuple[str, ...]
    occurred_at: datetime
    source: Source
    actor: str
    payload: Mapping[str, Any]
    channel: str = "whatsapp"
    via: str = "whatsapp"
    flags: frozenset[Flag] = frozenset()
    phone: str | None = None
    wa_user_id: str | None = None
    promised_per_month: int | None = None
    wording: "Wording | None" = None
    forgotten: bool = False

    @classmethod
    def of(
        cls,
        person: Contact,
        type: ConsentType,
        *,
        purposes: tuple[str, ...],
        occurred_at: datetime,
        source: Source,
        actor: str,
        payload: Mapping[str, Any],
        channel: str = "whatsapp",
        flags: frozenset[Flag] = frozenset(),
        promised_per_month: int | None = None,
        wording: "Wording | None" = None,
        forgotten: bool = False,
        phone_only: bool = False,
    ) -> "Entry":
        """An event of this person. `phone_only`: it was said of a number, without the WhatsApp account behind it."""
        return cls(
            company=person.company,
            subject=person.subject,
            type=type,
            purposes=purposes,
            occurred_at=occurred_at,
            source=source,
            actor=actor,
            payload=payload,
            channel=channel,
            flags=flags,
            phone=person.phone,
            wa_user_id=None if phone_only else person.wa_user_id,
            promised_per_month=promised_per_month,
            wording=wording,
            forgotten=forgotten,
        )


@lean
class Wording:
    """A text that somebody agreed to."""

    version: str
    language: str
    text: str
    purposes: tuple[str, ...] = field(default=())

    @property
    def hash(self) -> str:
        """The name under which it is stored: SHA-256 of the text."""
        return wording_hash(self.text)

    @property
    def names_whatsapp(self) -> bool:
        """Consent must name the channel (UWG section 7(2) no. 2)."""
        return "whatsapp" in self.text.lower()


_READ = Query(
    select(
        consent.c.subject,
        consent.c.event_id,
        consent.c.company,
        consent.c.type,
        consent.c.purposes,
        consent.c.occurred_at,
        consent.c.source,
        consent.c.channel,
        consent.c.via,
        consent.c.flags,
        consent.c.account,
        consent.c.bsuid,
        consent.c.promised_per_month,
    )
    .where(consent.c.company == bindparam("company"), among(consent.c.subject, "subjects"))
    .order_by(consent.c.company, consent.c.subject, consent.c.seq)
)
_SUPPRESSED = Query(
    select(suppression.c.keyed_hash, suppression.c.reason).where(
        suppression.c.company == bindparam("company"), among(suppression.c.keyed_hash, "hashes")
    )
)
_SUPPRESSED_AT = Query(
    select(suppression.c.keyed_hash, suppression.c.created_at).where(
        suppression.c.company == bindparam("company"), among(suppression.c.keyed_hash, "hashes")
    )
)
_BROKEN = Query(select(ledger_head.c.company).where(ledger_head.c.broken_at.is_not(None)))
_KEYS = Query(select(subject_key.c.subject, subject_key.c.wrapped_key).where(among(subject_key.c.subject, "subjects")))
_VAULT = Query(select(proof_key.c.subject, proof_key.c.wrapped_key).where(among(proof_key.c.subject, "subjects")))
_ADD, _ADD_KEYS = Many.insert(consent), Many.insert(subject_key, ignore=True)
_ADD_WORDINGS = Many.insert(wording, ignore=True)


class Ledger:
    """Reads and appends; needs the vault for keyed hashes and the keys database for the payloads."""

    def __init__(self, keys: Database, vault: Vault) -> None:
        self._keys = keys
        self._vault = vault

    def append(self, connection: Connection, entries: Sequence[Entry], now: datetime) -> list[str]:
        """Record events in this transaction, in the order given; returns their event ids.

        The persons' keys are made and committed first: a key without a row harms nobody.
        """
        keys = self._subject_keys({entry.subject for entry in entries if not entry.forgotten}, now)
        rows: list[dict[str, Any]] = []
        for company in dict.fromkeys(entry.company for entry in entries):
            mine = [entry for entry in entries if entry.company == company]
            rows += self._chain(connection, company, mine, keys, now)
        if rows:
            _ADD.run(connection, rows)
            save_wordings(connection, [(e.company, e.wording) for e in entries if e.wording], now)
        return [row["event_id"] for row in rows]

    def _chain(
        self,
        connection: Connection,
        company: str,
        entries: list[Entry],
        keys: dict[str, bytes],
        now: datetime,
    ) -> list[dict[str, Any]]:
        seq, previous = _lock_head(connection, company)
        rows = []
        for entry in entries:
            seq += 1
            key = os.urandom(32) if entry.forgotten else keys[entry.subject]
            row = self._row(entry, seq, key, now)
            row |= {"prev_hash": previous, "hash": row_hash(row, previous)}
            previous = row["hash"]
            rows.append(row)
        connection.execute(update(ledger_head).where(ledger_head.c.company == company).values(seq=seq, hash=previous))
        return rows

    def _row(self, entry: Entry, seq: int, key: bytes, now: datetime) -> dict[str, Any]:
        event_id = new_id()
        payload = crypto.seal_payload(key, orjson.dumps(dict(entry.payload)), event_id)
        return {
            "company": entry.company,
            "seq": seq,
            "event_id": event_id,
            "subject": entry.subject,
            "type": str(entry.type),
            "purposes": list(entry.purposes),
            "channel": entry.channel,
            "via": entry.via,
            "source": str(entry.source),
            "actor": entry.actor,
            "flags": sorted(entry.flags),
            "account": self._hash(entry.company, entry.phone),
            "bsuid": self._hash(entry.company, entry.wa_user_id),
            "promised_per_month": entry.promised_per_month,
            "wording_hash": wording_hash(entry.wording.text) if entry.wording else None,
            "occurred_at": entry.occurred_at,
            "recorded_at": now,
            "payload": payload,
            "payload_hash": payload_hash(payload),
        }

    def _hash(self, company: str, identifier: str | None) -> str | None:
        return self._vault.keyed_hash(company, identifier) if identifier else None

    def events(
        self, connection: Connection, company: str, subjects: Mapping[str, str]
    ) -> dict[str, list[ConsentEvent]]:
        """The plain headers of these subjects by contact id (`subjects` maps subject to contact)."""
        found: dict[str, list[ConsentEvent]] = {}
        if subjects:
            for row in _READ.rows(connection, {"company": company, "subjects": subjects}):
                found.setdefault(subjects[row[0]], []).append(_event(row))
        return found

    def listed(self, connection: Connection, company: str, identifiers: Iterable[str]) -> dict[str, str]:
        """Which of these phones and BSUIDs are on the suppression list, and why."""
        hashes = {self._vault.keyed_hash(company, value): value for value in identifiers}
        if not hashes:
            return {}
        rows = _SUPPRESSED.rows(connection, {"company": company, "hashes": hashes})
        return {hashes[found]: reason for found, reason in rows}

    def suppressed(self, connection: Connection, company: str, identifiers: Iterable[str]) -> set[str]:
        """Which of these phones and BSUIDs are never to be written to."""
        found = self.listed(connection, company, identifiers)
        return {identifier for identifier, reason in found.items() if reason not in MILD}

    def suppressed_at(self, connection: Connection, company: str, identifiers: Iterable[str]) -> dict[str, datetime]:
        """Since when these phones and BSUIDs have been on the suppression list; who is not is missing."""
        hashes = {self._vault.keyed_hash(company, value): value for value in identifiers}
        if not hashes:
            return {}
        rows = _SUPPRESSED_AT.rows(connection, {"company": company, "hashes": hashes})
        return {hashes[found]: at for found, at in rows}

    def suppress(
        self,
        connection: Connection,
        company: str,
        phone: str | None,
        wa_user_id: str | None,
        reason: str,
        now: datetime,
    ) -> None:
        """Put a person on the suppression list, and a copy where a restored backup cannot undo it."""
        rows = [
            {"company": company, "keyed_hash": hashed, "kind": kind, "reason": reason, "created_at": now}
            for kind, hashed in (("phone", self._hash(company, phone)), ("bsuid", self._hash(company, wa_user_id)))
            if hashed
        ]
        if rows:
            with self._keys.write() as keys:
                _list(keys, kept_suppression, rows)
            _list(connection, suppression, rows)

    def forget_declined(self, connection: Connection, before: datetime) -> int:
        """Remove the codes of numbers that said no before then, here and in the copy; returns how many."""
        gone = 0
        with self._keys.write() as keys:
            for place, table in ((keys, kept_suppression), (connection, suppression)):
                old = delete(table).where(table.c.reason == DECLINED, table.c.created_at < before)
                gone = place.execute(old).rowcount
        return gone

    def suppress_again(self, connection: Connection) -> None:
        """Take over every kept entry that this database lacks."""
        with self._keys.read() as keys:
            rows = [dict(row._mapping) for row in keys.execute(select(kept_suppression))]
        if rows:
            _list(connection, suppression, rows)

    def payload(self, connection: Connection, event_id: str) -> dict[str, Any] | None:
        """The evidence of one event, None once the person's key was destroyed."""
        subject, sealed = connection.execute(
            select(consent.c.subject, consent.c.payload).where(consent.c.event_id == event_id)
        ).one()
        key = self._known_keys({subject}).get(subject)
        loaded: dict[str, Any] | None = orjson.loads(crypto.open_payload(key, sealed, event_id)) if key else None
        return loaded

    def evidence(self, connection: Connection, company: str, subjects: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What can be read of the evidence of these subjects, by event id; of the erased by the proof vault's keys."""
        keys = self._known_keys(subjects, _VAULT) | self._known_keys(subjects)
        query = select(consent.c.event_id, consent.c.subject, consent.c.payload)
        rows = connection.execute(query.where(consent.c.company == company, consent.c.subject.in_(subjects)))
        opened = ((id_, _opened(keys[subject], sealed, id_)) for id_, subject, sealed in rows if subject in keys)
        return {id_: found for id_, found in opened if found is not None}

    def _subject_keys(self, subjects: set[str], now: datetime) -> dict[str, bytes]:
        found = self._known_keys(subjects)
        made = {subject: os.urandom(32) for subject in sorted(subjects - set(found))}
        if made:
            rows = [{"subject": s, "wrapped_key": self._vault.wrap(k, s), "created_at": now} for s, k in made.items()]
            with self._keys.write() as connection:
                written = _ADD_KEYS.run(connection, rows)
            if written < len(rows):  # another process has met the same person at the same moment
                return self._known_keys(subjects)
        return found | made

    def _known_keys(self, subjects: Iterable[str], query: Query = _KEYS) -> dict[str, bytes]:
        with self._keys.read() as connection:
            rows = query.rows(connection, {"subjects": subjects})
        return {subject: self._vault.unwrap(wrapped, subject) for subject, wrapped in rows}


def head(connection: Connection, company: str) -> tuple[int, str]:
    """The last seq and hash of a company's chain."""
    row = connection.execute(
        select(ledger_head.c.seq, ledger_head.c.hash).where(ledger_head.c.company == company)
    ).one_or_none()
    return (row.seq, row.hash) if row else (0, GENESIS)


def broken(connection: Connection) -> set[str]:
    """Companies whose chain was found broken: their marketing stops."""
    return set(_BROKEN.values(connection))


def _lock_head(connection: Connection, company: str) -> tuple[int, str]:
    query = select(ledger_head.c.seq, ledger_head.c.hash).where(ledger_head.c.company == company).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        connection.execute(insert_or_ignore(connection, ledger_head), {"company": company, "seq": 0, "hash": GENESIS})
        row = connection.execute(query).one()
    return row.seq, row.hash


def save_wordings(connection: Connection, shown: Iterable[tuple[str, Wording]], now: datetime) -> None:
    """Keep the texts of (company, wording) pairs under their hashes; a text that is known stays as it is."""
    rows = [
        {
            "company": company,
            "hash": wording_hash(text.text),
            "version": text.version,
            "language": text.language,
            "text": text.text,
            "purposes": list(text.purposes),
            "names_whatsapp": text.names_whatsapp,
            "first_seen_at": now,
        }
        for company, text in dict.fromkeys(shown)
    ]
    distinct = {(row["company"], row["hash"]): row for row in rows}
    _ADD_WORDINGS.run(connection, list(distinct.values()))


def _list(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add to a suppression list. What is there stays, but a milder reason gives way to a stronger one."""
    for mild in (DECLINED, OBJECTED):
        weaker = delete(table).where(
            table.c.company == bindparam("c"), table.c.keyed_hash == bindparam("h"), table.c.reason == mild
        )
        over = [{"c": row["company"], "h": row["keyed_hash"]} for row in rows if row["reason"] not in (mild, DECLINED)]
        if over:
            connection.execute(weaker, over)
    connection.execute(insert_or_ignore(connection, table), rows)


def _opened(key: bytes, sealed: bytes, event_id: str) -> dict[str, Any] | None:
    """None for what was written after an erasure: its key was never kept."""
    try:
        loaded: dict[str, Any] = orjson.loads(crypto.open_payload(key, sealed, event_id))
    except SecretUnreadable:
        return None
    return loaded


def _event(row: Any) -> ConsentEvent:
    return ConsentEvent(
        event_id=row[1],
        company=row[2],
        type=ConsentType(row[3]),
        purposes=tuple(row[4]),
        occurred_at=row[5],
        source=Source(row[6]),
        channel=row[7],
        via=row[8],
        flags=frozenset(Flag(flag) for flag in row[9]),
        account=row[10],
        bsuid=row[11],
        promised_per_month=row[12],
    )
