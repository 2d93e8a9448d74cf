"""Removing a person: profile, chats, orders, raw bodies, keys. What stays is in docs/privacy.md."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, delete, func, literal, or_, select, update

from integration.domain.consent.consent import MARKETING
from integration.domain.messages.message_ids import holds, pieces
from integration.domain.messages.status import COUNTED
from integration.domain.shops.facts import redacted
from integration.store import personal_data
from integration.store.bulk_write import insert_or_ignore
from integration.store.carts import carts
from integration.store.db import Database
from integration.store.tables import (
    appointment,
    cart,
    consent,
    contact,
    event,
    inbound_message,
    inbox,
    inbox_body,
    message,
    proof_key,
    snapshot,
    subject_key,
    tombstone,
    voucher,
)

CHUNK = 500


def people(
    connection: Connection,
    company: str,
    phone: str | None,
    wa_user_id: str | None,
    email: str | None,
    orders: Sequence[str],
) -> list[str]:
    """The living contacts that any of these lead to: by phone, BSUID, an order's e-mail address or its key."""
    mine = (contact.c.company == company, contact.c.merged_into.is_(None), contact.c.erased_at.is_(None))
    named = [c for c in (_is(contact.c.phone, phone), _is(contact.c.wa_user_id, wa_user_id)) if c is not None]
    found: dict[str, None] = {}
    if named:
        found |= dict.fromkeys(connection.execute(select(contact.c.id).where(*mine, or_(*named))).scalars())
    ordered: list[Any] = [snapshot.c.key.in_(orders)] if orders else []
    if email:
        ordered.append(func.lower(snapshot.c.facts["email"].as_string()) == email.strip().lower())
    if ordered:
        query = select(contact.c.id).join(snapshot, snapshot.c.contact_id == contact.c.id).where(*mine, or_(*ordered))
        found |= dict.fromkeys(connection.execute(query.distinct()).scalars())
    return list(found)


def counted(connection: Connection, contact_id: str, company: str, subjects: Sequence[str]) -> dict[str, int]:
    """How much is known of a contact, for the certificate of its erasure."""
    mine = select(contact.c.id).where(or_(contact.c.id == contact_id, contact.c.merged_into == contact_id))
    owned = {
        "messages": message,
        "inbound": inbound_message,
        "carts": cart,
        "vouchers": voucher,
        "appointments": appointment,
    }
    found = {name: select(func.count()).where(t.c.contact_id.in_(mine)) for name, t in owned.items()}
    orders = select(func.count()).where(snapshot.c.contact_id.in_(mine), snapshot.c.object_type == "order")
    rows = select(func.count()).where(consent.c.company == company, consent.c.subject.in_(subjects))
    found |= {"orders": orders, "ledger": rows}
    return {name: connection.execute(query).scalar_one() for name, query in found.items()}


def everybody(connection: Connection, contact_id: str) -> list[str]:
    """The ids of a contact and of those that became one with it."""
    return [contact_id, *connection.execute(select(contact.c.id).where(contact.c.merged_into == contact_id)).scalars()]


def forget_person(connection: Connection, contact_id: str, now: datetime) -> list[str]:
    """Empty the profile and what hangs on it; returns the ids of raw bodies that told of the person's orders."""
    ids = everybody(connection, contact_id)
    keys = list(connection.execute(select(snapshot.c.key).where(snapshot.c.contact_id.in_(ids))).scalars())
    bodies = _bodies_of(connection, keys)
    carts.forget_contact(connection, ids)
    redact(connection, keys)
    personal_data.forget(connection, ids)
    connection.execute(update(contact).where(contact.c.id.in_(ids)).values(erased_at=now))
    return bodies


def redact(connection: Connection, keys: Sequence[str]) -> None:
    """Take the person out of what the shops told of these objects; that they are known stays."""
    found = connection.execute(select(snapshot.c.key, snapshot.c.facts).where(snapshot.c.key.in_(keys))).all()
    for key, facts in found:
        clean = update(snapshot).where(snapshot.c.key == key)
        connection.execute(clean.values(facts=redacted(facts), contact_id=None))


def was_marketed_to(connection: Connection, contact_id: str) -> bool:
    """Whether marketing ever left for a contact: then the proof of consent is kept for a while (Art. 17(3)(e))."""
    query = select(message.c.id).where(
        message.c.contact_id == contact_id,
        or_(message.c.purpose.in_(sorted(MARKETING)), message.c.promotion),
        message.c.status.in_(sorted(COUNTED)),
    )
    return connection.execute(query.limit(1)).first() is not None


