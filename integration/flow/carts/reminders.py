"""Reminders of carts: decided on when their time has come, prepared right before they leave, stopped by what happens.

The sweep of carts calls `plan`; `Reminder` asks the shop once more, makes the voucher and words the message
(flow.messages.prepare); react calls `stop` in the transaction of the order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from integration.domain.automations.vouchers import Offer, VoucherStatus, offered
from integration.domain.carts import reminders as rules
from integration.domain.carts.carts import EXPIRES_AFTER, Arm, Cart
from integration.domain.carts.reminders import KIND, CartRule
from integration.domain.contacts.contacts import Contact
from integration.domain.messages.status import MessageStatus
from integration.domain.notifications import BY_KIND, message_key, subject_of
from integration.domain.shops.events import ObjectType, Snapshot, object_key
from integration.domain.shops.facts import CartStatus
from integration.domain.shops.ports import VoucherTerms
from integration.domain.templates.parts import GOODS
from integration.domain.text import language_of
from integration.flow.automations import vouchers
from integration.flow.carts import settings
from integration.flow.messages.compose import About, dressed
from integration.flow.messages.preparers import ASK_AGAIN, Later, Never, Ready
from integration.flow.messages.queue import Candidate, put
from integration.flow.templates.templates import serving
from integration.flow.world import Shop, World
from integration.store.carts import carts
from integration.store.contacts import contacts
from integration.store.conversations import inbound
from integration.store.ids import new_id
from integration.store.messages import messages, queued
from integration.store.messages.messages import Message
from integration.store.shops import products, refetches, shops, snapshots

#: so many drafts and devices of one person the shop is asked about, the newest first
ASKED_ABOUT = 4
HELD_OUT = "holdout"


@dataclass(frozen=True, slots=True)
class _Case:
    """A cart whose reminder is due, and what is known of its person."""

    cart: Cart
    contact: Contact | None
    reason: str


def plan(world: World, connection: Connection, found: Sequence[Cart], now: datetime) -> list[Cart]:
    """Decide on the reminders that are due, queue them or say why not; the carts as they are then."""
    due = [item for item in found if rules.is_due(item, now)]
    if not due:
        return list(found)
    held = {item.contact_id for item in due if item.contact_id}
    contacts.lock(connection, sorted(held))
    cases = _cases(world, connection, due, now)
    after = {case.cart.id: replace(case.cart, remind_at=None) for case in cases if case.reason == rules.ENOUGH}
    after |= _decided(world, connection, [case for case in cases if case.reason != rules.ENOUGH], now)
    return [after.get(item.id, item) for item in found]


def _cases(world: World, connection: Connection, due: Sequence[Cart], now: datetime) -> list[_Case]:
    people = contacts.by_id(connection, {item.contact_id for item in due if item.contact_id})
    others = carts.of_people(connection, people)
    connected = shops.connected_at(connection)
    wrote = inbound.conversed(connection, list(people), min(item.changed_at for item in due))
    found = []
    for item in due:
        person = people.get(item.contact_id or "")
        reason = rules.forbidden(item, connected.get(item.shop), person.country if person else None)
        if person and not reason:
            reason = rules.outdone(item, others.get(person.id, ()), now)
            reason = reason or ("replied" if wrote.get(person.id, item.changed_at) > item.changed_at else "")
        found.append(_Case(item, person, reason))
    return found


def _decided(world: World, connection: Connection, cases: Sequence[_Case], now: datetime) -> dict[str, Cart]:
    """What becomes of each cart, by id; people are told of by a message, also by one that is held back."""
    facts = snapshots.by_key(connection, [_face_key(case.cart) for case in cases])
    made = {c.cart.id: _message(world, c, facts.get(_face_key(c.cart)), now) for c in cases if c.contact}
    known = messages.known_keys(connection, [item.key for item in made.values()])
    held_out = _holdouts(world, connection, cases)
    fresh = {
        case.cart.id: Candidate(made[case.cart.id], case.contact, case.reason, held_out.get(case.cart.id, ""))
        for case in cases
        if case.cart.id in made and made[case.cart.id].key not in known
    }
    stored = dict(zip(fresh, put(world, connection, list(fresh.values()), now), strict=True))
    return {case.cart.id: _after(case, stored.get(case.cart.id), now) for case in cases}


def _after(case: _Case, stored: Message | None, now: datetime) -> Cart:
    if stored is None:
        return rules.asked(case.cart, case.reason, None, now)
    return rules.asked(case.cart, _reason(stored), _arm(stored), now)


def _holdouts(world: World, connection: Connection, cases: Sequence[_Case]) -> dict[str, str]:
    """The carts of people who get no reminders, for comparison: a keyed hash decides, always alike."""
    known = settings.of(connection, [case.cart.shop for case in cases])
    return {
        case.cart.id: HELD_OUT
        for case in cases
        if case.contact
        and known[case.cart.shop].holdout
        and rules.is_held_out(world.vault.keyed_hash(case.contact.company, f"holdout:{case.contact.subject}"))
    }


def _reason(stored: Message) -> str:
    return (stored.reason or "") if stored.status == MessageStatus.SUPPRESSED else ""


def _arm(stored: Message) -> Arm | None:
    if stored.reason == HELD_OUT:
        return Arm.HOLDOUT
    return Arm.REMINDER if stored.status == MessageStatus.QUEUED else None


def _message(world: World, case: _Case, cart: Snapshot | None, now: datetime) -> Message:
    shop, person = world.shops[case.cart.shop], case.contact
    language = language_of(person.locale if person else "", shop.language)
    words = _words(shop, person, cart, language, {}) if cart else {}
    template = serving(world, shop, KIND, language, words)
    step = case.cart.steps + 1
    return Message(
        id=new_id(),
        company=shop.company,
        sender=shop.sender,
        shop=shop.slug,
        contact_id=person.id if person else None,
        object_type=ObjectType.CART,
        object_id=case.cart.id,
        kind=KIND,
        purpose=BY_KIND[KIND].purpose,
        key=_key(shop, case.cart.id, step),
        template=template.name,
        language=template.language,
        variables=words,
        occurred_at=case.cart.changed_at,
        send_after=now,
        expires_at=case.cart.changed_at + EXPIRES_AFTER,
    )


def _words(
    shop: Shop, person: Contact | None, cart: Snapshot, language: str, more: Mapping[str, str]
) -> Mapping[str, str]:
    return BY_KIND[KIND].variables(subject_of(shop.name, language, {ObjectType.CART: cart.facts}, person, more))


def _key(shop: Shop, cart_id: str, step: int) -> str:
    return message_key(shop.company, KIND, shop.slug, cart_id, step)


def _face_key(cart: Cart) -> str:
    return object_key(cart.shop, ObjectType.CART, cart.face.id)


def stop(world: World, connection: Connection, changed: Sequence[Cart], joined: Iterable[Cart], now: datetime) -> None:
    """Cancel the reminders of carts that were bought, emptied, or joined to another, in this transaction."""
    over: dict[str, list[Cart]] = {}
    for item in changed:
        if item.steps and item.state in rules.STOPS:
            over.setdefault(rules.STOPS[item.state], []).append(item)
    if gone := [item for item in joined if item.steps]:
        over["superseded"] = gone
    if not over:
        return
    contacts.lock(connection, sorted({c.contact_id for found in over.values() for c in found if c.contact_id}))
    for reason, found in over.items():
        keys = [_key(world.shops[c.shop], c.id, n + 1) for c in found for n in range(c.steps)]
        queued.cancel_keys(connection, keys, reason, now)


class Reminder:
    """How a cart's reminder is prepared: the last look at the shop is the one right before it leaves."""

    keeps = timedelta(seconds=60)

    def prepare(self, world: World, item: Message) -> Ready | Later | Never:
        """Ask the shop whether anybody bought, make the voucher, word the message. May raise ShopError."""
        now = world.clock()
        with world.database.read() as connection:
            cart = next(iter(carts.by_id(connection, [item.object_id or ""])), None)
            reason = rules.pointless(cart) or _overtaken(connection, item, cart, now)
            rule = settings.of(connection, [item.shop or ""])[item.shop or ""]
            parts = _parts(connection, cart) if cart else []
            person = contacts.by_id(connection, [item.contact_id or ""]).get(item.contact_id or "")
            in_stock = _in_stock(connection, parts[0]) if parts else []
        if cart is None or reason or not parts:
            return Never(reason or "superseded")
        if not rule.on:
            return Never("kind_off")
        if (earliest := cart.changed_at + rule.delay) > now:
            return Later("cart_active", earliest)
        if not in_stock:
            return Never("cart_sold_out")
        if bought := _bought(world, item.shop or "", parts, now):
            _learn(world, item.shop or "", bought, now)
            return Never("bought")
        return self._worded(world, item, cart, parts[0], in_stock, person, rule)

    def last_look(self, connection: Connection, items: Sequence[Message], now: datetime) -> set[str]:
        """Those whose carts nobody changes now and nothing came of; they count as reminded from here on."""
        by_cart = {item.object_id: item.id for item in items}
        found = carts.by_id(connection, [id_ for id_ in by_cart if id_], free=True)
        leaving = [cart for cart in found if rules.may_leave(cart)]
        known = settings.of(connection, [cart.shop for cart in leaving])
        carts.save(connection, [rules.reminded(c, known[c.shop], now) for c in leaving], leaving)
        return {by_cart[cart.id] for cart in leaving}

    def _worded(
        self,
        world: World,
        item: Message,
        cart: Cart,
        shown: Snapshot,
        in_stock: Sequence[Mapping[str, object]],
        person: Contact | None,
        rule: CartRule,
    ) -> Ready | Later:
        shop = world.shops[cart.shop]
        code, note, more = "", "", {}
        if rule.offer:
            made = vouchers.issue(world, shop.slug, _key(shop, cart.id, 1), person, _terms(world, shop, shown, rule))
            if made.status is not VoucherStatus.CREATED:
                return Later("voucher_waits", world.clock() + ASK_AGAIN)
            code, note = made.terms.code, offered(made.terms, item.language, _zone(world, shop))
            more = {"code": code, "ends": made.terms.expires_at.isoformat()}
        link = shop.connector.way_back(shown.facts["recovery_url"], code)
        facts = Snapshot(
            shown.shop, shown.object_type, shown.object_id, shown.version, {**shown.facts, "items": in_stock}
        )
        goods = _goods(world, shop.slug, in_stock)
        words = {
            **_words(shop, person, facts, item.language, {"note": note, "link": link, **more}),
            **dict(zip(GOODS, goods.values(), strict=False)),
        }
        return dressed(world, item, words, About(article=_article(in_stock), goods=list(goods)))


