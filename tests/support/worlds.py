"""A world for tests: real databases and flow, a shop that speaks plain JSON, a channel that remembers."""

from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson

from integration.domain.consent.consent import Policy
from integration.domain.errors import Malformed
from integration.domain.messages.channel import Accepted, Envelope, MetaUpdate, RemoteTemplate
from integration.domain.numbers.numbers import BusinessProfile, NumberChoice, NumberFacts
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import Finding, ShopContext, Translation, Verdict
from integration.domain.templates.templates import Template, all_templates
from integration.flow.costs.costs import Costs
from integration.flow.messages.inbound_rate import InboundRate
from integration.flow.messages.recent_optouts import RecentOptOuts
from integration.flow.templates.selection import Catalogue
from integration.flow.world import Company, Sender, Shop, World
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.shops import shops
from integration.store.templates import templates
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
WORDING = "Bestell-Updates per WhatsApp: Laden darf mir Infos zu meinen Bestellungen per WhatsApp schicken."


@dataclass
class Clock:
    """A clock that tests move."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class PlainShop:
    """A platform whose body is a list of snapshots as JSON; "bad", "deleted", "thin", "fault" do what they say."""

    platform = "plain"

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Verdict:
        return Verdict.VERIFIED

    def topic(self, headers: Mapping[str, str]) -> str:
        return "snapshots"

    def delivery(self, headers: Mapping[str, str]) -> str:
        return ""

    def kept_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {}

    def way_back(self, url: str, voucher: str) -> str:
        return f"{url}&voucher={voucher}" if voucher else url

    def translate(self, topic: str, body: bytes, shop: ShopContext, received_at: datetime) -> Translation:
        if topic == "bad":
            raise Malformed("bad")
        if topic == "deleted":
            return Translation(note="gone", gone=body.decode())
        if topic == "thin":
            return Translation(note="thin", reread=((ObjectType.ORDER, body.decode()),))
        if topic == "fault":
            raise ZeroDivisionError
        found = [
            Snapshot(shop.slug, ObjectType(s["type"]), s["id"], datetime.fromisoformat(s["version"]), s["facts"])
            for s in orjson.loads(body)
        ]
        return Translation(tuple(found), "" if found else "no_notification")


class PlainWebhook:
    """Meta's webhooks are tested elsewhere; here an update is handed over by a registered number."""

    def __init__(self) -> None:
        self.updates: list[tuple[MetaUpdate, set[str]]] = []

    def verify(self, signature: str, body: bytes, app_secret: str) -> bool:
        return True

    def register(self, update: MetaUpdate) -> bytes:
        people = {p for m in update.messages for p in (m.phone, m.wa_user_id) if p}
        self.updates.append((update, people))
        return str(len(self.updates) - 1).encode()

    def parse(self, body: bytes) -> tuple[MetaUpdate, ...]:
        if body == b"bad":
            raise Malformed("bad")
        return (self.updates[int(body)][0],)

    def people(self, body: bytes) -> set[str]:
        return set() if body == b"bad" else self.updates[int(body)][1]


def meta_id(phone: str, unique: str, kind: bytes = b"\x11\x18") -> str:
    """A message id as Meta makes them: base64 around the phone. What is sent has 0x11, what comes 0x12."""
    number, drawn = phone.removeprefix("+").encode(), sha256(unique.encode()).hexdigest()[:18].upper().encode()
    parts = (b"\x1c\x18", bytes([len(number)]), number, b"\x15\x02\x00", kind, bytes([len(drawn)]), drawn, b"\x00")
    return "wamid." + b64encode(b"".join(parts)).decode()


@dataclass
class RememberingChannel:
    """Accepts everything; `fates` maps a phone to an exception to raise."""

    sent: list[Envelope] = field(default_factory=list)
    fates: dict[str, Exception] = field(default_factory=dict)

    async def send(self, envelope: Envelope) -> Accepted:
        if fate := self.fates.get(envelope.to or ""):
            raise fate
        self.sent.append(envelope)
        return Accepted(meta_id(envelope.to or "", envelope.attempt_id))

    async def close(self) -> None:
        return None


class NoAccount:
    """The management side is tested with the connector."""

    def templates(self) -> list[RemoteTemplate]:
        return []

    def create_template(self, template: Template, samples: Mapping[str, str]) -> None:
        return None

    def unpause(self, name: str, language: str) -> None:
        return None

    @property
    def takes_samples(self) -> bool:
        return True

    def sample(self, content: bytes, mime: str) -> str:
        return f"4:sample:{mime}"

    def healthy(self) -> bool:
        return True

    def facts(self) -> NumberFacts:
        return NumberFacts()

    def choices(self) -> list[NumberChoice]:
        return []

    def connect(self, address: str, verify_token: str, others: Collection[str] = ()) -> list[Finding]:
        return []

    def upload(self, content: bytes, mime: str) -> str:
        return "1"

    def download(self, media_id: str, most: int) -> bytes:
        return b""

    def profile(self) -> BusinessProfile:
        return BusinessProfile()

    def change_profile(self, profile: BusinessProfile) -> None:
        return None

    def change_picture(self, content: bytes, mime: str) -> None:
        return None


class NoLinks:
    """A world in which no shop has an API."""

    def link(self, shop: str) -> Any:
        return None

    def hook(self, shop: str) -> Any:
        return None

    def webhook_secrets(self, shop: str) -> list[str]:
        return []

    def may_ask(self, shop: str) -> bool:
        return False

    def ask(self, shop: str) -> str:
        raise LookupError(shop)

    def granted(self, shop: str, body: bytes) -> bool:
        return False

    def learn(self, shop: str, keys: Mapping[str, str]) -> None:
        return None

    def close(self) -> None:
        return None


