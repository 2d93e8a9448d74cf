"""Contacts as the dashboard shows them: who may be reached, and what they agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Text, and_, case, cast, func, or_, select

from integration.domain.consent.consent import MARKETING, SCOPES, SERVICE_SCOPE, ConsentEvent, ConsentType, Flag, Source
from integration.domain.consent.standing import INVALID, OWN_MESSAGE
from integration.domain.contacts.contacts import Contact
from integration.store.contacts.contacts import by_id
from integration.store.messages.listing import named
from integration.store.tables import consent, contact, inbound_message, snapshot, wording

PAGE = 50
_MARKETING_SCOPES = tuple(sorted({(SCOPES[purpose] or "").split("{")[0] for purpose in MARKETING}))


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people can be written to, and why not the others."""

    contacts: int
    with_phone: int
    service: int
    marketing: int
    withdrawn: int


def newest(connection: Connection, company: str) -> Contact | None:
    """Who came last and has a name."""
    query = select(contact.c.id).where(
        contact.c.company == company, contact.c.name != "", contact.c.erased_at.is_(None)
    )
    found = connection.execute(query.order_by(contact.c.created_at.desc()).limit(1)).scalar()
    return by_id(connection, [found]).get(found) if found else None


def reach(connection: Connection) -> Reach:
    """Counts over the plain headers of the whole ledger.

    For the overview: yes and no per person by their latest times. Each decision folds the ledger itself.
    """
    latest = _latest()
    has_phone = contact.c.phone.is_not(None)
    service = and_(latest.c.service_yes.is_not(None), _after(latest.c.service_yes, latest.c.service_no))
    marketing = and_(latest.c.marketing_yes.is_not(None), _after(latest.c.marketing_yes, latest.c.marketing_no))
    gone = and_(
        or_(latest.c.service_no.is_not(None), latest.c.marketing_no.is_not(None)),
        ~func.coalesce(service, False),
    )
    mine = and_(latest.c.company == contact.c.company, latest.c.subject == contact.c.subject)
    query = (
        select(
            func.count(),
            _count(has_phone),
            _count(and_(has_phone, service)),
            _count(and_(has_phone, marketing)),
            _count(gone),
        )
        .select_from(contact)
        .outerjoin(latest, mine)
        .where(contact.c.merged_into.is_(None), contact.c.erased_at.is_(None))
    )
    return Reach(*connection.execute(query).one())


def contacts(connection: Connection, search: str = "", before: str = "", size: int = PAGE) -> list[Row[Any]]:
    """Contacts, the newest first, from id `before` on."""
    query = select(contact).where(contact.c.merged_into.is_(None))
    if search:
        query = query.where(contact.c.id.in_(named(connection, search)))
    if before:
        query = query.where(contact.c.id < before)
    return list(connection.execute(query.order_by(contact.c.id.desc()).limit(size)))


def contact_of(connection: Connection, id_: str) -> Row[Any] | None:
    """One contact; the one it was merged into when it was."""
    found = connection.execute(select(contact).where(contact.c.id == id_)).first()
    return contact_of(connection, found.merged_into) if found and found.merged_into else found


def subjects_of(connection: Connection, person: Row[Any]) -> list[str]:
    """Every ledger subject of a contact, merged ones too."""
    merged = select(contact.c.subject).where(contact.c.merged_into == person.id)
    return [person.subject, *connection.execute(merged).scalars()]


def consents(connection: Connection, company: str, subjects: list[str]) -> list[Row[Any]]:
    """Everything that these subjects agreed to or took back, with the wording shown, the newest first."""
    shown = and_(wording.c.company == consent.c.company, wording.c.hash == consent.c.wording_hash)
    query = select(consent, wording.c.text.label("wording_text"), wording.c.version.label("wording_version"))
    query = query.outerjoin(wording, shown).where(consent.c.company == company, consent.c.subject.in_(subjects))
    return list(connection.execute(query.order_by(consent.c.occurred_at.desc(), consent.c.seq.desc())))


