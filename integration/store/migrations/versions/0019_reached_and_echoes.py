"""Whom an account wrote to within a day, because Meta limits that; what the shop wrote on its own phone."""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('reached',
    sa.Column('account', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('account', 'contact_id', name=op.f('pk_reached'))
    )
    op.create_index('ix_reached_at', 'reached', ['account', 'at'], unique=False)
    op.create_table('echo',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=False),
    sa.Column('wa_message_id', sa.String(length=255), nullable=False),
    sa.Column('type', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('received_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_echo_contact_id_contact')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_echo')),
    sa.UniqueConstraint('wa_message_id', name='uq_echo_wa_message_id')
    )
    op.create_index('ix_echo_contact', 'echo', ['contact_id', 'at'], unique=False)
