"""Who asked to be told once when an article is back: read from the ledger, where the wish is a consent of its own."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Text, cast, func, or_, select

from integration.domain.consent import ConsentType
from integration.domain.lean import lean
from integration.domain.status import COUNTED
from integration.store.tables import consent, contact, message


@lean
class Wish:
    """One wish for one article. `id` is the ledger event that granted it: a later wish is another one."""

    id: str
    contact_id: str
    scope: str


def of_articles(connection: Connection, company: str, scopes: Iterable[str]) -> list[Wish]:
    """The newest wish of each person for each of these scopes, whether it still holds or not.

    This reads through the company's ledger: an article that comes back is rare, and a wish has no other row.
    """
    wanted = sorted(scopes)
    purposes = cast(consent.c.purposes, Text)
    query = (
        select(consent.c.event_id, func.coalesce(contact.c.merged_into, contact.c.id), consent.c.purposes)
        .join(contact, (contact.c.company == consent.c.company) & (contact.c.subject == consent.c.subject))
        .where(
            consent.c.company == company,
            consent.c.type == ConsentType.GRANTED,
            or_(*(purposes.contains(f'"{scope}"', autoescape=True) for scope in wanted)),
        )
        .order_by(consent.c.seq)
    )
    found = {
        (contact_id, scope): Wish(event_id, contact_id, scope)
        for event_id, contact_id, held in connection.execute(query)
        for scope in wanted
        if scope in held
    }
    return list(found.values())


def told(connection: Connection, kinds: Sequence[str], since: datetime) -> list[tuple[str, str, str]]:
    """(company, contact id, article) of alerts that left since then."""
    query = select(message.c.company, message.c.contact_id, message.c.item).where(
        message.c.kind.in_(list(kinds)),
        message.c.created_at >= since,
        message.c.status.in_(sorted(COUNTED)),
        message.c.item.is_not(None),
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query.distinct())]
