"""What Meta says of the numbers is kept, numbers may be entered in the browser, media have a place."""

import sqlalchemy as sa
from alembic import op

from integration.store.types import Json, UtcDateTime

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attachment',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('wa_message_id', sa.String(length=255), nullable=False),
    sa.Column('media_id', sa.String(length=128), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('mime', sa.String(length=128), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('file', sa.String(length=64), nullable=True),
    sa.Column('key', sa.LargeBinary(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('try_after', UtcDateTime(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('received_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment'))
    )
    op.create_index('ix_attachment_due', 'attachment', ['state', 'try_after'])
    op.create_index('ix_attachment_message', 'attachment', ['wa_message_id'], unique=True)

    op.create_table('media',
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('media_id', sa.String(length=128), nullable=False),
    sa.Column('uploaded_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('sender', 'hash', name=op.f('pk_media'))
    )
    op.create_table('number',
    sa.Column('slug', sa.String(length=64), nullable=False),
    sa.Column('settings', Json, nullable=False),
    sa.Column('changed_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('slug', name=op.f('pk_number'))
    )
    op.create_table('number_state',
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('read_at', UtcDateTime(), nullable=True),
    sa.Column('facts', Json, nullable=True),
    sa.Column('findings', Json, nullable=True),
    sa.Column('asked', sa.String(length=32), nullable=True),
    sa.Column('asked_at', UtcDateTime(), nullable=True),
    sa.Column('proved_at', UtcDateTime(), nullable=True),
    sa.Column('shaken_at', UtcDateTime(), nullable=True),
    sa.Column('refused_at', UtcDateTime(), nullable=True),
    sa.Column('goods_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('sender', name=op.f('pk_number_state'))
    )
