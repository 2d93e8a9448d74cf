"""The schema. One table per noun, a module per room; every word is the one of docs/glossary.md."""

from integration.store.tables.alarms import IS_OPEN, IS_OWED, alarm, notice
from integration.store.tables.base import keys_metadata, metadata
from integration.store.tables.carts import HAS_PARTS, IS_DUE, IS_NAMED, cart, cart_key, purchase, voucher
from integration.store.tables.consents import (
    consent_counted,
    consent_import,
    consent_total,
    import_piece,
    import_row,
)
from integration.store.tables.gaps import gap, gap_check
from integration.store.tables.house import job_run, secret, session
from integration.store.tables.keys import kept_suppression, proof_key, subject_key, tombstone
from integration.store.tables.messages import (
    IS_WAITING,
    attempt,
    decision,
    inbound_message,
    message,
    sender_state,
    status,
    template,
)
from integration.store.tables.numbers import attachment, media, number, number_state
from integration.store.tables.people import (
    checkpoint,
    consent,
    consent_shown,
    contact,
    ledger_head,
    optin_link,
    privacy_request,
    request,
    suppression,
    wording,
)
from integration.store.tables.received import event, inbox, inbox_body, snapshot
from integration.store.tables.shops import mailbox_state, plugin_signature, reread, shop_state, stream, variant

__all__ = [
    "HAS_PARTS",
    "IS_DUE",
    "IS_NAMED",
    "IS_OPEN",
    "IS_OWED",
    "IS_WAITING",
    "alarm",
    "attachment",
    "attempt",
    "cart",
    "cart_key",
    "checkpoint",
    "consent",
    "consent_counted",
    "consent_import",
    "consent_shown",
    "consent_total",
    "contact",
    "decision",
    "event",
    "gap",
    "gap_check",
    "import_piece",
    "import_row",
    "inbound_message",
    "inbox",
    "inbox_body",
    "job_run",
    "kept_suppression",
    "keys_metadata",
    "ledger_head",
    "mailbox_state",
    "media",
    "message",
    "metadata",
    "notice",
    "number",
    "number_state",
    "optin_link",
    "plugin_signature",
    "privacy_request",
    "proof_key",
    "purchase",
    "request",
    "reread",
    "secret",
    "sender_state",
    "session",
    "shop_state",
    "snapshot",
    "status",
    "stream",
    "subject_key",
    "suppression",
    "template",
    "tombstone",
    "variant",
    "voucher",
    "wording",
]
