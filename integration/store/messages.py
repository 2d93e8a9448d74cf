"""Messages, the decisions on them, and the attempts to send them. States: domain/status.py."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
    update,
)

from integration.domain.blocks import Block, Scope
from integration.domain.consent import MARKETING, Purpose
from integration.domain.lean import lean
from integration.domain.pricing import Price
from integration.domain.refusals import Refusal
from integration.domain.status import COUNTED, WAITING, MessageStatus, Outcome
from integration.store.bulk import Many
from integration.store.ids import new_id
from integration.store.query import Query, among
from integration.store.tables import IS_WAITING, attempt, contact, decision, message, status
from integration.store.types import Money, UtcDateTime

#: kinds that ask somebody to confirm a sign-up
CONFIRMABLE = frozenset({"doi_request", "optin_offer"})
#: purposes that answer what somebody wrote
ANSWERS = (Purpose.SUPPORT_REPLY, Purpose.OPTOUT_CONFIRMATION)


@lean
class Message:
    """One message to one person. `occurred_at` is the time of the fact that it tells.

    `item` is the article of an alert, `promotion` a service text that advertises, `buttons` [payload, title] pairs,
    `components` what a template carries besides (`domain.components.stored`),
    `prepared_at` when it was last made ready to leave, where its kind needs that,
    `rule` the version of the owner's rule by which it was made (0: nobody decided).
    """

    id: str
    company: str
    sender: str
    shop: str | None
    contact_id: str | None
    event_id: str | None
    object_type: str | None
    object_id: str | None
    order_key: str | None
    order_number: str | None
    kind: str
    purpose: str
    key: str
    template: str | None
    language: str
    variables: Mapping[str, str]
    text: str | None
    status: str
    reason: str | None
    tries: int
    occurred_at: datetime
    send_after: datetime
    expires_at: datetime
    item: str | None = None
    promotion: bool = False
    buttons: Sequence[Sequence[str]] | None = None
    components: Mapping[str, Any] | None = None
    prepared_at: datetime | None = None
    rule: int = 0

    @property
    def advertises(self) -> bool:
        """Whether it is advertising, by its purpose or by what it says."""
        return self.promotion or self.purpose in MARKETING


@lean
class Verdict:
    """A stored decision: what decide() said at `stage` (queue or send), and the facts it saw."""

    message_id: str
    stage: str
    outcome: str
    reason: str
    basis: tuple[str, ...]
    facts: Mapping[str, Any]


@lean
class Attempt:
    """One try to send a message; its id travels in biz_opaque_callback_data."""

    id: str
    message_id: str
    n: int


@lean
class Result:
    """How an attempt ended. `status` is where its message goes from *sending*; a `refusal` decides that when stored."""

    attempt: Attempt
    outcome: Outcome
    status: MessageStatus
    at: datetime
    reason: str | None = None
    wa_message_id: str | None = None
    held: bool = False
    http_status: int | None = None
    error_code: int | None = None
    error: str | None = None
    duration_ms: int = 0
    send_after: datetime | None = None
    refusal: Refusal | None = None


COLUMNS = tuple(message.c[name] for name in Message.__dataclass_fields__)
_ADD, _ADD_DECISION, _ADD_ATTEMPT = Many.insert(message), Many.insert(decision), Many.insert(attempt)
_KNOWN_KEYS = Query(select(message.c.key).where(among(message.c.key, "keys")))


def _lane(marketing: bool) -> Select[Any]:
    """The next messages of a sender that are advertising, or are not; `occurred_at` keeps one person's in order."""
    lane = select(message.c.id, message.c.contact_id, message.c.marketing)
    mine = lane.where(message.c.sender == bindparam("sender"), IS_WAITING, message.c.marketing.is_(marketing))
    queued = mine.where(message.c.status == MessageStatus.QUEUED)
    due = queued.where(message.c.send_after <= bindparam("now")).order_by(message.c.send_after, message.c.occurred_at)
    found = due.limit(bindparam("most")).subquery("advertising" if marketing else "service")
    return select(found)


