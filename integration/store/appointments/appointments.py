"""Appointments that owners entered: what is near, what is to be reminded of."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from integration.domain.appointments.appointments import Appointment, AppointmentState
from integration.domain.messages.status import WAITING, MessageStatus
from integration.store.tables import appointment, contact, message

OBJECT_TYPE = "appointment"
_COLUMNS = [appointment.c[field.name] for field in fields(Appointment)]


def add(connection: Connection, items: Sequence[Appointment]) -> None:
    """Store new ones."""
    connection.execute(appointment.insert(), [_row(item) for item in items])


def change(connection: Connection, item: Appointment) -> None:
    """Store how one stands now."""
    connection.execute(update(appointment).where(appointment.c.id == item.id).values(_row(item)))


def find(connection: Connection, id_: str) -> Appointment | None:
    """One appointment, held until the transaction ends."""
    row = connection.execute(select(*_COLUMNS).where(appointment.c.id == id_).with_for_update()).one_or_none()
    return _appointment(row) if row else None


def same(connection: Connection, shop: str, since: datetime) -> set[tuple[str, datetime, str]]:
    """(contact id, beginning, what) of those that are planned: a list that is entered twice adds nothing."""
    query = select(appointment.c.contact_id, appointment.c.starts_at, appointment.c.what).where(
        appointment.c.shop == shop, appointment.c.starts_at >= since, appointment.c.state == AppointmentState.PLANNED
    )
    return {(row[0], row[1], row[2]) for row in connection.execute(query)}


def newest(connection: Connection, shop: str) -> Appointment | None:
    """The one that was entered last."""
    query = select(*_COLUMNS).where(appointment.c.shop == shop).order_by(appointment.c.created_at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return _appointment(row) if row else None


def due(connection: Connection, shop: str, now: datetime, until: datetime, most: int) -> list[Appointment]:
    """What begins until then and nobody was reminded of, the nearest first; what somebody else looks at is left out."""
    query = select(*_COLUMNS).where(
        appointment.c.shop == shop,
        appointment.c.starts_at > now,
        appointment.c.starts_at <= until,
        appointment.c.state == AppointmentState.PLANNED,
        appointment.c.reminded_at.is_(None),
    )
    free = query.order_by(appointment.c.starts_at).limit(most).with_for_update(skip_locked=True)
    return [_appointment(row) for row in connection.execute(free)]


def reminded(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    """Their reminders are made."""
    connection.execute(update(appointment).where(appointment.c.id.in_(ids)).values(reminded_at=now))


def of_shop(connection: Connection, shop: str, since: datetime, most: int) -> list[Row[Any]]:
    """Appointments from then on with their person, the nearest first."""
    query = (
        select(appointment, contact.c.name, contact.c.phone)
        .join(contact, contact.c.id == appointment.c.contact_id)
        .where(appointment.c.shop == shop, appointment.c.starts_at >= since)
    )
    return list(connection.execute(query.order_by(appointment.c.starts_at).limit(most)))


def messages_of(connection: Connection, contact_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The newest reminder of each appointment of these people, by its id."""
    query = select(message.c.object_id, message.c.id, message.c.status, message.c.reason, message.c.expires_at).where(
        message.c.contact_id.in_(contact_ids), message.c.object_type == OBJECT_TYPE
    )
    rows: list[Row[Any]] = list(connection.execute(query.order_by(message.c.created_at)))
    return {row.object_id: row for row in rows}


def take_back(connection: Connection, item: Appointment, reason: str, now: datetime) -> int:
    """Cancel the reminder of an appointment that waits; returns how many there were."""
    query = update(message).where(
        message.c.contact_id == item.contact_id,
        message.c.object_type == OBJECT_TYPE,
        message.c.object_id == item.id,
        message.c.status.in_(sorted(WAITING)),
    )
    return connection.execute(query.values(status=MessageStatus.CANCELLED, reason=reason, status_at=now)).rowcount


def _row(item: Appointment) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in fields(Appointment)}


def _appointment(row: Row[Any]) -> Appointment:
    found = dict(row._mapping)
    return Appointment(**found | {"state": AppointmentState(found["state"])})
