"""what a decision needs to know of people and messages: federal state, age, open questions, changed accounts"""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('contact', sa.Column('region', sa.String(length=8), nullable=True))
    op.add_column('contact', sa.Column('born_on', sa.Date(), nullable=True))
    op.add_column('contact', sa.Column('asked_at', integration.store.types.UtcDateTime(), nullable=True))
    op.add_column('contact', sa.Column('identity_since', integration.store.types.UtcDateTime(), nullable=True))
    op.add_column('contact', sa.Column('phone_from', sa.String(length=140), nullable=True))
    op.add_column('message', sa.Column('item', sa.String(length=128), nullable=True))
    op.add_column('message', sa.Column('promotion', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('message', sa.Column('buttons', integration.store.types.Json, nullable=True))
