"""The owner decides about messages that failed or are uncertain.

Sending again goes the normal way: queue, claim, decide. A status of Meta's that comes later still settles the message,
and wins.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from integration import log
from integration.domain.messages.manual_actions import Choice
from integration.flow.carts import reminder_sync
from integration.store.contacts import contacts
from integration.store.db import Database, announce
from integration.store.messages import manual_actions, messages

logger = log.get("interventions")


def intervene(database: Database, ids: Sequence[str], choice: Choice, actor: str, now: datetime) -> int:
    """Do what the owner decided about these messages; returns how many were still where that is possible."""
    with database.write() as connection:
        _hold(connection, ids)
        reminders = reminder_sync.among(connection, ids)
        done = [id_ for id_ in ids if manual_actions.apply(connection, id_, choice, actor, now)]
        if choice is Choice.RESEND and done:
            _reachable(connection, done)
            announce(connection, "due")
        reminder_sync.follow(connection, reminders)
    logger.info("intervened", choice=choice, messages=len(done), asked=len(ids))
    return len(done)


def _hold(connection: Connection, ids: Sequence[str]) -> None:
    """People before messages, and both in order, as everybody locks them."""
    contacts.lock(connection, {m.contact_id for m in messages.by_id(connection, ids) if m.contact_id})
    messages.lock(connection, ids)


def _reachable(connection: Connection, ids: Sequence[str]) -> None:
    """Who asks for another try wants to know whether the person can be reached by now."""
    people = {m.contact_id for m in messages.by_id(connection, ids) if m.contact_id}
    contacts.unreachable(connection, dict.fromkeys(people))
