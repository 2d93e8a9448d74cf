"""What a customer's message means, and what follows: STOP, START, JA, the question back, erasure, WARUM."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration.domain.consent.consent import MARKETING, Source
from integration.domain.consent.optout import Intent, classify, order_code, start_code
from integration.domain.consent.wordings import MARKETING_SCOPES
from integration.domain.contacts.contacts import Contact
from integration.domain.conversations import replies
from integration.domain.conversations.explanation import asks_why
from integration.domain.conversations.muting import asks_to_mute
from integration.domain.conversations.replies import Reply
from integration.domain.messages.channel import Inbound
from integration.domain.notifications import buttons
from integration.flow.consent import links, optin
from integration.flow.consent.optout import Withdrawal, withdraw
from integration.flow.contacts.language import language_for
from integration.flow.conversations import about_order, explanation, replying
from integration.flow.conversations.replying import Said
from integration.flow.messages import queue
from integration.flow.messages.queue import Candidate
from integration.flow.privacy import erasure, requests, selfservice
from integration.flow.world import Sender, World
from integration.store.consent import optin_links
from integration.store.consent.ledger import Wording
from integration.store.consent.optin_links import OptinLink
from integration.store.contacts import contacts
from integration.store.messages import sent
from integration.store.messages.messages import Message
from integration.store.shops import snapshots

#: who does not answer the one question is not asked again for a while; marketing rests all the same
ASK_AGAIN = timedelta(hours=24)
#: how long the link to an order on its thank-you page may be followed
CLAIMABLE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Known:
    """What must be known to understand a batch of messages, by contact id; links by code."""

    last_purpose: dict[str, str]
    pending: dict[str, tuple[str, ...]]
    links: dict[str, OptinLink]
    asked: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of one person. `also` had the person's phone until now: a STOP holds for them, too."""

    sender: Sender
    item: Inbound
    person: Contact
    also: Sequence[Contact]
    now: datetime

    @property
    def said(self) -> Said:
        """What the answer's key is made of."""
        return Said(self.item.wa_message_id, self.item.at)

    @property
    def evidence(self) -> dict[str, str]:
        """What the ledger keeps of it, encrypted."""
        return {"wa_message_id": self.item.wa_message_id, "text": self.item.text, "payload": self.item.payload}


def known(
    world: World, connection: Connection, sender: Sender, items: Sequence[Inbound], people: Sequence[Contact]
) -> Known:
    """Read with few queries what these messages need."""
    ids = sorted({person.id for person in people})
    codes = [code for item in items if (code := start_code(item.text))]
    return Known(
        sent.last_purpose(connection, ids),
        _pending(world, connection, sender.company, people),
        optin_links.find(connection, sender.company, codes),
    )


def _pending(
    world: World, connection: Connection, company: str, people: Sequence[Contact]
) -> dict[str, tuple[str, ...]]:
    owner, now = world.companies[company], world.clock()
    since = now - timedelta(days=owner.policy.doi_days)
    asked = sent.asked_to_confirm(connection, sorted({person.id for person in people}), since)
    concerned = {person.id: person for person in people if person.id in asked}
    if not concerned:
        return {}
    found = world.ledger.events(connection, company, contacts.subjects(connection, concerned.values()))
    return {id_: optin.pending_scopes(owner, found.get(id_, []), now) for id_ in concerned}


def meaning(item: Inbound, person: Contact, facts: Known) -> Intent:
    """A tapped button says it; words are read."""
    if buttons.order_answer(item.payload) or (not item.payload and asks_to_mute(item.text)):
        return Intent("order_answer")
    tapped = buttons.MEANING.get(item.payload)
    if tapped:
        return tapped
    if selfservice.sent_code(item.text):
        return Intent("data")
    last = facts.last_purpose.get(person.id, "")
    found = classify(
        item.text,
        doi_pending=bool(facts.pending.get(person.id)),
        last_outbound="marketing" if not last or last in MARKETING else "service",
        country=person.country or "DE",
    )
    return Intent("why") if found.kind == "none" and asks_why(item.text) else found


def act(world: World, connection: Connection, turn: Turn, intent: Intent, facts: Known) -> None:
    """Do what the message asks for, in this transaction; the answer is queued like every message."""
    if intent.kind == "opt_out":
        _opt_out(world, connection, turn, everything=intent.scope == "all")
    elif intent.kind == "ask":
        _ask(world, connection, turn, facts)
    elif intent.kind == "erase":
        _ask_to_erase(world, connection, turn)
    elif intent.kind == "erase_now":
        erasure.erase_by_chat(world, connection, turn.person, turn.now)
    elif intent.kind == "keep_data":
        requests.keep_by_chat(connection, turn.person, turn.now)
    elif intent.kind == "keep":
        contacts.ask(connection, [turn.person.id], None)
    elif intent.kind == "opt_in":
        _opt_in(world, connection, turn, facts)
    elif intent.kind in ("confirm", "decline"):
        _answered(world, connection, turn, facts.pending.get(turn.person.id, ()), yes=intent.kind == "confirm")
    elif intent.kind == "order_answer":
        _answer_about_order(world, connection, turn)
    elif intent.kind == "data":
        reply = selfservice.answered(world, connection, turn.item, turn.person, turn.now)
        _reply(world, connection, turn, reply, "data_code")
    elif intent.kind == "why":
        _why(world, connection, turn)


