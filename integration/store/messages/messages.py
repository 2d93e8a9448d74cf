"""Messages, the decisions on them, and the attempts to send them. States: integration/domain/messages/status.py."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, String, bindparam, func, select, union_all, update

from integration.domain.consent.consent import MARKETING
from integration.domain.costs.pricing import Price
from integration.domain.hot_dataclass import lean
from integration.domain.messages.refusals import Refusal
from integration.domain.messages.status import WAITING, MessageStatus, Outcome
from integration.store.bulk_write import Many
from integration.store.fast_select import Query, among
from integration.store.ids import new_id
from integration.store.tables import IS_WAITING, attempt, decision, message
from integration.store.types import Money, UtcDateTime


@lean
class Message:
    """One message to one person. `occurred_at` is the time of the fact that it tells.

    `item` is the article of an alert, `promotion` a service text that advertises, `buttons` [payload, title] pairs,
    `components` what a template carries besides (`domain.messages.components.stored`),
    `prepared_at` when it was last made ready to leave, where its kind needs that,
    `rule` the version of the owner's rule by which it was made (0: nobody decided).
    """

    id: str
    company: str
    sender: str
    kind: str
    purpose: str
    key: str
    language: str
    variables: Mapping[str, str]
    occurred_at: datetime
    send_after: datetime
    expires_at: datetime
    shop: str | None = None
    contact_id: str | None = None
    event_id: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    order_key: str | None = None
    order_number: str | None = None
    template: str | None = None
    text: str | None = None
    status: str = MessageStatus.QUEUED
    reason: str | None = None
    tries: int = 0
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
    .where(
        message.c.id == bindparam("id_"), message.c.status == MessageStatus.SENDING, message.c.tries == bindparam("n_")
    )
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


def id_of(connection: Connection, key: str) -> str | None:
    """The id of the message under a key."""
    return connection.execute(select(message.c.id).where(message.c.key == key)).scalar()


def add(connection: Connection, items: Sequence[Message], now: datetime) -> None:
    """Store new messages. Only `flow.messages.queue` calls it."""
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
    """Store how attempts ended. A message that a status has moved on, or that is tried anew, stays where it is."""
    if not results:
        return
    lock(connection, [result.attempt.message_id for result in results])
    _END_ATTEMPT.run(connection, [_ending(result) for result in results])
    _SETTLE.run(
        connection,
        [
            {
                "id_": r.attempt.message_id,
                "n_": r.attempt.n,
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
