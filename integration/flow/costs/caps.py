"""How far a company's limits are used up, and letting go what waited until there is room again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Connection

from integration.flow.costs.costs import shares
from integration.flow.world import Company, World
from integration.store.messages import queued

NEAR = Decimal("0.8")


class Fill(StrEnum):
    """How far a limit is used up. `CAP` is the one of marketing, `STOP` the one of everything."""

    NEAR = "near"
    CAP = "cap"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Filled:
    """A limit that is nearly or wholly used up: what is spent, and of how much."""

    fill: Fill
    spent: Decimal
    limit: Decimal | None


def filled(world: World, connection: Connection, company: Company, now: datetime) -> Mapping[str, Filled]:
    """A company's limits that are nearly or wholly used up, by period (day, month)."""
    if not company.caps:
        return {}
    spent, dearest = world.costs.read(connection, company.slug, now), world.costs.prices.dearest(now)
    found: dict[str, Filled] = {}
    for period, (used, cap, stop) in shares(spent, company.caps).items():
        if fill := _fill(used + dearest, cap, stop):
            found[period] = Filled(fill, used, stop if fill is Fill.STOP else cap)
    return found


def _fill(used: Decimal, cap: Decimal | None, stop: Decimal | None) -> Fill | None:
    """`used` is what would be used with one more message."""
    if stop is not None and used > stop:
        return Fill.STOP
    if cap is not None and used > cap:
        return Fill.CAP
    return Fill.NEAR if any(limit is not None and used >= limit * NEAR for limit in (cap, stop)) else None


def release(world: World, now: datetime) -> int:
    """Let messages that waited for room be decided anew wherever there is some; returns how many."""
    with world.database.read() as connection:
        full = {
            company.slug: {limit.fill for limit in filled(world, connection, company, now).values()}
            for company in world.companies.values()
        }
    with world.database.write() as connection:
        return sum(
            queued.release(connection, reason, now, company)
            for company, fills in full.items()
            for reason in _with_room(fills)
        )


def _with_room(fills: set[Fill]) -> list[str]:
    """Why messages waited that need not wait any longer."""
    if Fill.STOP in fills:
        return []
    return ["cost_stop"] if Fill.CAP in fills else ["cost_stop", "cost_cap"]
