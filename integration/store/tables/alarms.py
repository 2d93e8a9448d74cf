"""What needs the owner, and who was told."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, UniqueConstraint, text

from integration.store.tables.base import metadata
from integration.store.tables.personal import nobody
from integration.store.types import Id, Json, UtcDateTime

#: What needs the owner. `cause` is a `domain.alarms.alarms.Cause`; `about` a sender, shop, template, company or
#: mailbox. `facts` go into the sentences and hold no personal data. `notified_at`: the first notice of it left.
#: `watched`: the watch raised it and clears it, too.
alarm = Table(
    "alarm",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cause", String(32), nullable=False),
    Column("about", String(191), nullable=False),
    Column("facts", Json, nullable=False, info=nobody("what the sentences name: shops, numbers, codes")),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("cleared_at", UtcDateTime),
    Column("notified_at", UtcDateTime),
    Column("watched", Boolean, nullable=False),
    info=nobody("the house's own troubles; facts hold no personal data"),
)
#: conditions of partial indexes, as their queries must say them, too
IS_OPEN = text("cleared_at IS NULL")
IS_OWED = text("sent_at IS NULL")
Index(
    "uq_alarm_open",
    alarm.c.cause,
    alarm.c.about,
    unique=True,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
Index("ix_alarm_raised", alarm.c.raised_at)

#: One notice to the owner by one route. `about` is an alarm's id or a day; `what`: raised | cleared | digest.
#: `error` is a short code without addresses.
notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("about", String(36), nullable=False),
    Column("what", String(8), nullable=False),
    Column("route", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("error", String(64)),
    UniqueConstraint("about", "what", "route", name="uq_notice_once"),
    info=nobody("notices to the owner"),
)
Index("ix_notice_due", notice.c.due_at, sqlite_where=IS_OWED, postgresql_where=IS_OWED)
