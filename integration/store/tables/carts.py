"""Carts, purchases and vouchers."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, UniqueConstraint, text

from integration.store.tables.base import metadata
from integration.store.types import Id, Json, Money, Serial, UtcDateTime

#: What one person of one shop put together (domain.carts.carts). `parts` are its drafts and sessions,
#: NULL once personal data were deleted; `snapshot_key` is the newest of them. `named`: somebody gave a contact.
#: `due_at`: to look at. `remind_at`, `steps`, `asked_at`, `arm` and `reason` tell of its reminders.
cart = Table(
    "cart",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("named", Boolean, nullable=False),
    Column("snapshot_key", String(255), nullable=False),
    Column("contact_id", Id),
    Column("began_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("abandoned_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("expired_at", UtcDateTime),
    Column("ordered_at", UtcDateTime),
    Column("order_id", String(128), nullable=False),
    Column("total", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("parts", Json),
    Column("remind_at", UtcDateTime),
    Column("steps", Integer, nullable=False, server_default=text("0")),
    Column("asked_at", UtcDateTime),
    Column("arm", String(8), nullable=False, server_default=text("''")),
    Column("reason", String(64), nullable=False, server_default=text("''")),
)
#: conditions of partial indexes, as their queries must say them, too
IS_DUE = text("due_at IS NOT NULL")
IS_NAMED = text("named")
HAS_PARTS = text("parts IS NOT NULL")
_LINKED = text("contact_id IS NOT NULL")
Index("ix_cart_due", cart.c.due_at, sqlite_where=IS_DUE, postgresql_where=IS_DUE)
Index("ix_cart_changed", cart.c.changed_at, cart.c.id, sqlite_where=IS_NAMED, postgresql_where=IS_NAMED)
Index("ix_cart_state", cart.c.state, cart.c.changed_at, sqlite_where=IS_NAMED, postgresql_where=IS_NAMED)
Index("ix_cart_kept", cart.c.changed_at, sqlite_where=HAS_PARTS, postgresql_where=HAS_PARTS)
#: carts that a reminder was decided on
IS_ASKED = text("asked_at IS NOT NULL")
Index("ix_cart_asked", cart.c.asked_at, sqlite_where=IS_ASKED, postgresql_where=IS_ASKED)
Index("ix_cart_contact", cart.c.contact_id, sqlite_where=_LINKED, postgresql_where=_LINKED)

#: Under what a cart is known: keyed hashes of its ids, and of its person's customer id, phone and e-mail address.
cart_key = Table(
    "cart_key",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("cart_id", Id, primary_key=True),
)
Index("ix_cart_key_cart", cart_key.c.cart_id)

#: Who bought lately, under the same keys: a cart that arrives after its order is known to be bought.
purchase = Table(
    "purchase",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("order_id", String(128), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_purchase_at", purchase.c.at)

#: Personal vouchers. `purpose_key` says what for: asking again gives the same one. status: drawn | created | redeemed |
#: removed | gone. `due_at`: to do something about it; `error` is {code, de, en} while the shop does not let us.
voucher = Table(
    "voucher",
    metadata,
    Column("id", Id, primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("purpose_key", String(255), nullable=False),
    Column("contact_id", Id),
    Column("customer_id", String(128), nullable=False),
    Column("code", String(32), nullable=False),
    Column("percent", String(40)),
    Column("amount", String(40)),
    Column("currency", String(3), nullable=False),
    Column("minimum", String(40)),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("drawn_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("error", Json),
    UniqueConstraint("shop", "purpose_key", name="uq_voucher_purpose"),
    UniqueConstraint("shop", "code", name="uq_voucher_code"),
)
Index("ix_voucher_due", voucher.c.due_at, sqlite_where=IS_DUE, postgresql_where=IS_DUE)
Index("ix_voucher_contact", voucher.c.contact_id, sqlite_where=_LINKED, postgresql_where=_LINKED)

#: What a reminder brought: orders of people whom a reminder was decided for. how: link | voucher | person | unprompted
#: (bought without having been reminded). `amount` is what the order brings, `at` when it was placed, `undone_at` when
#: it came to nothing: cancelled, given back, not paid.
conversion = Table(
    "conversion",
    metadata,
    Column("shop", String(64), primary_key=True),
    Column("order_id", String(128), primary_key=True),
    Column("cart_id", Id),
    Column("message_id", Id),
    Column("how", String(16), nullable=False),
    Column("amount", Money, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
)
Index("ix_conversion_at", conversion.c.at)
Index("ix_conversion_cart", conversion.c.cart_id)

#: What an owner decided about cart reminders besides on, off and delay; append-only, the newest of a shop holds.
cart_rule = Table(
    "cart_rule",
    metadata,
    Column("version", Serial, primary_key=True),
    Column("shop", String(64), nullable=False),
    Column("second", Boolean, nullable=False),
    Column("holdout", Boolean, nullable=False),
    Column("percent", Money),
    Column("amount", Money),
    Column("currency", String(3), nullable=False),
    Column("days", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
)
Index("ix_cart_rule_shop", cart_rule.c.shop, cart_rule.c.version)
