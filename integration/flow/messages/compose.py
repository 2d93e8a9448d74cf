"""Dressing a message: the best text that its facts can fill in, with its picture, buttons and cards.

A message is dressed twice: as a draft, where a medium has no id yet, and where it needs one, once more right before it
leaves (flow.messages.prepare). What cannot be had (the shop hands no picture over, the link leads elsewhere) is left
out together with the text that needs it: the next best text serves, in the end one that needs nothing but its words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from integration import log
from integration.domain.errors import LadenboteError
from integration.domain.messages.components import Variables
from integration.domain.templates.media import Unfit
from integration.domain.templates.parts import DOCUMENT, FILE_NAME, GOODS, ITEM, HeaderType, fits
from integration.domain.templates.selection import slot_for
from integration.domain.templates.templates import Template, carried, fitting
from integration.flow.messages.preparers import ASK_AGAIN, Later, Never, Ready
from integration.flow.templates import media
from integration.flow.world import World
from integration.store.messages.messages import Message
from integration.store.templates import uploads

#: an id that was got ready lives for weeks: a message need not hurry after it
KEEPS: Final = timedelta(days=1)
logger = log.get("dressing")


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about, as far as it can be shown: an article, a file (its hash), several articles."""

    article: str = ""
    document: str = ""
    goods: Sequence[str] = ()


def dressed(world: World, item: Message, variables: Variables, about: About) -> Ready | Later:
    """The message in the best text that it can fill in now; one that cannot do without its document waits for that."""
    for template in _texts(world, item):
        if not fits(template.parts, variables):
            continue
        try:
            found = {source: _media_id(world, item, source, about) for source in template.parts.sources}
        except (Unfit, LadenboteError) as error:  # rather without the picture than not at all
            logger.warning("not_dressed", message=item.id, template=template.name, error=log.brief(error))
            continue
        told = fitting(template, variables)
        return Ready(told, template.name, carried(template, {**told, **_named(world, template)}, found))
    return Later("not_prepared", world.clock() + ASK_AGAIN)


def _named(world: World, template: Template) -> Variables:
    """Under which name people save a file of the owner's; without one, WhatsApp calls it untitled."""
    header = template.parts.header
    if not header or header.type is not HeaderType.DOCUMENT or not header.file:
        return {}
    with world.database.read() as connection:
        name, _ = uploads.names(connection).get(header.file, ("", ""))
    return {FILE_NAME: name} if name else {}


def _texts(world: World, item: Message) -> Sequence[Template]:
    address = world.shops[item.shop].address if item.shop and item.shop in world.shops else "sie"
    slot = slot_for(item.company, item.kind, item.language, address, item.shop or "")
    return world.catalogue.candidates(world.senders[item.sender].account, slot)


def _media_id(world: World, item: Message, source: str, about: About) -> str:
    """The id of a medium at Meta. Raises Unfit, ShopError or ChannelError."""
    if source == ITEM:
        return media.picture(world, item.sender, item.shop or "", about.article)
    if source in GOODS:
        return media.picture(world, item.sender, item.shop or "", about.goods[GOODS.index(source)])
    with world.database.read() as connection:
        kept = uploads.find(connection, about.document if source == DOCUMENT else source)
    if kept is None:
        raise Unfit("gone", media.GONE)
    return media.ready(world, item.sender, kept.content)


class Dresser:
    """How messages of any kind are prepared whose text has a medium, and that need nothing else."""

    keeps = KEEPS

    def prepare(self, world: World, item: Message) -> Ready | Later | Never:
        """Upload what is not there yet, or do without it."""
        about = About((item.item or "").partition("/")[2], item.variables.get("enclosed", ""))
        return dressed(world, item, item.variables, about)

    def last_look(self, connection: Connection, items: Sequence[Message], now: datetime) -> set[str]:
        """All of them: nothing about them can have changed."""
        return {item.id for item in items}
