"""Reminders of carts: when and how often, who is held out for comparison, what came of them, what the owner wants."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Money, Serial, UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cart", sa.Column("remind_at", UtcDateTime()))
    op.add_column("cart", sa.Column("steps", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("cart", sa.Column("asked_at", UtcDateTime()))
    op.add_column("cart", sa.Column("arm", sa.String(8), nullable=False, server_default=sa.text("''")))
    op.add_column("cart", sa.Column("reason", sa.String(64), nullable=False, server_default=sa.text("''")))
    asked = sa.text("asked_at IS NOT NULL")
    op.create_index("ix_cart_asked", "cart", ["asked_at"], sqlite_where=asked, postgresql_where=asked)
    op.create_table(
        "conversion",
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("order_id", sa.String(128), nullable=False),
        sa.Column("cart_id", sa.String(36)),
        sa.Column("message_id", sa.String(36)),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("amount", Money(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "order_id", name=op.f("pk_conversion")),
    )
    op.create_index("ix_conversion_at", "conversion", ["at"])
    op.create_index("ix_conversion_cart", "conversion", ["cart_id"])
    op.create_table(
        "cart_rule",
        sa.Column("version", Serial, nullable=False),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("second", sa.Boolean(), nullable=False),
        sa.Column("holdout", sa.Boolean(), nullable=False),
        sa.Column("percent", Money()),
        sa.Column("amount", Money()),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_cart_rule")),
    )
    op.create_index("ix_cart_rule_shop", "cart_rule", ["shop", "version"])
