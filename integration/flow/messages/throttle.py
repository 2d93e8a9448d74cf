"""How fast and to how many: one person's messages in order and apart, and Meta's limit of people per day.

The number's messages per second are the send loop's business (jobs/loops/sender.py). docs/reference/whatsapp.md section
2.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration.domain.consent.consent import Purpose
from integration.domain.messages.status import MessageStatus
from integration.flow.messages.decide import WINDOW, Answer, Question
from integration.flow.world import Sender, World
from integration.store.messages import daily_recipients, messages, queued
from integration.store.messages.messages import Message, Move

#: Meta allows one message to a person every 6 seconds, and lends the next 45 of them
GAP = timedelta(seconds=6)
LENT = 45
REMEMBERED = 5_000
REMEMBERED_FOR = timedelta(hours=1)
AWHILE = timedelta(seconds=1)
DAY = timedelta(hours=24)
#: advertising leaves this part of the people per day to orders and parcels
FOR_SERVICE = 0.2
#: who waits for a free place asks so often at most
ASK_AGAIN = timedelta(minutes=10)
#: an answer to what somebody wrote a moment ago does not wait behind a notice
ANSWERS = frozenset({Purpose.SUPPORT_REPLY, Purpose.OPTOUT_CONFIRMATION, Purpose.DOI_REQUEST})


class Pairs:
    """When the next message to each person may begin. In memory: one loop sends for a number, and a restart forgives.

    Messages are kept `GAP` apart, so that they arrive in order; answers may use what Meta lends. No second one begins
    while one is under way.
    """

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._waiting: dict[str, datetime] = {}
        self._flying: set[str] = set()

    def begin(self, contact_ids: Iterable[str], now: datetime) -> None:
        """A message to each of these persons begins."""
        for contact_id in contact_ids:
            self._flying.add(contact_id)
            self._due[contact_id] = max(self._due.get(contact_id, now), now) + GAP
        if len(self._due) > REMEMBERED:
            self._due = {person: due for person, due in self._due.items() if due > now}
        if len(self._waiting) > REMEMBERED:
            self._waiting = {p: until for p, until in self._waiting.items() if until + REMEMBERED_FOR > now}

    def wait(self, until: Mapping[str, datetime]) -> None:
        """A message to each of these persons is tried again then."""
        self._waiting |= until

    def waiting(self, contact_ids: Iterable[str], now: datetime) -> set[str]:
        """Those of them to whom a message may still wait for that: what tells of later facts stays behind it."""
        if not self._waiting:
            return set()
        return {id_ for id_ in contact_ids if id_ in self._waiting and self._waiting[id_] + REMEMBERED_FOR > now}

    def end(self, contact_id: str | None) -> None:
        """Meta has answered, or nobody waits for its answer any more."""
        self._flying.discard(contact_id or "")

    def free_at(self, contact_id: str, now: datetime, *, answer: bool) -> datetime:
        """The first moment for the next message to this person."""
        due = self._due.get(contact_id, now)
        if answer:
            due -= GAP * (LENT - 1)
        return max(due, now + AWHILE) if contact_id in self._flying else max(due, now)


@dataclass(slots=True)
class Limits:
    """What Meta allows a number now. `people_per_day` None: no limit is known, or there is none.

    `more` says that the last claim let fewer leave than it might, and that there are more to look at.
    """

    pairs: Pairs = field(default_factory=Pairs)
    people_per_day: int | None = None
    more: bool = False


def in_turn(connection: Connection, limits: Limits, questions: Sequence[Question], now: datetime) -> list[Question]:
    """One message per person, the one that tells of the earliest fact; the others wait their turn."""
    mine: list[Question] = []
    later: dict[str, list[Move]] = {}
    taken: dict[str, datetime] = {}
    first = _tried_again(connection, limits, questions, now)
    for question in sorted(questions, key=lambda q: q.message.occurred_at):
        message, person = question.message, question.contact.id
        free = limits.pairs.free_at(person, now, answer=message.purpose in ANSWERS)
        free = max(free, taken.get(person, now), _behind(message, first.get(person), now))
        if free > now:
            later.setdefault(person, []).append(Move(message, MessageStatus.QUEUED, "in_turn", free))
        else:
            mine.append(question)
        taken[person] = max(free, now) + GAP
    for moves in later.values():  # those that are not looked at now must not overtake them
        queued.follow(connection, moves[0].message, moves[0].send_after or now)
    messages.move(connection, [move for moves in later.values() for move in moves], now)
    order = {id(question): place for place, question in enumerate(questions)}
    return sorted(mine, key=lambda q: order[id(q)])


def _tried_again(
    connection: Connection, limits: Limits, questions: Sequence[Question], now: datetime
) -> dict[str, Message]:
    """The earliest message to each person that is to be tried again; asks only about people of whom that is known."""
    people = limits.pairs.waiting((q.contact.id for q in questions), now)
    return queued.first_tried(connection, people) if people else {}


def _behind(message: Message, first: Message | None, now: datetime) -> datetime:
    """When a message may begin whose person waits for another one that is tried again."""
    if first is None or message.purpose in ANSWERS or message.occurred_at <= first.occurred_at:
        return now
    return max(first.send_after, now) + AWHILE


def within_the_day(
    world: World, connection: Connection, limits: Limits, answers: Sequence[Answer], now: datetime
) -> list[Answer]:
    """Those for which Meta's number of people per day has a place; the others wait, advertising first."""
    if limits.people_per_day is None or not answers:
        return list(answers)
    sender = world.senders[answers[0].question.message.sender]
    outside = [a for a in answers if not _window_open(a, now)]
    if outside:
        daily_recipients.lock(connection, sender.account)
    known = daily_recipients.known(connection, sender.account, {a.question.contact.id for a in outside}, now - DAY)
    places = _Places(limits.people_per_day, daily_recipients.count(connection, sender.account, now - DAY))
    going: dict[str, None] = {}
    full = []
    for answer in sorted(outside, key=lambda a: a.question.message.advertises):
        person = answer.question.contact.id
        if person in known or person in going or places.take(advertising=answer.question.message.advertises):
            going[person] = None
        else:
            full.append(answer)
    # whoever counts already counts for another day: Meta looks back from now, not from the first message
    daily_recipients.note(connection, sender.account, list(going), now, now - DAY)
    if full:
        _put_off(connection, sender, [a.question.message for a in full], now)
    over = {id(answer) for answer in full}
    return [answer for answer in answers if id(answer) not in over]


class _Places:
    def __init__(self, limit: int, used: int) -> None:
        self._used, self._limit = used, limit
        self._for_advertising = int(limit * (1 - FOR_SERVICE))

    def take(self, *, advertising: bool) -> bool:
        if self._used >= (self._for_advertising if advertising else self._limit):
            return False
        self._used += 1
        return True


def _window_open(answer: Answer, now: datetime) -> bool:
    wrote = answer.question.contact.last_inbound_at
    return wrote is not None and now - wrote < WINDOW


def _put_off(connection: Connection, sender: Sender, found: Sequence[Message], now: datetime) -> None:
    oldest = daily_recipients.oldest(connection, sender.account, now - DAY) or now
    until = max(oldest + DAY, now + ASK_AGAIN)
    messages.move(connection, [Move(m, MessageStatus.QUEUED, "portfolio_limit", until) for m in found], now)
