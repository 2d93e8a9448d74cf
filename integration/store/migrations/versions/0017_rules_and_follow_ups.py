"""The owner's rules with their versions, what is to be said later, what customers answer about an order."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("rule", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "rule",
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule")),
    )
    op.create_index("ix_rule_kind", "rule", ["shop", "kind", "version"])
    op.create_table(
        "follow_up",
        sa.Column("slot", sa.String(255), nullable=False),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("object_type", sa.String(16), nullable=False),
        sa.Column("object_id", sa.String(128), nullable=False),
        sa.Column("order_key", sa.String(255)),
        sa.Column("contact_id", sa.String(36)),
        sa.Column("event_id", sa.String(36)),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_follow_up")),
    )
    op.create_index("ix_follow_up_due", "follow_up", ["due_at"])
    op.create_index("ix_follow_up_order", "follow_up", ["order_key"])
    owned = sa.text("contact_id IS NOT NULL")
    op.create_index("ix_follow_up_contact", "follow_up", ["contact_id"], sqlite_where=owned, postgresql_where=owned)
    op.create_table(
        "order_reply",
        sa.Column("order_key", sa.String(255), nullable=False),
        sa.Column("about", sa.String(8), nullable=False),
        sa.Column("answer", sa.String(8), nullable=False),
        sa.Column("contact_id", sa.String(36), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("order_key", "about", name=op.f("pk_order_reply")),
    )
    op.create_index("ix_order_reply_contact", "order_reply", ["contact_id"])
