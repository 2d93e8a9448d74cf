"""The owner's own WhatsApp as a route for alarms: a message like every other, with its own consent, kind and purpose.

The owner is a contact who agreed in the settings. The agreement is a row of the ledger with the day that stands there;
a STOP from the phone ends it, and only a later day brings it back. An alarm that says that the number itself cannot
send, or that its template is gone, does not go this way: nothing here may wait for itself.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from textwrap import shorten
from typing import Any

from sqlalchemy import Connection

from integration.domain.alarms.alarm_texts import Alarmed, Notice, OwnersPhone, Route
from integration.domain.alarms.alarms import Cause
from integration.domain.consent.consent import OWNER_SCOPE, ConsentType, Purpose, Source
from integration.domain.contacts.contacts import Contact, masked
from integration.domain.errors import NoticeFailed
from integration.domain.messages.status import MessageStatus
from integration.domain.notifications import BY_KIND, Subject, subject_of
from integration.domain.text import Text
from integration.flow.messages.drafts import Draft
from integration.flow.messages.queue import queue
from integration.flow.templates.templates import serving_from
from integration.flow.world import Sender, World
from integration.store.consent.ledger import Entry, Wording
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import lock_people
from integration.store.ids import new_id
from integration.store.messages import messages
from integration.store.messages.messages import Message

NAME = "whatsapp"
KIND = "owner_alarm"
#: what is wrong with the very number that would have to tell it
OF_THE_NUMBER = frozenset({Cause.TOKEN_EXPIRED, Cause.SENDER_PAUSED, Cause.WEBHOOK_SILENT, Cause.SENDING_BEHIND})
OF_A_TEMPLATE = frozenset({Cause.TEMPLATE_STOPPED, Cause.TEMPLATE_REJECTED, Cause.TEMPLATE_PAUSED})
#: how much of a sentence fits into the template beside the others
LONGEST = 330
WORDING = Text(
    "Das ist mein eigenes Telefon, und ich möchte darauf Ladenbotes Meldungen per WhatsApp bekommen.",
    "This is my own phone, and I want to get Ladenbote's alarms on it by WhatsApp.",
)
_MORE = Text("(und {count} weitere)", "(and {count} more)")
_OVER = Text("Erledigt: ", "All clear: ")
_NOTHING = Text("Nichts mehr, es hat sich erledigt.", "Nothing any more, it is over.")


def routes(world: World) -> list[Route]:
    """Every way to the owner."""
    phone = world.owner.phone
    return [*world.owner.routes, *([ByWhatsApp(world, phone)] if phone else [])]


def carries(world: World, route: Route, item: Alarmed) -> bool:
    """Whether an alarm goes by this route."""
    phone = world.owner.phone
    if item.cause == Cause.NOTICE_FAILING:
        return item.about != route.name
    if route.name != NAME or phone is None:
        return True
    if item.cause in OF_THE_NUMBER:
        return item.about != _slug(world, phone)
    return not (item.cause in OF_A_TEMPLATE and f"lb_{KIND}_" in item.about)


def _slug(world: World, phone: OwnersPhone) -> str:
    """The number that writes: the one that was named, else the only one."""
    only = next(iter(world.senders)) if len(world.senders) == 1 else ""
    return phone.sender or only


class ByWhatsApp:
    """Queues each notice as a message to the owner's phone."""

    name = NAME

    def __init__(self, world: World, phone: OwnersPhone) -> None:
        self._world = world
        self._phone = phone

    @property
    def target(self) -> str:
        """The phone, with most digits hidden."""
        return masked(self._phone.phone)

    def send(self, notice: Notice, at: datetime) -> None:
        """Queue it, decided on like every message. Raises NoticeFailed when it may not go."""
        world, sender = self._world, self._world.senders.get(_slug(self._world, self._phone))
        if sender is None:
            raise NoticeFailed("no_number")
        with world.database.write() as connection:
            person = self._owner(connection, sender, at)
            item = _draft(world, sender, person, notice, at)
            queue(world, connection, {item.message.key: item}, at)
            stored = messages.by_id(connection, [item.message.id])
            if stored and stored[0].status == MessageStatus.SUPPRESSED:
                raise NoticeFailed(f"not_allowed_{stored[0].reason}")

    def _owner(self, connection: Connection, sender: Sender, now: datetime) -> Contact:
        """The owner as a contact whose agreement of that day stands in the ledger."""
        world, language = self._world, self._world.owner.language
        lock_people(connection)
        [person] = identity_resolution.resolve(
            connection, [Person(sender.company, self._phone.phone, locale=language)], now
        )
        day = self._phone.agreed_on
        at = datetime(day.year, day.month, day.day, tzinfo=world.owner.zone).astimezone(UTC)
        events = world.ledger.events(connection, person.company, {person.subject: person.id}).get(person.id, [])
        agreed = (e.occurred_at for e in events if e.type is ConsentType.GRANTED and OWNER_SCOPE in e.purposes)
        if at not in agreed:
            world.ledger.append(connection, [_agreement(person, language, at)], now)
        return person


