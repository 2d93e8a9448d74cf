"""Messages that wait: what takes them back, rewords them, puts them off or lets them go."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, select, update

from integration.domain.consent.consent import Purpose
from integration.domain.messages.holds import Block, Scope
from integration.domain.messages.status import WAITING, MessageStatus
from integration.store.fast_select import Query, among
from integration.store.messages.messages import COLUMNS, Message
from integration.store.tables import IS_WAITING, contact, message
from integration.store.types import UtcDateTime

#: why messages wait that were tried before, and are tried again within minutes
AGAIN = ("retry", "not_sent", "stale_permission", "account_slowed", "sender_paused", "in_turn")
_ABOUT = Query(
    select(*COLUMNS).where(IS_WAITING, among(message.c.order_key, "order_keys"), among(message.c.kind, "kinds"))
)


def cancel_for_orders(
    connection: Connection,
    order_keys: Sequence[str],
    kinds: Sequence[str],
    reason: str,
    now: datetime,
    parcels: Sequence[str] = (),
) -> int:
    """Cancel what waits about these orders, or about these parcels of theirs only; returns how many."""
    about = [message.c.order_key.in_(order_keys), message.c.kind.in_(kinds)]
    if parcels:
        about.append(message.c.object_id.in_(parcels))
    return _cancel(connection, reason, now, *about)


def cancel_for_order(connection: Connection, order_key: str, reason: str, now: datetime) -> int:
    """Cancel everything that waits about an order; returns how many."""
    return _cancel(connection, reason, now, message.c.order_key == order_key)


def cancel_kind(connection: Connection, shop: str, kind: str, now: datetime) -> int:
    """Cancel what waits of a kind that its owner switched off; returns how many."""
    return _cancel(connection, "switched_off", now, message.c.shop == shop, message.c.kind == kind)


def cancel_for_contact(
    connection: Connection, contact_id: str, purposes: Iterable[str], reason: str, now: datetime
) -> int:
    """Cancel what waits for a person who withdrew; returns how many."""
    theirs = message.c.contact_id == contact_id
    return _cancel(connection, reason, now, theirs, message.c.purpose.in_(sorted(purposes)))


def cancel_of_people(
    connection: Connection, orders: Mapping[str, str], kinds: Iterable[str], reason: str, now: datetime
) -> int:
    """Cancel what waits of these kinds for people who placed new orders (contact ids by order key); returns how many.

    What is about the new orders themselves stays.
    """
    theirs = message.c.contact_id.in_(sorted(set(orders.values())))
    others = message.c.order_key.not_in(sorted(orders))
    return _cancel(connection, reason, now, theirs, others, message.c.kind.in_(sorted(kinds)))


def cancel_keys(connection: Connection, keys: Iterable[str], reason: str, now: datetime) -> int:
    """Cancel what waits under these keys; returns how many."""
    return _cancel(connection, reason, now, message.c.key.in_(list(keys)))


def cancel_reminders(connection: Connection, contact_ids: Iterable[str], now: datetime) -> int:
    """Cancel the cart reminders and requests for a review that wait for people who wrote; returns how many."""
    asking = message.c.purpose.in_((Purpose.ABANDONED_CART, Purpose.REVIEW_REQUEST))
    return _cancel(connection, "replied", now, message.c.contact_id.in_(list(contact_ids)), asking)


def _cancel(connection: Connection, reason: str, now: datetime, *which: ColumnElement[bool]) -> int:
    query = update(message).where(message.c.status.in_(sorted(WAITING)), *which)
    return connection.execute(query.values(status=MessageStatus.CANCELLED, reason=reason, status_at=now)).rowcount


def waiting_about(connection: Connection, order_keys: Iterable[str], kinds: Iterable[str]) -> list[Message]:
    """What waits about these orders, of these kinds."""
    rows = _ABOUT.rows(connection, {"order_keys": order_keys, "kinds": kinds})
    return [Message(*row) for row in rows]


def reword(connection: Connection, item: Message, variables: Mapping[str, str]) -> bool:
    """Let a message that still waits say what is true now; whether it still waited."""
    query = update(message).where(message.c.id == item.id, message.c.status.in_(sorted(WAITING)))
    return connection.execute(query.values(variables=variables)).rowcount > 0


def requeue(connection: Connection, id_: str, reason: str, send_after: datetime, now: datetime) -> bool:
    """Let a message that failed be tried again; False when it is no longer failed."""
    query = update(message).where(message.c.id == id_, message.c.status == MessageStatus.FAILED)
    values: dict[str, Any] = {"status": MessageStatus.QUEUED, "reason": reason, "send_after": send_after}
    return bool(connection.execute(query.values(**values, status_at=now, error_code=None)).rowcount)


def put_off(connection: Connection, resting: Block, senders: Sequence[str]) -> int:
    """Let what waits for a block wait for its end, or as long as it makes sense; returns how many."""
    if resting.scope is Scope.ACCOUNT:
        return 0
    later = message.c.expires_at if resting.until is None else bindparam("until", resting.until, UtcDateTime())
    query = update(message).where(message.c.sender.in_(senders), IS_WAITING, message.c.send_after < later)
    values = {"send_after": later, "reason": resting.reason}
    return connection.execute(query.where(_concerned(resting)).values(values)).rowcount


def _concerned(resting: Block) -> ColumnElement[bool]:
    if resting.scope is Scope.MARKETING:
        return message.c.marketing.is_(True)
    if resting.scope is Scope.COUNTRY:
        country = resting.key.rpartition("/")[2]
        return message.c.contact_id.in_(select(contact.c.id).where(contact.c.country == country))
    _, template, language = resting.key.split("/")
    return and_(message.c.template == template, message.c.language == language)


def first_tried(connection: Connection, contact_ids: Iterable[str]) -> dict[str, Message]:
    """The earliest service message to each of these people that was tried and waits to be tried again."""
    again = (IS_WAITING, message.c.tries > 0, message.c.reason.in_(AGAIN), message.c.marketing.is_(False))
    query = select(*COLUMNS).where(message.c.contact_id.in_(sorted(contact_ids)), *again)
    found: dict[str, Message] = {}
    for row in connection.execute(query.order_by(message.c.occurred_at)):
        found.setdefault(row.contact_id, Message(*row))
    return found


def follow(connection: Connection, first: Message, until: datetime) -> int:
    """Keep what waits for a person and tells of later facts behind a message of theirs that has to wait.

    Behind advertising only advertising waits: parcels do not.
    """
    theirs = (message.c.contact_id == first.contact_id) & (message.c.occurred_at > first.occurred_at)
    query = update(message).where(theirs, message.c.id != first.id, IS_WAITING, message.c.send_after < until)
    query = query.where(message.c.marketing) if first.advertises else query
    return connection.execute(query.values(send_after=until)).rowcount


def release(connection: Connection, reason: str, now: datetime, company: str = "") -> int:
    """Let messages that waited for `reason` be decided anew at once, of one company or of all; returns how many."""
    query = update(message).where(message.c.status == MessageStatus.QUEUED, message.c.reason == reason)
    query = query.where(message.c.company == company) if company else query
    return connection.execute(query.values(send_after=now)).rowcount
