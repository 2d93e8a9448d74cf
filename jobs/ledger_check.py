"""ledger_check: every company's chain is verified; a broken one stops marketing, not service."""

from datetime import datetime

from integration import log
from integration.flow.world import World
from integration.store import ledger

logger = log.get("ledger_check")


def sweep(world: World, now: datetime) -> str:
    """Verify the chains and note which are broken."""
    with world.database.read() as connection:
        found = {company: ledger.verify(connection, company) for company in ledger.companies(connection)}
    with world.database.write() as connection:
        for company, broken in found.items():
            ledger.mark_broken(connection, company, now if broken else None)
            if broken:
                logger.error("ledger_broken", company=company, seq=broken)
    return f"companies={len(found)} broken={sum(1 for broken in found.values() if broken)}"
