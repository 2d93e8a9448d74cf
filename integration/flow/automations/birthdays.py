"""Birthday vouchers: whose birthday it is gets one, where the date was given for it, once a year."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from integration.domain.automations.birthdays import begins, is_time, last_birthday
from integration.domain.consent.consent import MARKETING_OFFERS, Purpose
from integration.domain.consent.wordings import names_birthday
from integration.domain.contacts.contacts import Contact
from integration.domain.notifications import BY_KIND, message_key
from integration.domain.notifications.settings import Rule, rule_for
from integration.flow.messages.drafts import Cause, Draft, personal
from integration.flow.messages.queue import queue
from integration.flow.world import Company, World
from integration.store import db
from integration.store.automations import birthdays
from integration.store.contacts import contacts
from integration.store.messages import messages, sent
from integration.store.notifications import settings

KIND = "birthday_voucher"
#: nobody gets two in a year, whatever is corrected meanwhile
ONCE = timedelta(days=300)


def sweep(world: World, now: datetime) -> int:
    """Congratulate everybody whose birthday has come; returns how many messages were made or held back."""
    with world.database.read() as connection:
        decided = settings.current(connection)
    sending = {slug: rule for slug in world.shops if (rule := rule_for(decided, slug, KIND)).on}
    if not sending:
        return 0
    with world.database.write() as connection:
        db.lock_people(connection)
        drafts = {
            draft.message.key: draft
            for company in world.companies.values()
            for draft in _drafts(world, connection, company, sending, now)
        }
        for key in messages.known_keys(connection, drafts):
            del drafts[key]
        queue(world, connection, drafts, now)
    return len(drafts)


def _drafts(
    world: World, connection: Connection, company: Company, sending: Mapping[str, Rule], now: datetime
) -> list[Draft]:
    ours = [slug for slug in sending if world.shops[slug].company == company.slug]
    zone = ZoneInfo(company.time_zone)
    found = birthdays.lately(connection, company.slug, now.astimezone(zone).date()) if ours else []
    people = contacts.by_id(connection, found, lock=True)
    had = sent.counted(connection, list(people), {Purpose.BIRTHDAY_VOUCHER}, now - ONCE)
    due = [p for p in people.values() if p.id not in had and p.born_on and is_time(p.born_on, now, zone)]
    at_home = birthdays.shops_of(connection, [person.id for person in due], ours) if due else {}
    unasked = _unasked(connection, company, due)
    made = []
    for person in due:
        slug = at_home.get(person.id, ours[0])
        cause = _cause(person, now, zone)
        draft = personal(world, BY_KIND[KIND], sending[slug], world.shops[slug], person, cause, {})
        draft.reason = "birthday_not_meant" if person.id in unasked else ""
        made.append(draft)
    return made


def _cause(person: Contact, now: datetime, zone: ZoneInfo) -> Cause:
    """One birthday of one person, in whatever shop it is wished for."""
    day = last_birthday(person.born_on or now.date(), now.astimezone(zone).date())
    return Cause(message_key(person.company, KIND, "", person.id, day.year), begins(day, zone))


def _unasked(connection: Connection, company: Company, people: Sequence[Contact]) -> set[str]:
    """Those who agreed to offers by a text that does not name the birthday: the date was given for something else."""
    subjects = contacts.subjects(connection, people) if people else {}
    agreed = birthdays.agreed_to(connection, company.slug, list(subjects), MARKETING_OFFERS) if subjects else {}
    meant = {subjects[subject] for subject, text in agreed.items() if names_birthday(text)}
    return {subjects[subject] for subject in agreed} - meant