class NoNumbers:
    """A world whose numbers all stand in the settings."""

    entered: frozenset[str] = frozenset()
    waiting: tuple[str, ...] = ()
    connected: Mapping[str, str] = {}
    companies: Mapping[str, str] = {}

    def follow(self, changed: Callable[[], None]) -> None:
        changed()

    def refresh(self) -> bool:
        return False

    def address(self, slug: str) -> str:
        return ""

    def _unknown(self, slug: Any, *_: Any) -> Any:
        raise LookupError(slug)

    account = management = enter = renewed = renew = remove = door = _unknown


def plain_parts(database: Database) -> dict[str, Any]:
    """What a world needs besides databases, companies, shops and numbers."""
    return {
        "links": NoLinks(),
        "numbers": NoNumbers(),
        "catalogue": Catalogue(database),
        "costs": Costs(),
        "stops": RecentOptOuts(),
        "incoming": InboundRate(),
    }


def make_world(
    database: Database,
    keys: Database,
    clock: Callable[[], datetime] | None = None,
    policy: Policy | None = None,
    connected: datetime = NOON - timedelta(days=1),
) -> World:
    """One company, one shop "laden", one number "nummer" with approved templates."""
    world = World(
        database=database,
        keys=keys,
        vault=Vault(b"\1" * 32),
        clock=clock or Clock(),
        companies={"firma": Company("firma", "Laden Beispiel", policy or Policy())},
        shops={"laden": Shop("laden", "Laden", "firma", "nummer", "de", "du", PlainShop(), ShopContext("laden", "DE"))},
        senders={"nummer": Sender("nummer", "firma", "konto", 80, RememberingChannel(), NoAccount(), PlainWebhook())},
        **plain_parts(database),
    )
    approved = [RemoteTemplate(t.name, t.language, "APPROVED", t.category) for t in all_templates()]
    with database.write() as connection:
        shops.connect(connection, ["laden"], connected)
        templates.replace_all(connection, "konto", approved, NOON)
    return world


def order(
    number: str = "1001",
    phone: str = "0171 3920012",
    consent: bool | None = True,
    version: datetime = NOON,
    **changes: Any,
) -> dict[str, Any]:
    """An order as PlainShop's body has it."""
    evidence = (
        consent
        if consent is None
        else {
            "granted": consent,
            "at": NOON.isoformat(),
            "wording": WORDING,
            "version": "v1",
            "phone": phone,
            "source": "test",
        }
    )
    facts: dict[str, Any] = {
        "number": number,
        "status": "processing",
        "source": "web",
        "test": False,
        "placed_at": NOON.isoformat(),
        "paid_at": None,
        "completed_at": None,
        "cancelled_at": None,
        "ready_for_pickup_at": None,
        "cart_id": "",
        "total": "24.90",
        "currency": "EUR",
        "first_name": "Anna",
        "last_name": "Beispiel",
        "email": "anna@example.com",
        "phone": phone,
        "country": "DE",
        "locale": "de",
        "customer_id": "",
        "items": [],
        "refunds": [],
        "consent": evidence,
    }
    return {"type": "order", "id": number, "version": version.isoformat(), "facts": facts | changes}


def parcel(order_id: str = "1001", id_: str = "p1", version: datetime = NOON, **changes: Any) -> dict[str, Any]:
    """A parcel as PlainShop's body has it."""
    facts: dict[str, Any] = {
        "order_id": order_id,
        "number": "00340434161094042557",
        "aliases": [],
        "carrier": "DHL",
        "url": "https://www.dhl.de/t?n=00340434161094042557",
        "shipped_at": version.isoformat(),
        "delivered_at": None,
        "out_for_delivery_at": None,
    }
    return {"type": "shipment", "id": id_, "version": version.isoformat(), "facts": facts | changes}


def cart(id_: str = "c1", version: datetime = NOON, **changes: Any) -> dict[str, Any]:
    """A cart as PlainShop's body has it."""
    facts: dict[str, Any] = {
        "status": "open",
        "aliases": [],
        "order_id": "",
        "started_at": version.isoformat(),
        "total": "39.80",
        "currency": "EUR",
        "first_name": "Anna",
        "last_name": "Beispiel",
        "email": "anna@example.com",
        "phone": "0171 3920012",
        "country": "DE",
        "locale": "de",
        "customer_id": "",
        "items": [{"id": "1", "product_id": "7", "variant_id": "7", "name": "Kaffee", "sku": "", "quantity": 2}],
        "recovery_url": "https://laden.example/checkout-link/?products=7:2",
        "payment_pending": False,
    }
    return {"type": "cart", "id": id_, "version": version.isoformat(), "facts": facts | changes}


def post(world: World, *snapshots: dict[str, Any], topic: str = "snapshots", body: bytes | None = None) -> None:
    """Put a shop's webhook into the inbox."""
    raw = orjson.dumps(list(snapshots)) if body is None else body
    item = InboxItem("shop", "laden", topic, {}, raw, False, world.clock())
    with world.database.write() as connection:
        inbox.add(connection, [item])


def post_meta(world: World, update: MetaUpdate | bytes) -> None:
    """Put a webhook of Meta's into the inbox."""
    webhook = world.senders["nummer"].webhook
    assert isinstance(webhook, PlainWebhook)
    body = update if isinstance(update, bytes) else webhook.register(update)
    has_messages = isinstance(update, MetaUpdate) and bool(update.messages)
    item = InboxItem("meta", "nummer", "", {}, body, has_messages, world.clock())
    with world.database.write() as connection:
        inbox.add(connection, [item])
