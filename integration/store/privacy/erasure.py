"""Removing a person: profile, chats, orders, raw bodies, keys. What stays is in docs/privacy.md."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, delete, func, literal, or_, select, update

from integration.domain.consent.consent import MARKETING
from integration.domain.messages.status import COUNTED
from integration.domain.shops.facts import redacted
from integration.store.bulk_write import insert_or_ignore
from integration.store.carts import carts
from integration.store.db import Database
from integration.store.messages import attachments
from integration.store.tables import (
    appointment,
    cart,
    consent,
    contact,
    echo,
    event,
    follow_up,
    inbound_message,
    inbox,
    inbox_body,
    message,
    order_reply,
    proof_key,
    snapshot,
    subject_key,
    tombstone,
    voucher,
)
from integration.store.templates import uploads

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


def forget_person(connection: Connection, contact_id: str, now: datetime) -> list[str]:
    """Empty the profile and what hangs on it; returns the ids of raw bodies that told of the person's orders."""
    ids = [
        contact_id,
        *connection.execute(select(contact.c.id).where(contact.c.merged_into == contact_id)).scalars(),
    ]
    keys = list(connection.execute(select(snapshot.c.key).where(snapshot.c.contact_id.in_(ids))).scalars())
    bodies = _bodies_of(connection, keys)
    carts.forget_contact(connection, ids)
    strip = {"contact_id": None, "customer_id": ""}
    connection.execute(update(voucher).where(voucher.c.contact_id.in_(ids)).values(strip))
    for key, facts in connection.execute(
        select(snapshot.c.key, snapshot.c.facts).where(snapshot.c.key.in_(keys))
    ).all():
        clean = update(snapshot).where(snapshot.c.key == key)
        connection.execute(clean.values(facts=redacted(facts), contact_id=None))
    for table in (follow_up, order_reply, echo, appointment):
        connection.execute(delete(table).where(table.c.contact_id.in_(ids)))
    attachments.forget_of(connection, ids)
    uploads.forget_of(connection, ids)
    connection.execute(delete(inbound_message).where(inbound_message.c.contact_id.in_(ids)))
    told: dict[str, Any] = {
        "variables": {}, "text": None, "buttons": None, "components": None, "order_number": None,
    }  # fmt: skip
    connection.execute(update(message).where(message.c.contact_id.in_(ids)).values(told))
    facts_of_them = ("country", "region", "born_on", "asked_at", "last_inbound_at", "phone_from", "unreachable_until")
    blank = dict.fromkeys(("phone", "wa_user_id", *facts_of_them))
    connection.execute(update(contact).where(contact.c.id.in_(ids)).values(**blank, name="", locale="", erased_at=now))
    return bodies


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


def forget_bodies(database: Database, ids: Iterable[str], needles: Sequence[bytes]) -> int:
    """Delete finished raw bodies: those with these ids, and those that hold one of the needles; returns how many."""
    gone = 0
    for chunk in _chunks(list(ids)):
        gone += _delete_bodies(database, chunk)
    last = ""
    while needles:
        with database.read() as connection:
            page = list(
                connection.execute(
                    select(inbox_body.c.id).where(inbox_body.c.id > last).order_by(inbox_body.c.id).limit(CHUNK)
                ).scalars()
            )
            hits = [*connection.execute(_holding(connection, page, needles)).scalars()] if page else []
        gone += _delete_bodies(database, hits)
        if len(page) < CHUNK:
            break
        last = page[-1]
    return gone


def _holding(connection: Connection, page: list[str], needles: Sequence[bytes]) -> Any:
    if connection.dialect.name == "sqlite":
        conditions = [func.instr(inbox_body.c.body, literal(needle, LargeBinary)) > 0 for needle in needles]
    else:
        conditions = [func.strpos(_latin(inbox_body.c.body), needle.decode("latin-1")) > 0 for needle in needles]
    return select(inbox_body.c.id).where(inbox_body.c.id.in_(page), or_(*conditions))


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