def destroy_keys(
    keys: Database, company: str, subjects: Sequence[str], keep_until: datetime | None, now: datetime
) -> None:
    """Destroy people's keys and put up their tombstones; until `keep_until` the proof vault holds the keys."""
    with keys.write() as connection:
        if keep_until:
            held = connection.execute(select(subject_key).where(subject_key.c.subject.in_(subjects))).all()
            rows = [{"subject": k.subject, "wrapped_key": k.wrapped_key, "destroy_after": keep_until} for k in held]
            if rows:
                connection.execute(insert_or_ignore(connection, proof_key), rows)
        connection.execute(delete(subject_key).where(subject_key.c.subject.in_(subjects)))
        stones = [{"subject": subject, "company": company, "erased_at": now} for subject in subjects]
        connection.execute(insert_or_ignore(connection, tombstone), stones)


def empty_vault(keys: Database, now: datetime) -> int:
    """Destroy the keys of proofs whose time is over; returns how many."""
    with keys.write() as connection:
        return connection.execute(delete(proof_key).where(proof_key.c.destroy_after < now)).rowcount


def tombstones(keys: Database) -> list[str]:
    """The subjects of everybody who was erased."""
    with keys.read() as connection:
        return list(connection.execute(select(tombstone.c.subject)).scalars())


def forget_bodies(database: Database, ids: Iterable[str], identifiers: Sequence[str]) -> int:
    """Delete finished raw bodies: those with these ids, and those that hold one of these phones or BSUIDs.

    A phone is found in base64, too. Returns how many.
    """
    gone = 0
    for chunk in _chunks(list(ids)):
        gone += _delete_bodies(database, chunk)
    last = ""
    while identifiers:
        with database.read() as connection:
            page = list(
                connection.execute(
                    select(inbox_body.c.id).where(inbox_body.c.id > last).order_by(inbox_body.c.id).limit(CHUNK)
                ).scalars()
            )
            hits = _naming(connection, page, identifiers) if page else []
        gone += _delete_bodies(database, hits)
        if len(page) < CHUNK:
            break
        last = page[-1]
    return gone


def _naming(connection: Connection, page: list[str], identifiers: Sequence[str]) -> list[str]:
    words = [identifier.removeprefix("+") for identifier in identifiers]  # Meta leaves out the plus sign
    phones = [identifier for identifier in identifiers if identifier.startswith("+")]
    found = connection.execute(
        _alike(connection, page, [*words, *(p for phone in phones for p in pieces(phone))])
    ).all()
    texts = {id_: bytes(body).decode("latin-1") for id_, body in found}
    return [
        id_
        for id_, text in texts.items()
        if any(word in text for word in words) or any(holds(text, phone) for phone in phones)
    ]


def _alike(connection: Connection, page: list[str], words: Sequence[str]) -> Any:
    if connection.dialect.name == "sqlite":
        conditions = [func.instr(inbox_body.c.body, literal(word.encode(), LargeBinary)) > 0 for word in words]
    else:
        conditions = [func.strpos(_latin(inbox_body.c.body), word) > 0 for word in words]
    return select(inbox_body.c.id, inbox_body.c.body).where(inbox_body.c.id.in_(page), or_(*conditions))


def _latin(body: Any) -> Any:
    """Bytes as text that PostgreSQL can search; "escape" keeps ASCII as it is and never fails."""
    return func.encode(body, "escape")


def _delete_bodies(database: Database, ids: Sequence[str]) -> int:
    if not ids:
        return 0
    with database.write() as connection:
        done = list(connection.execute(select(inbox.c.id).where(inbox.c.id.in_(ids), inbox.c.state != "new")).scalars())
        connection.execute(delete(inbox_body).where(inbox_body.c.id.in_(done)))
        connection.execute(delete(inbox).where(inbox.c.id.in_(done)))
    return len(done)


def _bodies_of(connection: Connection, keys: Sequence[str]) -> list[str]:
    found: list[str] = []
    for chunk in _chunks(keys):
        query = select(event.c.inbox_id).where(event.c.order_key.in_(chunk), event.c.inbox_id.is_not(None))
        found += connection.execute(query.distinct()).scalars()
    return found


def _chunks(items: Sequence[str]) -> Iterable[Sequence[str]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))


def _is(column: Any, value: str | None) -> Any:
    return column == value if value else None