def _agreement(person: Contact, language: str, at: datetime) -> Entry:
    return Entry.of(
        person,
        ConsentType.GRANTED,
        purposes=(OWNER_SCOPE,),
        occurred_at=at,
        source=Source.IN_STORE,
        actor="owner",
        payload={"settings": "alarms.whatsapp", "agreed_on": at.date().isoformat(), "phone": person.phone},
        phone_only=True,
        wording=Wording(f"owner-alarms-1-{language}", language, WORDING.in_(language), (OWNER_SCOPE,)),
    )


def _draft(world: World, sender: Sender, person: Contact, notice: Notice, now: datetime) -> Draft:
    subject = _subject(world.companies[sender.company].name, world.owner.language, person, notice)
    variables = BY_KIND[KIND].variables(subject)
    template = serving_from(world, sender, KIND, world.owner.language, "sie", variables)
    message = Message(
        id=new_id(),
        company=person.company,
        sender=sender.slug,
        contact_id=person.id,
        kind=KIND,
        purpose=Purpose.OWNER_ALARM,
        key=f"{person.company}/{KIND}/{_about(notice)}",
        template=template.name,
        language=template.language,
        variables=variables,
        occurred_at=now,
        send_after=now,
        expires_at=now + BY_KIND[KIND].expires_after,
    )
    return Draft(message, person, subject)


def _about(notice: Notice) -> str:
    """What makes a notice one of its own: the same alarm is not told twice, not even after a crash."""
    raised, cleared = notice.data.get("raised", ()), notice.data.get("cleared", ())
    told = [f"{word}-{one['id']}" for word, rows in (("raised", raised), ("cleared", cleared)) for one in rows]
    return sha256("|".join(sorted(told)).encode()).hexdigest()[:32] if told else f"test-{new_id()}"


def _subject(company: str, language: str, person: Contact, notice: Notice) -> Subject:
    alarm, remedy = _words(notice, language)
    more = {"alarm": shorten(alarm, LONGEST, placeholder="…"), "remedy": shorten(remedy, LONGEST, placeholder="…")}
    return subject_of(company, language, {}, person, more)


def _words(notice: Notice, language: str) -> tuple[str, str]:
    raised: Sequence[Mapping[str, Any]] = notice.data.get("raised", ())
    cleared: Sequence[Mapping[str, Any]] = notice.data.get("cleared", ())
    count = len(raised) + len(cleared) - 1
    more = f" {_MORE.in_(language).format(count=count)}" if count > 0 else ""
    if raised:
        return f"{raised[0]['title']}{more}. {raised[0]['sentence']}", raised[0]["remedy"]
    if cleared:
        return f"{_OVER.in_(language)}{cleared[0]['title']}{more}.", _NOTHING.in_(language)
    return f"{notice.subject}.", _NOTHING.in_(language)
