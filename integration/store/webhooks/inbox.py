"""The inbox: bodies as they came in, until react or answer has dealt with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, func, select, update

from integration.domain.hot_dataclass import lean
from integration.store.bulk_write import Many
from integration.store.fast_select import Query, among
from integration.store.ids import new_id
from integration.store.tables import inbox, inbox_body

MOST_TRIES = 5
#: the note of a body that was dealt with and waits to be so once more
AGAIN = "again"


@lean
class InboxItem:
    """A verified body as it came in. `channel` is shop or meta, `endpoint` a slug of ours.

    `id` is "" before it is stored; `note` says why nothing came of it, or that it is to be dealt with `AGAIN`.
    """

    channel: str
    endpoint: str
    topic: str
    headers: dict[str, str]
    body: bytes
    has_messages: bool
    received_at: datetime
    id: str = ""
    tries: int = 0
    note: str | None = None

    @property
    def again(self) -> bool:
        """Whether it was dealt with before, and somebody wants it dealt with once more."""
        return self.note == AGAIN


def add(connection: Connection, items: Sequence[InboxItem]) -> None:
    """Store bodies in the order given."""
    ids = [new_id() for _ in items]
    bodies = [{"id": id_, "headers": i.headers, "body": i.body} for id_, i in zip(ids, items, strict=True)]
    _ADD_BODY.run(connection, bodies)
    _ADD.run(connection, [_row(id_, item) for id_, item in zip(ids, items, strict=True)])


def _row(id_: str, item: InboxItem) -> dict[str, Any]:
    return {
        "id": id_,
        "channel": item.channel,
        "endpoint": item.endpoint,
        "topic": item.topic[:128],
        "has_messages": item.has_messages,
        "received_at": item.received_at,
        "state": "new",
        "note": None,
        "tries": 0,
        "try_after": item.received_at,
        "error": None,
        "processed_at": None,
    }


_COLUMNS = (
    inbox.c.channel,
    inbox.c.endpoint,
    inbox.c.topic,
    inbox_body.c.headers,
    inbox_body.c.body,
    inbox.c.has_messages,
    inbox.c.received_at,
    inbox.c.id,
    inbox.c.tries,
    inbox.c.note,
)
_OPEN = (
    select(*_COLUMNS)
    .join_from(inbox, inbox_body, inbox.c.id == inbox_body.c.id)
    .where(inbox.c.state != "done", inbox.c.channel == bindparam("channel"))
    .order_by(inbox.c.id)
)
_DUE = Query(_OPEN.where(inbox.c.state == "new", inbox.c.try_after <= bindparam("now")).limit(bindparam("most")))
_WITH_MESSAGES = Query(_OPEN.where(inbox.c.has_messages))
_STILL_NEW = Query(
    select(inbox.c.id).where(among(inbox.c.id, "ids"), inbox.c.state == "new").with_for_update(skip_locked=True)
)
_FINISH = Many(
    update(inbox)
    .where(inbox.c.id == bindparam("id_"))
    .values(state="done", note=bindparam("note_"), processed_at=bindparam("at_"))
)
_ADD, _ADD_BODY = Many.insert(inbox), Many.insert(inbox_body, large=True)


def due(connection: Connection, channel: str, now: datetime, most: int) -> list[InboxItem]:
    """The oldest bodies to deal with. Nothing is locked: whoever finishes them first asks `still_new`."""
    return [InboxItem(*row) for row in _DUE.rows(connection, {"channel": channel, "now": now, "most": most})]


def still_new(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these nobody has dealt with meanwhile; locks them until the transaction ends."""
    return set(_STILL_NEW.values(connection, {"ids": ids}))


def waiting_messages(connection: Connection) -> list[InboxItem]:
    """Bodies with customers' messages that answer has not dealt with, given up ones too: they may hold a STOP."""
    return [InboxItem(*row) for row in _WITH_MESSAGES.rows(connection, {"channel": "meta"})]


def finish(connection: Connection, notes: Mapping[str, str], now: datetime) -> None:
    """Mark bodies as done. `notes` maps id to a reason code, "" when the body led to something."""
    _FINISH.run(connection, [{"id_": id_, "note_": note or None, "at_": now} for id_, note in notes.items()])


def fail(connection: Connection, received: InboxItem, error: str, now: datetime) -> None:
    """Keep a body that could not be processed: tried again with growing pauses, then left for a person."""
    tries = received.tries + 1
    given_up = tries >= MOST_TRIES
    values: dict[str, Any] = {
        "tries": tries,
        "error": error,
        "state": "failed" if given_up else "new",
        "note": "poison" if given_up else None,
        "try_after": now + timedelta(seconds=5 * 4**received.tries),
    }
    connection.execute(update(inbox).where(inbox.c.id == received.id).values(values))


def given_up(connection: Connection) -> int:
    """How many bodies rest because they failed too often."""
    return connection.execute(select(func.count()).where(inbox.c.state == "failed")).scalar_one()


def replay(connection: Connection, since: datetime, now: datetime, channel: str = "", *, failed: bool = False) -> int:
    """Put bodies that were dealt with since then back as new; returns how many. What is known already stays so.

    `channel` restricts them to meta or shop, `failed` to those that were given up.
    """
    values: dict[str, Any] = {"state": "new", "tries": 0, "error": None, "try_after": now, "processed_at": None}
    values["note"] = case((inbox.c.state == "done", AGAIN))
    return connection.execute(update(inbox).where(*_again(since, channel, failed)).values(values)).rowcount


def replayable(connection: Connection, since: datetime, channel: str = "", *, failed: bool = False) -> int:
    """How many bodies `replay` would put back."""
    return connection.execute(select(func.count()).where(*_again(since, channel, failed))).scalar_one()


def _again(since: datetime, channel: str, failed: bool) -> list[ColumnElement[bool]]:
    over = inbox.c.state == "failed" if failed else inbox.c.state != "new"
    return [over, inbox.c.received_at >= since, *([inbox.c.channel == channel] if channel else [])]


def forget(connection: Connection, before: datetime, most: int = 1000) -> int:
    """Delete bodies that are done and older than `before`; returns how many."""
    old = select(inbox.c.id).where(inbox.c.state != "new", inbox.c.received_at < before).limit(most)
    ids = connection.execute(old).scalars().all()
    if ids:
        connection.execute(delete(inbox_body).where(inbox_body.c.id.in_(ids)))
        connection.execute(delete(inbox).where(inbox.c.id.in_(ids)))
    return len(ids)
