"""Who asked to be told once when an article is back or cheaper.

Read from the ledger, where the wish is a consent of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, or_, select

from integration.domain.consent.consent import ConsentType, Purpose
from integration.domain.hot_dataclass import lean
from integration.domain.messages.status import COUNTED, MessageStatus
from integration.store.tables import consent, contact, message

_HELD_BACK = (MessageStatus.SUPPRESSED, MessageStatus.CANCELLED)


@lean
class Wish:
    """One wish for one article. `id` is the ledger event that granted it: a later wish is another one."""

    id: str
    contact_id: str
    scope: str
    at: datetime

    @property
    def item(self) -> str:
        """The article as messages name it: shop/id."""
        return self.scope.partition(":")[2]


@lean
class Told:
    """An alert that left: to whom, about which article, and when it was made."""

    company: str
    contact_id: str
    purpose: Purpose
    item: str
    at: datetime


def of_articles(connection: Connection, company: str, scopes: Iterable[str]) -> list[Wish]:
    """The newest wish of each person for each of these scopes, whether it still holds or not.

    This reads through the company's ledger: an article that comes back is rare, and a wish has no other row.
    """
    wanted = frozenset(scopes)
    purposes = cast(consent.c.purposes, Text)
    named = [purposes.contains(f'"{scope}"', autoescape=True) for scope in sorted(wanted)]
    return _newest(connection, company, or_(*named), wanted.__contains__)


def beginning(connection: Connection, company: str, scope: str) -> list[Wish]:
    """The newest wish of each person for each article whose scope begins so (a shop's), whether it holds or not."""
    named = cast(consent.c.purposes, Text).contains(f'"{scope}', autoescape=True)
    return _newest(connection, company, named, lambda held: held.startswith(scope))


def _newest(
    connection: Connection, company: str, named: ColumnElement[bool], is_meant: Callable[[str], bool]
) -> list[Wish]:
    query = (
        select(
            consent.c.event_id,
            func.coalesce(contact.c.merged_into, contact.c.id),
            consent.c.purposes,
            consent.c.occurred_at,
        )
        .join(contact, (contact.c.company == consent.c.company) & (contact.c.subject == consent.c.subject))
        .where(consent.c.company == company, consent.c.type == ConsentType.GRANTED, named)
        .order_by(consent.c.seq)
    )
    found = {
        (contact_id, scope): Wish(event_id, contact_id, scope, at)
        for event_id, contact_id, held, at in connection.execute(query)
        for scope in held
        if is_meant(scope)
    }
    return list(found.values())


def in_vain(connection: Connection, kind: str, wished: Sequence[Wish], reasons: Sequence[str]) -> dict[str, int]:
    """How many alerts of each wish came to nothing, too late or for one of these reasons, by the wish's id."""
    passing = and_(message.c.status.in_(_HELD_BACK), message.c.reason.in_(list(reasons)))
    query = select(message.c.contact_id, message.c.item, message.c.created_at).where(
        message.c.kind == kind,
        message.c.created_at >= min(wish.at for wish in wished),
        message.c.contact_id.in_({wish.contact_id for wish in wished}),
        or_(message.c.status == MessageStatus.EXPIRED, passing),
    )
    ended = [tuple(row) for row in connection.execute(query)]
    return {
        wish.id: sum((who, what) == (wish.contact_id, wish.item) and at >= wish.at for who, what, at in ended)
        for wish in wished
    }


def told(connection: Connection, purposes: Sequence[Purpose], since: datetime) -> list[Told]:
    """Alerts that left since then."""
    columns = (message.c.company, message.c.contact_id, message.c.purpose, message.c.item, message.c.created_at)
    query = select(*columns).where(
        message.c.purpose.in_(list(purposes)),
        message.c.created_at >= since,
        message.c.status.in_(sorted(COUNTED)),
        message.c.item.is_not(None),
    )
    return [Told(row[0], row[1], Purpose(row[2]), row[3], row[4]) for row in connection.execute(query)]
