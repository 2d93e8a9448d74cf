"""What a proof sheet and an access export read about one person: ledger rows, and what was sent on which basis."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from integration.domain.messages.status import Outcome
from integration.store.tables import attempt, consent, contact, decision, message, wording

CHUNK = 500
#: it left the machine, or it may have
LEFT = (Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.PENDING)


def consents(connection: Connection, company: str, subjects: Sequence[str]) -> list[Row[Any]]:
    """Every ledger row of these subjects, the oldest first, with the wording that was shown."""
    shown = and_(wording.c.company == consent.c.company, wording.c.hash == consent.c.wording_hash)
    query = select(
        consent,
        wording.c.text.label("wording_text"),
        wording.c.version.label("wording_version"),
        wording.c.language.label("wording_language"),
    ).outerjoin(wording, shown)
    query = query.where(consent.c.company == company, consent.c.subject.in_(subjects))
    return list(connection.execute(query.order_by(consent.c.seq)))


def sent(connection: Connection, contact_id: str) -> Iterator[tuple[Row[Any], Row[Any] | None]]:
    """Each message that left for a contact, with its last attempt and the decision that let it go; the oldest first."""
    left = and_(attempt.c.message_id == message.c.id, attempt.c.outcome.in_(LEFT))
    query = select(message, attempt.c.at.label("sent_at"), attempt.c.wa_message_id).join(attempt, left)
    query = query.where(message.c.contact_id == contact_id).order_by(attempt.c.at, attempt.c.n)
    rows = list({row.id: row for row in connection.execute(query)}.values())
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        allowed = _allowed(connection, [row.id for row in chunk])
        yield from ((row, allowed.get(row.id)) for row in chunk)


def _allowed(connection: Connection, message_ids: list[str]) -> dict[str, Row[Any]]:
    query = select(decision).where(decision.c.message_id.in_(message_ids), decision.c.outcome == "allow")
    return {row.message_id: row for row in connection.execute(query.order_by(decision.c.at, decision.c.id))}


def erased_with(connection: Connection, company: str, account: str) -> list[str]:
    """The erased contacts whose ledger rows bear this keyed hash of a phone."""
    mine = and_(consent.c.company == contact.c.company, consent.c.subject == contact.c.subject)
    query = select(contact.c.id).join(consent, mine).where(contact.c.company == company, consent.c.account == account)
    query = query.where(contact.c.erased_at.is_not(None), contact.c.merged_into.is_(None))
    return list(connection.execute(query.distinct()).scalars())