def _opt_out(world: World, connection: Connection, turn: Turn, *, everything: bool) -> None:
    source = Source.CHAT_BUTTON if turn.item.payload else Source.KEYWORD
    withdrawal = Withdrawal(everything, turn.item.at, source, "customer", turn.evidence)
    withdraw(world, connection, [turn.person, *turn.also], withdrawal, turn.now)
    done = replies.optout_done(world.companies[turn.person.company].name, everything)
    _reply(world, connection, turn, done, "optout_confirmation")


def _ask(world: World, connection: Connection, turn: Turn, facts: Known) -> None:
    """Doubt pauses: marketing rests from now on, and one question with two buttons asks what was meant."""
    asked = turn.person.asked_at
    world.stops.note([person.id for person in (turn.person, *turn.also)])
    contacts.ask(connection, [person.id for person in (turn.person, *turn.also)], turn.now)
    if turn.person.id not in facts.asked and (asked is None or turn.now - asked > ASK_AGAIN):
        facts.asked.add(turn.person.id)
        question = replies.MEANT_STOP
        _reply(world, connection, turn, question, "question")


def _ask_to_erase(world: World, connection: Connection, turn: Turn) -> None:
    """Everything stops at once; deleting waits for a tap, because it cannot be undone."""
    withdrawal = Withdrawal(True, turn.item.at, Source.KEYWORD, "customer", turn.evidence)
    withdraw(world, connection, [turn.person, *turn.also], withdrawal, turn.now)
    requests.requested_by_chat(world, connection, turn.person, turn.evidence, turn.item.at)
    question = replies.DELETE_EVERYTHING
    _reply(world, connection, turn, question, "question")


def _opt_in(world: World, connection: Connection, turn: Turn, facts: Known) -> None:
    """START with a code is a consent to what stood beside the code; a bare START is shown the text first."""
    company = world.companies[turn.person.company]
    link = facts.links.get(start_code(turn.item.text) or "")
    shown = optin_links.wording_of(connection, company.slug, link.wording_hash) if link else None
    if link is None or shown is None:
        return _offer(world, connection, turn)
    grant = optin.own_grant(turn.person, link, shown, turn.item.at, turn.evidence, company.per_month)
    world.ledger.append(connection, [grant], turn.now)
    optin_links.came(connection, link.code)
    contacts.ask(connection, [turn.person.id], None)
    _claim_order(world, connection, turn)
    _welcome(world, connection, turn)


def _claim_order(world: World, connection: Connection, turn: Turn) -> None:
    """The thank-you link names the order: it belongs to this chat from now on, phone number or not."""
    code = order_code(turn.item.text)
    if code:
        mine = [slug for slug, shop in world.shops.items() if shop.company == turn.person.company]
        snapshots.claim(connection, mine, code, turn.person.id, turn.now - CLAIMABLE)


def _offer(world: World, connection: Connection, turn: Turn) -> None:
    company = world.companies[turn.person.company]
    language = language_for(world, turn.sender, turn.person)
    shown: Wording = links.standard_wording(company, MARKETING_SCOPES, language)
    grant = optin.own_grant(turn.person, None, shown, turn.item.at, turn.evidence, company.per_month)
    world.ledger.append(connection, [grant], turn.now)
    offer = replies.offer(shown.text)
    _reply(world, connection, turn, offer, "optin_offer")


def _answered(world: World, connection: Connection, turn: Turn, scopes: tuple[str, ...], *, yes: bool) -> None:
    """A "yes" or "no" to a request that waits; without one it means nothing."""
    if not scopes:
        return
    tapped = bool(turn.item.payload)
    if yes:
        optin.complete(world, connection, turn.person, scopes, turn.now)
    entry = optin.answered(turn.person, scopes, yes, turn.item.at, tapped, turn.evidence)
    world.ledger.append(connection, [entry], turn.now)
    if yes:
        contacts.ask(connection, [turn.person.id], None)
        _welcome(world, connection, turn)


def _welcome(world: World, connection: Connection, turn: Turn) -> None:
    reply = replies.signed_up(world.companies[turn.person.company].name)
    _reply(world, connection, turn, reply, "optin_confirmation")


def _why(world: World, connection: Connection, turn: Turn) -> None:
    language = language_for(world, turn.sender, turn.person)
    text = explanation.answer_for(world, connection, turn.person, language)
    _say(world, connection, turn, replying.plain(turn.sender, turn.person, text, "why", turn.said, language, turn.now))


def _answer_about_order(world: World, connection: Connection, turn: Turn) -> None:
    reply = about_order.answered(connection, turn.person, turn.item, turn.now)
    if reply:
        _reply(world, connection, turn, reply, "about_order")


def _reply(world: World, connection: Connection, turn: Turn, reply: Reply, kind: str) -> None:
    _say(world, connection, turn, replying.answer(world, turn.sender, turn.person, reply, kind, turn.said, turn.now))


def _say(world: World, connection: Connection, turn: Turn, message: Message) -> None:
    """Only send decides on an answer: until its body is dealt with, somebody unread writes."""
    queue.put(world, connection, [Candidate(message)], turn.now)
