"""Messages that wait for a text which Meta does not let them use move to the best other one, where there is one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from integration import log
from integration.domain.notifications import BY_KIND
from integration.domain.templates.selection import Listed, OwnText, best, candidates, serves, slot_for, versions
from integration.domain.templates.templates import Template, carried
from integration.flow.world import World
from integration.store.messages.messages import Message
from integration.store.templates import retemplating, templates
from integration.store.templates.retemplating import Retexted

#: reasons of messages that wait for a text
WAITING = ("template_not_approved", "template_flipped", "template_stopped")
logger = log.get("retexting")


def move(world: World, connection: Connection, now: datetime) -> int:
    """Give what waits for its text another one that Meta has approved; returns how many messages got one."""
    waiting = retemplating.waiting_for(connection, WAITING)
    if not waiting:
        return 0
    known = _Known(connection)
    found = [(item, other) for item in waiting if (other := known.another(world, item))]
    retemplating.retext(connection, [_retexted(item, other) for item, other in found], now)
    if found:
        logger.info("retexted", messages=len(found))
    return len(found)


def has_another(world: World, connection: Connection, item: Message) -> bool:
    """Whether another text that Meta has approved can take this message's place."""
    return _Known(connection).another(world, item) is not None


class _Known:
    """What Meta and the owner say of texts, read once, in this transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._texts: Sequence[OwnText] = templates.texts(connection)
        self._listed: dict[str, Listed] = {}

    def another(self, world: World, item: Message) -> Template | None:
        """The best approved text for a message; None when that is its own, or there is none."""
        sender = world.senders.get(item.sender)
        if sender is None or item.template is None or item.kind not in BY_KIND:
            return None
        if sender.account not in self._listed:
            self._listed[sender.account] = templates.usable(self._connection, sender.account)
        listed = self._listed[sender.account]
        address = world.shops[item.shop].address if item.shop and item.shop in world.shops else "sie"
        slot = slot_for(item.company, item.kind, item.language, address, item.shop or "")
        found = best(candidates(versions(slot, self._texts, listed), listed), item.variables)
        fits = found.name != item.template and serves(found, listed.get((found.name, found.language)))
        return found if fits else None


def _retexted(item: Message, other: Template) -> Retexted:
    return Retexted(item.id, other.name, carried(other, item.variables, {}))
