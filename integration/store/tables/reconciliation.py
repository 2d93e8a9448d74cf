"""What the reconciliation with the shops found."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from integration.store.tables.base import metadata
from integration.store.types import Id, Json, UtcDateTime

#: One comparison of a shop's orders with our messages. `reasons` counts the orders by what became of them; `healed` are
#: orders that the shop had and we had not; `asked` whether the shop itself answered.
reconciliation = Table(
    "reconciliation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("orders", Integer, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("healed", Integer, nullable=False),
    Column("asked", Boolean, nullable=False),
)
Index("ix_reconciliation_shop", reconciliation.c.shop, reconciliation.c.at)

#: Orders of the last reconciliation that nothing explains.
gap = Table(
    "gap",
    metadata,
    Column("order_key", String(255), primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("number", String(64), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
)
Index("ix_gap_shop", gap.c.shop)
