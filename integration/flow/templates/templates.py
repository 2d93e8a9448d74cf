"""Texts to customers: which one serves, a new version of the owner's, and what Meta says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from integration import log
from integration.domain.actions import Action
from integration.domain.errors import ChannelError, OutcomeUnknown, Refused
from integration.domain.messages.channel import RemoteTemplate, TemplateNews
from integration.domain.messages.components import Variables
from integration.domain.notifications import Notification
from integration.domain.numbers.ports import Account
from integration.domain.shops.events import ObjectType
from integration.domain.templates.parts import NO_PARTS, Parts
from integration.domain.templates.selection import OwnText, Slot, next_version, own_template, slot_for, spoiled
from integration.domain.templates.templates import Template, all_templates, beginning
from integration.flow.templates import retemplating, samples
from integration.flow.world import Sender, Shop, World
from integration.store.db import announce
from integration.store.ids import new_id
from integration.store.messages import queued
from integration.store.shops import snapshots
from integration.store.templates import templates

logger = log.get("templates")


def serving(world: World, shop: Shop, kind: str, language: str, variables: Variables) -> Template:
    """The text that a shop's message of this kind uses now, in the language that fits the customer best."""
    return serving_from(world, world.senders[shop.sender], kind, language, shop.address, variables, shop.slug)


def serving_from(
    world: World, sender: Sender, kind: str, language: str, address: str, variables: Variables, shop: str = ""
) -> Template:
    """The same for a message that no shop sends; `address` is du or sie."""
    slot = slot_for(sender.company, kind, language, address, shop)
    return world.catalogue.template(sender.account, slot, variables)


def write(
    world: World,
    connection: Connection,
    slot: Slot,
    body: str | None,
    by: str,
    now: datetime,
    parts: Parts = NO_PARTS,
) -> OwnText:
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
        parts,
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
    ours = _ours(templates.texts(connection)) if any(one.body for one in news) else {}
    changes = [templates.note(connection, account, _judged_news(ours, one), now) for one in news]
    if any(changes):
        changed(world, connection, now)


def judged(found: Sequence[RemoteTemplate], texts: Sequence[OwnText]) -> list[RemoteTemplate]:
    """Meta's list, where those do not count as approved that somebody changed there to what must not leave."""
    ours = _ours(texts)
    return [
        replace(one, status=templates.CHANGED) if one.status == "APPROVED" and _spoiled(ours, one) else one
        for one in found
    ]


def _ours(texts: Sequence[OwnText]) -> dict[tuple[str, str], Template]:
    own = [own_template(text) for text in texts if text.body is not None]
    return {(t.name, t.language): t for t in [*all_templates(), *own]}


def _spoiled(ours: Mapping[tuple[str, str], Template], one: RemoteTemplate | TemplateNews) -> bool:
    mine = ours.get((one.name, one.language))
    return mine is not None and spoiled(mine, one.body)


def _judged_news(ours: Mapping[tuple[str, str], Template], one: TemplateNews) -> TemplateNews:
    return replace(one, status=templates.CHANGED) if one.body and _spoiled(ours, one) else one


def changed(world: World, connection: Connection, now: datetime) -> None:
    """Decide anew on messages that wait for a text, in another one where there is a better one by now."""
    world.catalogue.forget()
    retemplating.move(world, connection, now)
    for reason in ("template_not_approved", "template_flipped"):
        queued.release(connection, reason, now)
    announce(connection, "due")


def beginning_in(world: World, shop: Shop, notification: Notification) -> str:
    """What the links of a kind begin with in a shop, by the newest that it told us; "" while it told none."""
    if notification.subject_type not in snapshots.LINKS:
        return ""
    with world.database.read() as connection:
        link = snapshots.newest_link(connection, shop.slug, ObjectType(notification.subject_type))
    return beginning(link)


def submit(world: World, account: Account, template: Template) -> RemoteTemplate | None:
    """Submit one text; None when it never left. A refusal of Meta's is its answer, too, and so is "not now"."""
    name, language, category = template.name, template.language, template.category
    try:
        account.create_template(template, samples.handles(world, account, template))
    except Refused as refused:
        logger.warning("template_refused", template=name, code=refused.code)
        if refused.action is Action.SLOW_ACCOUNT:
            return RemoteTemplate(name, language, templates.PUT_OFF, category)
        return RemoteTemplate(name, language, templates.REFUSED, category, refused.detail)
    except OutcomeUnknown as error:  # Meta may have it: the next list will tell
        logger.warning("template_not_submitted", template=name, error=log.brief(error))
        return RemoteTemplate(name, language, templates.PUT_OFF, category)
    except ChannelError as error:
        logger.warning("template_not_submitted", template=name, error=log.brief(error))
        return None
    return RemoteTemplate(name, language, "PENDING", category, body=template.body, outline=template.outline)
