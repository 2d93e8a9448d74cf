"""Carts with the keys that find them, who bought lately, variants of products, personal vouchers."""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cart',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('named', sa.Boolean(), nullable=False),
    sa.Column('snapshot_key', sa.String(length=255), nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=True),
    sa.Column('began_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('changed_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('due_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('abandoned_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('reminded_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('expired_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('ordered_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('order_id', sa.String(length=128), nullable=False),
    sa.Column('total', sa.String(length=40), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('parts', integration.store.types.Json, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cart'))
    )
    op.create_index('ix_cart_changed', 'cart', ['changed_at', 'id'], unique=False, sqlite_where=sa.text('named'), postgresql_where=sa.text('named'))
    op.create_index('ix_cart_contact', 'cart', ['contact_id'], unique=False, sqlite_where=sa.text('contact_id IS NOT NULL'), postgresql_where=sa.text('contact_id IS NOT NULL'))
    op.create_index('ix_cart_due', 'cart', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_index('ix_cart_kept', 'cart', ['changed_at'], unique=False, sqlite_where=sa.text('parts IS NOT NULL'), postgresql_where=sa.text('parts IS NOT NULL'))
    op.create_index('ix_cart_state', 'cart', ['state', 'changed_at'], unique=False, sqlite_where=sa.text('named'), postgresql_where=sa.text('named'))

    op.create_table('cart_key',
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('cart_id', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('key', 'cart_id', name=op.f('pk_cart_key'))
    )
    op.create_index('ix_cart_key_cart', 'cart_key', ['cart_id'], unique=False)

    op.create_table('purchase',
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('order_id', sa.String(length=128), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'order_id', name=op.f('pk_purchase'))
    )
    op.create_index('ix_purchase_at', 'purchase', ['at'], unique=False)

    op.create_table('variant',
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('id', sa.String(length=128), nullable=False),
    sa.Column('product_id', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('shop', 'id', name=op.f('pk_variant'))
    )
    op.create_table('voucher',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('purpose_key', sa.String(length=255), nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=True),
    sa.Column('customer_id', sa.String(length=128), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('percent', sa.String(length=40), nullable=True),
    sa.Column('amount', sa.String(length=40), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('minimum', sa.String(length=40), nullable=True),
    sa.Column('expires_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('drawn_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('created_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('ended_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('due_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('error', integration.store.types.Json, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voucher')),
    sa.UniqueConstraint('shop', 'code', name='uq_voucher_code'),
    sa.UniqueConstraint('shop', 'purpose_key', name='uq_voucher_purpose')
    )
    op.create_index('ix_voucher_due', 'voucher', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
