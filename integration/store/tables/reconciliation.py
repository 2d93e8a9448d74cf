"""What the reconciliation with the shops found."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from integration.store.tables.base import metadata
from integration.store.tables.personal import HOUSE, ROW, leads, nobody, person
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
    Column("reasons", Json, nullable=False, info=nobody("counts by reason")),
    Column("healed", Integer, nullable=False),
    Column("asked", Boolean, nullable=False),
    info=nobody("counts of orders"),
)
Index("ix_reconciliation_shop", reconciliation.c.shop, reconciliation.c.at)

#: Orders of the last reconciliation that nothing explains.
gap = Table(
    "gap",
    metadata,
    Column(
        "order_key",
        String(255),
        primary_key=True,
        info=leads(
            "snapshot.key",
            merge="stay",
            erase="keep",
            export="hide",
            retain="own",
            why="an order that nothing explains; names nobody, gone with the next check",
            code="integration.store.shops.reconciliation",
        ),
    ),
    Column("shop", String(64), nullable=False, info=HOUSE),
    Column(
        "number",
        String(64),
        nullable=False,
        info=person("which order, kept with the order", erase="keep", export="hide"),
    ),
    Column("reason", String(64), nullable=False, info=ROW),
    Column("found_at", UtcDateTime, nullable=False, info=ROW),
)
Index("ix_gap_shop", gap.c.shop)
