"""Visits of the public privacy page, each confirmed by the visitor's own WhatsApp."""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('visit',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('created_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('expires_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=True),
    sa.Column('pin_hash', sa.String(length=64), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('entered_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit')),
    sa.UniqueConstraint('code', name='uq_visit_code'),
    sa.UniqueConstraint('token_hash', name='uq_visit_token_hash')
    )
    op.create_index('ix_visit_created', 'visit', ['created_at'])
