"""Snapshots: how each object of a shop looked last."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, literal_column, or_, select, update

from integration.domain.shops.events import ObjectType, Snapshot
from integration.store.bulk_write import Many
from integration.store.fast_select import Query, among
from integration.store.tables import event, snapshot
from integration.store.types import Id

#: where an object of a shop names an address that customers can open
LINKS = {"cart": "recovery_url", "product": "url", "shipment": "url"}
#: so many objects are looked at for one with an address
LOOKED_AT = 25
_COLUMNS = (
    snapshot.c.key,
    snapshot.c.shop,
    snapshot.c.object_type,
    snapshot.c.object_id,
    snapshot.c.version,
    snapshot.c.facts,
)
_BY_KEY = Query(select(*_COLUMNS).where(among(snapshot.c.key, "keys")))
#: events know whose parcel a parcel is; the index on their orders finds it
_PARCELS = Query(
    select(*_COLUMNS).where(
        snapshot.c.key.in_(
            select(event.c.shop + "/shipment/" + event.c.object_id).where(
                among(event.c.order_key, "order_keys"), event.c.object_type == literal_column("'shipment'")
            )
        )
    )
)
_ADD = Many.insert(snapshot)
_UPDATE = Many(
    update(snapshot)
    .where(snapshot.c.key == bindparam("key_"))
    .values(version=bindparam("version_"), content_hash=bindparam("content_hash_"), facts=bindparam("facts_"))
    .values(contact_id=func.coalesce(bindparam("contact_", type_=Id), snapshot.c.contact_id))
)


def by_key(connection: Connection, keys: Iterable[str]) -> dict[str, Snapshot]:
    """The stored snapshots of these objects."""
    wanted = list(keys)
    rows = _BY_KEY.rows(connection, {"keys": wanted}) if wanted else ()
    return {r[0]: Snapshot(r[1], ObjectType(r[2]), r[3], r[4], r[5]) for r in rows}


def parcels_of(connection: Connection, order_keys: Iterable[str]) -> dict[str, list[Snapshot]]:
    """The parcels of these orders that are known so far, by the order's key, in order of their leaving."""
    rows = _PARCELS.rows(connection, {"order_keys": order_keys})
    found: dict[str, list[Snapshot]] = defaultdict(list)
    for row in rows:
        item = Snapshot(row[1], ObjectType(row[2]), row[3], row[4], row[5])
        found[item.order_key].append(item)
    return {key: sorted(parcels, key=_left_at) for key, parcels in found.items()}


def newest(connection: Connection, shop: str, object_type: ObjectType) -> Snapshot | None:
    """The object of this type that was seen first last."""
    query = select(*_COLUMNS).where(snapshot.c.shop == shop, snapshot.c.object_type == object_type)
    rows = connection.execute(query.order_by(snapshot.c.first_seen_at.desc()).limit(LOOKED_AT))
    found = (Snapshot(r[1], ObjectType(r[2]), r[3], r[4], r[5]) for r in rows if not r[5].get("redacted"))
    return next(found, None)


def newest_web_order(connection: Connection, shop: str) -> Snapshot | None:
    """The newest order that somebody placed online: others are told of to nobody."""
    found = latest_orders(connection, shop, LOOKED_AT)
    return next((o for o in found if o.facts["source"] == "web" and not o.facts.get("redacted")), None)


def latest_orders(connection: Connection, shop: str, most: int) -> list[Snapshot]:
    """The orders of a shop that were seen last, the newest first."""
    query = (
        select(*_COLUMNS)
        .where(snapshot.c.object_type == ObjectType.ORDER, snapshot.c.shop == shop)
        .order_by(snapshot.c.first_seen_at.desc())
        .limit(most)
    )
    return [Snapshot(r[1], ObjectType(r[2]), r[3], r[4], r[5]) for r in connection.execute(query)]


def order_numbered(connection: Connection, shop: str, number: str) -> str:
    """The key of a shop's order by its id, or by the number that people read; "" when there is none."""
    told = snapshot.c.facts["number"].as_string().in_((number, f"#{number}"))
    mine = (snapshot.c.shop == shop, snapshot.c.object_type == ObjectType.ORDER)
    query = select(snapshot.c.key).where(*mine, or_(snapshot.c.object_id == number, told))
    return str(connection.execute(query.order_by(snapshot.c.first_seen_at.desc()).limit(1)).scalar() or "")


def _left_at(parcel: Snapshot) -> tuple[str, str]:
    return parcel.facts["shipped_at"] or "9", parcel.object_id


def holders(connection: Connection, keys: Iterable[str]) -> dict[str, str]:
    """The contact of each of these objects that has one, by the object's key."""
    query = select(snapshot.c.key, snapshot.c.contact_id).where(
        snapshot.c.key.in_(list(keys)), snapshot.c.contact_id.is_not(None)
    )
    return {row.key: row.contact_id for row in connection.execute(query)}


def claim(connection: Connection, shops: Iterable[str], code: str, contact_id: str, since: datetime) -> bool:
    """Give the one order of this code, placed lately and nobody's yet, to a contact; whether there was one."""
    found = connection.execute(
        select(snapshot.c.key, snapshot.c.contact_id).where(
            snapshot.c.shop.in_(list(shops)),
            snapshot.c.object_type == ObjectType.ORDER,
            snapshot.c.first_seen_at >= since,
            snapshot.c.facts["code"].as_string() == code,
        )
    ).all()
    if len(found) != 1 or found[0].contact_id:
        return False
    connection.execute(update(snapshot).where(snapshot.c.key == found[0].key).values(contact_id=contact_id))
    return True


def save(
    connection: Connection,
    changed: Sequence[Snapshot],
    known: set[str],
    contacts: dict[str, str],
    now: datetime,
) -> None:
    """Store snapshots; `known` are the keys that exist already, `contacts` maps a key to its person."""
    _ADD.run(connection, [_row(s, contacts, now) for s in changed if s.key not in known])
    updates = [
        {
            "key_": s.key,
            "version_": s.version,
            "content_hash_": s.content_hash,
            "facts_": s.facts,
            "contact_": contacts.get(s.key),
        }
        for s in changed
        if s.key in known
    ]
    _UPDATE.run(connection, updates)


def _row(item: Snapshot, contacts: dict[str, str], now: datetime) -> dict[str, Any]:
    return {
        "key": item.key,
        "shop": item.shop,
        "object_type": item.object_type,
        "object_id": item.object_id,
        "version": item.version,
        "content_hash": item.content_hash,
        "facts": item.facts,
        "contact_id": contacts.get(item.key),
        "first_seen_at": now,
    }


def newest_link(connection: Connection, shop: str, object_type: ObjectType) -> str:
    """The address in the shop that one of its latest carts or articles names, "" while none does."""
    query = select(snapshot.c.facts).where(snapshot.c.shop == shop, snapshot.c.object_type == object_type)
    newest = connection.execute(query.order_by(snapshot.c.first_seen_at.desc()).limit(LOOKED_AT)).scalars()
    return next((str(link) for facts in newest if (link := facts.get(LINKS[object_type]))), "")
