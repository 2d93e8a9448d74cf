"""Whom an account wrote to outside the service window within a day: Meta limits how many different people."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, or_, select, text

from integration.store.bulk_write import Many
from integration.store.fast_select import Query, among
from integration.store.tables import reached

_SINCE = (reached.c.account == bindparam("account"), reached.c.at > bindparam("since"))
_KNOWN = Query(select(reached.c.contact_id).where(*_SINCE, among(reached.c.contact_id, "ids")))
_COUNT = Query(select(func.count()).select_from(reached).where(*_SINCE))
_OLDEST = Query(select(reached.c.at).where(*_SINCE).order_by(reached.c.at).limit(1))
_ADD = Many.insert(reached, ignore=True)


def lock(connection: Connection, account: str) -> None:
    """Let one transaction at a time count an account's people: its numbers send from different threads, or machines.

    SQLite needs nothing: BEGIN IMMEDIATE lets one writer in.
    """
    if connection.dialect.name != "sqlite":
        query = text("SELECT pg_advisory_xact_lock(hashtext(:name))")
        connection.execute(query, {"name": f"ladenbote:reached:{account}"})


def known(connection: Connection, account: str, ids: Collection[str], since: datetime) -> set[str]:
    """Which of these contacts count already."""
    values = {"account": account, "since": since, "ids": list(ids)}
    return set(_KNOWN.values(connection, values)) if ids else set()


def count(connection: Connection, account: str, since: datetime) -> int:
    """How many people count."""
    return int(_COUNT.values(connection, {"account": account, "since": since})[0])


def oldest(connection: Connection, account: str, since: datetime) -> datetime | None:
    """When the first of them was written to: a day later a place becomes free."""
    return next(iter(_OLDEST.values(connection, {"account": account, "since": since})), None)


def note(connection: Connection, account: str, ids: Sequence[str], now: datetime, since: datetime) -> None:
    """These contacts are written to now and count for a day from here; who no longer counts is forgotten."""
    if ids:
        over = or_(reached.c.at <= since, reached.c.contact_id.in_(ids))
        connection.execute(delete(reached).where(reached.c.account == account, over))
        _ADD.run(connection, [{"account": account, "contact_id": id_, "at": now} for id_ in ids])
