"""template_sync: what Meta says about our texts; `submit` sends it those that it does not have yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from integration import log
from integration.domain.catalogue import Known, OwnText, own_template
from integration.domain.channel import RemoteTemplate
from integration.domain.errors import ChannelError
from integration.domain.notifications import NOTIFICATIONS
from integration.domain.ports import Account
from integration.domain.templates import Template, all_templates, pictured_for
from integration.flow import templates as flow
from integration.flow.world import World
from integration.store import templates

#: a text that Meta did not take is offered again: faults of Meta's end, too
OFFERED_AGAIN = timedelta(days=1)
logger = log.get("template_sync")


def sweep(world: World, now: datetime) -> str:
    """Read every account's templates, and submit those of ours that it lacks."""
    results = []
    for name, account in _accounts(world).items():
        try:
            found = account.templates()
            submitted = _submit_missing(world, name, account, found, now)
            found = account.templates() if submitted else found
        except ChannelError as error:
            logger.warning("templates_unread", account=name, error=log.brief(error))
            results.append(f"{name}: unread")
            continue
        with world.database.write() as connection:
            templates.replace_all(connection, name, found, now)
            flow.changed(world, connection, now)
        results.append(f"{name}: {len(found)} templates, {submitted} submitted")
    return "; ".join(results)


def submit(world: World, now: datetime) -> str:
    """Submit what owners wrote, and what shops' links made possible, since the last time; else asks Meta nothing."""
    submitted = 0
    for name, account in _accounts(world).items():
        with world.database.read() as connection:
            known = templates.known(connection, name)
            mine = _own(world, name, templates.texts(connection)) if known else []
        if any(one.status == templates.PUT_OFF for one in known.values()):
            continue  # until the next sweep has asked what Meta has
        waiting = [*mine, *(_pictured(world, name) if known else ())]
        fresh = [template for template in waiting if (template.name, template.language) not in known]
        submitted += _submit_all(world, name, account, fresh, now)
    return f"submitted={submitted}"


def _accounts(world: World) -> dict[str, Account]:
    return {sender.account: sender.management for sender in world.senders.values()}


def _own(world: World, account: str, texts: Sequence[OwnText]) -> list[Template]:
    """The owner's newest version of each place, for the companies that this account writes for."""
    companies = {sender.company for sender in world.senders.values() if sender.account == account}
    newest = {(t.company, t.shop, t.kind, t.language, t.address): t for t in texts if t.company in companies}
    return [own_template(text) for text in newest.values() if text.body is not None]


def _submit_missing(world: World, name: str, account: Account, found: Sequence[RemoteTemplate], now: datetime) -> int:
    with world.database.read() as connection:
        known = templates.known(connection, name)
        mine = _own(world, name, templates.texts(connection))
    listed = {(t.name, t.language) for t in found}
    missing = [
        template
        for template in [*all_templates(), *_pictured(world, name), *mine]
        if (template.name, template.language) not in listed and not _just_refused(known, template, now)
    ]
    return _submit_all(world, name, account, missing, now)


def _pictured(world: World, account: str) -> list[Template]:
    """Ladenbote's texts with picture and button, for each shop whose links we know by now."""
    senders = {slug for slug, sender in world.senders.items() if sender.account == account}
    shops = [shop for shop in world.shops.values() if shop.sender in senders]
    found = []
    for shop in shops:
        for notification in NOTIFICATIONS:
            begins = flow.beginning_in(world, shop, notification) if notification.pictured else ""
            places = [("de", shop.address), ("en", "")] if begins else []
            found += [pictured_for(notification.kind, *place, shop.slug, begins) for place in places]
    return [template for template in found if template]


def _just_refused(known: Mapping[tuple[str, str], Known], template: Template, now: datetime) -> bool:
    one = known.get((template.name, template.language))
    refused = one is not None and one.status == templates.REFUSED and one.since is not None
    return bool(refused and one and one.since and now - one.since < OFFERED_AGAIN)


def _submit_all(world: World, name: str, account: Account, wanted: Sequence[Template], now: datetime) -> int:
    """Submit one text after the other, as long as Meta takes them: a later round goes on. How many it took."""
    taken = 0
    for template in wanted:
        status = _submit(world, name, account, template, now)
        taken += status not in ("", templates.REFUSED, templates.PUT_OFF)
        if status in ("", templates.PUT_OFF):
            break
    return taken


def _submit(world: World, name: str, account: Account, template: Template, now: datetime) -> str:
    """Submit one text and keep Meta's answer, whose status it gives, "" when it never left. A refusal is one, too."""
    answer = flow.submit(world, account, template)
    if answer is None:
        return ""
    with world.database.write() as connection:
        templates.put(connection, name, answer, now)
    return answer.status
