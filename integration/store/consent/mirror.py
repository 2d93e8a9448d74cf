"""How far each shop shows the ledger: the last entry whose person's state was shown there."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from integration.domain.shops.events import ObjectType
from integration.store.bulk_write import insert_or_ignore
from integration.store.tables import consent, consent_shown, contact, snapshot


@dataclass(frozen=True, slots=True)
class Changed:
    """A person whose consents changed, in the ledger's order. `seq` is the latest entry."""

    seq: int
    contact_id: str


def since(connection: Connection, company: str, shop: str, most: int) -> tuple[list[Changed], int]:
    """Who changed after what this shop shows, each once, and the entry up to which that is."""
    known = connection.execute(select(consent_shown.c.seq).where(consent_shown.c.shop == shop)).scalar() or 0
    person = func.coalesce(contact.c.merged_into, contact.c.id)
    query = (
        select(consent.c.seq, person.label("person"))
        .outerjoin(contact, contact.c.subject == consent.c.subject)
        .where(consent.c.company == company, consent.c.seq > known)
    )
    rows = connection.execute(query.order_by(consent.c.seq).limit(most)).all()
    latest = {row.person: row.seq for row in rows if row.person}
    changed = sorted((Changed(seq, person) for person, seq in latest.items()), key=lambda one: one.seq)
    return changed, rows[-1].seq if rows else known


def shown(connection: Connection, shop: str, seq: int) -> None:
    """Everything up to this entry is shown."""
    connection.execute(insert_or_ignore(connection, consent_shown), [{"shop": shop, "seq": 0}])
    connection.execute(update(consent_shown).where(consent_shown.c.shop == shop).values(seq=seq))


def customers(connection: Connection, shop: str, contacts: Iterable[str]) -> dict[str, str]:
    """The shop's own customer id of each contact that has one, by its latest order or customer record."""
    query = select(snapshot.c.contact_id, snapshot.c.object_type, snapshot.c.object_id, snapshot.c.facts).where(
        snapshot.c.shop == shop,
        snapshot.c.contact_id.in_(list(contacts)),
        snapshot.c.object_type.in_([ObjectType.ORDER, ObjectType.CUSTOMER]),
    )
    found: dict[str, str] = {}
    for row in connection.execute(query.order_by(snapshot.c.version)):
        is_customer = row.object_type == ObjectType.CUSTOMER
        number = row.object_id if is_customer else row.facts.get("customer_id")
        if number:
            found[row.contact_id] = number
    return found
