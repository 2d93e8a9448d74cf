"""The ledger's totals count whom we can reach: they are counted anew, by the sweep and by the pages that show them."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("consent_total", "consent_counted", "consent_joined"):
        op.execute(f"DELETE FROM {table}")
