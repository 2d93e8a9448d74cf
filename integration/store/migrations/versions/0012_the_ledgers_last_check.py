"""When each ledger was last verified, how far, and what was found: the owner sees it, a proof sheet says it."""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('ledger_head', sa.Column('checked_at', integration.store.types.UtcDateTime(), nullable=True))
    op.add_column('ledger_head', sa.Column('checked_seq', integration.store.types.Serial, nullable=True))
    op.add_column('ledger_head', sa.Column('faults', integration.store.types.Json, nullable=True))