_DUE = Query(union_all(_lane(False), _lane(True)))
_ABOUT = Query(
    select(*COLUMNS).where(IS_WAITING, among(message.c.order_key, "order_keys"), among(message.c.kind, "kinds"))
)
_IDS = select(*COLUMNS).where(among(message.c.id, "ids"))
_BY_ID, _FREE = Query(_IDS), Query(_IDS.with_for_update(skip_locked=True))
_MOVE = Many(
    update(message)
    .where(message.c.id == bindparam("id_"), message.c.status == bindparam("from_"))
    .values(
        status=bindparam("to_"),
        reason=bindparam("reason_"),
        send_after=bindparam("after_"),
        status_at=bindparam("at_"),
    )
)
_SENDING = Many(
    update(message)
    .where(message.c.id == bindparam("id_"), message.c.status == MessageStatus.QUEUED)
    .values(
        status=MessageStatus.SENDING,
        reason=None,
        tries=message.c.tries + 1,
        status_at=bindparam("at_"),
        price=bindparam("price_", type_=Money()),
        price_currency=bindparam("currency_", type_=String()),
        price_category=bindparam("category_", type_=String()),
        price_type=bindparam("type_", type_=String()),
        price_at=bindparam("at_"),
    )
)
_SETTLE = Many(
    update(message)
    .where(message.c.id == bindparam("id_"), message.c.status == MessageStatus.SENDING)
    .values(
        status=bindparam("to_"),
        reason=bindparam("reason_"),
        held=bindparam("held_"),
        error_code=bindparam("code_", type_=Integer()),
        send_after=func.coalesce(bindparam("after_", type_=UtcDateTime()), message.c.send_after),
        status_at=bindparam("at_"),
    )
)
_END_ATTEMPT = Many(
    update(attempt)
    .where(attempt.c.id == bindparam("id_"))
    .values(
        outcome=bindparam("outcome_"),
        wa_message_id=func.coalesce(bindparam("wamid_", type_=String()), attempt.c.wa_message_id),
        http_status=bindparam("http_"),
        error_code=bindparam("code_"),
        error=bindparam("error_"),
        duration_ms=bindparam("ms_"),
    )
)


