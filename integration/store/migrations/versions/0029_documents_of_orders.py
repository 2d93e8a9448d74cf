"""Documents of orders: a file may belong to an order and be about a person, with whom it goes."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enclosure", sa.Column("order_key", sa.String(255)))
    op.add_column("enclosure", sa.Column("contact_id", sa.String(36)))
    of_an_order = sa.text("order_key IS NOT NULL")
    op.create_index(
        "ix_enclosure_document", "enclosure", ["at"], sqlite_where=of_an_order, postgresql_where=of_an_order
    )
