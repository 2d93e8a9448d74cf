"""Whether each mailbox answers: one row, changed only when that changes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from integration.store.bulk_write import insert_or_ignore
from integration.store.tables import mailbox_state


@dataclass(frozen=True, slots=True)
class MailboxState:
    """`problem` is a `domain.shops.mailboxes.MailboxProblem`, empty while the mailbox answers."""

    since: datetime
    problem: str


def note(connection: Connection, mailbox: str, problem: str, now: datetime) -> None:
    """Remember that a mailbox answers, or why not."""
    connection.execute(delete(mailbox_state).where(mailbox_state.c.mailbox == mailbox))
    row = {"mailbox": mailbox, "since": now, "problem": problem}
    connection.execute(insert_or_ignore(connection, mailbox_state), [row])


def states(connection: Connection) -> dict[str, MailboxState]:
    """How each mailbox is that was asked so far."""
    rows = connection.execute(select(mailbox_state.c.mailbox, mailbox_state.c.since, mailbox_state.c.problem))
    return {row.mailbox: MailboxState(row.since, row.problem) for row in rows}
