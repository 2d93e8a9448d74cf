"""Contacts: found by phone or BSUID, merged when both turn out to be one person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from integration.domain.contacts import Contact, country_of
from integration.store.bulk import Many
from integration.store.ids import new_id
from integration.store.tables import contact, inbound_message, message, snapshot

_COLUMNS = (
    contact.c.id,
    contact.c.company,
    contact.c.subject,
    contact.c.phone,
    contact.c.wa_user_id,
    contact.c.name,
    contact.c.locale,
    contact.c.country,
    contact.c.last_inbound_at,
    contact.c.erased_at,
)
_ALL = select(*_COLUMNS).where(contact.c.company == bindparam("company"))
_BY_PHONE = _ALL.where(contact.c.phone.in_(bindparam("values", expanding=True)))
_BY_USER = _ALL.where(contact.c.wa_user_id.in_(bindparam("values", expanding=True)))
_BY_ID = select(*_COLUMNS).where(contact.c.id.in_(bindparam("ids", expanding=True))).order_by(contact.c.id)

_MERGED_INTO = select(contact.c.subject, contact.c.merged_into).where(
    contact.c.merged_into.in_(bindparam("ids", expanding=True))
)
_ADD = Many.insert(contact)


@dataclass(frozen=True, slots=True)
class Person:
    """Who an order or a webhook speaks of, before we know the contact."""

    company: str
    phone: str | None
    wa_user_id: str | None = None
    name: str = ""
    locale: str = ""
    country: str | None = None


def by_id(connection: Connection, ids: Iterable[str], *, lock: bool = False) -> dict[str, Contact]:
    """Contacts by id; with `lock` only those that no other transaction holds, held until this one ends."""
    query = _BY_ID.with_for_update(skip_locked=True) if lock else _BY_ID
    wanted = list(ids)
    return {row[0]: _contact(row) for row in connection.execute(query, {"ids": wanted})} if wanted else {}


def lock(connection: Connection, ids: Iterable[str]) -> None:
    """Hold these contacts until the transaction ends, waiting for whoever holds them now."""
    if connection.dialect.name != "sqlite":
        query = select(contact.c.id).where(contact.c.id.in_(sorted(ids))).order_by(contact.c.id).with_for_update()
        connection.execute(query)


def resolve(connection: Connection, people: Sequence[Person], now: datetime) -> list[Contact]:
    """The contact of each person, made when new, in the order given.

    A BSUID is looked at first, the phone second; when they lead to two contacts the two are merged.
    """
    index = _Index.load(connection, people)
    result = [index.find(connection, person, now) for person in people]
    index.flush(connection)
    return [index.current(found.id) for found in result]


class _Index:
    """The contacts of one batch, by phone and by BSUID, with what is new about them."""

    def __init__(self) -> None:
        self.everyone: dict[str, Contact] = {}
        self.phones: dict[tuple[str, str], Contact] = {}
        self.users: dict[tuple[str, str], Contact] = {}
        self.fresh: dict[str, tuple[Contact, datetime]] = {}
        self.learned: dict[str, Contact] = {}
        self.merged: dict[str, str] = {}

    @classmethod
    def load(cls, connection: Connection, people: Sequence[Person]) -> "_Index":
        index = cls()
        for company in {person.company for person in people}:
            phones = {p.phone for p in people if p.company == company and p.phone}
            users = {p.wa_user_id for p in people if p.company == company and p.wa_user_id}
            for query, values in ((_BY_PHONE, phones), (_BY_USER, users)):
                for row in connection.execute(query, {"company": company, "values": list(values)}) if values else ():
                    index.put(_contact(row))
        return index

    def put(self, found: Contact) -> None:
        self.everyone[found.id] = found
        if found.phone:
            self.phones[found.company, found.phone] = found
        if found.wa_user_id:
            self.users[found.company, found.wa_user_id] = found

    def current(self, id_: str) -> Contact:
        while id_ in self.merged:
            id_ = self.merged[id_]
        return self.everyone[id_]

    def find(self, connection: Connection, person: Person, now: datetime) -> Contact:
        by_user = self.users.get((person.company, person.wa_user_id or ""))
        by_phone = self.phones.get((person.company, person.phone or ""))
        if by_user and by_phone and by_user.id != by_phone.id:
            return self._merge(connection, keep=by_phone, drop=by_user)
        found = by_user or by_phone
        return self._learn(found, person) if found else self._create(person, now)

    def _create(self, person: Person, now: datetime) -> Contact:
        country = person.country or (country_of(person.phone) if person.phone else None)
        made = Contact(
            id=new_id(),
            company=person.company,
            subject=new_id(),
            phone=person.phone,
            wa_user_id=person.wa_user_id,
            name=person.name[:200],
            locale=person.locale[:16],
            country=country,
        )
        self.fresh[made.id] = (made, now)
        self.put(made)
        return made

    def _learn(self, known: Contact, person: Person) -> Contact:
        better = replace(
            known,
            # A new phone under a known BSUID is a change of number: issue it as identity_linked, never silently.
            phone=known.phone or person.phone,
            wa_user_id=known.wa_user_id or person.wa_user_id,
            name=person.name[:200] or known.name,
            locale=person.locale[:16] or known.locale,
        )
        if better != known:
            better = replace(better, country=better.country or (country_of(better.phone) if better.phone else None))
            self.learned[better.id] = better
            self.put(better)
        return better

    def _merge(self, connection: Connection, keep: Contact, drop: Contact) -> Contact:
        """Two contacts are one person. Messages and orders move; `merged_into` keeps both subjects' consents."""
        if keep.wa_user_id or drop.phone:
            return keep  # each has an identity of its own already: a recycled number, not the same person
        self.flush(connection)  # either may be new in this batch
        for table in (message, inbound_message, snapshot):
            connection.execute(update(table).where(table.c.contact_id == drop.id).values(contact_id=keep.id))
        connection.execute(update(contact).where(contact.c.id == drop.id).values(wa_user_id=None, merged_into=keep.id))
        self.merged[drop.id] = keep.id
        wrote = max((at for at in (keep.last_inbound_at, drop.last_inbound_at) if at), default=None)
        joined = replace(keep, wa_user_id=drop.wa_user_id, last_inbound_at=wrote)
        self.learned[joined.id] = joined
        self.put(joined)
        return joined

    def flush(self, connection: Connection) -> None:
        rows = [_row(self.learned.pop(id_, made), now) for id_, (made, now) in self.fresh.items()]
        _ADD.run(connection, rows)
        for better in self.learned.values():
            connection.execute(
                update(contact)
                .where(contact.c.id == better.id)
                .values(phone=better.phone, wa_user_id=better.wa_user_id, name=better.name)
                .values(locale=better.locale, country=better.country, last_inbound_at=better.last_inbound_at)
            )
        self.fresh.clear()
        self.learned.clear()


def subjects(connection: Connection, people: Iterable[Contact]) -> dict[str, str]:
    """Every ledger subject of these contacts, merged ones too: subject to contact id."""
    found = {person.subject: person.id for person in people}
    merged = connection.execute(_MERGED_INTO, {"ids": list(found.values())}) if found else ()
    return found | {row.subject: row.merged_into for row in merged}


def wrote(connection: Connection, at: Mapping[str, datetime]) -> None:
    """Remember when contacts last wrote: that opens the service window."""
    for contact_id, moment in at.items():
        connection.execute(
            update(contact)
            .where(contact.c.id == contact_id)
            .where((contact.c.last_inbound_at.is_(None)) | (contact.c.last_inbound_at < moment))
            .values(last_inbound_at=moment)
        )


def _row(made: Contact, now: datetime) -> dict[str, Any]:
    return {
        "id": made.id,
        "company": made.company,
        "subject": made.subject,
        "phone": made.phone,
        "wa_user_id": made.wa_user_id,
        "name": made.name,
        "locale": made.locale,
        "country": made.country,
        "created_at": now,
        "last_inbound_at": None,
        "erased_at": None,
        "merged_into": None,
    }


def _contact(row: Any) -> Contact:
    return Contact(*row)
