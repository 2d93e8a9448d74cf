"""Messages carry headers, link and code buttons, the end of an offer, cards to swipe through."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Json

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("components", Json))
