"""Requests of people about their data (GDPR Art. 15 to 21), each with the day by which it must be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from integration.domain.contacts.contacts import Contact, e164
from integration.domain.shops.events import ObjectType, object_key
from integration.domain.shops.ports import PrivacyRequest
from integration.domain.text import Text
from integration.flow.world import World
from integration.store.ids import new_id
from integration.store.privacy import erasure, requests, shop_requests
from integration.store.privacy.requests import Request

KINDS = ("access", "erasure", "rectification", "restriction", "objection")
#: what a shop passes on, by the right that it is; one that has left its platform is erased person by person
RIGHTS = {"export": "access", "erase": "erasure", "shop": "erasure"}
#: how a request ended; after a colon stands the ground on which it was refused
ANSWERED, TAKEN_BACK, NOBODY, REFUSED = "answered", "taken_back", "nobody", "refused"
#: grounds on which erasure has to wait (GDPR Art. 17(3)): code and the sentence for the person
GROUNDS: Mapping[str, Text] = {
    "open_order": Text(
        "Eine Bestellung ist noch nicht abgeschlossen; sie wird mit diesen Daten erfüllt.",
        "An order is not finished yet; these data are needed to fulfil it.",
    ),
    "claim": Text(
        "Es gibt offene Ansprüche, zum Beispiel eine Reklamation oder eine unbezahlte Rechnung.",
        "There are open claims, for example a complaint or an unpaid invoice.",
    ),
    "legal_hold": Text(
        "Ein Gericht oder eine Behörde hat verlangt, die Daten aufzubewahren.",
        "A court or an authority has demanded that the data be kept.",
    ),
    "trade_letters": Text(
        "Nachrichten sind Handelsbriefe, die das Gesetz sechs Jahre aufzubewahren verlangt.",
        "Messages are trade letters, which the law demands to keep for six years.",
    ),
}
#: of what a person writes about a request
LONGEST_WORDS = 4_000
#: a reminder this long after a request came, and a last one
FIRST_REMINDER, LAST_REMINDER = timedelta(days=20), timedelta(days=27)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """How a request names a person; any may be missing. `email` is that of the shop's orders."""

    phone: str | None = None
    wa_user_id: str | None = None
    email: str | None = None
    orders: tuple[str, ...] = ()


