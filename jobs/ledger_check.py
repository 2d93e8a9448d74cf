"""ledger_check: chains and checkpoints are verified; a broken ledger stops marketing, not service, and is loud."""

from datetime import datetime

from integration import log, metrics
from integration.domain.errors import LedgerBroken
from integration.flow import evidence
from integration.flow.world import World
from integration.store import ledger_checks

logger = log.get("ledger_check")


def sweep(world: World, now: datetime) -> str:
    """Verify, and note which ledgers are broken. Raises LedgerBroken afterwards, so that the run counts as failed."""
    found = evidence.verify(world)
    broken = {report.company for report in found if report.faults}
    with world.database.write() as connection:
        for report in found:
            ledger_checks.note(connection, report.company, report.rows, report.faults, now)
    for report in found:
        metrics.LEDGER_BROKEN.labels(report.company).set(bool(report.faults))
        for fault in report.faults:
            logger.error("ledger_broken", company=report.company, fault=evidence.sentence(fault).en)
    if broken:
        raise LedgerBroken(f"The consent ledger of {', '.join(sorted(broken))} is broken: `ladenbote ledger verify`.")
    return f"companies={len(found)} broken=0"
