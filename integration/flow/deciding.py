"""Gathering what `decide` needs, for many messages at once. The only caller of `decide`.

react asks when it queues, send asks again in the transaction that marks *sending*; both come through `decide_all`
(DESIGN.md, Never 1: one code path).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration.domain.consent import MARKETING, ConsentEvent, Purpose, Situation, TemplateFacts
from integration.domain.contacts import Contact
from integration.domain.decision import Allow, Decision, Defer, Deny, decide
from integration.domain.timing import zones_of
from integration.flow.world import World
from integration.store import contacts as contact_store
from integration.store import inbox, ledger, messages, templates
from integration.store.messages import Message, Verdict

#: Meta's service window: free text is possible this long after the customer wrote
WINDOW = timedelta(hours=24)
#: denials that end by themselves: the message waits until it expires
WAITABLE = {"template_not_approved": timedelta(minutes=5)}
OUTCOMES: dict[type[Decision], str] = {Allow: "allow", Defer: "defer", Deny: "deny"}


@dataclass(frozen=True, slots=True)
class Question:
    """A message to decide on, to whom, and whether its facts still hold."""

    message: Message
    contact: Contact
    precondition: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision on a message, ready to store."""

    question: Question
    decision: Decision
    verdict: Verdict


def decide_all(world: World, connection: Connection, questions: Sequence[Question], stage: str) -> list[Answer]:
    """Decide on many messages with set-wise reads, in the order given."""
    now = world.clock()
    facts = _Facts(world, connection, questions, now)
    return [_answer(world, facts, question, stage, now) for question in questions]


class _Facts:
    """What the database says about everybody concerned."""

    def __init__(self, world: World, connection: Connection, questions: Sequence[Question], now: datetime) -> None:
        people = {q.contact.id: q.contact for q in questions}
        subjects = contact_store.subjects(connection, people.values())
        self.consents: dict[str, list[ConsentEvent]] = {}
        self.suppressed: set[tuple[str, str]] = set()
        for company in {person.company for person in people.values()}:
            self.consents |= world.ledger.events(connection, company, subjects)
            self.suppressed |= {(company, i) for i in _suppressed(world, connection, company, people)}
        self.broken = ledger.broken(connection)
        self.templates = _templates(world, connection, questions)
        self.writing = _writing(world, connection)
        self.marketing = _sent(connection, questions, MARKETING, now - timedelta(days=30))
        confirmations = {Purpose.OPTOUT_CONFIRMATION}
        self.confirmations = _sent(connection, questions, confirmations, now - timedelta(hours=24))


def _suppressed(world: World, connection: Connection, company: str, people: Mapping[str, Contact]) -> set[str]:
    known = [(p.phone, p.wa_user_id) for p in people.values() if p.company == company]
    identifiers = [identifier for pair in known for identifier in pair if identifier]
    return world.ledger.suppressed(connection, company, identifiers)


def _templates(
    world: World, connection: Connection, questions: Sequence[Question]
) -> dict[str, dict[tuple[str, str], TemplateFacts]]:
    senders = {q.message.sender for q in questions if q.message.template}
    return {slug: templates.facts(connection, world.senders[slug].account) for slug in senders}


def _writing(world: World, connection: Connection) -> set[tuple[str, str]]:
    """(company, phone or BSUID) of everybody whose message lies in the inbox unread: it may be a STOP."""
    found = set()
    for body in inbox.waiting_messages(connection):
        sender = world.senders.get(body.endpoint)
        if sender:
            found |= {(sender.company, person) for person in sender.webhook.people(body.body)}
    return found


def _sent(
    connection: Connection,
    questions: Sequence[Question],
    purposes: set[Purpose] | frozenset[Purpose],
    since: datetime,
) -> dict[str, list[datetime]]:
    concerned = [q.contact.id for q in questions if q.message.purpose in purposes]
    return messages.counted(connection, concerned, purposes, since) if concerned else {}


def _answer(world: World, facts: _Facts, question: Question, stage: str, now: datetime) -> Answer:
    message, contact = question.message, question.contact
    situation = _situation(world, facts, question, now)
    policy = world.companies[contact.company].policy
    decision = decide(Purpose(message.purpose), facts.consents.get(contact.id, ()), situation, policy)
    return Answer(question, decision, _verdict(message, stage, decision, situation))


def _verdict(message: Message, stage: str, decision: Decision, situation: Situation) -> Verdict:
    template = situation.template
    return Verdict(
        message_id=message.id,
        stage=stage,
        outcome=OUTCOMES[type(decision)],
        reason=decision.reason,
        basis=decision.basis,
        facts={
            "category": template.category if template else None,
            "country": situation.country,
            "zones": list(situation.zones),
            "window_open": situation.window_open,
        },
    )


def _situation(world: World, facts: _Facts, question: Question, now: datetime) -> Situation:
    message, contact = question.message, question.contact
    wrote = contact.last_inbound_at
    identities = [(contact.company, i) for i in (contact.phone, contact.wa_user_id) if i]
    marketing = facts.marketing.get(contact.id, [])
    return Situation(
        now=now,
        company=contact.company,
        zones=zones_of(contact.phone, contact.country),
        country=contact.country,
        template=_template(facts, message),
        window_open=bool(wrote and now - wrote < WINDOW),
        trigger_age=now - message.occurred_at,
        precondition=question.precondition,
        expires_at=message.expires_at,
        unprocessed_inbound=any(identity in facts.writing for identity in identities),
        suppressed=any(identity in facts.suppressed for identity in identities),
        sent_last_24h=sum(now - at < timedelta(hours=24) for at in marketing),
        sent_last_7d=sum(now - at < timedelta(days=7) for at in marketing),
        sent_last_30d=len(marketing),
        optout_confirmations_sent=len(facts.confirmations.get(contact.id, ())),
        ledger="chain_broken" if contact.company in facts.broken else "ok",
        account=_hash(world, contact.company, contact.phone),
        bsuid=_hash(world, contact.company, contact.wa_user_id),
    )


def _template(facts: _Facts, message: Message) -> TemplateFacts | None:
    if not message.template:
        return None
    known = facts.templates[message.sender]
    return known.get((message.template, message.language)) or TemplateFacts("MISSING", "UTILITY")


def _hash(world: World, company: str, identifier: str | None) -> str | None:
    return world.vault.keyed_hash(company, identifier) if identifier else None
