"""What the nightly gap check compared, and the orders that nothing explains."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Id, Json, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gap_check",
        sa.Column("id", Id, primary_key=True),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("healed", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_gap_check_shop", "gap_check", ["shop", "at"])
    op.create_table(
        "gap",
        sa.Column("order_key", sa.String(255), primary_key=True),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_gap_shop", "gap", ["shop"])
