"""Gathering what `decide` needs, for many messages at once. The only caller of `decide`.

react asks when it queues, send asks again in the transaction that marks *sending*; both come through `decide_all`
(docs/reference/design.md, Never 1: one code path).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration import log, metrics
from integration.domain.consent.account_binding import bound_account, is_linked
from integration.domain.consent.consent import ConsentEvent, ConsentType, Purpose, Situation, TemplateFacts
from integration.domain.consent.countries import policy_for
from integration.domain.consent.decision import RULES, Allow, Decision, Defer, Deny, decide
from integration.domain.consent.quiet_hours import zones_of
from integration.domain.consent.standing import OWN_MESSAGE
from integration.domain.contacts.contacts import Contact
from integration.domain.costs.pricing import Category, Price, Window, category_of
from integration.domain.hot_dataclass import lean
from integration.domain.messages.holds import Block, Scope, country_key, template_key
from integration.flow.messages.public_holidays import holidays_around
from integration.flow.world import World
from integration.store.consent import ledger
from integration.store.contacts import contacts as contact_store
from integration.store.messages import holds, sent
from integration.store.messages.holds import InForce
from integration.store.messages.messages import Message, Verdict
from integration.store.templates import templates
from integration.store.webhooks import inbox

#: Meta's service window: free text is possible this long after the customer wrote
WINDOW = timedelta(hours=24)
#: what a wording promises per month; unconfirmed sign-ups are forgotten after as long
MONTH = timedelta(days=30)
YEAR = timedelta(days=365)
#: denials that end by themselves: the message waits until it expires
WAITABLE = {"template_not_approved": timedelta(minutes=5), "template_flipped": timedelta(minutes=5)}
logger = log.get("deciding")
OUTCOMES: dict[type[Decision], str] = {Allow: "allow", Defer: "defer", Deny: "deny"}


@lean
class Question:
    """A message to decide on, to whom, and whether its facts still hold."""

    message: Message
    contact: Contact
    precondition: bool = True


@lean
class Answer:
    """The decision on a message, ready to store. `price` is what it will cost, when it may leave now."""

    question: Question
    decision: Decision
    verdict: Verdict
    price: Price | None = None


def decide_all(
    world: World, connection: Connection, questions: Sequence[Question], stage: str, resting: InForce | None = None
) -> list[Answer]:
    """Decide on many messages with set-wise reads, in the order given. `resting` spares a look if it is known."""
    now = world.clock()
    facts = _Facts(world, connection, questions, now)
    facts.resting = holds.in_force(connection, now) if resting is None else resting
    return [_answer(world, facts, question, stage, now) for question in questions]


def suppose_all(
    world: World, connection: Connection, questions: Sequence[Question]
) -> list[tuple[Question, Decision, Price]]:
    """What would have been decided on each message at its own time, were every template approved, and at which price.

    Stores nothing, and counts towards no limit.
    """
    facts = _Facts(world, connection, questions, world.clock())
    return [_supposed(world, facts, question) for question in questions]


def _supposed(world: World, facts: "_Facts", question: Question) -> tuple[Question, Decision, Price]:
    message, contact, at = question.message, question.contact, question.message.send_after
    category = Category.MARKETING if message.advertises else Category.UTILITY
    price = world.costs.prices.price(contact.country or "", category, Window.CLOSED, at)
    situation = replace(
        _situation(world, facts, question, at, price),
        template=TemplateFacts("APPROVED", category.name),
        cost_cap=None,
        cost_stop=None,
    )
    policy = policy_for(world.companies[contact.company].policy, contact.country)
    return question, decide(Purpose(message.purpose), facts.consents.get(contact.id, ()), situation, policy), price


class _Facts:
    """What the database says about everybody concerned."""

    def __init__(self, world: World, connection: Connection, questions: Sequence[Question], now: datetime) -> None:
        self.connection = connection
        people = {q.contact.id: q.contact for q in questions}
        subjects = contact_store.subjects(connection, people.values())
        self.consents: dict[str, list[ConsentEvent]] = {}
        self.unreadable: set[str] = set()
        self.suppressed: dict[tuple[str, str], str] = {}
        for company in {person.company for person in people.values()}:
            self._read_ledger(world, connection, company, subjects)
            listed = _listed(world, connection, company, people)
            self.suppressed |= {(company, identifier): reason for identifier, reason in listed.items()}
        self.broken = ledger.broken(connection)
        self.templates = _templates(world, connection, questions)
        self.writing = _writing(world, connection)
        advertised = [q.contact.id for q in questions if q.message.advertises]
        self.marketing, self.last_marketing = sent.marketing_sent(connection, advertised, now - MONTH)
        self.confirmations = _sent(connection, questions, Purpose.OPTOUT_CONFIRMATION, now - timedelta(hours=24))
        self.requests = _sent(connection, questions, Purpose.DOI_REQUEST, now - MONTH)
        self.resting = InForce()

    def count(self, message: Message, contact: Contact, now: datetime) -> None:
        """What leaves now counts for the rest of the batch, too: a cap is no matter of who comes with whom."""
        if message.advertises:
            self.marketing.setdefault(contact.id, []).append(now)
        elif message.purpose == Purpose.OPTOUT_CONFIRMATION:
            self.confirmations.setdefault(contact.id, []).append(now)

    def _read_ledger(self, world: World, connection: Connection, company: str, subjects: Mapping[str, str]) -> None:
        try:
            self.consents |= world.ledger.events(connection, company, subjects)
        except ValueError:  # a row that somebody has edited: only its person's messages wait for a repair
            for subject, contact_id in subjects.items():
                self._read_person(world, connection, company, subject, contact_id)

    def _read_person(self, world: World, connection: Connection, company: str, subject: str, contact_id: str) -> None:
        try:
            found = world.ledger.events(connection, company, {subject: contact_id}).get(contact_id, [])
            self.consents[contact_id] = self.consents.get(contact_id, []) + found
        except ValueError:
            self.unreadable.add(contact_id)
            metrics.UNREADABLE.inc()
            logger.error("ledger_unreadable", company=company, contact=contact_id)


def _listed(world: World, connection: Connection, company: str, people: Mapping[str, Contact]) -> dict[str, str]:
    known = [(p.phone, p.wa_user_id) for p in people.values() if p.company == company]
    identifiers = [identifier for pair in known for identifier in pair if identifier]
    return world.ledger.listed(connection, company, identifiers)


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
    connection: Connection, questions: Sequence[Question], purpose: Purpose, since: datetime
) -> dict[str, list[datetime]]:
    concerned = [q.contact.id for q in questions if q.message.purpose == purpose]
    return sent.counted(connection, concerned, {purpose}, since) if concerned else {}


def _answer(world: World, facts: _Facts, question: Question, stage: str, now: datetime) -> Answer:
    message, contact = question.message, question.contact
    price = _price(world, facts, question, now)
    situation = _situation(world, facts, question, now, price)
    policy = policy_for(world.companies[contact.company].policy, contact.country)
    decision = decide(Purpose(message.purpose), facts.consents.get(contact.id, ()), situation, policy)
    leaves = stage == "send" and isinstance(decision, Allow)
    if leaves:
        facts.count(message, contact, now)
        world.costs.take(contact.company, message.sender, price)
    return Answer(question, decision, _verdict(message, stage, decision, situation), price if leaves else None)


def _price(world: World, facts: "_Facts", question: Question, now: datetime) -> Price:
    message, contact = question.message, question.contact
    template = _template(facts, message)
    category = category_of(template.category) if template else Category.SERVICE
    country = contact.country or (contact.wa_user_id or "")[:2]
    window = Window.OPEN if _window_open(contact, now) else Window.CLOSED
    answers = 0 if template else world.costs.answers(facts.connection, message.sender, now)
    return world.costs.prices.price(country, category, window, now, answers)


def _window_open(contact: Contact, now: datetime) -> bool:
    return bool(contact.last_inbound_at and now - contact.last_inbound_at < WINDOW)


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
            "rules": RULES,
            "rule": message.rule,
        },
    )


def _situation(world: World, facts: _Facts, question: Question, now: datetime, price: Price) -> Situation:
    message, contact = question.message, question.contact
    marketing, caps = message.advertises, world.companies[contact.company].caps
    spent = world.costs.spent(facts.connection, contact.company, now) if caps else None
    identities = [(contact.company, i) for i in (contact.phone, contact.wa_user_id) if i]
    recent = facts.marketing.get(contact.id, [])
    ledger = facts.consents.get(contact.id, ())
    bsuid = _hash(world, contact.company, contact.wa_user_id)
    return Situation(
        now=now,
        company=contact.company,
        zones=zones_of(contact.phone, contact.country),
        country=contact.country,
        template=_template(facts, message),
        account=_hash(world, contact.company, contact.phone),
        bsuid=bsuid,
        consented_bsuid=bound_account(ledger, _hash(world, contact.company, contact.phone_from)) if bsuid else None,
        identity_linked=bsuid is not None and is_linked(ledger, bsuid),
        window_open=_window_open(contact, now),
        trigger_age=now - message.occurred_at,
        contains_promotion=message.promotion,
        precondition=question.precondition,
        expires_at=message.expires_at,
        item=message.item,
        # an unclear STOP that we asked about is not understood yet: marketing rests until it is answered
        unprocessed_inbound=(marketing and contact.asked_at is not None) or not facts.writing.isdisjoint(identities),
        suppressed=_suppressed(facts, message, identities),
        age=contact.age(now.date()),
        sent_last_24h=sum(now - at < timedelta(hours=24) for at in recent),
        sent_last_7d=sum(now - at < timedelta(days=7) for at in recent),
        sent_last_30d=len(recent),
        last_marketing_at=facts.last_marketing.get(contact.id),
        optout_confirmations_sent=len(facts.confirmations.get(contact.id, ())),
        doi_requests_sent=_requests(facts, message, contact, ledger, now),
        ledger=_ledger_state(facts, contact),
        holidays=holidays_around(now, contact.country, contact.region) if marketing else frozenset(),
        unreachable=contact.unreachable_until is not None and contact.unreachable_until > now,
        resting=_resting(world, facts, question) if facts.resting.parts else None,
        cost_cap=spent.until((caps.day, caps.month), price.amount) if spent else None,
        cost_stop=spent.until((caps.stop_day, caps.stop_month), price.amount) if spent else None,
    )


def _resting(world: World, facts: _Facts, question: Question) -> Block | None:
    """What rests now and holds this message back: its template, its country, or its number's advertising."""
    message, contact = question.message, question.contact
    template = _template(facts, message)
    advertises = message.advertises or (template is not None and template.category == "MARKETING")
    account = world.senders[message.sender].account
    keys = (
        (Scope.TEMPLATE, template_key(account, message.template or "", message.language)),
        (Scope.COUNTRY, country_key(message.sender, contact.country or "")),
        (Scope.MARKETING, message.sender if advertises else ""),
    )
    return next((found for scope, key in keys if (found := facts.resting.of(scope, key))), None)


