"""Kinds that carry a personal voucher, and whose birthday it is."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Money

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rule", sa.Column("days", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("rule", sa.Column("percent", Money()))
    op.add_column("rule", sa.Column("amount", Money()))
    op.add_column("rule", sa.Column("currency", sa.String(3), nullable=False, server_default=sa.text("''")))
    given = sa.text("born_on IS NOT NULL")
    op.create_index("ix_contact_born", "contact", ["born_on"], sqlite_where=given, postgresql_where=given)
