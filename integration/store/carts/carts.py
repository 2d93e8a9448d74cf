"""Carts, the keys that find them, and who bought lately."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, delete, func, or_, select, update

from integration.domain.carts.carts import Cart, Part, Purchase
from integration.domain.carts.reminders import KIND, Other
from integration.domain.messages.status import COUNTED
from integration.domain.shops.events import ObjectType, object_key
from integration.domain.shops.facts import CartStatus
from integration.store.bulk_write import Many
from integration.store.fast_select import Query, among
from integration.store.ids import new_id
from integration.store.tables import HAS_PARTS, IS_DUE, attempt, cart, cart_key, message, purchase, snapshot

_COLUMNS = (
    cart.c.id,
    cart.c.shop,
    cart.c.parts,
    cart.c.contact_id,
    cart.c.abandoned_at,
    cart.c.reminded_at,
    cart.c.expired_at,
    cart.c.ordered_at,
    cart.c.order_id,
    cart.c.remind_at,
    cart.c.steps,
    cart.c.asked_at,
    cart.c.arm,
    cart.c.reason,
)
_FOUND = select(cart_key.c.cart_id).where(among(cart_key.c.key, "keys"))
_BY_KEY = Query(select(*_COLUMNS).where(cart.c.id.in_(_FOUND)).order_by(cart.c.id).with_for_update())
_KEYS_OF = Query(select(cart_key.c.cart_id, cart_key.c.key).where(among(cart_key.c.cart_id, "ids")))
_PURCHASES = Query(select(purchase.c.key, purchase.c.order_id, purchase.c.at).where(among(purchase.c.key, "keys")))
_DUE = Query(
    select(*_COLUMNS)
    .where(IS_DUE, cart.c.due_at <= bindparam("now"))
    .order_by(cart.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_REMINDERS = Query(select(message.c.id).where(among(message.c.id, "ids"), message.c.kind == bindparam("kind")))
_PART = [one.name for one in fields(Part)]
_ADD = Many.insert(cart)
_CHANGE = Many(
    update(cart)
    .where(cart.c.id == bindparam("id_"))
    .values({c.name: bindparam(f"{c.name}_", type_=c.type) for c in cart.columns if c.name not in ("id", "shop")})
)
_ADD_KEYS = Many.insert(cart_key, ignore=True)
_ADD_PURCHASES = Many.insert(purchase, ignore=True)


def by_key(connection: Connection, keys: Iterable[str]) -> list[Cart]:
    """Every cart that is known under one of these keys, ended ones too, held until the transaction ends."""
    return _carts(connection, _BY_KEY.rows(connection, {"keys": keys}))


def due(connection: Connection, now: datetime, most: int) -> list[Cart]:
    """Carts to be looked at, held until the transaction ends; those that others hold come later."""
    return _carts(connection, _DUE.rows(connection, {"now": now, "most": most}))


def by_id(connection: Connection, ids: Iterable[str], *, free: bool = False, hold: bool = False) -> list[Cart]:
    """Carts by id that still hold their data.

    `hold` holds them until the transaction ends, `free` only those that nobody else does.
    """
    query = select(*_COLUMNS).where(cart.c.id.in_(list(ids)), HAS_PARTS).order_by(cart.c.id)
    if free or hold:
        query = query.with_for_update(skip_locked=free)
    return _carts(connection, connection.execute(query).all())


def reminders(connection: Connection, message_ids: Iterable[str]) -> list[str]:
    """Those of these messages that remind of carts."""
    return _REMINDERS.values(connection, {"ids": message_ids, "kind": KIND})


def left_at(connection: Connection, message_ids: Sequence[str]) -> dict[str, datetime | None]:
    """For the carts that these messages are about: when the last reminder of it left that nobody refused."""
    told, asked = message.alias(), select(message).where(message.c.id.in_(message_ids)).subquery()
    moment = case((told.c.status.in_(sorted(COUNTED)), attempt.c.at))
    query = (
        select(told.c.object_id, func.max(moment, type_=attempt.c.at.type))
        .join(asked, and_(asked.c.contact_id == told.c.contact_id, asked.c.object_id == told.c.object_id))
        .outerjoin(attempt, attempt.c.message_id == told.c.id)
        .where(told.c.kind == KIND)
        .group_by(told.c.object_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def of_people(connection: Connection, contact_ids: Iterable[str]) -> dict[str, list[Other]]:
    """The carts of these contacts that are not over, or were reminded of, by contact."""
    query = select(cart.c.contact_id, cart.c.id, cart.c.state, cart.c.changed_at, cart.c.reminded_at)
    theirs = query.where(cart.c.contact_id.in_(list(contact_ids)), HAS_PARTS)
    found: dict[str, list[Other]] = defaultdict(list)
    for row in connection.execute(theirs):
        found[row.contact_id].append(Other(*row[1:]))
    return found


def save(connection: Connection, changed: Sequence[Cart], held: Iterable[Cart], dropped: Collection[str] = ()) -> None:
    """Store carts, those without an id as new ones. `held` are carts as they were; `dropped` were joined to others."""
    old = [item for item in changed if item.id]
    _CHANGE.run(connection, [{f"{name}_": value for name, value in _row(item).items()} for item in old])
    fresh = {new_id(): item for item in changed if not item.id}
    _ADD.run(connection, [_row(item) | {"id": id_} for id_, item in fresh.items()])
    known = {item.id: item.keys for item in held}
    keys = [(item.id, key) for item in old for key in item.keys - known.get(item.id, frozenset())]
    keys += [(id_, key) for id_, item in fresh.items() for key in item.keys]
    _ADD_KEYS.run(connection, [{"cart_id": id_, "key": key} for id_, key in keys])
    if dropped:
        connection.execute(delete(cart_key).where(cart_key.c.cart_id.in_(dropped)))
        connection.execute(delete(cart).where(cart.c.id.in_(dropped)))


def note_purchases(connection: Connection, found: Iterable[Purchase]) -> None:
    """Remember who bought, under all their keys; what is known stays."""
    _ADD_PURCHASES.run(
        connection, [{"key": key, "order_id": item.order_id, "at": item.at} for item in found for key in item.keys]
    )


def purchases(connection: Connection, keys: Iterable[str]) -> list[Purchase]:
    """The orders known under these keys, each with those that found it."""
    found: dict[tuple[str, datetime], set[str]] = defaultdict(set)
    for key, order_id, at in _PURCHASES.rows(connection, {"keys": keys}):
        found[order_id, at].add(key)
    return [Purchase(order_id, at, frozenset(keys)) for (order_id, at), keys in found.items()]


def forget(connection: Connection, before: datetime, most: int = 1000) -> int:
    """Delete the personal data of carts that did not change since; strangers' carts whole. Returns how many."""
    return _forget(connection, connection.execute(kept(before).limit(most)).all())