def _requests(facts: _Facts, message: Message, contact: Contact, ledger: Sequence[ConsentEvent], now: datetime) -> int:
    """Confirmation requests that count: those sent within a month, and a "No" to one within a year."""
    if message.purpose != Purpose.DOI_REQUEST:
        return 0
    declined = (e for e in ledger if e.type is ConsentType.DECLINED and e.source in OWN_MESSAGE)
    return len(facts.requests.get(contact.id, ())) + sum(now - e.occurred_at < YEAR for e in declined)


def _suppressed(facts: _Facts, message: Message, identities: Sequence[tuple[str, str]]) -> bool:
    """Who objected before we knew them gets no advertising, and no request to confirm any.

    See docs/reference/law.md sections 5 and 6.
    """
    reasons = {facts.suppressed[i] for i in identities if i in facts.suppressed}
    if reasons <= ledger.MILD:
        asks = message.purpose == Purpose.DOI_REQUEST
        return bool(reasons) and (asks or (message.advertises and ledger.OBJECTED in reasons))
    return True


def _ledger_state(facts: _Facts, contact: Contact) -> str:
    if contact.id in facts.unreadable:
        return "unavailable"
    return "chain_broken" if contact.company in facts.broken else "ok"


def _template(facts: _Facts, message: Message) -> TemplateFacts | None:
    if not message.template:
        return None
    known = facts.templates[message.sender]
    return known.get((message.template, message.language)) or TemplateFacts("MISSING", "UTILITY")


def _hash(world: World, company: str, identifier: str | None) -> str | None:
    return world.vault.keyed_hash(company, identifier) if identifier else None
