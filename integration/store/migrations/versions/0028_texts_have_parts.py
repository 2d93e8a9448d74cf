"""Texts have headers, buttons and cards: what the owner chose, what Meta shows of it, and the files that go along."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Json, UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("template", sa.Column("outline", Json))
    op.add_column("template_text", sa.Column("parts", Json))
    op.create_table(
        "enclosure",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("mime", sa.String(128), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_enclosure")),
    )
