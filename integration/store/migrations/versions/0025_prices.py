"""What variants cost, from when on: alerts of a lower price."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "price",
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("variant_id", sa.String(128), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("price", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.PrimaryKeyConstraint("shop", "variant_id", "at", name=op.f("pk_price")),
    )
    op.create_index("ix_price_at", "price", ["at"])
