"""Answers to what customers write: free text in the window that they opened, sent like every other message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integration.domain.consent.consent import Purpose
from integration.domain.contacts.contacts import Contact
from integration.domain.conversations.replies import Reply
from integration.flow.contacts.language import language_for, shop_of
from integration.flow.world import Sender, World
from integration.store.ids import new_id
from integration.store.messages.messages import Message

#: an answer that comes later than this confuses more than it helps
ANSWER_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer wrote: its WhatsApp id names the answer's key."""

    wa_message_id: str
    at: datetime


def answer(
    world: World, sender: Sender, person: Contact, reply: Reply, kind: str, said: Said, now: datetime
) -> Message:
    """A reply in the person's language and the shop's form of address."""
    shop, language = shop_of(world, sender), language_for(world, sender, person)
    text = reply.in_(language, shop.address if shop else "sie")
    return _message(sender, person, kind, said, now, language, text, reply.titled(language))


def plain(sender: Sender, person: Contact, text: str, kind: str, said: Said, language: str, now: datetime) -> Message:
    """A reply whose words are made already."""
    return _message(sender, person, kind, said, now, language, text, None)


def _message(
    sender: Sender,
    person: Contact,
    kind: str,
    said: Said,
    now: datetime,
    language: str,
    text: str,
    buttons: Sequence[Sequence[str]] | None,
) -> Message:
    return Message(
        id=new_id(),
        company=person.company,
        sender=sender.slug,
        contact_id=person.id,
        kind=kind,
        purpose=Purpose.OPTOUT_CONFIRMATION if kind == "optout_confirmation" else Purpose.SUPPORT_REPLY,
        key=f"{person.company}/{kind}/{said.wa_message_id}"[:255],
        language=language,
        variables={},
        occurred_at=said.at,
        send_after=now,
        expires_at=now + ANSWER_WITHIN,
        text=text,
        buttons=buttons,
    )
