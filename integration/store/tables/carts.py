"""Carts, purchases and vouchers."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, UniqueConstraint, text

from integration.store.tables.base import metadata
from integration.store.tables.personal import HOUSE, OURS, ROW, leads, nobody, person
from integration.store.types import Id, Json, Money, Serial, UtcDateTime

#: What one person of one shop put together (domain.carts.carts). `parts` are its drafts and sessions,
#: NULL once personal data were deleted; `snapshot_key` is the newest of them. `named`: somebody gave a contact.
#: `due_at`: to look at. `remind_at`, `steps`, `asked_at`, `arm` and `reason` tell of its reminders.
cart = Table(
    "cart",
    metadata,
    Column("id", Id, primary_key=True, info=ROW),
    Column("shop", String(64), nullable=False, info=ROW),
    Column("state", String(16), nullable=False, info=ROW),
    Column("named", Boolean, nullable=False, info=ROW),
    Column(
        "snapshot_key",
        String(255),
        nullable=False,
        info=person(
            "the shop's id of the cart", erase="own", export="hide", code="integration.store.carts.carts.forget_contact"
        ),
    ),
    Column(
        "contact_id",
        Id,
        info=leads(
            "contact.id",
            merge="move",
            erase="own",
            export="carts",
            retain="own",
            why="what counts of a cart stays, without its person",
            code="integration.store.carts.carts.forget_contact",
        ),
    ),
    Column("began_at", UtcDateTime, nullable=False, info=ROW),
    Column("changed_at", UtcDateTime, nullable=False, info=ROW),
    Column("due_at", UtcDateTime, info=OURS),
    Column("abandoned_at", UtcDateTime, info=ROW),
    Column("reminded_at", UtcDateTime, info=ROW),
    Column("expired_at", UtcDateTime, info=ROW),
    Column("ordered_at", UtcDateTime, info=ROW),
    Column("order_id", String(128), nullable=False, info=person("which order, kept with the order", erase="keep")),
    Column("total", String(40), nullable=False, info=ROW),
    Column("currency", String(3), nullable=False, info=ROW),
    Column(
        "parts",
        Json,
        info=person(
            "what lay in it and what was typed", erase="own", code="integration.store.carts.carts.forget_contact"
        ),
    ),
    Column("remind_at", UtcDateTime, info=ROW),
    Column("steps", Integer, nullable=False, server_default=text("0"), info=ROW),
    Column("asked_at", UtcDateTime, info=ROW),
    Column("arm", String(8), nullable=False, server_default=text("''"), info=ROW),
    Column("reason", String(64), nullable=False, server_default=text("''"), info=ROW),
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
    Column(
        "key",
        String(32),
        primary_key=True,
        info=leads(
            "",
            merge="stay",
            erase="own",
            export="hide",
            retain="own",
            why="a keyed hash of phone, address or customer id",
            code="integration.flow.carts.carts.forget_contact",
        ),
    ),
    Column("cart_id", Id, primary_key=True, info=person("leads to the cart", export="hide")),
)
Index("ix_cart_key_cart", cart_key.c.cart_id)

#: Who bought lately, under the same keys: a cart that arrives after its order is known to be bought.
purchase = Table(
    "purchase",
    metadata,
    Column(
        "key",
        String(32),
        primary_key=True,
        info=leads(
            "",
            merge="stay",
            erase="keep",
            export="hide",
            retain="own",
            why="a keyed hash, gone in 30 days",
            code="integration.store.carts.carts.forget_purchases",
        ),
    ),
    Column("order_id", String(128), primary_key=True, info=person("which order, kept with the order", export="hide")),
    Column("at", UtcDateTime, nullable=False, info=ROW),
)
Index("ix_purchase_at", purchase.c.at)

#: Personal vouchers. `purpose_key` says what for: asking again gives the same one. status: drawn | created | redeemed |
#: removed | gone. `due_at`: to do something about it; `error` is {code, de, en} while the shop does not let us.
voucher = Table(
    "voucher",
    metadata,
    Column("id", Id, primary_key=True, info=ROW),
    Column("shop", String(64), nullable=False, info=ROW),
    Column("purpose_key", String(255), nullable=False, info=person("our ids of what it is for", erase="keep")),
    Column(
        "contact_id",
        Id,
        info=leads(
            "contact.id",
            merge="move",
            erase="blank",
            export="vouchers",
            retain="stay",
            why="the shop keeps the voucher; whose it was is forgotten",
        ),
    ),
    Column("customer_id", String(128), nullable=False, info=person("the shop's id of the person", erase="blank")),
    Column("code", String(32), nullable=False, info=person("what it is redeemed by; the shop knows it", erase="keep")),
    Column("percent", String(40), info=ROW),
    Column("amount", String(40), info=ROW),
    Column("currency", String(3), nullable=False, info=ROW),
    Column("minimum", String(40), info=ROW),
    Column("expires_at", UtcDateTime, nullable=False, info=ROW),
    Column("status", String(16), nullable=False, info=ROW),
    Column("drawn_at", UtcDateTime, nullable=False, info=ROW),
    Column("created_at", UtcDateTime, info=ROW),
    Column("ended_at", UtcDateTime, info=ROW),
    Column("due_at", UtcDateTime, info=OURS),
    Column("failures", Integer, nullable=False, info=ROW),
    Column("error", Json, info=nobody("a code with two sentences of ours")),
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
    Column("shop", String(64), primary_key=True, info=HOUSE),
    Column("order_id", String(128), primary_key=True, info=person("which order, kept with the order", erase="keep")),
    Column(
        "cart_id",
        Id,
        info=leads(
            "cart.id",
            merge="stay",
            erase="keep",
            export="hide",
            retain="stay",
            why="what a reminder brought; leads to an empty profile",
        ),
    ),
    Column("message_id", Id, info=OURS),
    Column("how", String(16), nullable=False, info=ROW),
    Column("amount", Money, nullable=False, info=ROW),
    Column("currency", String(3), nullable=False, info=ROW),
    Column("at", UtcDateTime, nullable=False, info=ROW),
    Column("recorded_at", UtcDateTime, nullable=False, info=OURS),
    Column("undone_at", UtcDateTime, info=ROW),
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
    info=nobody("the owner's choices"),
)
Index("ix_cart_rule_shop", cart_rule.c.shop, cart_rule.c.version)
