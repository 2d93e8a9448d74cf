"""What variants cost, from when on: a row for each change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from integration.domain.shops.events import Snapshot
from integration.domain.shops.prices import Since, read
from integration.store.bulk_write import Many
from integration.store.tables import price

_ADD = Many.insert(price, ignore=True)


def note(connection: Connection, changes: Iterable[tuple[Snapshot | None, Snapshot]]) -> None:
    """Remember the prices of products that were read: new ones, and those before where they changed."""
    rows = [row for old, new in changes for row in _changed(old, new)]
    _ADD.run(connection, rows)


def _changed(old: Snapshot | None, new: Snapshot) -> Iterator[dict[str, Any]]:
    before = {row["variant_id"]: row for row in _rows(old)} if old else {}
    for row in _rows(new):
        was = before.get(row["variant_id"])
        if was is None:
            yield row
        elif (was["price"], was["currency"]) != (row["price"], row["currency"]):
            yield from (was, row)


def _rows(product: Snapshot) -> Iterator[dict[str, Any]]:
    for variant in product.facts["variants"]:
        asked = read(variant["price"])
        if asked is not None:
            yield {
                "shop": product.shop,
                "variant_id": variant["id"],
                "at": product.version,
                "price": str(asked),
                "currency": product.facts["currency"],
            }


def history(connection: Connection, shop: str, variants: Iterable[str], currency: str) -> dict[str, list[Since]]:
    """What these variants cost so far, the oldest first."""
    query = select(price.c.variant_id, price.c.at, price.c.price).where(
        price.c.shop == shop, price.c.variant_id.in_(list(variants)), price.c.currency == currency
    )
    found: dict[str, list[Since]] = defaultdict(list)
    for variant_id, at, text in connection.execute(query.order_by(price.c.at)):
        found[variant_id].append(Since(at, Decimal(text)))
    return dict(found)


def old(before: datetime) -> Select[Any]:
    """Prices from long ago; one that still holds is noted again when it changes."""
    return select(price.c.at).where(price.c.at < before)


def forget(connection: Connection, before: datetime) -> int:
    """Delete them. Returns how many."""
    return connection.execute(delete(price).where(price.c.at < before)).rowcount
