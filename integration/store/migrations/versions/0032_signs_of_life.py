"""Loops and threads give signs of life: one that stands still is an alarm."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("process", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("process", "name", name=op.f("pk_heartbeat")),
    )
