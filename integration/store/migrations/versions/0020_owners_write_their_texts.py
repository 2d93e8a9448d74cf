"""Owners write their own texts, in versions; what Meta says of each text is kept with since when, and its words."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Id, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, type_ in (("quality", sa.String(16)), ("body", sa.Text), ("footer", sa.Text)):
        op.add_column("template", sa.Column(name, type_, nullable=False, server_default=sa.text("''")))
    op.add_column("template", sa.Column("since", UtcDateTime))
    op.add_column("template", sa.Column("accepted_at", UtcDateTime))
    op.create_table(
        "template_text",
        sa.Column("id", Id, primary_key=True),
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("address", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.UniqueConstraint("name", "language", name="uq_template_text_name"),
    )
    op.create_table(
        "template_choice",
        sa.Column("id", Id, primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("choice", sa.String(8), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
    )
