"""What is kept for a while and then emptied: words of messages, decisions against sending.

See docs/reference/law.md section 10.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from integration.domain.messages.status import WAITING
from integration.store.consent.ledger import DECLINED
from integration.store.tables import (
    consent,
    contact,
    decision,
    echo,
    inbound_message,
    inbox,
    job_run,
    message,
    reconciliation,
    request,
    snapshot,
    suppression,
    visit,
)

MOST = 1000
_GONE = "…"
#: block entries are looked at this often (docs/reference/law.md section 10)
REVIEW = timedelta(days=3 * 365)


def count(connection: Connection, query: Select[Any]) -> int:
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


def told(before: datetime) -> Select[Any]:
    """Messages whose words are still there."""
    words = or_(
        message.c.text.is_not(None), message.c.order_number.is_not(None), cast(message.c.variables, Text) != "{}"
    )
    waiting = message.c.status.in_(sorted(WAITING))
    return select(message.c.id).where(message.c.created_at < before, ~waiting, words)


def heard(before: datetime) -> Select[Any]:
    """What customers wrote."""
    return select(inbound_message.c.id).where(inbound_message.c.received_at < before, inbound_message.c.text != _GONE)


def refusals(before: datetime) -> Select[Any]:
    """Decisions against sending; the message's own state and reason go on to be counted."""
    return select(decision.c.id).where(decision.c.at < before, decision.c.outcome != "allow")


def forget_told(connection: Connection, before: datetime) -> int:
    """Empty the words of old messages; kind, times, status and decisions stay. Returns how many."""
    values: dict[str, Any] = {
        "variables": {}, "text": None, "buttons": None, "components": None, "order_number": None,
    }  # fmt: skip
    ids = connection.execute(told(before).limit(MOST)).scalars().all()
    connection.execute(update(message).where(message.c.id.in_(ids)).values(values))
    return len(ids)


def forget_heard(connection: Connection, before: datetime) -> int:
    """Empty what customers wrote long ago. Returns how many."""
    connection.execute(update(echo).where(echo.c.received_at < before, echo.c.text != _GONE).values(text=_GONE))
    ids = connection.execute(heard(before).limit(MOST)).scalars().all()
    connection.execute(update(inbound_message).where(inbound_message.c.id.in_(ids)).values(text=_GONE))
    return len(ids)


def forget_refusals(connection: Connection, before: datetime) -> int:
    """Delete old decisions against sending. Returns how many."""
    ids = connection.execute(refusals(before).limit(MOST)).scalars().all()
    connection.execute(delete(decision).where(decision.c.id.in_(ids)))
    return len(ids)


def visits(before: datetime) -> Select[Any]:
    """Visits of the privacy page that are over."""
    return select(visit.c.id).where(visit.c.expires_at < before)


def ended_requests(before: datetime) -> Select[Any]:
    """Privacy requests that were answered long ago."""
    return select(request.c.id).where(request.c.state != "open", request.c.ended_at < before)


def forget_requests(connection: Connection, before: datetime) -> int:
    """Delete old answered requests. Returns how many."""
    ids = connection.execute(ended_requests(before).limit(MOST)).scalars().all()
    connection.execute(delete(request).where(request.c.id.in_(ids)))
    return len(ids)


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
