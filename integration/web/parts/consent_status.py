"""Where a contact's consent stands, by the same fold that decides on messages."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from integration.domain.consent.consent import SERVICE_SCOPE, ConsentEvent, Policy, Situation
from integration.domain.consent.standing import Standing, State, fold, last_use

#: so long before it lapses its owner is told (docs/reference/law.md section 5)
WARNED = timedelta(days=540)


def standing(ledger: Sequence[ConsentEvent], scope: str, contact: Row[Any], now: datetime) -> State:
    """The state of one scope of one contact."""
    situation = Situation(now=now, company=contact.company, zones=(), country=contact.country, template=None)
    return fold(ledger, scope, situation, Policy())


def lapses(state: State, scope: str, last_marketing_at: datetime | None, now: datetime) -> datetime | None:
    """When a consent to advertising lapses that nobody has used for long; None for all others."""
    used_at = last_use(state, last_marketing_at)
    if scope == SERVICE_SCOPE or state.standing is not Standing.ON or used_at is None or now - used_at < WARNED:
        return None
    return used_at + timedelta(days=Policy().dormancy_days)
