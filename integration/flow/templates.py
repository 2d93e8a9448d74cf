"""Texts to customers: which one serves, a new version of the owner's, and what Meta says of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from integration import log
from integration.domain.catalogue import OwnText, Slot, next_version
from integration.domain.channel import RemoteTemplate, TemplateNews
from integration.domain.errors import ChannelError, Refused
from integration.domain.ports import Account
from integration.domain.templates import Template, submission
from integration.flow.world import Sender, Shop, World
from integration.store import messages, templates
from integration.store.db import announce
from integration.store.ids import new_id

#: reasons of messages that wait for a text: asked again as soon as anything changes about texts
WAITING = ("template_not_approved", "template_flipped")
logger = log.get("templates")


def serving(world: World, shop: Shop, kind: str, language: str) -> Template:
    """The text that a shop's messages of this kind use now, in the language that fits the customer best."""
    return serving_from(world, world.senders[shop.sender], kind, language, shop.address, shop.slug)


def serving_from(world: World, sender: Sender, kind: str, language: str, address: str, shop: str = "") -> Template:
    """The same for a message that no shop sends; `address` is du or sie."""
    where = ("de", address) if language.startswith("de") else ("en", "")
    return world.catalogue.template(sender.account, Slot(sender.company, kind, *where, shop))


def write(world: World, connection: Connection, slot: Slot, body: str | None, by: str, now: datetime) -> OwnText:
    """Store a new version of the owner's; None goes back to Ladenbote's text. Meta gets it with the next sweep."""
    version = next_version(slot, templates.texts(connection))
    text = OwnText(
        new_id(),
        slot.company,
        slot.shop,
        slot.kind,
        slot.language,
        slot.address,
        version,
        f"{slot.base}_v{version}",
        body,
        now,
        by,
    )
    templates.add_text(connection, text)
    world.catalogue.forget()
    return text


def decide_category(
    world: World, connection: Connection, account: str, key: tuple[str, str], *, accept: bool, by: str, now: datetime
) -> None:
    """The owner's word on a text that Meta calls MARKETING: only people with that consent get it, or it pauses."""
    templates.choose(connection, account, key, accept=accept, by=by, now=now)
    changed(world, connection, now)


def noted(world: World, connection: Connection, account: str, news: Sequence[TemplateNews], now: datetime) -> None:
    """Take in what Meta's webhooks say about templates of this account."""
    changes = [templates.note(connection, account, one, now) for one in news]
    if any(changes):
        changed(world, connection, now)


def changed(world: World, connection: Connection, now: datetime) -> None:
    """Decide anew on messages that wait for a text."""
    world.catalogue.forget()
    for reason in WAITING:
        messages.release(connection, reason, now)
    announce(connection, "due")


def submit(account: Account, template: Template) -> RemoteTemplate | None:
    """Submit one text; None when it is not known whether Meta has it. A refusal of Meta's is its answer, too."""
    try:
        account.create_template(submission(template))
    except Refused as refused:
        logger.warning("template_refused", template=template.name, code=refused.code)
        return RemoteTemplate(template.name, template.language, templates.REFUSED, template.category, refused.detail)
    except ChannelError as error:
        logger.warning("template_not_submitted", template=template.name, error=log.brief(error))
        return None
    return RemoteTemplate(template.name, template.language, "PENDING", template.category, body=template.body)