def kept(before: datetime) -> Select[Any]:
    """Carts that did not change since and still hold personal data."""
    return select(cart.c.id, cart.c.shop, cart.c.parts).where(HAS_PARTS, cart.c.changed_at < before)


def forget_known(connection: Connection, contact_id: str, keys: Iterable[str]) -> int:
    """Delete the personal data of one person's carts, however new. Returns how many."""
    known = cart.c.id.in_(select(cart_key.c.cart_id).where(cart_key.c.key.in_(list(keys))))
    theirs = or_(known, cart.c.contact_id == contact_id)
    query = select(cart.c.id, cart.c.shop, cart.c.parts).where(HAS_PARTS, theirs)
    return _forget(connection, connection.execute(query).all())


def forget_contact(connection: Connection, contact_ids: Sequence[str]) -> int:
    """Delete the personal data of the carts of these contacts. Returns how many."""
    query = select(cart.c.id, cart.c.shop, cart.c.parts).where(HAS_PARTS, cart.c.contact_id.in_(contact_ids))
    return _forget(connection, connection.execute(query).all())


def forget_purchases(connection: Connection, before: datetime) -> int:
    """Delete who bought before; returns how many keys."""
    return connection.execute(delete(purchase).where(purchase.c.at < before)).rowcount


def _forget(connection: Connection, rows: Sequence[Any]) -> int:
    ids = [row.id for row in rows]
    objects = [object_key(row.shop, ObjectType.CART, part["id"]) for row in rows for part in row.parts]
    if ids:
        connection.execute(delete(snapshot).where(snapshot.c.key.in_(objects)))
        connection.execute(delete(cart_key).where(cart_key.c.cart_id.in_(ids)))
        connection.execute(delete(cart).where(cart.c.id.in_(ids), ~cart.c.named))
        rest = {"parts": None, "contact_id": None, "due_at": None, "snapshot_key": ""}
        connection.execute(update(cart).where(cart.c.id.in_(ids)).values(**rest))
    return len(ids)


def _carts(connection: Connection, rows: Sequence[Any]) -> list[Cart]:
    keys: dict[str, set[str]] = defaultdict(set)
    for cart_id, key in _KEYS_OF.rows(connection, {"ids": [row[0] for row in rows]}) if rows else ():
        keys[cart_id].add(key)
    return [
        Cart(id_, shop, tuple(_part(part) for part in parts), frozenset(keys[id_]), *more)
        for id_, shop, parts, *more in rows
    ]


def _row(item: Cart) -> dict[str, Any]:
    face = item.face
    return {
        "id": item.id,
        "shop": item.shop,
        "state": item.state,
        "named": item.named,
        "snapshot_key": object_key(item.shop, ObjectType.CART, face.id),
        "contact_id": item.contact_id,
        "began_at": item.began_at,
        "changed_at": item.changed_at,
        "due_at": item.due_at,
        "abandoned_at": item.abandoned_at,
        "reminded_at": item.reminded_at,
        "expired_at": item.expired_at,
        "ordered_at": item.ordered_at,
        "order_id": item.order_id,
        "total": face.total,
        "currency": face.currency,
        "remind_at": item.remind_at,
        "steps": item.steps,
        "asked_at": item.asked_at,
        "arm": item.arm,
        "reason": item.reason,
        "parts": [{name: getattr(part, name) for name in _PART} for part in item.parts],
    }


def _part(stored: Mapping[str, Any]) -> Part:
    times = {name: datetime.fromisoformat(stored[name]) for name in ("began_at", "changed_at")}
    return Part(**{**stored, **times, "keys": tuple(stored["keys"]), "status": CartStatus(stored["status"])})
