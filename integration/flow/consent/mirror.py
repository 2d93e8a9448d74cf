"""mirror: let a shop's staff see in the shop what the ledger says. The ledger stays the proof; nothing reads it back.

Only marketing is shown: it is what a shop's own consent list speaks of. Who waits for the confirmation, or never said
anything, is not shown.
"""

from datetime import datetime

from integration import log
from integration.domain.consent.consent import MARKETING_OFFERS, ConsentEvent, Policy, Situation
from integration.domain.consent.standing import Standing, fold
from integration.domain.contacts.contacts import Contact
from integration.domain.errors import ShopRefused
from integration.domain.shops.ports import ShowsConsent
from integration.flow.world import World
from integration.store.consent import mirror
from integration.store.consent.mirror import Changed
from integration.store.contacts import contacts

BATCH = 100
SCOPES = (MARKETING_OFFERS, "marketing_news")
logger = log.get("mirror")


def shop(world: World, slug: str, now: datetime) -> int:
    """Show what changed since the last time; returns how many people. Raises ShopError when the shop is away."""
    link, company = world.links.link(slug), world.shops[slug].company
    if not isinstance(link, ShowsConsent):
        return 0
    with world.database.read() as connection:
        changed, until = mirror.since(connection, company, slug, BATCH)
        people = contacts.by_id(connection, [one.contact_id for one in changed])
        customers = mirror.customers(connection, slug, people)
        subjects = contacts.subjects(connection, people.values())
        ledgers = world.ledger.events(connection, company, subjects)
    done = 0
    for one in changed:
        person, customer = people.get(one.contact_id), customers.get(one.contact_id)
        if person and customer:
            done += _show(world, link, person, customer, ledgers.get(person.id, []), now)
            _advance(world, slug, one)
    if changed or until:
        _advance(world, slug, Changed(until, ""))
    return done


def _show(
    world: World, link: ShowsConsent, person: Contact, customer: str, ledger: list[ConsentEvent], now: datetime
) -> bool:
    state = standing(ledger, person.company, now, world.companies[person.company].policy)
    if state is None or not person.phone:
        return False
    try:
        return link.show_consent(customer, person.phone, *state)
    except ShopRefused as error:
        # One person's record must not hold up the others; their next change is shown again.
        logger.warning("not_shown", code=error.code)
        return False


def standing(ledger: list[ConsentEvent], company: str, now: datetime, policy: Policy) -> tuple[bool, datetime] | None:
    """Whether marketing is on or off, and since when; None while the ledger says neither."""
    situation = Situation(now=now, company=company, zones=(), country=None, template=None)
    states = [fold(ledger, scope, situation, policy) for scope in SCOPES]
    since = [state.used_at for state in states if state.standing is Standing.ON and state.used_at]
    if since:
        return True, max(since)
    ends = [state.ended.occurred_at for state in states if state.standing is Standing.OFF and state.ended]
    return (False, max(ends)) if ends else None


def _advance(world: World, slug: str, one: Changed) -> None:
    with world.database.write() as connection:
        mirror.shown(connection, slug, one.seq)
