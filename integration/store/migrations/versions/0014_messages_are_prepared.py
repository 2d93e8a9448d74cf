"""Some messages are prepared right before they leave: when that was."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("prepared_at", UtcDateTime()))
