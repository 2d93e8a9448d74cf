"""The comparisons with the shops have the name that the page has."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_gap_check_shop", "gap_check")
    op.rename_table("gap_check", "reconciliation")
    op.create_index("ix_reconciliation_shop", "reconciliation", ["shop", "at"])
