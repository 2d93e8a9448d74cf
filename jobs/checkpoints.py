"""checkpoints: every hour the ends of the ledger's chains are signed (reference/law.md section 4)."""

from datetime import datetime

from integration.flow import evidence
from integration.flow.world import World


def sweep(world: World, now: datetime) -> str:
    """Sign what has grown."""
    return f"signed={len(evidence.take_checkpoints(world, now))}"