def headers(connection: Connection, people: Sequence[Row[Any]]) -> dict[str, list[ConsentEvent]]:
    """The ledger's plain headers by contact id, for the fold."""
    owners = {(person.company, person.subject): person.id for person in people}
    merged = select(contact.c.company, contact.c.subject, contact.c.merged_into)
    merged = merged.where(contact.c.merged_into.in_([person.id for person in people]))
    owners |= {(row.company, row.subject): row.merged_into for row in connection.execute(merged)}
    found: dict[str, list[ConsentEvent]] = {person.id: [] for person in people}
    companies, subjects = sorted({key[0] for key in owners}), sorted({key[1] for key in owners})
    query = select(consent).where(consent.c.company.in_(companies), consent.c.subject.in_(subjects))
    for row in connection.execute(query.order_by(consent.c.company, consent.c.seq)):
        if (row.company, row.subject) in owners:
            found[owners[row.company, row.subject]].append(header(row))
    return found


def inbound_of(connection: Connection, contact_id: str, size: int = 20) -> list[Row[Any]]:
    """What a contact wrote lately, the newest first."""
    query = select(inbound_message).where(inbound_message.c.contact_id == contact_id)
    return list(connection.execute(query.order_by(inbound_message.c.at.desc()).limit(size)))


def orders_of(connection: Connection, contact_id: str) -> list[dict[str, Any]]:
    """The facts of a contact's orders, the newest first."""
    query = select(snapshot.c.facts).where(snapshot.c.contact_id == contact_id, snapshot.c.object_type == "order")
    return [dict(facts) for facts in connection.execute(query.order_by(snapshot.c.first_seen_at.desc())).scalars()]


def _latest() -> Any:
    valid = and_(*[~_contains(consent.c.flags, flag) for flag in sorted(INVALID)])
    granted = and_(consent.c.type.in_(("granted", "imported")), consent.c.channel == "whatsapp", valid)
    own = and_(consent.c.type == "granted", consent.c.source.in_(sorted(OWN_MESSAGE)), valid)
    confirmed = and_(consent.c.type == "confirmed", consent.c.via == "whatsapp")
    ended = or_(consent.c.type == "erased", and_(consent.c.type.in_(("withdrawn", "expired"))))
    for_service, for_marketing = (
        _names(SERVICE_SCOPE),
        or_(*[_names(s) for s in _MARKETING_SCOPES], _names("*marketing")),
    )
    everything = or_(_names("*"), consent.c.type == "erased")
    no_marketing = or_(consent.c.type.in_(("objected", "platform_stop")), and_(ended, or_(for_marketing, everything)))
    no_service = and_(or_(ended, consent.c.type == "objected"), or_(for_service, everything))
    return (
        select(
            consent.c.company,
            consent.c.subject,
            _newest(and_(granted, for_service)).label("service_yes"),
            _newest(no_service).label("service_no"),
            _newest(and_(or_(confirmed, own), for_marketing)).label("marketing_yes"),
            _newest(no_marketing).label("marketing_no"),
        )
        .group_by(consent.c.company, consent.c.subject)
        .subquery()
    )


def _names(scope: str) -> Any:
    """Scopes of one item end in a colon and the item."""
    return _contains(consent.c.purposes, scope, open_end=scope.endswith(":"))


def _contains(column: Any, word: str, open_end: bool = False) -> Any:
    return cast(column, Text).contains(f'"{word}' if open_end else f'"{word}"', autoescape=True)


def _newest(condition: Any) -> Any:
    return func.max(case((condition, consent.c.occurred_at)))


def _after(yes: Any, no: Any) -> Any:
    return or_(no.is_(None), yes > no)


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def header(row: Row[Any]) -> ConsentEvent:
    """A row of the ledger as decisions see it."""
    return ConsentEvent(
        event_id=row.event_id,
        company=row.company,
        type=ConsentType(row.type),
        purposes=tuple(row.purposes),
        occurred_at=row.occurred_at,
        source=Source(row.source),
        channel=row.channel,
        via=row.via,
        flags=frozenset(Flag(flag) for flag in row.flags),
        account=row.account,
        bsuid=row.bsuid,
        promised_per_month=row.promised_per_month,
    )
