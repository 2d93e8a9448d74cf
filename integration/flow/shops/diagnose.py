"""examine: what can a shop do, what is wrong with the connection, are its webhooks still there?"""

from integration import log
from integration.domain.errors import ShopError
from integration.domain.shops.ports import Finding, Level, ShopLink
from integration.flow.world import World
from integration.store.shops import shops

WORST_FIRST = (Level.FAULT, Level.HINT, Level.OK)
logger = log.get("examine")


def shop(world: World, slug: str) -> list[Finding]:
    """Ask the shop, mend its webhooks, and keep what was found for the shop's page. Nothing is found without keys."""
    link = world.links.link(slug)
    if link is None:
        return []
    mended = _webhooks(world, slug, link)  # before the diagnosis, which would call them missing
    said = dict.fromkeys([*link.diagnose(world.clock()), *mended])  # a shop that does not answer says so twice
    found = sorted(said, key=lambda finding: WORST_FIRST.index(finding.level))
    with world.database.write() as connection:
        shops.examined(connection, slug, found, world.clock())
    return found


def _webhooks(world: World, slug: str, link: ShopLink) -> list[Finding]:
    hook = world.links.hook(slug)
    if hook is None:
        return []
    try:
        return link.subscribe(hook.address, hook.secret)
    except ShopError as error:
        logger.warning("webhooks_unknown", shop=slug, code=error.code)
        return [Finding(error.code, Level.FAULT, error.explanation)]
