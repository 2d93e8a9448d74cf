"""ledger_check: chains and checkpoints are verified; a broken ledger stops marketing, not service, and is loud."""

from datetime import datetime

from integration.domain.errors import LedgerBroken
from integration.flow.consent import evidence
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Verify, and note which ledgers are broken. Raises LedgerBroken afterwards, so that the run counts as failed."""
    found = evidence.check(world, now)
    broken = sorted(report.company for report in found if report.faults)
    if broken:
        raise LedgerBroken(f"The consent ledger of {', '.join(broken)} is broken: `ladenbote ledger verify`.")
    return f"companies={len(found)} broken=0"
