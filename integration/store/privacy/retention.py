"""Who is forgotten after a while, and what besides is looked for by age.

What becomes of the columns that say so themselves is in `retention_rules`.

See docs/reference/law.md section 10.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    literal_column,
    select,
)

from integration.store.consent.ledger import DECLINED
from integration.store.privacy.retention_rules import Found
from integration.store.tables import (
    consent,
    contact,
    inbound_message,
    inbox,
    job_run,
    message,
    reconciliation,
    request,
    snapshot,
    suppression,
)

MOST = 1000
#: block entries are looked at this often (docs/reference/law.md section 10)
REVIEW = timedelta(days=3 * 365)


def count(connection: Connection, query: Found) -> int:
    """How many rows a rule's query finds now."""
    return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def bodies(before: datetime) -> Select[Any]:
    """Raw bodies that were dealt with."""
    return select(inbox.c.id).where(inbox.c.state != "new", inbox.c.received_at < before)


def runs(before: datetime) -> Select[Any]:
    """Runs of the sweeps."""
    return select(job_run.c.id).where(job_run.c.started_at < before)


def reconciliations(before: datetime) -> Select[Any]:
    """Comparisons of the shops with our messages."""
    return select(reconciliation.c.id).where(reconciliation.c.at < before)


def declined_codes(before: datetime) -> Select[Any]:
    """Codes of numbers that said no to a confirmation request."""
    return select(suppression.c.keyed_hash).where(suppression.c.reason == DECLINED, suppression.c.created_at < before)


def old_blocks(connection: Connection, now: datetime) -> int:
    """How many block entries are older than three years and want to be looked at."""
    query = select(func.count()).where(suppression.c.created_at < now - REVIEW)
    return connection.execute(query).scalar_one()


def dormant(before: datetime) -> Select[Any]:
    """Contacts with whom nothing happened since: no order, no message either way, no act."""
    one: ColumnElement[int] = literal_column("1")
    joined = contact.alias("joined")
    mine = (consent.c.company == contact.c.company, consent.c.subject == contact.c.subject)
    stirs = (
        select(one).select_from(consent).where(*mine, consent.c.recorded_at >= before),
        select(one).select_from(snapshot).where(snapshot.c.contact_id == contact.c.id, snapshot.c.version >= before),
        select(one).select_from(message).where(message.c.contact_id == contact.c.id, message.c.created_at >= before),
        select(one).select_from(joined).where(joined.c.merged_into == contact.c.id, joined.c.created_at >= before),
        select(one).select_from(request).where(request.c.contact_id == contact.c.id, request.c.state == "open"),
    )
    return select(contact.c.id).where(
        contact.c.created_at < before,
        contact.c.merged_into.is_(None),
        contact.c.erased_at.is_(None),
        contact.c.last_inbound_at.is_(None) | (contact.c.last_inbound_at < before),
        *(~stir.exists() for stir in stirs),
    )


def declined(before: datetime) -> Select[Any]:
    """Contacts of whom nothing is known but a sign-up, and that they said no to it."""
    one: ColumnElement[int] = literal_column("1")
    mine = (consent.c.company == contact.c.company, consent.c.subject == contact.c.subject)
    said = (inbound_message.c.contact_id == contact.c.id, inbound_message.c.intent != "decline")
    return select(contact.c.id).where(
        contact.c.created_at < before,
        contact.c.merged_into.is_(None),
        contact.c.erased_at.is_(None),
        select(one).select_from(consent).where(*mine, consent.c.type == "declined").exists(),
        ~select(one).select_from(consent).where(*mine, consent.c.type.not_in(("granted", "declined"))).exists(),
        ~select(one).select_from(consent).where(*mine, consent.c.occurred_at >= before).exists(),
        ~select(one).select_from(snapshot).where(snapshot.c.contact_id == contact.c.id).exists(),
        ~select(one).select_from(inbound_message).where(*said).exists(),
    )


def unconfirmed(before: datetime) -> Select[Any]:
    """Contacts of whom nothing is known but a sign-up that nobody confirmed: no order, no word, no other act."""
    one: ColumnElement[int] = literal_column("1")
    joined = contact.alias("joined")
    mine = (consent.c.company == contact.c.company, consent.c.subject == contact.c.subject)
    other = consent.c.type.not_in(("granted", "declined", "proof_exported")) | (
        consent.c.source.not_in(("form", "api", "import"))
    )
    return select(contact.c.id).where(
        contact.c.created_at < before,
        contact.c.merged_into.is_(None),
        contact.c.erased_at.is_(None),
        select(one).select_from(consent).where(*mine).exists(),
        ~select(one).select_from(consent).where(*mine, other).exists(),
        ~select(one).select_from(consent).where(*mine, consent.c.occurred_at >= before).exists(),
        ~select(one).select_from(snapshot).where(snapshot.c.contact_id == contact.c.id).exists(),
        ~select(one).select_from(inbound_message).where(inbound_message.c.contact_id == contact.c.id).exists(),
        ~select(one).select_from(joined).where(joined.c.merged_into == contact.c.id).exists(),
        contact.c.last_inbound_at.is_(None),
    )
