"""What follows when Meta refuses a message: for the message, its person, its template and its number.

A refusal comes with the answer to a request (flow.send) or hours later by webhook (flow.answer). Both find the action
in the connector's table and come here, in the transaction that stores it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from integration import log, metrics
from integration.domain.actions import Action
from integration.domain.consent.consent import MARKETING, ConsentType, Source
from integration.domain.contacts.contacts import Contact
from integration.domain.hot_dataclass import lean
from integration.domain.messages.channel import StatusUpdate
from integration.domain.messages.components import media_ids
from integration.domain.messages.holds import REASONS, Block, Scope, country_key, template_key
from integration.domain.messages.refusals import (
    COUNTRY_REST,
    MARKETING_REST,
    UNREACHABLE,
    Case,
    Consequence,
    Refusal,
    consequence,
)
from integration.domain.messages.status import MessageStatus
from integration.flow.templates import retemplating
from integration.flow.world import World
from integration.store import db
from integration.store.consent.ledger import Entry
from integration.store.contacts import contacts
from integration.store.messages import holds, messages, preparing, queued, sent
from integration.store.messages.messages import Message, Result
from integration.store.numbers import numbers, paused
from integration.store.templates import media_ids as media_store

logger = log.get("refusals")
STOPPING = (Action.STOP_TEMPLATE, Action.HOLD_TEMPLATE)
#: after these the same message is tried again by itself, and what its person is told later stays behind it
AGAIN = (Action.RETRY, Action.THROTTLE, Action.PAIR, Action.SLOW_ACCOUNT, Action.PAUSE_SENDER, Action.NEXT_DAY)
#: token or permission; also those of somebody between us and Meta
OF_THE_TOKEN = frozenset({0, 190, 3, 10, 131005, *range(200, 300), 401, 403, 407})
#: Meta's codes for media that it could not load or take
MEDIA_REFUSED = frozenset({131052, 131053})
#: and those by which it may mean that it knows no such medium any more: one that it lost before its time
MEDIA_LOST = frozenset({100, 131009})


@lean
class Judged:
    """A refused message, why, and what becomes of it. `detail` is what Meta said, without people."""

    message: Message
    refusal: Refusal
    consequence: Consequence
    detail: str = ""


def judge(connection: Connection, results: Sequence[Result]) -> dict[int, Judged]:
    """What becomes of the refused ones among these results, by the result's id(); asks nobody when there are none."""
    refused = {id(r): (r.attempt.message_id, r.attempt.n, r.refusal, r.error) for r in results if r.refusal}
    if not refused:
        return {}
    ids = [message_id for message_id, *_ in refused.values()]
    known = {m.id: m for m in messages.by_id(connection, ids)}
    before = sent.refused_before(connection, ids)
    return {
        key: _judged(known[message_id], refusal, n, before.get((message_id, refusal.code), 0), error or "")
        for key, (message_id, n, refusal, error) in refused.items()
        if message_id in known
    }


def judge_statuses(connection: Connection, failed: Mapping[str, StatusUpdate]) -> list[Judged]:
    """What becomes of messages whose failure was told by webhook just now, by message id."""
    if not failed:
        return []
    before = sent.refused_before(connection, failed)
    found = []
    for message in messages.by_id(connection, list(failed)):
        u = failed[message.id]
        code = u.error_code or 0
        refusal = Refusal(code, u.action or Action.FAIL, u.wait, u.tries, u.at)
        # this failure is stored already, so it is not one that came before
        earlier = max(0, before.get((message.id, code), 0) - 1)
        found.append(_judged(message, refusal, message.tries, earlier, u.error_title))
    return found


def _judged(message: Message, refusal: Refusal, n: int, before: int, detail: str) -> Judged:
    case = Case(n, before, message.advertises, message.expires_at)
    if refusal.code in MEDIA_LOST and media_ids(message.components):
        refusal = replace(refusal, action=Action.RETRY, wait=5, tries=2)
    return Judged(message, refusal, consequence(refusal, case), detail)


def settled(result: Result, judged: Judged | None) -> Result:
    """The result with what becomes of its message."""
    if judged is None:
        return result
    end = judged.consequence
    return replace(result, status=end.status, reason=end.reason, send_after=end.send_after)


def requeue(connection: Connection, found: Iterable[Judged], now: datetime) -> None:
    """Messages that failed by webhook and may be tried again wait for that."""
    for item in found:
        end = item.consequence
        if end.status is MessageStatus.QUEUED and end.send_after:
            queued.requeue(connection, item.message.id, end.reason, max(end.send_after, now), now)


def for_people(world: World, connection: Connection, found: Collection[Judged], now: datetime) -> None:
    """What follows for the persons; it locks them, so it comes before anything that locks messages."""
    stopped = {j.message.contact_id: j.refusal.at for j in found if j.refusal.action is Action.OPT_OUT}
    for contact_id, at in stopped.items():
        if contact_id:
            # dated as Meta dates it: a repeated webhook must not stop again who has resumed since
            platform_stop(world, connection, [contact_id], at)
    ids = {j.message.contact_id for j in found if j.refusal.action is Action.UNDELIVERABLE and j.message.contact_id}
    people = contacts.by_id(connection, ids).values()
    contacts.lock(connection, [person.id for person in people])
    contacts.unreachable(connection, {p.id: now + UNREACHABLE[p.unreachable_until is not None] for p in people})


def follow(world: World, connection: Connection, found: Iterable[Judged], now: datetime) -> None:
    """What follows for number, advertising, country, template and account, and for what waits behind the message."""
    for item in found:
        action, message = item.refusal.action, item.message
        if item.refusal.code in MEDIA_REFUSED | MEDIA_LOST:
            _upload_anew(connection, message)
        if action is Action.PAUSE_SENDER:
            pause(connection, message.sender, item.refusal.code, item.detail, now)
        elif block := _block(world, connection, item, now):
            rest(world, connection, block)
            _find_another_text(world, connection, item, block, now)