def requested(
    world: World,
    connection: Connection,
    company: str,
    kind: str,
    who: Identifiers,
    source: str,
    received_at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> list[str]:
    """Note a request that came through a shop, a letter or the page; returns the ids of the requests.

    One per contact that the identifiers lead to; one without contact when they lead to nobody: it wants an answer too.
    """
    if kind not in KINDS:
        raise ValueError(f"no such request: {kind}")
    found = erasure.people(connection, company, who.phone, who.wa_user_id, who.email, who.orders)
    told = {**(detail or {}), "email": who.email, "phone": who.phone, "orders": list(who.orders)}
    concerned: list[str | None] = [*found] or [None]
    return [opened(world, connection, company, id_, kind, source, told, received_at) for id_ in concerned]


def passed_on(
    world: World, connection: Connection, slug: str, asked: Sequence[PrivacyRequest], at: datetime
) -> list[str]:
    """What people asked for through their shop becomes a request with its day of answer, each once; returns the ids."""
    shop, ids = world.shops[slug], []
    for one in shop_requests.add(connection, world.vault, slug, asked, at):
        phone = e164(one.phone, shop.context.country)
        who = Identifiers(phone=phone, email=one.email or None, orders=_objects(slug, one))
        told = {"shop": slug, "reference": one.reference, "asked": one.kind, "typed": one.phone}
        ids += requested(world, connection, shop.company, RIGHTS[one.kind], who, "shop", at, told)
    return ids


def _objects(slug: str, one: PrivacyRequest) -> tuple[str, ...]:
    """The keys of what the shop names: its orders, and the customer whose own consent it keeps."""
    orders = [object_key(slug, ObjectType.ORDER, id_) for id_ in one.orders]
    return (*orders, object_key(slug, ObjectType.CUSTOMER, one.customer_id)) if one.customer_id else tuple(orders)


def requested_by_chat(
    world: World, connection: Connection, person: Contact, evidence: Mapping[str, Any], at: datetime
) -> None:
    """Somebody wrote that their data be deleted; the same chat account is enough to know who asks."""
    if requests.open_of(connection, person.id, "erasure") is None:
        opened(world, connection, person.company, person.id, "erasure", "chat", evidence, at)


def keep_by_chat(connection: Connection, person: Contact, now: datetime) -> None:
    """The person tapped No: nothing is deleted, nothing is sent either."""
    wish = requests.open_of(connection, person.id, "erasure")
    if wish:
        requests.end(connection, wish.id, "done", TAKEN_BACK, now)


def by_staff(
    world: World, company: str, kind: str, who: Identifiers, source: str, received_at: datetime, note: str
) -> list[str]:
    """Staff enters what came by letter, e-mail or phone (`source`); returns the ids of the requests."""
    with world.database.write() as connection:
        return requested(world, connection, company, kind, who, source, received_at, {"note": note})


def details(world: World, wish: Request) -> dict[str, Any]:
    """What the request said. Raises SecretUnreadable."""
    told: dict[str, Any] = orjson.loads(world.vault.open(wish.detail, wish.id))
    return told


def add_words(world: World, connection: Connection, wish: Request, words: str) -> None:
    """The person says more about an open request; what was said before stays."""
    told = details(world, wish)
    more = "\n".join(part for part in (str(told.get("text") or ""), words) if part)[-LONGEST_WORDS:]
    requests.replace_detail(connection, wish.id, world.vault.seal(orjson.dumps({**told, "text": more}), wish.id))


def reference(wish: Request) -> str:
    """The number under which people speak of a request."""
    return f"LB-{wish.received_at:%Y}-{wish.id.replace('-', '')[-8:].upper()}"


def end(world: World, id_: str, outcome: str, ground: str = "") -> bool:
    """Note how an open request ended: `ANSWERED`, `NOBODY`, or `REFUSED` on a ground. False when it is not open."""
    with world.database.write() as connection:
        wish = requests.by_id(connection, id_)
        if wish is None or wish.state != "open":
            return False
        settle(world, connection, wish, world.clock())
        state = "refused" if outcome == REFUSED else "done"
        requests.end(connection, id_, state, f"{outcome}: {ground}" if ground else outcome, world.clock())
    return True


def end_kind(world: World, connection: Connection, contact_id: str, kind: str, now: datetime) -> None:
    """A person's open requests of one kind were just fulfilled."""
    while wish := requests.open_of(connection, contact_id, kind):
        settle(world, connection, wish, now)
        requests.end(connection, wish.id, "done", ANSWERED, now)


def settle(world: World, connection: Connection, wish: Request, now: datetime) -> None:
    """What came through a shop is noted as dealt with there, too."""
    told = details(world, wish)
    if told.get("reference"):
        shop_requests.handled(connection, world.vault, told["shop"], told["reference"], now)


def due(received_at: datetime) -> datetime:
    """One month later (GDPR Art. 12(3)): the same day, or the month's last."""
    year, month = received_at.year + received_at.month // 12, received_at.month % 12 + 1
    for day in range(received_at.day, 27, -1):
        try:
            return received_at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return received_at.replace(year=year, month=month, day=min(received_at.day, 27))


def opened(
    world: World,
    connection: Connection,
    company: str,
    contact_id: str | None,
    kind: str,
    source: str,
    detail: Mapping[str, Any],
    at: datetime,
    due_at: datetime | None = None,
) -> str:
    """Note a request; returns its id. `detail`, who asked in which words, is sealed."""
    id_ = new_id()
    sealed = world.vault.seal(orjson.dumps(dict(detail)), id_)
    requests.add(connection, Request(id_, company, contact_id, kind, source, sealed, at, due_at or due(at)))
    return id_
