"""Snapshots and vouchers are found by their contact: merging, erasing and retention must not read the whole table."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owned = sa.text("contact_id IS NOT NULL")
    op.create_index("ix_snapshot_contact", "snapshot", ["contact_id"], sqlite_where=owned, postgresql_where=owned)
    op.create_index("ix_voucher_contact", "voucher", ["contact_id"], sqlite_where=owned, postgresql_where=owned)
