"""What a send loop and a customer do, one call each."""

import asyncio
from datetime import datetime

from worlds import NOON, RememberingChannel

from integration.domain.messages.channel import Inbound, MetaUpdate
from integration.flow import send
from integration.flow.messages import prepare
from integration.flow.messages.throttle import Limits
from integration.flow.preparers import PREPARERS
from integration.flow.world import World
from integration.store.messages import messages

ANNA = "+491713920012"


def channel(world: World) -> RememberingChannel:
    """The number's channel, which remembers what it sent."""
    found = world.senders["nummer"].channel
    assert isinstance(found, RememberingChannel)
    return found


def deliver(world: World, most: int = 100, limits: Limits | None = None) -> list[messages.Result]:
    """One round of the send loop."""
    batch = send.claim(world, "nummer", most, (), limits)

    async def dispatch() -> list[messages.Result]:
        return await asyncio.gather(*(send.dispatch(world, channel(world), item) for item in batch))

    results = asyncio.run(dispatch())
    for item in batch if limits else []:
        limits.pairs.end(item.message.contact_id)
    send.claim(world, "nummer", 0, results, limits)
    return results


def prepared(world: World) -> None:
    """One round of the preparation loop."""
    for slug in prepare.due(world):
        prepare.shop(world, slug, PREPARERS)


def said(text: str, wamid: str = "in1", at: datetime = NOON) -> MetaUpdate:
    """What Anna writes."""
    return MetaUpdate(messages=(Inbound(wamid, ANNA, None, "Anna", at, "text", text),))