def tried_again(found: Iterable[Judged]) -> list[tuple[Message, datetime]]:
    """The refused messages that are tried again by themselves, and when."""
    return [
        (j.message, j.consequence.send_after) for j in found if j.refusal.action in AGAIN and j.consequence.send_after
    ]


def keep_order(connection: Connection, found: Iterable[tuple[Message, datetime]]) -> dict[str, datetime]:
    """Let what tells its person of later facts wait behind these messages; returns who waits until when.

    Behind advertising only advertising waits, perhaps for days.
    """
    behind: dict[str, datetime] = {}
    for message, until in found:
        if message.contact_id:
            queued.follow(connection, message, until)
        if message.contact_id and not message.advertises:
            behind[message.contact_id] = max(until, behind.get(message.contact_id, until))
    return behind


def _upload_anew(connection: Connection, message: Message) -> None:
    """Meta could not load or take a medium: its id is of no use to anybody, and the message gets a fresh one."""
    if ids := media_ids(message.components):
        media_store.drop(connection, message.sender, ids)
        preparing.unprepare(connection, message)


def _find_another_text(world: World, connection: Connection, item: Judged, block: Block, now: datetime) -> None:
    """What waits for a text that Meta refuses goes on in another one; so does the message that was refused for it."""
    if block.scope is not Scope.TEMPLATE:
        return
    world.catalogue.forget()
    failed = item.consequence.status is MessageStatus.FAILED
    if failed and now < item.message.expires_at and retemplating.has_another(world, connection, item.message):
        queued.requeue(connection, item.message.id, block.reason, now, now)
    retemplating.move(world, connection, now)


def pause(connection: Connection, sender: str, code: int, detail: str, now: datetime) -> None:
    """Stop a number that Meta refused until its cause is gone; its messages wait and expire.

    What Meta says of it is read anew: perhaps a lower limit, or a permission less.
    """
    numbers.read_soon(connection, sender)
    paused.pause(connection, sender, code, detail, now)
    metrics.PAUSED.labels(sender).set(1)
    logger.error("sender_paused", sender=sender, code=code)


def _block(world: World, connection: Connection, item: Judged, now: datetime) -> Block | None:
    action, message, code = item.refusal.action, item.message, item.refusal.code
    account = world.senders[message.sender].account if message.sender in world.senders else message.sender
    if action is Action.PAUSE_MARKETING:
        return Block(Scope.MARKETING, message.sender, code, now, now + MARKETING_REST)
    if action is Action.SLOW_ACCOUNT and item.consequence.send_after:
        return Block(Scope.ACCOUNT, account, code, now, item.consequence.send_after)
    if action in STOPPING and message.template:
        return Block(Scope.TEMPLATE, template_key(account, message.template, message.language), code, now)
    if action is Action.PAUSE_COUNTRY and message.contact_id:
        person = contacts.by_id(connection, [message.contact_id]).get(message.contact_id)
        country = person.country if person else None
        if country:
            return Block(Scope.COUNTRY, country_key(message.sender, country), code, now, now + COUNTRY_REST)
    return None


def rest(world: World, connection: Connection, new: Block) -> None:
    """Let something rest, and what waits for it wait for its end."""
    holds.put(connection, new)
    put_off = queued.put_off(connection, new, _senders(world, new))
    logger.error("resting", scope=new.scope, key=new.key, code=new.code, messages=put_off)


def _senders(world: World, found: Block) -> list[str]:
    """The numbers that a block is about."""
    owner = found.key.partition("/")[0]
    if found.scope in (Scope.MARKETING, Scope.COUNTRY):
        return [owner]
    return [slug for slug, sender in world.senders.items() if sender.account == owner]


def resume_number(connection: Connection, sender: str) -> None:
    """Let a paused number send again; what expired meanwhile is dropped, the rest is decided anew."""
    paused.resume(connection, sender)
    db.announce(connection, "due")
    metrics.PAUSED.labels(sender).set(0)
    logger.info("sender_resumed", sender=sender)


def renewed(connection: Connection, slugs: Collection[str]) -> None:
    """These numbers have a token that Meta accepts: those that were paused for want of one go on."""
    for slug, code in paused.paused(connection).items():
        if slug in slugs and code in OF_THE_TOKEN:
            resume_number(connection, slug)


def resume(connection: Connection, scope: Scope, key: str, now: datetime) -> bool:
    """Let it go on: what waited is decided anew at once. False when it did not rest."""
    if not holds.lift(connection, scope, key):
        return False
    queued.release(connection, REASONS[scope], now)
    db.announce(connection, "due")
    logger.info("resumed", scope=scope, key=key)
    return True


def platform_stop(world: World, connection: Connection, contact_ids: Sequence[str], at: datetime) -> None:
    """Append Meta's stop to the ledger and cancel queued marketing, in this transaction."""
    db.lock_people(connection)
    contacts.lock(connection, contact_ids)
    people = contacts.by_id(connection, contact_ids).values()
    world.ledger.append(connection, [_stop_entry(person, at) for person in people], world.clock())
    for person in people:
        queued.cancel_for_contact(connection, person.id, MARKETING, "platform_stop", world.clock())
        world.stops.note([person.id])


def _stop_entry(person: Contact, at: datetime) -> Entry:
    return Entry.of(
        person,
        ConsentType.PLATFORM_STOP,
        purposes=("*marketing",),
        occurred_at=at,
        source=Source.CHANNEL,
        actor="meta",
        payload={"phone": person.phone, "wa_user_id": person.wa_user_id},
    )
