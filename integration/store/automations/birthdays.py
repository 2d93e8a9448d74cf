"""Whose birthday it is, and whether the date was given for that."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import Connection, and_, desc, extract, or_, select

from integration.domain.automations.birthdays import days_to_look_at
from integration.domain.consent.consent import ConsentType
from integration.store.tables import IS_BORN, consent, contact, snapshot, wording


def lately(connection: Connection, company: str, today: date) -> list[str]:
    """Living contacts whose birthday may be wished for on this day, the rest is for `birthdays.is_time`."""
    month, day = extract("month", contact.c.born_on), extract("day", contact.c.born_on)
    query = select(contact.c.id).where(
        IS_BORN,
        contact.c.company == company,
        contact.c.merged_into.is_(None),
        contact.c.erased_at.is_(None),
        or_(*(and_(month == m, day == d) for m, d in days_to_look_at(today))),
    )
    return list(connection.execute(query).scalars())


def known(connection: Connection, company: str) -> list[str]:
    """Living contacts whose birthday is known."""
    query = select(contact.c.id).where(
        IS_BORN, contact.c.company == company, contact.c.merged_into.is_(None), contact.c.erased_at.is_(None)
    )
    return list(connection.execute(query).scalars())


def agreed_to(connection: Connection, company: str, subjects: Sequence[str], scope: str) -> dict[str, str]:
    """The newest text that each of these subjects agreed to for this scope, by subject; "" where none was stored."""
    query = (
        select(consent.c.subject, consent.c.purposes, wording.c.text)
        .outerjoin(wording, (wording.c.company == consent.c.company) & (wording.c.hash == consent.c.wording_hash))
        .where(consent.c.company == company, consent.c.subject.in_(subjects), consent.c.type == ConsentType.GRANTED)
    )
    rows = connection.execute(query.order_by(consent.c.seq))
    return {subject: text or "" for subject, purposes, text in rows if scope in purposes}


def shops_of(connection: Connection, contact_ids: Iterable[str], shops: Iterable[str]) -> dict[str, str]:
    """Where each of these contacts ordered last, of these shops."""
    query = select(snapshot.c.contact_id, snapshot.c.shop).where(
        snapshot.c.contact_id.in_(list(contact_ids)),
        snapshot.c.object_type == "order",
        snapshot.c.shop.in_(list(shops)),
    )
    found: dict[str, str] = {}
    for contact_id, shop in connection.execute(query.order_by(desc(snapshot.c.version))):
        found.setdefault(contact_id, shop)
    return found
