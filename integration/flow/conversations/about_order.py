"""What a customer says about one order: no more messages about it, or whether cash on delivery stands."""

from datetime import datetime

from sqlalchemy import Connection

from integration.domain.contacts.contacts import Contact
from integration.domain.conversations import muting
from integration.domain.conversations.replies import Reply
from integration.domain.messages.channel import Inbound
from integration.domain.notifications import buttons
from integration.store.conversations import order_replies
from integration.store.messages import queued, sent
from integration.store.notifications import follow_ups

MUTE = "mute"


def answered(connection: Connection, person: Contact, said: Inbound, now: datetime) -> Reply | None:
    """Keep the answer, act on it, and give the one reply to it; None for an order that nobody told this person of.

    A tapped button names its order; words mean the one that they name, else the one that was written about last.
    """
    about, answer, order_key = buttons.order_answer(said.payload) or (MUTE, "yes", "")
    number = "" if said.payload else muting.named_order(said.text)
    told = sent.told_about(connection, person.id, order_key, number)
    if told is None:
        return None
    order_key, number = told
    first = order_replies.note(connection, order_key, about, answer, person.id, said.at)
    if about == MUTE:
        queued.cancel_for_order(connection, order_key, "order_muted", now)
        follow_ups.mute(connection, order_key)
    reply = muting.muted(number) if about == MUTE else muting.noted(number, yes=answer == "yes")
    return reply if first else None
