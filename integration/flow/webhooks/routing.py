"""Whose a webhook of Meta's is: an app has one address, so a body may speak of other numbers than the one it came to.

A number takes what names it, at whatever address of its app it came. What names a number or account that is not
connected here is nobody's: a message to it must not be answered from another number, nor open that one's window.
"""

from collections.abc import Iterable, Iterator

from integration.domain.messages.channel import MetaUpdate
from integration.flow.world import Sender, World

Routed = tuple[Sender, MetaUpdate]


def route(world: World, posted_to: Sender, found: Iterable[MetaUpdate]) -> Iterator[Routed]:
    """The updates with the number that each is about; those about strangers are left out."""
    for update in found:
        if sender := _owner(world, posted_to, update):
            yield sender, update


def _owner(world: World, posted_to: Sender, update: MetaUpdate) -> Sender | None:
    if _names(posted_to, update):
        return posted_to
    # Whoever knows one app's secret must not speak for the numbers of another.
    kin = (sender for sender in world.senders.values() if sender.app and sender.app == posted_to.app)
    return next((sender for sender in kin if _names(sender, update)), None)


def _names(sender: Sender, update: MetaUpdate) -> bool:
    """Whether an update is about this number: by its id, else by its account; all are of one whose ids are unknown."""
    if update.number and sender.phone_number_id:
        return update.number == sender.phone_number_id
    return not update.account or not sender.account.isdecimal() or update.account == sender.account
