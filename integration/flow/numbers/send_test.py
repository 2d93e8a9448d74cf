"""send-test: a message to the owner's own phone, by the same way as every other message."""

from datetime import datetime, timedelta

from integration.domain.consent.consent import SERVICE_SCOPE, ConsentType, Purpose, Source
from integration.domain.contacts.contacts import Contact, e164, masked
from integration.domain.errors import LadenboteError
from integration.domain.templates.templates import EXAMPLES, carried
from integration.flow.messages import queue
from integration.flow.messages.queue import Candidate
from integration.flow.templates.templates import serving_from
from integration.flow.world import Sender, World
from integration.store.consent.ledger import Entry, Wording
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import lock_people
from integration.store.ids import new_id
from integration.store.messages.messages import Message

KIND = "order_confirmation"
EXPIRES = timedelta(hours=1)
WORDING = Wording(
    version="send-test-1",
    language="en",
    text="This is my own phone, and I want a test message from Ladenbote on WhatsApp.",
    purposes=(SERVICE_SCOPE,),
)


def queue_test(world: World, phone: str, sender_slug: str | None, country: str, language: str) -> str:
    """Record the owner's agreement and queue the message; returns what to tell the owner.

    Raises LadenboteError when the phone or the sender is none.
    """
    number = e164(phone, country)
    if number is None:
        raise LadenboteError(f"{masked(phone)} is not a phone number. Write it like +491711234567.")
    sender = _sender(world, sender_slug)
    now = world.clock()
    with world.database.write() as connection:
        lock_people(connection)
        [contact] = identity_resolution.resolve(
            connection, [Person(sender.company, number, name="Test", locale=language)], now
        )
        world.ledger.append(connection, [_agreement(contact, now)], now)
        message = _message(world, sender, contact, language)
        queue.put(world, connection, [Candidate(message)], now)
    return f"Queued for {masked(number)}. `ladenbote run` sends it; the dashboard shows it under /messages/{message.id}"


def _sender(world: World, slug: str | None) -> Sender:
    if slug is None and len(world.senders) == 1:
        return next(iter(world.senders.values()))
    if slug is None or slug not in world.senders:
        known = ", ".join(world.senders) or "none is set up yet"
        raise LadenboteError(f"Say which number writes, with --sender. Known: {known}.")
    return world.senders[slug]


def _agreement(contact: Contact, now: datetime) -> Entry:
    return Entry.of(
        contact,
        ConsentType.GRANTED,
        purposes=(SERVICE_SCOPE,),
        occurred_at=now,
        source=Source.IN_STORE,
        actor="owner",
        payload={"command": "send-test", "phone": contact.phone},
        phone_only=True,
        wording=WORDING,
    )


def _message(world: World, sender: Sender, contact: Contact, language: str) -> Message:
    now = world.clock()
    variables = {name: EXAMPLES[name] for name in ("name", "shop", "order", "total")}
    template = serving_from(world, sender, KIND, language, "sie", variables)
    return Message(
        id=new_id(),
        company=contact.company,
        sender=sender.slug,
        contact_id=contact.id,
        kind=KIND,
        purpose=Purpose.ORDER_CONFIRMATION,
        key=f"{contact.company}/send-test/{new_id()}",
        template=template.name,
        language=template.language,
        variables=variables,
        occurred_at=now,
        send_after=now,
        expires_at=now + EXPIRES,
        components=carried(template, variables, {}),
    )
