"""Appointments: entered, moved and cancelled by the owner, and reminded of in time.

Owner and sweep lock the contact first, as STOP does. A reminder's key names the time, so an appointment that is moved
is reminded of anew, and what waited for the old time is taken back in the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from integration.domain.appointments.appointments import Appointment, AppointmentState, Wanted
from integration.domain.contacts.contacts import Contact
from integration.domain.notifications import BY_KIND, message_key
from integration.domain.notifications.settings import Rule, rule_for
from integration.flow.messages.drafts import Cause, Draft, personal
from integration.flow.messages.queue import queue
from integration.flow.world import Shop, World
from integration.store import db
from integration.store.appointments import appointments
from integration.store.appointments.appointments import OBJECT_TYPE
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.ids import new_id
from integration.store.notifications import settings

KIND = "appointment_reminder"
BATCH = 250


def enter(world: World, shop: Shop, wanted: Sequence[Wanted], by: str) -> int:
    """Enter appointments; those that are known already add nothing. Returns how many were new.

    Who was erased and has not come back by an own message is not brought back by a list, and left out.
    """
    now = world.clock()
    with world.database.write() as connection:
        db.lock_people(connection)
        listed = world.ledger.suppressed(connection, shop.company, [one.phone for one in wanted])
        gone = listed - contacts.living(connection, shop.company, listed)
        mine = [one for one in wanted if one.phone not in gone]
        people = identity_resolution.resolve(
            connection, [Person(shop.company, one.phone, name=one.name, country=one.country) for one in mine], now
        )
        known = appointments.same(connection, shop.slug, now)
        made = {
            (person.id, one.starts_at, one.what): _entered(shop, person, one, by, now)
            for one, person in zip(mine, people, strict=True)
        }
        fresh = [item for key, item in made.items() if key not in known]
        if fresh:
            appointments.add(connection, fresh)
    return len(fresh)


def _entered(shop: Shop, person: Contact, wanted: Wanted, by: str, now: datetime) -> Appointment:
    return Appointment(
        id=new_id(),
        company=shop.company,
        shop=shop.slug,
        contact_id=person.id,
        what=wanted.what,
        starts_at=wanted.starts_at,
        state=AppointmentState.PLANNED,
        reminded_at=None,
        created_at=now,
        changed_at=now,
        by=by,
    )


def move(world: World, id_: str, starts_at: datetime) -> bool:
    """Let an appointment begin at another time; False when there is none, or it is cancelled."""
    return _change(world, id_, "appointment_moved", lambda item: replace(item, starts_at=starts_at, reminded_at=None))


def cancel(world: World, id_: str) -> bool:
    """It does not take place; False when there is none, or it is cancelled already."""
    cancelled = AppointmentState.CANCELLED
    return _change(world, id_, "appointment_cancelled", lambda item: replace(item, state=cancelled))


def _change(world: World, id_: str, reason: str, changed: Callable[[Appointment], Appointment]) -> bool:
    now = world.clock()
    with world.database.write() as connection:
        db.lock_people(connection)
        item = appointments.find(connection, id_)
        if item is None or item.state is not AppointmentState.PLANNED:
            return False
        contacts.lock(connection, [item.contact_id])
        after = changed(item)
        if after != item:
            appointments.take_back(connection, item, reason, now)
            appointments.change(connection, replace(after, changed_at=now))
    return True


def sweep(world: World, now: datetime) -> int:
    """Make the reminders that are due; returns how many."""
    with world.database.read() as connection:
        decided = settings.current(connection)
    sending = {slug: rule for slug in world.shops if (rule := rule_for(decided, slug, KIND)).on}
    return sum(_remind(world, world.shops[slug], rule, now) for slug, rule in sending.items())


def _remind(world: World, shop: Shop, rule: Rule, now: datetime) -> int:
    said = 0
    while found := _next(world, shop, rule, now):
        said += found
    return said


def _next(world: World, shop: Shop, rule: Rule, now: datetime) -> int:
    with world.database.write() as connection:
        db.lock_people(connection)
        due = appointments.due(connection, shop.slug, now, now + rule.delay, BATCH)
        people = contacts.by_id(connection, {item.contact_id for item in due}, lock=True) if due else {}
        mine = [item for item in due if item.contact_id in people]
        drafts = [_draft(world, shop, rule, item, people[item.contact_id], now) for item in mine]
        queue(world, connection, {draft.message.key: draft for draft in drafts}, now)
        appointments.reminded(connection, [item.id for item in mine], now)
    return len(mine)


def _draft(world: World, shop: Shop, rule: Rule, item: Appointment, person: Contact, now: datetime) -> Draft:
    zone = ZoneInfo(world.companies[shop.company].time_zone)
    local = item.starts_at.astimezone(zone)
    subject_id = f"{item.id}:{item.starts_at:%Y%m%dT%H%M}"
    cause = Cause(message_key(shop.company, KIND, shop.slug, subject_id), now, OBJECT_TYPE, item.id)
    return personal(world, BY_KIND[KIND], rule, shop, person, cause, {"what": item.what, "at": local.isoformat()})
