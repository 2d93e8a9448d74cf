"""A shop's messages may be made and decided on without leaving, until a time that its owner chooses."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shop_state", sa.Column("shadow_until", UtcDateTime(), nullable=True))
