"""What Meta tells of templates and accounts takes effect at once; the sweeps that ask for it are the truth.

A phone's own answers (coexistence) belong to the conversation, not to our messages.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from integration import log
from integration.domain.alarms.alarms import Cause
from integration.domain.messages.channel import AccountNews, Echo, TemplateNews
from integration.domain.messages.holds import Block, Scope, template_key
from integration.domain.messages.refusals import MARKETING_REST
from integration.flow.alarms.raising import raise_alarm
from integration.flow.messages import on_refused
from integration.flow.templates import templates
from integration.flow.world import Sender, World
from integration.store.contacts import identity_resolution
from integration.store.conversations import echoes
from integration.store.numbers import numbers

logger = log.get("news")
#: Meta's codes for what these events say, so that one table explains both
LOCKED, BLOCKED = 131031, 368
WARNINGS = frozenset({"ACCOUNT_VIOLATION", "ACCOUNT_RESTRICTION"})
#: after these nothing goes out, or soon will not: the account is gone, or no longer this app's
PARTINGS = frozenset({
    "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED", "SCHEDULE_FOR_DISABLE",
})  # fmt: skip
REVIEWS = frozenset({"account_review_update", "phone_number_name_update"})
INITIATED = "RESTRICTED_BIZ_INITIATED_MESSAGING"


def templates_changed(
    world: World, connection: Connection, sender: Sender, found: Sequence[TemplateNews], now: datetime
) -> None:
    """Keep what Meta says of templates; what rests because of one goes on when it is approved."""
    if found:
        templates.noted(world, connection, sender.account, found, now)
    for item in found:
        logger.info("template_news", template=item.name, status=item.status, category=item.category)
        if item.status == "APPROVED":
            on_refused.resume(connection, Scope.TEMPLATE, template_key(sender.account, item.name, item.language), now)


def account_changed(
    world: World, connection: Connection, sender: Sender, found: Sequence[AccountNews], now: datetime
) -> None:
    """Pause what Meta locked, resume what it freed; everything else is read anew within a minute."""
    mine = [slug for slug, other in world.senders.items() if other.account == sender.account]
    for item in found:
        logger.warning("account_news", sender=sender.slug, field=item.field, news=item.event, detail=item.detail)
        if cause := _cause(item):
            news = " ".join(filter(None, (item.event or item.field, item.detail, *item.restrictions)))
            facts = {"name": sender.number or sender.slug, "news": news}
            raise_alarm(connection, cause, sender.slug, now, facts)
        if item.detail == "DISABLE":
            for slug in mine:
                on_refused.pause(connection, slug, LOCKED, item.event, now)
        elif item.detail == "REINSTATE":
            for slug in mine:
                on_refused.resume_number(connection, slug)
        elif INITIATED in item.restrictions:
            for slug in mine:
                rest = Block(Scope.MARKETING, slug, BLOCKED, now, now + MARKETING_REST)
                on_refused.rest(world, connection, rest)
    for slug in mine if found else ():
        numbers.read_soon(connection, slug)


def _cause(item: AccountNews) -> Cause | None:
    """What the owner must know of at once; what pauses a number has an alarm of its own."""
    if item.field == "security":
        return Cause.ACCOUNT_SECURITY
    refused = item.field in REVIEWS and item.detail == "REJECTED"
    alerted = item.field == "account_alerts" and item.severity != "INFORMATIONAL"
    warned = alerted or item.event in WARNINGS or not PARTINGS.isdisjoint((item.event, item.detail))
    return Cause.ACCOUNT_WARNED if warned or refused else None


def echoed(connection: Connection, sender: Sender, found: Sequence[Echo], now: datetime) -> None:
    """Keep what the shop answered on its phone to people whom we know; of strangers nothing is kept."""
    known = [
        (item, identity_resolution.holder(connection, sender.company, item.phone, item.wa_user_id)) for item in found
    ]
    echoes.add(connection, sender.company, sender.slug, [(item, person.id) for item, person in known if person], now)
