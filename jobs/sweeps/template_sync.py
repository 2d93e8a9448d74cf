"""template_sync: what Meta says about our texts; `submit` sends it those that it does not have yet."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from integration import log
from integration.domain.errors import ChannelError
from integration.domain.messages.channel import RemoteTemplate
from integration.domain.notifications import NOTIFICATIONS
from integration.domain.numbers.ports import Account
from integration.domain.templates.approval import TOO_MANY
from integration.domain.templates.selection import Listed, OwnText, newest, own_template
from integration.domain.templates.templates import Template, all_templates, pictured_for
from integration.flow.templates import templates as flow
from integration.flow.world import World
from integration.store.templates import templates

#: a text that Meta did not take is offered again: faults of Meta's end, too
OFFERED_AGAIN = timedelta(days=1)
#: one that found no room in the account: somebody may have made some
ROOM_AGAIN = timedelta(hours=1)
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
            templates.replace_all(connection, name, flow.judged(found, templates.texts(connection)), now)
            flow.changed(world, connection, now)
        results.append(f"{name}: {len(found)} templates, {submitted} submitted")
    return "; ".join(results)


def submit(world: World, now: datetime) -> str:
    """Submit what owners wrote, and what shops' links made possible, since the last time; else asks Meta nothing."""
    submitted = 0
    for name, account in _accounts(world).items():
        with world.database.read() as connection:
            known = templates.known(connection, name)
            mine = _own(world, name, templates.texts(connection), known) if known else []
        if any(one.status == templates.PUT_OFF for one in known.values()):
            continue  # until the next sweep has asked what Meta has
        waiting = [*mine, *(_pictured(world, name) if known else ())]
        fresh = [template for template in waiting if (template.name, template.language) not in known]
        submitted += _submit_all(world, name, account, fresh, now)
    return f"submitted={submitted}"


def _accounts(world: World) -> dict[str, Account]:
    return {sender.account: sender.management for sender in world.senders.values()}


def _unused(world: World, account: str) -> Callable[[Template], bool]:
    """Which texts no shop of the account uses now: they come last, in case Meta takes no more within this hour."""
    senders = {slug for slug, sender in world.senders.items() if sender.account == account}
    used = {shop.address for shop in world.shops.values() if shop.sender in senders} | {""}
    return lambda template: template.address not in used


def _own(world: World, account: str, texts: Sequence[OwnText], listed: Listed) -> list[Template]:
    """The owner's newest version of each place, for the companies that this account writes for; the same one once."""
    companies = {sender.company for sender in world.senders.values() if sender.account == account}
    wanted = [own_template(text, texts, listed) for text in newest(texts) if text.company in companies]
    found = {t.name: t for t in wanted if (t.name, t.language) in listed}
    words: dict[tuple[object, ...], Template] = {}
    for template in wanted:
        if template.name not in found:  # the next round finds the one that was submitted, and shares it
            words.setdefault(
                (template.kind, template.language, template.address, template.body, template.parts), template
            )
    return [*found.values(), *words.values()]


def _submit_missing(world: World, name: str, account: Account, found: Sequence[RemoteTemplate], now: datetime) -> int:
    with world.database.read() as connection:
        known = templates.known(connection, name)
        mine = _own(world, name, templates.texts(connection), known)
    listed = {(t.name, t.language) for t in found}
    missing = [
        template
        for template in [*mine, *sorted(all_templates(), key=_unused(world, name)), *_pictured(world, name)]
        if (template.name, template.language) not in listed and not _just_refused(known, template, now)
    ]
    return _submit_all(world, name, account, missing, now)


def _pictured(world: World, account: str) -> list[Template]:
    """Ladenbote's texts with picture and button, for each beginning of links that a shop has told by now."""
    senders = {slug for slug, sender in world.senders.items() if sender.account == account}
    shops = [shop for shop in world.shops.values() if shop.sender in senders]
    found: dict[tuple[str, str], Template] = {}
    for shop in shops:
        for notification in NOTIFICATIONS:
            begins = flow.beginning_in(world, shop, notification) if notification.pictured else ""
            for language, address in (("de", shop.address), ("en", "")) if begins else ():
                if template := pictured_for(notification.kind, language, address, begins):
                    found[template.name, language] = template
    return list(found.values())


def _just_refused(known: Listed, template: Template, now: datetime) -> bool:
    one = known.get((template.name, template.language))
    if one is None or one.status != templates.REFUSED or one.since is None:
        return False
    return now - one.since < (ROOM_AGAIN if one.reason == TOO_MANY else OFFERED_AGAIN)


def _submit_all(world: World, name: str, account: Account, wanted: Sequence[Template], now: datetime) -> int:
    """Submit one text after the other, as long as Meta takes them: a later round goes on. How many it took."""
    taken = 0
    for template in wanted:
        answer = _submit(world, name, account, template, now)
        if answer is None or answer.status == templates.PUT_OFF or answer.reason == TOO_MANY:
            break
        taken += answer.status != templates.REFUSED
    return taken


def _submit(world: World, name: str, account: Account, template: Template, now: datetime) -> RemoteTemplate | None:
    """Submit one text and keep Meta's answer, None when it never left. A refusal is an answer, too."""
    answer = flow.submit(world, account, template)
    if answer:
        with world.database.write() as connection:
            templates.put(connection, name, answer, now)
    return answer
