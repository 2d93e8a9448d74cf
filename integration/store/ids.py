"""Ids: uuid7 as text, so that ids sort by time."""

from datetime import datetime

from uuid_utils import uuid7


def new_id() -> str:
    """A new id, 36 characters."""
    return str(uuid7())


def first_id(at: datetime) -> str:
    """The least id that could have been drawn at this time: ids from it on are newer."""
    text = f"{int(at.timestamp() * 1000):012x}"
    return f"{text[:8]}-{text[8:]}-7000-8000-000000000000"