def _goods(world: World, shop: str, items: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """What articles of the cart are called that have a picture, by their id: each once, for cards to swipe through."""
    named = {str(item.get("variant_id") or item.get("product_id") or ""): str(item["name"]) for item in items}
    with world.database.read() as connection:
        known = {id_: products.find(connection, shop, id_) for id_ in list(named)[: len(GOODS)] if id_}
    return {id_: named[id_] or found.name for id_, found in known.items() if found and found.picture}


def _article(items: Sequence[Mapping[str, object]]) -> str:
    """The article whose picture stands for the cart: the first one that can be bought."""
    ids = (str(item.get("variant_id") or item.get("product_id") or "") for item in items)
    return next(filter(None, ids), "")


def _overtaken(connection: Connection, item: Message, cart: Cart | None, now: datetime) -> str:
    """Whether the person wrote since, or another cart of theirs comes first."""
    if cart is None or not item.contact_id:
        return ""
    if inbound.conversed(connection, [item.contact_id], cart.changed_at):
        return "replied"
    others = carts.of_people(connection, [item.contact_id]).get(item.contact_id, [])
    return rules.outdone(cart, others, now)


def _parts(connection: Connection, cart: Cart) -> list[Snapshot]:
    """The filled drafts and devices of a cart as the shop showed them last, the newest first."""
    filled = [part for part in cart.parts if part.status is CartStatus.OPEN]
    newest = sorted(filled, key=lambda part: (part.changed_at, part.id), reverse=True)
    keys = [object_key(cart.shop, ObjectType.CART, part.id) for part in newest[:ASKED_ABOUT]]
    known = snapshots.by_key(connection, keys)
    return [known[key] for key in keys if key in known]


def _in_stock(connection: Connection, cart: Snapshot) -> list[Mapping[str, object]]:
    """The items that can still be bought; what we know nothing about counts as such."""
    found = []
    for item in cart.facts["items"]:
        id_ = item.get("variant_id") or item.get("product_id")
        known = products.find(connection, cart.shop, id_) if id_ else None
        if known is None or known.in_stock:
            found.append(item)
    return found


def _bought(world: World, shop: str, parts: Sequence[Snapshot], now: datetime) -> str:
    """The order that the person placed meanwhile, by the shop's own word; "" when there is none."""
    link = vouchers.link_of(world, shop)
    return next((order for part in parts if (order := link.bought_since(part, now))), "")


def _learn(world: World, shop: str, order_id: str, now: datetime) -> None:
    """The shop has an order that we have not heard of: read it soon."""
    with world.database.write() as connection:
        refetches.want(connection, shop, [(ObjectType.ORDER, order_id)], now)


def _terms(world: World, shop: Shop, cart: Snapshot, rule: CartRule) -> VoucherTerms:
    """The owner's offer to this person."""
    offer = rule.offer or Offer(0)
    return offer.terms(world.clock(), _zone(world, shop), cart.facts["customer_id"])


def _zone(world: World, shop: Shop) -> ZoneInfo:
    return ZoneInfo(world.companies[shop.company].time_zone)
