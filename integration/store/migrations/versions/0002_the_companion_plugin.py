"""the companion plugin: which facts came in, how the mailboxes are, who asked for what"""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('plugin_signature',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('stored_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_plugin_signature'))
    )
    op.create_table('mailbox_state',
    sa.Column('mailbox', sa.String(length=64), nullable=False),
    sa.Column('since', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('mailbox', name=op.f('pk_mailbox_state'))
    )
    op.create_table('privacy_request',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('reference', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('email', sa.LargeBinary(), nullable=False),
    sa.Column('requested_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('handled_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_privacy_request')),
    sa.UniqueConstraint('shop', 'reference', name='uq_privacy_request_shop')
    )
