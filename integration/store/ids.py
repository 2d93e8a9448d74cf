"""Ids: uuid7 as text, so that ids sort by time."""

from uuid_utils import uuid7


def new_id() -> str:
    """A new id, 36 characters."""
    return str(uuid7())
