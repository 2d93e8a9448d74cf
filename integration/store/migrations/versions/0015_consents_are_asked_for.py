"""Links have boxes and counts, consents are imported from files, and the ledger has running totals."""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('consent_counted',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('seq', integration.store.types.Serial, autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('company', name=op.f('pk_consent_counted'))
    )
    op.create_table('consent_import',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('file_hash', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('encoding', sa.String(length=16), nullable=False),
    sa.Column('separator', sa.String(length=1), nullable=False),
    sa.Column('choices', integration.store.types.Json, nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('cursor', sa.Integer(), nullable=False),
    sa.Column('counts', integration.store.types.Json, nullable=False),
    sa.Column('problem', sa.String(length=200), nullable=False),
    sa.Column('created_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.String(length=64), nullable=False),
    sa.Column('ended_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_import'))
    )
    op.create_index('ix_consent_import_company', 'consent_import', ['company', 'created_at'], unique=False)
    op.create_index('ix_consent_import_state', 'consent_import', ['state'], unique=False)

    op.create_table('consent_total',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('company', 'kind', 'name', 'code', name=op.f('pk_consent_total'))
    )
    op.create_table('import_piece',
    sa.Column('import_id', sa.String(length=36), nullable=False),
    sa.Column('n', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('import_id', 'n', name=op.f('pk_import_piece'))
    )
    op.create_table('import_row',
    sa.Column('import_id', sa.String(length=36), nullable=False),
    sa.Column('row', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('verdict', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('import_id', 'row', name=op.f('pk_import_row'))
    )
    op.add_column('optin_link', sa.Column('boxes', integration.store.types.Json, server_default='[]', nullable=False))
    op.add_column('optin_link', sa.Column('item', sa.String(length=200), nullable=True))
    op.add_column('optin_link', sa.Column('came', sa.Integer(), server_default='0', nullable=False))
    op.create_index('ix_optin_link_item', 'optin_link', ['company', 'item'], unique=False, sqlite_where=sa.text('item IS NOT NULL'), postgresql_where=sa.text('item IS NOT NULL'))
