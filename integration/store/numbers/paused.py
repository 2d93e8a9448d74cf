"""Which WhatsApp numbers are paused, and why."""

from datetime import datetime

from sqlalchemy import Connection, Row, delete, insert, select

from integration.store.fast_select import Query
from integration.store.tables import sender_state

_PAUSED = Query(select(sender_state.c.sender, sender_state.c.code))


def pause(connection: Connection, sender: str, code: int, detail: str, now: datetime) -> None:
    """Stop a number until its cause is gone; the newest cause is kept."""
    connection.execute(delete(sender_state).where(sender_state.c.sender == sender))
    row = {"sender": sender, "paused_at": now, "code": code, "detail": detail[:500]}
    connection.execute(insert(sender_state), [row])


def resume(connection: Connection, sender: str) -> None:
    """Let a number send again."""
    connection.execute(delete(sender_state).where(sender_state.c.sender == sender))


def paused(connection: Connection) -> dict[str, int]:
    """Paused numbers with Meta's error code."""
    return dict(_PAUSED.rows(connection))


def causes(connection: Connection) -> list[Row[tuple[str, int, datetime]]]:
    """Paused numbers: sender, Meta's code, paused_at."""
    return list(connection.execute(select(sender_state.c.sender, sender_state.c.code, sender_state.c.paused_at)))
