"""Shops are read: how far (stream), what singly (reread), and what doctor found (shop_state)."""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('reread',
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('object_type', sa.String(length=16), nullable=False),
    sa.Column('object_id', sa.String(length=128), nullable=False),
    sa.Column('wanted_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('try_after', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_reread'))
    )
    op.create_index('ix_reread_shop', 'reread', ['shop', 'try_after'], unique=False)

    op.create_table('stream',
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('cursor', integration.store.types.Json, nullable=False),
    sa.Column('due_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('interval_s', sa.Integer(), nullable=False),
    sa.Column('started_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('polled_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('caught_up_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('read', sa.Integer(), nullable=False),
    sa.Column('left', sa.Integer(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('error', integration.store.types.Json, nullable=True),
    sa.PrimaryKeyConstraint('shop', 'name', name=op.f('pk_stream'))
    )
    op.create_index('ix_stream_due', 'stream', ['due_at'], unique=False)

    op.add_column('shop_state', sa.Column('examined_at', integration.store.types.UtcDateTime(), nullable=True))
    op.add_column('shop_state', sa.Column('findings', integration.store.types.Json, nullable=True))
