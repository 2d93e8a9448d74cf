"""When each shop was connected: what happened before is knowledge only."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from integration.store.ledger import insert_or_ignore
from integration.store.tables import shop_state


def connect(connection: Connection, slugs: Iterable[str], now: datetime) -> None:
    """Note the first time that a shop is seen in the settings.

    In whole seconds, as platforms stamp their orders: one placed in the second of the connection counts.
    """
    rows = [{"shop": slug, "connected_at": now.replace(microsecond=0)} for slug in slugs]
    if rows:
        connection.execute(insert_or_ignore(connection, shop_state), rows)


def connected_at(connection: Connection) -> dict[str, datetime]:
    """When each shop was connected."""
    rows = connection.execute(select(shop_state.c.shop, shop_state.c.connected_at))
    return {row.shop: row.connected_at for row in rows}