def known_keys(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Which of these message keys exist: their fact has its message already."""
    wanted = list(keys)
    return set(_KNOWN_KEYS.values(connection, {"keys": wanted})) if wanted else set()


def add(connection: Connection, items: Sequence[Message], now: datetime) -> None:
    """Store new messages."""
    _ADD.run(connection, [_row(item, now) for item in items])


def _row(item: Message, now: datetime) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in Message.__dataclass_fields__}
    return row | {
        "held": False,
        "created_at": now,
        "lease_until": None,
        "status_at": now,
        "price_category": None,
        "price": None,
        "price_currency": None,
        "price_type": None,
        "price_at": None,
        "marketing": item.advertises,
        "error_code": None,
    }


def record(connection: Connection, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Store decisions."""
    _ADD_DECISION.run(connection, [_verdict_row(v, now) for v in verdicts])


def _verdict_row(v: Verdict, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "message_id": v.message_id,
        "at": now,
        "stage": v.stage,
        "outcome": v.outcome,
        "reason": v.reason,
        "basis": list(v.basis),
        "facts": v.facts,
    }


def due(connection: Connection, sender: str, now: datetime, most: int) -> list[tuple[str, str]]:
    """(message id, contact id) of the next messages of a sender, oldest first, advertising last; nothing is locked."""
    rows = _DUE.rows(connection, {"sender": sender, "now": now, "most": most})
    return [(id_, contact_id) for id_, contact_id, _ in sorted(rows, key=_advertising)[:most]]


def _advertising(row: tuple[Any, ...]) -> bool:
    return bool(row[2])


def by_id(connection: Connection, ids: Sequence[str]) -> list[Message]:
    """Messages by id."""
    return [Message(*row) for row in _BY_ID.rows(connection, {"ids": ids})] if ids else []


def claim(connection: Connection, ids: Sequence[str]) -> list[Message]:
    """Those of these messages that are still queued, locked until the transaction ends.

    Their contacts must be locked before: STOP locks in the same order (contact, then messages).
    """
    if not ids:
        return []
    free = [Message(*row) for row in _FREE.rows(connection, {"ids": ids})]
    found = {item.id: item for item in free if item.status == MessageStatus.QUEUED}
    return [found[id_] for id_ in ids if id_ in found]


def lock(connection: Connection, ids: Iterable[str]) -> None:
    """Hold these messages in order of id, so that two transactions that change many never wait in a ring."""
    if connection.dialect.name != "sqlite":
        query = select(message.c.id).where(message.c.id.in_(sorted(ids))).order_by(message.c.id).with_for_update()
        connection.execute(query)


def start(
    connection: Connection, items: Sequence[Message], now: datetime, prices: Sequence[Price | None] = ()
) -> list[Attempt]:
    """Mark messages as *sending* and open an attempt for each. From here on a crash means *unknown*.

    `prices` are what the items will cost, in their order.
    """
    if not items:
        return []
    known = prices or [None] * len(items)
    _SENDING.run(connection, [_sending(item, now, price) for item, price in zip(items, known, strict=True)])
    attempts = [Attempt(new_id(), item.id, item.tries + 1) for item in items]
    _ADD_ATTEMPT.run(connection, [_attempt_row(a, now) for a in attempts])
    return attempts


def _sending(item: Message, now: datetime, price: Price | None) -> dict[str, Any]:
    return {"id_": item.id, "at_": now, **price_row(price)}


def price_row(price: Price | None) -> dict[str, Any]:
    """A price as the open parameters of an update take it."""
    if price is None:
        return dict.fromkeys(("price_", "currency_", "category_", "type_"))
    return {
        "price_": price.amount,
        "currency_": price.currency,
        "category_": price.category,
        "type_": price.type,
    }


def _attempt_row(item: Attempt, now: datetime) -> dict[str, Any]:
    blank = dict.fromkeys(("wa_message_id", "http_status", "error_code", "error", "duration_ms"))
    row = {"id": item.id, "message_id": item.message_id, "n": item.n, "at": now, "outcome": Outcome.PENDING}
    return blank | row


@lean
class Move:
    """A guarded change of state of a message that has not left yet."""

    message: Message
    to: MessageStatus
    reason: str
    send_after: datetime | None = None


def move(connection: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Move messages on, each only if it is still where it was read."""
    rows = [
        {
            "id_": m.message.id,
            "from_": m.message.status,
            "to_": m.to,
            "reason_": m.reason,
            "after_": m.send_after or m.message.send_after,
            "at_": now,
        }
        for m in moves
    ]
    _MOVE.run(connection, rows)


def settle(connection: Connection, results: Sequence[Result]) -> None:
    """Store how attempts ended. A message that a status has moved on already stays where it is."""
    if not results:
        return
    lock(connection, [result.attempt.message_id for result in results])
    _END_ATTEMPT.run(connection, [_ending(result) for result in results])
    _SETTLE.run(
        connection,
        [
            {
                "id_": r.attempt.message_id,
                "to_": r.status,
                "reason_": r.reason,
                "held_": r.held,
                "after_": r.send_after,
                "at_": r.at,
                "code_": r.error_code if r.status == MessageStatus.FAILED else None,
            }
            for r in results
        ],
    )


def _ending(result: Result) -> dict[str, Any]:
    return {
        "id_": result.attempt.id,
        "outcome_": result.outcome,
        "wamid_": result.wa_message_id,
        "http_": result.http_status,
        "code_": result.error_code,
        "error_": result.error,
        "ms_": result.duration_ms,
    }


def cancel_for_orders(
    connection: Connection,
    order_keys: Sequence[str],
    kinds: Sequence[str],
    reason: str,
    now: datetime,
    parcels: Sequence[str] = (),
) -> int:
    """Cancel what waits about these orders, or about these parcels of theirs only; returns how many."""
    query = update(message).where(
        message.c.order_key.in_(order_keys), message.c.kind.in_(kinds), message.c.status.in_(sorted(WAITING))
    )
    if parcels:
        query = query.where(message.c.object_id.in_(parcels))
    values = {"status": MessageStatus.CANCELLED, "reason": reason, "status_at": now}
    return connection.execute(query.values(values)).rowcount


def cancel_for_order(connection: Connection, order_key: str, reason: str, now: datetime) -> int:
    """Cancel everything that waits about an order; returns how many."""
    query = update(message).where(message.c.order_key == order_key, message.c.status.in_(sorted(WAITING)))
    return connection.execute(query.values(status=MessageStatus.CANCELLED, reason=reason, status_at=now)).rowcount


def cancel_kind(connection: Connection, shop: str, kind: str, now: datetime) -> int:
    """Cancel what waits of a kind that its owner switched off; returns how many."""
    query = update(message).where(message.c.shop == shop, message.c.kind == kind, message.c.status.in_(sorted(WAITING)))
    values = {"status": MessageStatus.CANCELLED, "reason": "switched_off", "status_at": now}
    return connection.execute(query.values(values)).rowcount


def waiting_about(connection: Connection, order_keys: Iterable[str], kinds: Iterable[str]) -> list[Message]:
    """What waits about these orders, of these kinds."""
    rows = _ABOUT.rows(connection, {"order_keys": order_keys, "kinds": kinds})
    return [Message(*row) for row in rows]


def reword(connection: Connection, item: Message, variables: Mapping[str, str]) -> bool:
    """Let a message that still waits say what is true now; whether it still waited."""
    query = update(message).where(message.c.id == item.id, message.c.status.in_(sorted(WAITING)))
    return connection.execute(query.values(variables=variables)).rowcount > 0


def cancel_for_contact(
    connection: Connection, contact_id: str, purposes: Iterable[str], reason: str, now: datetime
) -> int:
    """Cancel what waits for a person who withdrew; returns how many."""
    query = update(message).where(
        message.c.contact_id == contact_id,
        message.c.purpose.in_(sorted(purposes)),
        message.c.status.in_(sorted(WAITING)),
    )
    values = {"status": MessageStatus.CANCELLED, "reason": reason, "status_at": now}
    return connection.execute(query.values(values)).rowcount


def cancel_of_people(
    connection: Connection, orders: Mapping[str, str], kinds: Iterable[str], reason: str, now: datetime
) -> int:
    """Cancel what waits of these kinds for people who placed new orders (contact ids by order key); returns how many.

    What is about the new orders themselves stays.
    """
    query = update(message).where(
        message.c.contact_id.in_(sorted(set(orders.values()))),
        message.c.kind.in_(sorted(kinds)),
        message.c.status.in_(sorted(WAITING)),
        message.c.order_key.not_in(sorted(orders)),
    )
    return connection.execute(query.values(status=MessageStatus.CANCELLED, reason=reason, status_at=now)).rowcount


def cancel_keys(connection: Connection, keys: Iterable[str], reason: str, now: datetime) -> int:
    """Cancel what waits under these keys; returns how many."""
    query = update(message).where(message.c.key.in_(list(keys)), message.c.status.in_(sorted(WAITING)))
    return connection.execute(query.values(status=MessageStatus.CANCELLED, reason=reason, status_at=now)).rowcount


def cancel_reminders(connection: Connection, contact_ids: Iterable[str], now: datetime) -> int:
    """Cancel the cart reminders that wait for people who wrote; returns how many."""
    query = update(message).where(
        message.c.contact_id.in_(list(contact_ids)),
        message.c.purpose == Purpose.ABANDONED_CART,
        message.c.status.in_(sorted(WAITING)),
    )
    values = {"status": MessageStatus.CANCELLED, "reason": "replied", "status_at": now}
    return connection.execute(query.values(values)).rowcount


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


def follow(connection: Connection, first: Message, until: datetime) -> int:
    """Keep what waits for a person and tells of later facts behind a message of theirs that has to wait."""
    theirs = (message.c.contact_id == first.contact_id) & (message.c.occurred_at > first.occurred_at)
    query = update(message).where(theirs, message.c.id != first.id, IS_WAITING, message.c.send_after < until)
    return connection.execute(query.values(send_after=until)).rowcount


def refused_before(connection: Connection, ids: Iterable[str]) -> dict[tuple[str, int], int]:
    """How often each (message, code) was refused, in answers to requests and by webhook."""
    wanted = sorted(ids)
    found: dict[tuple[str, int], int] = {}
    answered = select(attempt.c.message_id, attempt.c.error_code, func.count())
    told = select(status.c.message_id, status.c.error_code, func.count(status.c.wa_message_id.distinct()))
    for query, table in ((answered, attempt), (told, status)):
        known = query.where(table.c.message_id.in_(wanted), table.c.error_code.is_not(None))
        for message_id, code, count in connection.execute(known.group_by(table.c.message_id, table.c.error_code)):
            found[message_id, code] = found.get((message_id, code), 0) + count
    return found


def release(connection: Connection, reason: str, now: datetime, company: str = "") -> int:
    """Let messages that waited for `reason` be decided anew at once, of one company or of all; returns how many."""
    query = update(message).where(message.c.status == MessageStatus.QUEUED, message.c.reason == reason)
    query = query.where(message.c.company == company) if company else query
    return connection.execute(query.values(send_after=now)).rowcount


def strand(connection: Connection, before: datetime, now: datetime) -> int:
    """Messages left in *sending* since before `before` become *unknown*: their process died."""
    stuck = select(message.c.id).where(message.c.status == MessageStatus.SENDING, message.c.status_at < before)
    ids = list(connection.execute(stuck.with_for_update(skip_locked=True)).scalars())
    for chunk in (ids[start : start + 500] for start in range(0, len(ids), 500)):
        connection.execute(
            update(attempt)
            .where(attempt.c.message_id.in_(chunk), attempt.c.outcome == Outcome.PENDING)
            .values(outcome=Outcome.UNKNOWN)
        )
        connection.execute(
            update(message)
            .where(message.c.id.in_(chunk), message.c.status == MessageStatus.SENDING)
            .values(status=MessageStatus.UNKNOWN, reason="uncertain", status_at=now)
        )
    return len(ids)


def expire(connection: Connection, now: datetime) -> int:
    """Messages whose time has passed while they waited; returns how many."""
    query = update(message).where(message.c.status.in_(sorted(WAITING)), message.c.expires_at <= now)
    values: dict[str, Any] = {
        "status": MessageStatus.EXPIRED,
        "reason": func.coalesce(message.c.reason, "expired"),
        "status_at": now,
    }
    return connection.execute(query.values(values)).rowcount


def unreported(connection: Connection, since: datetime, before: datetime) -> dict[str, datetime]:
    """Senders with messages that were accepted before `before` and of which no status came: the newest of them."""
    query = select(message.c.sender, func.max(message.c.status_at)).where(
        message.c.status == MessageStatus.ACCEPTED,
        message.c.created_at >= since,
        message.c.status_at <= before,
        message.c.held.is_(False),
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(message.c.sender))}


def counted(
    connection: Connection, contact_ids: Sequence[str], purposes: Iterable[str], since: datetime
) -> dict[str, list[datetime]]:
    """When messages of these purposes left, or may have left, for each contact since `since`."""
    query = select(message.c.contact_id, message.c.status_at).where(
        message.c.contact_id.in_(contact_ids),
        message.c.purpose.in_(sorted(purposes)),
        message.c.status.in_(sorted(COUNTED)),
        message.c.created_at >= since,
    )
    found: dict[str, list[datetime]] = {}
    for contact_id, at in connection.execute(query):
        found.setdefault(contact_id, []).append(at)
    return found


def marketing_sent(
    connection: Connection, contact_ids: Sequence[str], since: datetime
) -> tuple[dict[str, list[datetime]], dict[str, datetime]]:
    """When marketing left, or may have left, for each contact since `since`; and the last time ever."""
    left = (
        select(message.c.contact_id, func.max(attempt.c.at).label("at"))
        .join(attempt, attempt.c.message_id == message.c.id)
        .where(
            message.c.contact_id.in_(contact_ids),
            or_(message.c.purpose.in_(sorted(MARKETING)), message.c.promotion),
            message.c.status.in_(sorted(COUNTED)),
        )
        .group_by(message.c.contact_id, message.c.id)
    )
    recent: dict[str, list[datetime]] = {}
    last: dict[str, datetime] = {}
    for contact_id, at in connection.execute(left) if contact_ids else ():
        last[contact_id] = max(at, last.get(contact_id, at))
        if at >= since:
            recent.setdefault(contact_id, []).append(at)
    return recent, last


def last_purpose(connection: Connection, contact_ids: Sequence[str]) -> dict[str, str]:
    """The purpose of the last message that reached each contact: what a bare STOP answers.

    Answers to what the person asked are left out: who asks WARUM and then says STOP means the message before.
    """
    query = (
        select(message.c.contact_id, message.c.purpose)
        .join(attempt, attempt.c.message_id == message.c.id)
        .where(message.c.contact_id.in_(contact_ids), message.c.status.in_(sorted(COUNTED)))
        .where(message.c.purpose != Purpose.SUPPORT_REPLY)
        .order_by(attempt.c.at)
    )
    return {row[0]: row[1] for row in connection.execute(query)} if contact_ids else {}


def asked_to_confirm(connection: Connection, contact_ids: Sequence[str], since: datetime) -> set[str]:
    """Who was asked since `since` to confirm a sign-up: only then does "yes" mean one."""
    query = select(message.c.contact_id).where(
        message.c.contact_id.in_(contact_ids),
        message.c.kind.in_(sorted(CONFIRMABLE)),
        message.c.status.in_(sorted(COUNTED)),
        message.c.created_at >= since,
    )
    return set(connection.execute(query).scalars()) if contact_ids else set()


def told_about(connection: Connection, contact_id: str, order_key: str | None) -> tuple[str, str] | None:
    """(key, number) of an order that this contact was written to about: this one, else the one of the last message."""
    mine = select(message.c.order_key, func.coalesce(message.c.order_number, "")).where(
        message.c.contact_id == contact_id, message.c.status.in_(sorted(COUNTED)), message.c.order_key.is_not(None)
    )
    if order_key:
        mine = mine.where(message.c.order_key == order_key)
    row = connection.execute(mine.order_by(message.c.status_at.desc()).limit(1)).first()
    return (row[0], row[1]) if row else None


def last_told(connection: Connection, contact_id: str) -> str | None:
    """The id of the last message that we began ourselves and that left for this contact."""
    query = (
        select(message.c.id)
        .join(attempt, attempt.c.message_id == message.c.id)
        .where(
            message.c.contact_id == contact_id,
            message.c.purpose.not_in(ANSWERS),
            message.c.status.in_(sorted(COUNTED)),
        )
        .order_by(attempt.c.at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def queued_as(item: Message, status: MessageStatus, reason: str | None, send_after: datetime) -> Message:
    """The message in the state that the first decision gave it."""
    return replace(item, status=status, reason=reason, send_after=send_after)
