"""Raising what needs the owner, and saying that it is over. Causes: domain.alarms.causes; notices: flow.alarms.deliver.

A cause that can be read off the database at any time is watched (`flow.alarms.monitor`); whoever notices one that
cannot raises it here, in its own transaction.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration import log, metrics
from integration.domain.alarms.alarms import Cause
from integration.store.alarms import alarms

#: what Meta says once and never takes back: over after so long
PASSING = (Cause.ACCOUNT_WARNED, Cause.ACCOUNT_SECURITY, Cause.LIMIT_LOWERED)
PASSES = timedelta(days=7)
#: what comes back within this time was never over: no all-clear, and no second alarm
CALM = timedelta(minutes=10)
logger = log.get("alarms")


def raise_alarm(
    connection: Connection,
    cause: Cause,
    about: str,
    now: datetime,
    facts: Mapping[str, object] | None = None,
    *,
    watched: bool = False,
) -> bool:
    """Open an alarm about a sender, shop, template, company, …; once while it is open. Returns whether it was news.

    `facts` are JSON without personal data: what the cause's sentence names; `name` is how the owner knows the thing.
    Whoever raises an alarm clears it; a `watched` one is the watch's, and goes on if it was over for a moment only.
    """
    if watched and alarms.reopen(connection, cause, about, now - CALM):
        return False
    news = alarms.add(connection, cause, about, facts or {}, now, watched=watched)
    if news:
        metrics.ALARMS.labels(cause).inc()
        logger.warning("alarm_raised", cause=str(cause), about=about)
    return news


def clear(connection: Connection, cause: Cause, about: str, now: datetime) -> bool:
    """Say that a cause is gone; returns whether an alarm was open."""
    was = alarms.clear(connection, cause, about, now)
    if was:
        logger.info("alarm_cleared", cause=str(cause), about=about)
    return was


def let_pass(connection: Connection, now: datetime) -> int:
    """Close what was said once a week ago and never taken back; returns how many."""
    old = [a for a in alarms.current(connection) if a.cause in PASSING and now - a.raised_at >= PASSES]
    return sum(clear(connection, Cause(a.cause), a.about, now) for a in old)
