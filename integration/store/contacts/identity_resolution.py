"""Identities: who somebody is. Found by phone or BSUID; two contacts that turn out to be one person are merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, update

from integration.domain.contacts.contacts import Contact, country_of
from integration.domain.hot_dataclass import lean
from integration.store import personal_data
from integration.store.bulk_write import Many
from integration.store.contacts import contacts
from integration.store.ids import new_id
from integration.store.tables import contact

T = TypeVar("T", date, datetime)
_ADD = Many.insert(contact)
_FILLED = [column.name for column in personal_data.columns(lambda said: said.merge == "fill")]
_LATEST = [column.name for column in personal_data.columns(lambda said: said.merge == "later")]


@lean
class Person:
    """Who an order or a webhook speaks of, before we know the contact. `at` is when phone and BSUID were together."""

    company: str
    phone: str | None
    wa_user_id: str | None = None
    name: str = ""
    locale: str = ""
    country: str | None = None
    region: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """Who people are, in the order asked, and what bringing phones and BSUIDs together showed.

    `moved` have a new phone under the BSUID that was known; `lost` are (who had a phone before, who has it now), each
    with an account of its own: a recycled number.
    """

    contacts: list[Contact]
    moved: list[Contact]
    lost: list[tuple[Contact, Contact]]


def resolve(connection: Connection, people: Sequence[Person], now: datetime) -> list[Contact]:
    """The contact of each person, made when new, in the order given."""
    return meet(connection, people, now).contacts


def meet(connection: Connection, people: Sequence[Person], now: datetime) -> Meeting:
    """The contact of each person, and whose identity changed.

    A BSUID is looked at first, the phone second (docs/reference/law.md section 7). A contact without the other half
    learns it; two halves are merged; a phone whose account is another one now goes to that account.
    """
    index = _Index.load(connection, people)
    result = [index.find(connection, person, now) for person in people]
    index.flush(connection)
    moved = list(dict.fromkeys(index.moved))
    return Meeting(
        [index.current(found.id) for found in result],
        [index.current(id_) for id_ in moved],
        [(index.current(loser), index.current(winner)) for loser, winner in index.lost],
    )


def link(connection: Connection, known: Contact, phone: str | None, wa_user_id: str | None, at: datetime) -> Contact:
    """Give a contact the phone and BSUID that WhatsApp says it changed to; who has them already becomes one with it."""
    person = Person(known.company, phone, wa_user_id, at=at)
    index = _Index.load(connection, [person])
    index.put(known)
    linked = index.link(connection, known, person, at)
    index.flush(connection)
    return linked


def holder(connection: Connection, company: str, phone: str | None, wa_user_id: str | None) -> Contact | None:
    """The contact that has this BSUID, else this phone; None when nobody has."""
    index = _Index.load(connection, [Person(company, phone, wa_user_id)])
    return index.users.get((company, wa_user_id or "")) or index.phones.get((company, phone or ""))


class _Index:
    """The contacts of one batch, by phone and by BSUID, with what is new about them."""

    def __init__(self) -> None:
        self.everyone: dict[str, Contact] = {}
        self.phones: dict[tuple[str, str], Contact] = {}
        self.users: dict[tuple[str, str], Contact] = {}
        self.fresh: dict[str, tuple[Contact, datetime]] = {}
        self.learned: dict[str, Contact] = {}
        self.merged: dict[str, str] = {}
        self.moved: list[str] = []
        self.lost: list[tuple[str, str]] = []

    @classmethod
    def load(cls, connection: Connection, people: Sequence[Person]) -> "_Index":
        index = cls()
        for company in {person.company for person in people}:
            phones = {p.phone for p in people if p.company == company and p.phone}
            users = {p.wa_user_id for p in people if p.company == company and p.wa_user_id}
            for found in contacts.of_company(connection, company, phones, users):
                index.put(found)
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
            return self._joined(connection, person, by_user, by_phone, now)
        if by_user and person.phone and by_user.phone and by_user.phone != person.phone:
            return by_user if _outdated(person, by_user) else self._moved(connection, by_user, person, now)
        if by_phone and person.wa_user_id and by_phone.wa_user_id not in (None, person.wa_user_id):
            return by_phone if _outdated(person, by_phone) else self._recycled(connection, by_phone, person, now)
        found = by_user or by_phone
        return self._learn(found, person, now) if found else self._create(person, now)

    def _joined(
        self, connection: Connection, person: Person, by_user: Contact, by_phone: Contact, now: datetime
    ) -> Contact:
        """The BSUID and the phone led to two contacts."""
        if _outdated(person, by_user) or _outdated(person, by_phone):
            return by_user
        if by_phone.wa_user_id is None and by_user.phone is None:
            return self._merge(connection, keep=by_phone, drop=by_user)
        if by_phone.wa_user_id is None:
            self._merge(connection, keep=by_user, drop=by_phone)
        else:
            self._lose_phone(connection, by_phone)
            self.lost.append((by_phone.id, by_user.id))
        return self._moved(connection, self.everyone[by_user.id], person, now, by_phone.wa_user_id)

    def _moved(
        self, connection: Connection, known: Contact, person: Person, now: datetime, before: str | None = None
    ) -> Contact:
        """A known account writes from another phone: same person (docs/reference/law.md section 7)."""
        if known.phone:
            self.phones.pop((known.company, known.phone), None)
            self.moved.append(known.id)
        moved = replace(
            known,
            phone=person.phone,
            country=country_of(person.phone or ""),
            identity_since=person.at or now,
            phone_from=before,
            unreachable_until=None,
        )
        self._change(moved)
        self.flush(connection)  # the old phone is free for the next one of this batch
        return moved

    def link(self, connection: Connection, known: Contact, person: Person, at: datetime) -> Contact:
        """Phone and BSUID change, the person stays."""
        holders = {
            self.users.get((person.company, person.wa_user_id or "")),
            self.phones.get((person.company, person.phone or "")),
        }
        for other in holders - {None, known}:
            if other and other.wa_user_id in (None, person.wa_user_id):
                known = self._merge(connection, known, other)
            elif other:
                self._lose_phone(connection, other)
        phone, user_id = person.phone or known.phone, person.wa_user_id or known.wa_user_id
        country = country_of(phone) if phone else known.country
        return self._change(
            replace(known, phone=phone, wa_user_id=user_id, country=country, identity_since=at, phone_from=None)
        )

    def _recycled(self, connection: Connection, holder: Contact, person: Person, now: datetime) -> Contact:
        """Another account has this phone now, and nobody told of a change: another person until proven otherwise."""
        self._lose_phone(connection, holder)
        made = self._create(person, now, phone_from=holder.wa_user_id)
        self.lost.append((holder.id, made.id))
        return made

    def _lose_phone(self, connection: Connection, holder: Contact) -> None:
        self.flush(connection)
        connection.execute(update(contact).where(contact.c.id == holder.id).values(phone=None))
        self.phones.pop((holder.company, holder.phone or ""), None)
        self.put(replace(holder, phone=None))

    def _change(self, better: Contact) -> Contact:
        self.learned[better.id] = better
        self.put(better)
        return better

    def _create(self, person: Person, now: datetime, phone_from: str | None = None) -> Contact:
        country = person.country or (country_of(person.phone) if person.phone else None)
        both = person.phone and person.wa_user_id
        made = Contact(
            id=new_id(),
            company=person.company,
            subject=new_id(),
            phone=person.phone,
            wa_user_id=person.wa_user_id,
            name=person.name[:200],
            locale=person.locale[:16],
            country=country,
            region=person.region,
            identity_since=(person.at or now) if both else None,
            phone_from=phone_from,
        )
        self.fresh[made.id] = (made, now)
        self.put(made)
        return made

    def _learn(self, known: Contact, person: Person, now: datetime) -> Contact:
        better = replace(
            known,
            phone=known.phone or person.phone,
            wa_user_id=known.wa_user_id or person.wa_user_id,
            name=person.name[:200] or known.name,
            locale=person.locale[:16] or known.locale,
            region=person.region or known.region,
        )
        if better == known:
            return known
        if (better.phone, better.wa_user_id) != (known.phone, known.wa_user_id):
            better = replace(better, identity_since=person.at or now)
        return self._change(
            replace(better, country=better.country or (country_of(better.phone) if better.phone else None))
        )

    def _merge(self, connection: Connection, keep: Contact, drop: Contact) -> Contact:
        """Two contacts are one person. What hangs on them moves; `merged_into` keeps both subjects' consents."""
        self.flush(connection)  # either may be new in this batch
        personal_data.move(connection, keep.id, drop.id)
        gone = {"wa_user_id": None, "phone": None, "merged_into": keep.id}
        connection.execute(update(contact).where(contact.c.id == drop.id).values(gone))
        self.merged[drop.id] = keep.id
        return self._change(_joined(keep, drop))

    def flush(self, connection: Connection) -> None:
        rows = [_row(self.learned.pop(id_, made), now) for id_, (made, now) in self.fresh.items()]
        _ADD.run(connection, rows)
        self.fresh.clear()
        for better in self.learned.values():
            connection.execute(update(contact).where(contact.c.id == better.id).values(_learnable(better)))
        self.learned.clear()


