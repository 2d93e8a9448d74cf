"""What a reminder brought counts no more once its order was cancelled or given back."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversion", sa.Column("undone_at", UtcDateTime()))
