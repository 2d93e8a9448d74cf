"""Where a contact's consent stands, by the same fold that decides on messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from integration.domain.consent import ConsentEvent, Policy, Situation
from integration.domain.fold import State, fold


def standing(ledger: Sequence[ConsentEvent], scope: str, contact: Row[Any], now: datetime) -> State:
    """The state of one scope of one contact."""
    situation = Situation(now=now, company=contact.company, zones=(), country=contact.country, template=None)
    return fold(ledger, scope, situation, Policy())