def _outdated(person: Person, known: Contact) -> bool:
    """Webhooks come late and out of order: what was true before the last change is no news."""
    return bool(person.at and known.identity_since and person.at < known.identity_since)


def _joined(keep: Contact, drop: Contact) -> Contact:
    """What the kept contact lacks is taken from the other, and of two moments the later."""
    taken: dict[str, Any] = {name: getattr(keep, name) or getattr(drop, name) for name in _FILLED}
    taken |= {name: _later(getattr(keep, name), getattr(drop, name)) for name in _LATEST}
    return replace(keep, **taken)


def _later(one: T | None, other: T | None) -> T | None:
    return max((at for at in (one, other) if at), default=None)


def _learnable(better: Contact) -> dict[str, Any]:
    names = ("phone", "wa_user_id", "name", "locale", "country", "region", "born_on", "last_inbound_at", "asked_at")
    return {name: getattr(better, name) for name in (*names, "identity_since", "phone_from", "unreachable_until")}


def correct(connection: Connection, person: Contact, changes: Mapping[str, Any]) -> bool:
    """Put data of a contact right; False when the new phone is somebody else's."""
    phone = changes.get("phone")
    if phone and holder(connection, person.company, phone, None) not in (None, person):
        return False
    values = {**changes, "country": country_of(phone)} if phone else dict(changes)
    if values:
        connection.execute(update(contact).where(contact.c.id == person.id).values(values))
    return True


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
        "region": made.region,
        "born_on": made.born_on,
        "asked_at": None,
        "identity_since": made.identity_since,
        "phone_from": made.phone_from,
        "unreachable_until": None,
    }
