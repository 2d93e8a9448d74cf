"""numbers: what does Meta say of a number, and is its webhook in order?"""

from integration.domain.number_findings import findings
from integration.domain.ports import Finding
from integration.flow.world import World
from integration.store import numbers


def examine(world: World, slug: str) -> list[Finding]:
    """Ask Meta about a number and keep what it said for the number's page and for the send loop."""
    facts = world.senders[slug].management.facts()
    now = world.clock()
    found = findings(facts, now)
    with world.database.write() as connection:
        numbers.keep(connection, slug, facts, found, now)
    return found
