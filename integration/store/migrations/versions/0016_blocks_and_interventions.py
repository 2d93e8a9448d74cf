"""What rests because Meta said so, what the owner decided about a message, and what goes first when both are due."""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_WAITING = sa.text("status IN ('claimed', 'queued')")
#: the purposes that were marketing when this was written
_MARKETING = (
    "abandoned_cart",
    "back_in_stock",
    "birthday_voucher",
    "event_invitation",
    "newsletter",
    "offer",
    "price_drop",
    "review_request",
    "voucher",
)


def upgrade() -> None:
    op.create_table('block',
    sa.Column('scope', sa.String(length=16), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('code', sa.Integer(), nullable=False),
    sa.Column('since', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('until', integration.store.types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('scope', 'key', name=op.f('pk_block'))
    )
    op.create_table('intervention',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('message_id', sa.String(length=36), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('actor', sa.String(length=64), nullable=False),
    sa.Column('choice', sa.String(length=16), nullable=False),
    sa.Column('was', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intervention'))
    )
    op.create_index('ix_intervention_message', 'intervention', ['message_id'], unique=False)
    op.add_column('contact', sa.Column('unreachable_until', integration.store.types.UtcDateTime(), nullable=True))
    op.add_column('message', sa.Column('marketing', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('message', sa.Column('error_code', sa.Integer(), nullable=True))
    message = sa.table('message', sa.column('marketing', sa.Boolean), sa.column('promotion', sa.Boolean), sa.column('purpose'))
    advertises = sa.or_(message.c.purpose.in_(_MARKETING), message.c.promotion)
    op.execute(sa.update(message).where(advertises).values(marketing=True))
    op.drop_index('ix_message_due', table_name='message')
    op.create_index('ix_message_due', 'message', ['sender', 'marketing', 'send_after', 'occurred_at'], unique=False, sqlite_where=_WAITING, postgresql_where=_WAITING)
