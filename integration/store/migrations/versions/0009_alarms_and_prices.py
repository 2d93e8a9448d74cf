"""The owner is told what needs him, once and until it is over; messages keep what they cost."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Id, Json, Money, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", Id, nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("about", sa.String(191), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("raised_at", UtcDateTime(), nullable=False),
        sa.Column("cleared_at", UtcDateTime()),
        sa.Column("notified_at", UtcDateTime()),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    is_open = sa.text("cleared_at IS NULL")
    op.create_index(
        "uq_alarm_open", "alarm", ["cause", "about"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_alarm_raised", "alarm", ["raised_at"])
    op.create_table(
        "notice",
        sa.Column("id", Id, nullable=False),
        sa.Column("about", sa.String(36), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("route", sa.String(16), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", UtcDateTime()),
        sa.Column("error", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("about", "what", "route", name="uq_notice_once"),
    )
    is_owed = sa.text("sent_at IS NULL")
    op.create_index("ix_notice_due", "notice", ["due_at"], sqlite_where=is_owed, postgresql_where=is_owed)
    op.add_column("message", sa.Column("price", Money()))
    op.add_column("message", sa.Column("price_currency", sa.String(3)))
    op.add_column("message", sa.Column("price_type", sa.String(32)))
    op.add_column("message", sa.Column("price_at", UtcDateTime()))
    priced = sa.text("price IS NOT NULL")
    op.create_index("ix_message_price", "message", ["price_at"], sqlite_where=priced, postgresql_where=priced)
