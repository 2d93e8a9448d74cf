"""What the tables say of retention, as statements: which rows a rule deletes, which columns it empties, from when on.

See docs/reference/law.md section 10; who is forgotten whole is in `retention`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, CompoundSelect, Connection, Select, delete, or_, select, union_all, update

from integration.domain.messages.status import WAITING
from integration.store import personal_data
from integration.store.tables import (
    appointment,
    attachment,
    decision,
    echo,
    enclosure,
    inbound_message,
    message,
    request,
    visit,
)

MOST = 1000
Found = Select[Any] | CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class Clock:
    """What tells how old a row is, and which rows it is about."""

    at: Column[Any]
    only: tuple[ColumnElement[bool], ...] = ()


CLOCKS: Mapping[str, tuple[Clock, ...]] = {
    "appointments": (Clock(appointment.c.starts_at),),
    "messages": (Clock(message.c.created_at, (message.c.status.not_in(sorted(WAITING)),)),),
    "inbound": (Clock(inbound_message.c.received_at), Clock(echo.c.received_at)),
    "attachments": (Clock(attachment.c.received_at),),
    "documents": (Clock(enclosure.c.at, (enclosure.c.order_key.is_not(None),)),),
    "refusals": (Clock(decision.c.at, (decision.c.outcome != "allow",)),),
    "visits": (Clock(visit.c.expires_at),),
    "requests": (Clock(request.c.ended_at, (request.c.state != "open",)),),
}


@dataclass(frozen=True, slots=True)
class Retention:
    """A rule that the tables name: `Retention("messages")`."""

    name: str

    def found(self, before: datetime) -> Found:
        """What it would delete or empty now."""
        parts = [self._due(clock, before) for clock in CLOCKS[self.name]]
        return parts[0] if len(parts) == 1 else union_all(*parts)

    def forget(self, connection: Connection, before: datetime) -> int:
        """Delete or empty a piece of it; returns how many rows."""
        return sum(self._forget(connection, clock, before) for clock in CLOCKS[self.name])

    def _forget(self, connection: Connection, clock: Clock, before: datetime) -> int:
        [key] = clock.at.table.primary_key
        mine = key.in_(connection.execute(self._due(clock, before).limit(MOST)).scalars().all())
        if emptied := {column.name: personal_data.empty(column) for column in self._emptied(clock)}:
            return connection.execute(update(clock.at.table).where(mine).values(emptied)).rowcount
        return connection.execute(delete(clock.at.table).where(mine)).rowcount

    def _due(self, clock: Clock, before: datetime) -> Select[Any]:
        left = [personal_data.filled(column) for column in self._emptied(clock)]
        still = (or_(*left),) if left else ()
        return select(*clock.at.table.primary_key).where(clock.at < before, *clock.only, *still)

    def _emptied(self, clock: Clock) -> list[Column[Any]]:
        """The columns that the rule empties; none where the row goes, as its leading column says."""
        named = [c for c in clock.at.table.c if (said := personal_data.personal(c)) and said.retain == self.name]
        return [column for column in named if column is not personal_data.lead(clock.at.table)]
