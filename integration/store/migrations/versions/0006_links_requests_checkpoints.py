"""opt-in links, requests about data, checkpoints"""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('checkpoint',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('signature', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('company', 'seq', name=op.f('pk_checkpoint'))
    )
    op.create_table('optin_link',
    sa.Column('code', sa.String(length=20), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('wording_hash', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('purposes', integration.store.types.Json, nullable=False),
    sa.Column('promised_per_month', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('label', sa.String(length=100), nullable=False),
    sa.Column('created_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.Column('ended_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_optin_link'))
    )
    op.create_index('ix_optin_link_company', 'optin_link', ['company', 'created_at'], unique=False)

    op.create_table('request',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=True),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('detail', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('due_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('ended_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('outcome', sa.String(length=255), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request'))
    )
    op.create_index('ix_request_contact', 'request', ['contact_id'], unique=False)
    op.create_index('ix_request_state', 'request', ['state', 'due_at'], unique=False)
