"""Which ledger subjects are one person, so that the overview of consents counts people and not contacts."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Id

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_joined",
        sa.Column("company", sa.String(64), nullable=False),
        sa.Column("subject", Id, nullable=False),
        sa.Column("lead", Id, nullable=False),
        sa.PrimaryKeyConstraint("company", "subject", name=op.f("pk_consent_joined")),
    )
    op.create_index("ix_consent_joined_lead", "consent_joined", ["company", "lead"])
