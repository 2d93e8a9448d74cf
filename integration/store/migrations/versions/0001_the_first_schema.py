"""the first schema"""

import sqlalchemy as sa
from alembic import op

import integration.store.types

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attempt',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('message_id', sa.String(length=36), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('wa_message_id', sa.String(length=255), nullable=True),
    sa.Column('http_status', sa.Integer(), nullable=True),
    sa.Column('error_code', sa.Integer(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('duration_ms', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt'))
    )
    op.create_index('ix_attempt_message', 'attempt', ['message_id'], unique=False)
    op.create_index('ix_attempt_wa_message_id', 'attempt', ['wa_message_id'], unique=False)

    op.create_table('consent',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.String(length=36), nullable=False),
    sa.Column('subject', sa.String(length=36), nullable=False),
    sa.Column('type', sa.String(length=20), nullable=False),
    sa.Column('purposes', integration.store.types.Json, nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('via', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=16), nullable=False),
    sa.Column('actor', sa.String(length=16), nullable=False),
    sa.Column('flags', integration.store.types.Json, nullable=False),
    sa.Column('account', sa.String(length=64), nullable=True),
    sa.Column('bsuid', sa.String(length=64), nullable=True),
    sa.Column('promised_per_month', sa.Integer(), nullable=True),
    sa.Column('wording_hash', sa.String(length=64), nullable=True),
    sa.Column('occurred_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('recorded_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.Column('payload_hash', sa.String(length=64), nullable=False),
    sa.Column('prev_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('company', 'seq', name=op.f('pk_consent')),
    sa.UniqueConstraint('event_id', name='uq_consent_event_id')
    )
    op.create_index('ix_consent_subject', 'consent', ['company', 'subject', 'seq'], unique=False)

    op.create_table('contact',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('subject', sa.String(length=36), nullable=False),
    sa.Column('phone', sa.String(length=20), nullable=True),
    sa.Column('wa_user_id', sa.String(length=140), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('locale', sa.String(length=16), nullable=False),
    sa.Column('country', sa.String(length=2), nullable=True),
    sa.Column('created_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('last_inbound_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('erased_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('merged_into', sa.String(length=36), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact')),
    sa.UniqueConstraint('company', 'phone', name='uq_contact_phone'),
    sa.UniqueConstraint('company', 'subject', name='uq_contact_subject'),
    sa.UniqueConstraint('company', 'wa_user_id', name='uq_contact_wa_user_id')
    )
    op.create_index('ix_contact_merged', 'contact', ['merged_into'], unique=False, sqlite_where=sa.text('merged_into IS NOT NULL'), postgresql_where=sa.text('merged_into IS NOT NULL'))

    op.create_table('decision',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('message_id', sa.String(length=36), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('stage', sa.String(length=8), nullable=False),
    sa.Column('outcome', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=False),
    sa.Column('basis', integration.store.types.Json, nullable=False),
    sa.Column('facts', integration.store.types.Json, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision'))
    )
    op.create_index('ix_decision_message', 'decision', ['message_id'], unique=False)

    op.create_table('event',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('object_type', sa.String(length=16), nullable=False),
    sa.Column('object_id', sa.String(length=128), nullable=False),
    sa.Column('milestone', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('order_key', sa.String(length=255), nullable=False),
    sa.Column('occurred_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('received_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('origin', sa.String(length=8), nullable=False),
    sa.Column('inbox_id', sa.String(length=36), nullable=True),
    sa.Column('processed_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('outcome', sa.String(length=64), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('try_after', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event')),
    sa.UniqueConstraint('key', name='uq_event_key')
    )
    op.create_index('ix_event_open', 'event', ['id'], unique=False, sqlite_where=sa.text('processed_at IS NULL'), postgresql_where=sa.text('processed_at IS NULL'))
    op.create_index('ix_event_order', 'event', ['order_key'], unique=False)
    op.create_index('ix_event_outcome', 'event', ['outcome', 'id'], unique=False)

    op.create_table('inbox',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('channel', sa.String(length=8), nullable=False),
    sa.Column('endpoint', sa.String(length=64), nullable=False),
    sa.Column('topic', sa.String(length=128), nullable=False),
    sa.Column('has_messages', sa.Boolean(), nullable=False),
    sa.Column('received_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('note', sa.String(length=64), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('try_after', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('processed_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox'))
    )
    op.create_index('ix_inbox_noted', 'inbox', ['note', 'id'], unique=False, sqlite_where=sa.text('note IS NOT NULL'), postgresql_where=sa.text('note IS NOT NULL'))
    op.create_index('ix_inbox_open', 'inbox', ['channel', 'id'], unique=False, sqlite_where=sa.text("state <> 'done'"), postgresql_where=sa.text("state <> 'done'"))

    op.create_table('inbox_body',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('headers', integration.store.types.Json, nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_body'))
    )
    op.create_table('job_run',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('job', sa.String(length=32), nullable=False),
    sa.Column('started_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('ended_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('result', sa.String(length=255), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_run'))
    )
    op.create_index('ix_job_run_job', 'job_run', ['job', 'started_at'], unique=False)

    op.create_table('ledger_head',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('broken_at', integration.store.types.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('company', name=op.f('pk_ledger_head'))
    )
    op.create_table('secret',
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('ciphertext', sa.LargeBinary(), nullable=False),
    sa.Column('updated_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_secret'))
    )
    op.create_table('sender_state',
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('paused_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('code', sa.Integer(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('sender', name=op.f('pk_sender_state'))
    )
    op.create_table('session',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('expires_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('csrf', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_session'))
    )
    op.create_table('shop_state',
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('connected_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('shop', name=op.f('pk_shop_state'))
    )
    op.create_table('snapshot',
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('shop', sa.String(length=64), nullable=False),
    sa.Column('object_type', sa.String(length=16), nullable=False),
    sa.Column('object_id', sa.String(length=128), nullable=False),
    sa.Column('version', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('facts', integration.store.types.Json, nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=True),
    sa.Column('first_seen_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_snapshot'))
    )
    op.create_index('ix_snapshot_first_seen', 'snapshot', ['object_type', 'first_seen_at'], unique=False)

    op.create_table('status',
    sa.Column('wa_message_id', sa.String(length=255), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('message_id', sa.String(length=36), nullable=True),
    sa.Column('received_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('error_code', sa.Integer(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('wa_message_id', 'status', 'at', name=op.f('pk_status'))
    )
    op.create_index('ix_status_message', 'status', ['message_id'], unique=False)

    op.create_table('suppression',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('keyed_hash', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=False),
    sa.Column('created_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('company', 'keyed_hash', name=op.f('pk_suppression'))
    )
    op.create_table('template',
    sa.Column('account', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('category', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('read_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('account', 'name', 'language', name=op.f('pk_template'))
    )
    op.create_table('wording',
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('purposes', integration.store.types.Json, nullable=False),
    sa.Column('names_whatsapp', sa.Boolean(), nullable=False),
    sa.Column('first_seen_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('company', 'hash', name=op.f('pk_wording'))
    )
    op.create_table('inbound_message',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=False),
    sa.Column('wa_message_id', sa.String(length=255), nullable=False),
    sa.Column('type', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('payload', sa.String(length=255), nullable=False),
    sa.Column('intent', sa.String(length=16), nullable=False),
    sa.Column('at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('received_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_inbound_message_contact_id_contact')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbound_message')),
    sa.UniqueConstraint('wa_message_id', name='uq_inbound_message_wa_message_id')
    )
    op.create_index('ix_inbound_message_contact', 'inbound_message', ['contact_id', 'at'], unique=False)

    op.create_table('message',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('company', sa.String(length=64), nullable=False),
    sa.Column('sender', sa.String(length=64), nullable=False),
    sa.Column('shop', sa.String(length=64), nullable=True),
    sa.Column('contact_id', sa.String(length=36), nullable=True),
    sa.Column('event_id', sa.String(length=36), nullable=True),
    sa.Column('object_type', sa.String(length=16), nullable=True),
    sa.Column('object_id', sa.String(length=128), nullable=True),
    sa.Column('order_key', sa.String(length=255), nullable=True),
    sa.Column('order_number', sa.String(length=64), nullable=True),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('purpose', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('template', sa.String(length=128), nullable=True),
    sa.Column('language', sa.String(length=16), nullable=False),
    sa.Column('variables', integration.store.types.Json, nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=64), nullable=True),
    sa.Column('held', sa.Boolean(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('occurred_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('created_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('send_after', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('expires_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('lease_until', integration.store.types.UtcDateTime(), nullable=True),
    sa.Column('status_at', integration.store.types.UtcDateTime(), nullable=False),
    sa.Column('price_category', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_message_contact_id_contact')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('key', name='uq_message_key')
    )
    op.create_index('ix_message_contact', 'message', ['contact_id', 'created_at'], unique=False)
    op.create_index('ix_message_created', 'message', ['created_at'], unique=False)
    op.create_index('ix_message_due', 'message', ['sender', 'send_after'], unique=False, sqlite_where=sa.text("status IN ('claimed', 'queued')"), postgresql_where=sa.text("status IN ('claimed', 'queued')"))
    op.create_index('ix_message_kind', 'message', ['kind', 'created_at'], unique=False)
    op.create_index('ix_message_order', 'message', ['order_key'], unique=False)
    op.create_index('ix_message_order_number', 'message', ['order_number'], unique=False)
    op.create_index('ix_message_reason', 'message', ['reason', 'created_at'], unique=False, sqlite_where=sa.text('reason IS NOT NULL'), postgresql_where=sa.text('reason IS NOT NULL'))
    op.create_index('ix_message_sending', 'message', ['status_at'], unique=False, sqlite_where=sa.text("status = 'sending'"), postgresql_where=sa.text("status = 'sending'"))
    op.create_index('ix_message_status', 'message', ['status', 'created_at'], unique=False)

