"""A shop's last fortnight, invented: people, consents, orders, messages in every state, and what went wrong."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from blank import databases
from kinds import ORDER
from sqlalchemy import Connection, delete, insert
from starlette.applications import Starlette
from worlds import plain_parts

from integration.domain.costs.spending import Caps
from integration.domain.errors import ShopUnreachable
from integration.domain.messages.channel import MetaUpdate
from integration.domain.shops.ports import Finding, Level, Page, ShopContext, Stream, Translation, Verdict
from integration.domain.text import Text
from integration.flow.world import Company, World
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.shops import shops, streams
from integration.store.tables import (
    attempt,
    cart,
    consent,
    contact,
    conversion,
    decision,
    event,
    inbound_message,
    inbox,
    ledger_head,
    message,
    sender_state,
    shop_state,
    snapshot,
    status,
    wording,
)
from integration.store.webhooks.inbox import InboxItem
from integration.web.app import SenderEndpoint, ShopEndpoint, WebConfig, WebDeps

PASSWORD = "laden-im-hof-7"
FINDINGS = (
    Finding(
        "read_only_key",
        Level.FAULT,
        Text("Der Schlüssel darf nur lesen.", "The key may only read."),
        Text("Legen Sie in WooCommerce einen mit Lesen/Schreiben an.", "Make one with read/write in WooCommerce."),
    ),
    Finding("fulfillments_off", Level.HINT, Text("Sendungen sind ausgeschaltet.", "Fulfilments are switched off.")),
    Finding("version", Level.OK, Text("WooCommerce 10.5.2", "WooCommerce 10.5.2")),
)
NO_CAPS = Caps()
NOW = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
SHOP = "kaffeeladen"
SENDER = "laden"
COMPANY = "kaffeeladen"
WORDING = (
    "Ja, Kaffeeladen darf mir über WhatsApp schreiben, wenn es Neues zu meiner Bestellung gibt. "
    "Ich kann das jederzeit mit STOP beenden."
)
NEWS = "Ja, Kaffeeladen darf mir über WhatsApp höchstens zweimal im Monat Neuigkeiten und Angebote schicken."
PEOPLE = (
    ("Anna Petersen", "+491713920001", "on", "on"),
    ("Mehmet Yılmaz", "+491713920002", "on", ""),
    ("Clara von Hohenstein-Wittgenstein", "+491713920003", "on", "pending"),
    ("Jonas Weber", "+491713920004", "off", ""),
    ("<script>alert('x')</script>", "+491713920005", "on", ""),
    ("Sofia Rossi", "+393331230006", "on", "on"),
    ("Lena Krüger", "+491713920007", "", ""),
    ('=HYPERLINK("http://x")', "+491713920008", "on", ""),
    ("Paul Schneider", None, "", ""),
    ("Greta Lindqvist", "+46701230010", "on", "off"),
)


class Connector:
    """A shop platform whose signature is a plain HMAC."""

    platform = "woocommerce"

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> Verdict:
        """PING for the word ping, VERIFIED for the right HMAC."""
        if body == b"ping":
            return Verdict.PING
        given = headers.get("x-signature", "")
        right = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in secrets]
        return Verdict.VERIFIED if given in right else Verdict.UNSIGNED

    def topic(self, headers: Mapping[str, str]) -> str:
        """As the header says."""
        return headers.get("x-topic", "")

    def delivery(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-repeated", "")

    def kept_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The delivery id."""
        return {name: headers[name] for name in ("x-delivery",) if name in headers}

    def translate(self, topic: str, body: bytes, shop: ShopContext, received_at: datetime) -> Translation:
        """Never called by the web."""
        raise AssertionError


class Webhook:
    """Meta's side."""

    def verify(self, signature: str, body: bytes, app_secret: str) -> bool:
        """The real rule."""
        right = hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(signature.encode(), f"sha256={right}".encode())

    def parse(self, body: bytes) -> tuple[MetaUpdate, ...]:
        """Never called by the web."""
        raise AssertionError

    def people(self, body: bytes) -> set[str]:
        """Never called by the web."""
        raise AssertionError


class Browser:
    """A browser without a screen: keeps cookies, follows nothing."""

    def __init__(self, app: Starlette, address: str = "127.0.0.1") -> None:
        self.app = app
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 4711))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://testserver")
        self.headers = self._client.headers
        self.cookies = self._client.cookies

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Any request."""
        return asyncio.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Open an address."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        """Send a form or a body."""
        return self.request("POST", path, **more)


@dataclass
class Put:
    """An intake that remembers, or fails when told to."""

    items: list[InboxItem] = field(default_factory=list)
    failure: Exception | None = None

    async def put(self, item: InboxItem) -> None:
        """Remember."""
        if self.failure:
            raise self.failure
        self.items.append(item)


@dataclass
class Clock:
    """A clock that stands still until moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """The time."""
        return self.now


def database(folder: Path) -> Database:
    """An empty database."""
    opened, keys = databases(folder, "web")
    keys.close()
    return opened


def a_world(opened: Database, clock: Callable[[], datetime], caps: Caps) -> World:
    """The company's database and nothing that moves; it has no keys database of its own."""
    return World(
        database=opened,
        keys=opened,
        vault=Vault(b"\1" * 32),
        clock=clock,
        companies={COMPANY: Company(COMPANY, "Kaffeeladen Beispiel", caps=caps)},
        shops={},
        senders={},
        **plain_parts(opened),
    )


def deps(
    opened: Database,
    intake: Any,
    clock: Callable[[], datetime],
    ready: Callable[[], list[str]] = list,
    caps: Caps = NO_CAPS,
    **config: Any,
) -> WebDeps:
    """What the app needs, with one shop and one number."""
    choices: dict[str, Any] = {
        "language": "de",
        "time_zone": "Europe/Berlin",
        "public_url": "https://bote.kaffeeladen.example",
        "embed_from": None,
        "secure_cookies": False,
        "demo": False,
    }
    shop = ShopEndpoint(SHOP, "Kaffeeladen", "woocommerce", COMPANY, Connector(), lambda: ["old", "secret"])
    second = ShopEndpoint("teehaus", "Teehaus am Markt", "shopify", COMPANY, Connector(), lambda: [])
    sender = SenderEndpoint(SENDER, COMPANY, "verify-me", "app-secret", Webhook(), "+49 30 5550 1234")
    return WebDeps(
        world=a_world(opened, clock, caps),
        intake=intake,
        config=WebConfig(**(choices | config)),
        shops={shop.slug: shop, second.slug: second},
        senders={sender.slug: sender},
        ready=ready,
        hasten=lambda _shop: None,
        deletions=list,
    )


class Seed:
    """Writes the fortnight. `ids` are message ids by status."""

    def __init__(self, opened: Database, now: datetime = NOW) -> None:
        self._database = opened
        self.connection: Connection
        self.now = now
        self.contacts: list[str] = []
        self.ids: dict[str, str] = {}
        self._seq = 0
        self._number = 1000
        self._consent_ids: dict[int, str] = {}

    @contextmanager
    def again(self) -> Iterator["Seed"]:
        """Add in a transaction of its own."""
        with self._database.write() as self.connection:
            yield self

    def everything(self) -> "Seed":
        """All of it."""
        with self.again():
            self._everything()
        return self

    def _everything(self) -> None:
        self._add(shop_state, {"shop": SHOP, "connected_at": self.now - timedelta(days=40)})
        self._reading()
        self._wordings()
        for index, (name, phone, service, news) in enumerate(PEOPLE):
            self._person(index, name, phone, service, news)
        self._past()
        self._today()
        self._troubles()

    def message(self, person: int, state: str, at: datetime, reason: str | None = None, **more: Any) -> str:
        """One message with everything that belongs to it."""
        self._number += 1
        number, id_, event_id = str(self._number), new_id(), new_id()
        shipping = self._number % 3 == 0
        kind = "shipping_notice" if shipping else "order_confirmation"
        order_key = f"{SHOP}/order/{number}"
        self._order(number, order_key, person, at)
        self._event(event_id, order_key, number, shipping, at)
        values = {
            "id": id_,
            "company": COMPANY,
            "sender": SENDER,
            "shop": SHOP,
            "contact_id": self.contacts[person],
            "event_id": event_id,
            "object_type": "shipment" if shipping else "order",
            "object_id": number,
            "order_key": order_key,
            "order_number": number,
            "kind": kind,
            "purpose": kind,
            "key": id_,
            "template": f"lb_{kind}_sie_v1",
            "language": "de",
            "variables": self._variables(person, number, shipping),
            "status": state,
            "reason": reason,
            "held": False,
            "tries": 1,
            "occurred_at": at,
            "created_at": at,
            "send_after": at,
            "expires_at": at + timedelta(hours=12),
            "status_at": at + timedelta(seconds=40),
            "price_category": "utility" if state in ("delivered", "read") else None,
        }
        self._add(message, values | more)
        self._decided(id_, person, state, reason, at)
        self._tried(id_, state, at)
        self.ids[state] = id_
        return id_

    def _variables(self, person: int, number: str, shipping: bool) -> dict[str, str]:
        common = {"name": PEOPLE[person][0].split(" ")[0], "shop": "Kaffeeladen", "order": f"#{number}"}
        tracking = {"carrier": "DHL", "tracking": "https://www.dhl.de/sendung?id=00340434"}
        return common | (tracking if shipping else {"total": "64,63 €"})

    def _order(self, number: str, key: str, person: int, at: datetime) -> None:
        known = {"number": f"#{number}", "total": "64.63", "first_name": PEOPLE[person][0].split(" ")[0]}
        facts = ORDER | known | {"placed_at": at.isoformat()}
        self._add(
            snapshot,
            {
                "key": key,
                "shop": SHOP,
                "object_type": "order",
                "object_id": number,
                "version": at,
                "content_hash": "0" * 64,
                "facts": facts,
                "contact_id": self.contacts[person],
                "first_seen_at": at,
            },
        )

    def _event(self, id_: str, order_key: str, number: str, shipping: bool, at: datetime, **more: Any) -> None:
        object_type, milestone = ("shipment", "shipped") if shipping else ("order", "placed")
        values = {
            "id": id_,
            "key": f"{SHOP}/{object_type}/{number}/{milestone}",
            "shop": SHOP,
            "object_type": object_type,
            "object_id": number,
            "milestone": milestone,
            "name": milestone,
            "order_key": order_key,
            "occurred_at": at - timedelta(seconds=9),
            "received_at": at - timedelta(seconds=2),
            "origin": "webhook" if int(number) % 4 else "poll",
            "processed_at": at,
            "outcome": "message",
            "tries": 0,
            "try_after": at,
        }
        self._add(event, values | more)

    def _decided(self, id_: str, person: int, state: str, reason: str | None, at: datetime) -> None:
        facts = {"category": "UTILITY", "country": "DE", "zones": ["Europe/Berlin"], "window_open": False}
        basis = [self._consent_ids[person]] if person in self._consent_ids else []
        denied = state == "suppressed"
        row = {"message_id": id_, "basis": basis, "facts": facts}
        outcome = (
            {"outcome": "deny", "reason": reason or "no_consent"} if denied else {"outcome": "allow", "reason": "ok"}
        )
        self._add(decision, row | outcome | {"id": new_id(), "at": at, "stage": "queue"})
        if state in ("sent", "delivered", "read", "accepted", "failed", "unknown"):
            self._add(decision, row | outcome | {"id": new_id(), "at": at + timedelta(seconds=1), "stage": "send"})

    def _tried(self, id_: str, state: str, at: datetime) -> None:
        outcomes = {"unknown": "unknown", "failed": "accepted"}
        if state not in ("sent", "delivered", "read", "accepted", "failed", "unknown"):
            return
        outcome = outcomes.get(state, "accepted")
        wa_id = f"wamid.{id_}" if outcome == "accepted" else None
        self._add(
            attempt,
            {
                "id": new_id(),
                "message_id": id_,
                "n": 1,
                "at": at + timedelta(seconds=2),
                "outcome": outcome,
                "wa_message_id": wa_id,
                "http_status": 200 if wa_id else None,
                "duration_ms": 214,
            },
        )
        path = {"sent": ["sent"], "delivered": ["sent", "delivered"], "read": ["sent", "delivered", "read"]}
        for place, name in enumerate(path.get(state, ["failed"] if state == "failed" else [])):
            self._status(id_, name, at + timedelta(seconds=4 + 9 * place))

    def _status(self, id_: str, name: str, at: datetime) -> None:
        error = {"error_code": 131026, "error": "Message undeliverable"} if name == "failed" else {}
        row = {"wa_message_id": f"wamid.{id_}", "status": name, "at": at, "message_id": id_, "received_at": at}
        self._add(status, row | error)

    def _reading(self) -> None:
        """Orders are read, products still are, carts fail; the last examination found something of each kind."""
        quick, month = timedelta(seconds=30), timedelta(days=30)
        names = ("orders", "carts", "products")
        streams.begin(self.connection, SHOP, [(Stream(n, quick, quick, month), {}) for n in names], self.now)
        known = streams.of(self.connection, SHOP)
        streams.advance(self.connection, SHOP, known["orders"], Page({}), self.now)
        streams.advance(self.connection, SHOP, known["products"], Page({}, more=True, left=1240), self.now)
        said = Text("Der Shop antwortet nicht rechtzeitig.", "The shop does not answer in time.")
        streams.fail(self.connection, SHOP, [known["carts"]], ShopUnreachable("timeout", said), self.now)
        shops.examined(self.connection, SHOP, FINDINGS, self.now - timedelta(hours=3))

    def _wordings(self) -> None:
        for text, version, purposes in (
            (WORDING, "2026-03", ["service_updates"]),
            (NEWS, "2026-05", ["marketing_news"]),
        ):
            row = {"company": COMPANY, "hash": _hash(text), "version": version, "language": "de", "text": text}
            more = {"purposes": purposes, "names_whatsapp": True, "first_seen_at": self.now - timedelta(days=90)}
            self._add(wording, row | more)

    def _person(self, index: int, name: str, phone: str | None, service: str, news: str) -> None:
        at = self.now - timedelta(days=30 - index)
        subject = new_id()
        self.contacts.append(new_id())
        row = {"id": self.contacts[-1], "company": COMPANY, "subject": subject, "phone": phone, "name": name}
        user = {} if phone else {"wa_user_id": "DE.1234567890"}
        self._add(contact, row | user | {"locale": "de-DE", "country": "DE", "created_at": at})
        if service:
            self._consent_ids[index] = self.consent(subject, "granted", ["service_updates"], at, WORDING)
        if service == "off":
            self.consent(subject, "withdrawn", ["*"], at + timedelta(days=2), source="channel")
        if news:
            self.consent(subject, "granted", ["marketing_news", "marketing_offers"], at, NEWS)
        if news in ("on", "off"):
            later = at + timedelta(minutes=4)
            self.consent(subject, "confirmed", ["marketing_news", "marketing_offers"], later, source="chat_button")
        if news == "off":
            self.consent(subject, "objected", [], at + timedelta(days=3), source="channel")
            self._wrote(self.contacts[-1], "Bitte keine Werbung mehr, danke!", at + timedelta(days=3))

    def consent(
        self,
        subject: str,
        type_: str,
        purposes: list[str],
        at: datetime,
        text: str = "",
        source: str = "checkout",
        **more: Any,
    ) -> str:
        """One ledger row; the chain is not the web's business."""
        self._seq += 1
        id_ = new_id()
        row = {
            "company": COMPANY,
            "seq": self._seq,
            "event_id": id_,
            "subject": subject,
            "type": type_,
            "purposes": purposes,
            "channel": "whatsapp",
            "via": "whatsapp",
            "source": source,
            "actor": "person",
            "flags": [],
            "wording_hash": _hash(text) if text else None,
            "occurred_at": at,
            "recorded_at": at,
            "payload": b"",
            "payload_hash": "",
            "prev_hash": "",
            "hash": "",
        }
        self._add(consent, row | more)
        self.connection.execute(delete(ledger_head).where(ledger_head.c.company == COMPANY))
        self._add(ledger_head, {"company": COMPANY, "seq": self._seq, "hash": ""})
        return id_

    def _wrote(self, contact_id: str, text: str, at: datetime) -> None:
        row = {"id": new_id(), "company": COMPANY, "sender": SENDER, "contact_id": contact_id, "type": "text"}
        more = {
            "wa_message_id": new_id(),
            "text": text,
            "payload": "",
            "intent": "opt_out",
            "at": at,
            "received_at": at,
        }
        self._add(inbound_message, row | more)

    def _past(self) -> None:
        for back in range(1, 14):
            day = self.now - timedelta(days=back)
            for n in range(3 + (back * 7) % 9):
                state = ("read", "delivered", "read", "sent", "read")[n % 5]
                self.message((n + back) % 8, state, day - timedelta(minutes=17 * n))

    def _today(self) -> None:
        plan = [("read", 9), ("delivered", 4), ("sent", 2), ("accepted", 1), ("queued", 1), ("failed", 1)]
        minute = 0
        for state, count in plan:
            for n in range(count):
                minute += 11
                reason = "undeliverable" if state == "failed" else None
                self.message((n * 3 + minute) % 8, state, self.now - timedelta(minutes=minute), reason)
        for person, state, reason in (
            (3, "suppressed", "withdrawn"),
            (6, "suppressed", "no_consent"),
            (6, "suppressed", "no_consent"),
            (1, "cancelled", "order_cancelled"),
            (2, "expired", "stale"),
            (0, "unknown", "uncertain"),
        ):
            minute += 7
            self.message(person, state, self.now - timedelta(minutes=minute), reason)

    def _troubles(self) -> None:
        for number, outcome in (
            ("9001", "no_phone"),
            ("9002", "no_phone"),
            ("9003", "pos_order"),
            ("9005", "switched_off"),
        ):
            at = self.now - timedelta(minutes=int(number) % 100)
            key = f"{SHOP}/order/{number}"
            self._order(number, key, 0, at)
            self._event(new_id(), key, number, False, at, outcome=outcome)
        waiting = {"processed_at": None, "outcome": None, "error": "IntegrityError (react.py:88)", "tries": 2}
        self._event(new_id(), f"{SHOP}/order/9004", "9004", False, self.now, **waiting)
        for minutes, topic, note, more in (
            (3, "order.updated", "malformed", {}),
            (9, "product.updated", "unknown_topic", {}),
            (31, "order.created", "poison", {"state": "failed", "error": "KeyError (translate.py:41)", "tries": 5}),
            (40, "order.updated", "unchanged", {}),
            (2, "order.updated", None, {}),
        ):
            self.received(topic, note, self.now - timedelta(minutes=minutes), **more)

    def received(self, topic: str, note: str | None, at: datetime, **more: Any) -> str:
        """One inbox row."""
        id_ = new_id()
        row = {"id": id_, "channel": "shop", "endpoint": SHOP, "topic": topic, "has_messages": False, "received_at": at}
        rest = {"state": "done", "note": note, "tries": 0, "try_after": at, "error": None, "processed_at": at}
        self._add(inbox, row | rest | more)
        return id_

    def cart(self, state: str, first_name: str = "Lena", hours: float = 2, **more: Any) -> str:
        """A cart that changed so many hours ago, and its snapshot."""
        id_, at = new_id(), self.now - timedelta(hours=hours)
        bought = state in ("ordered", "recovered")
        facts = {
            "first_name": first_name, "last_name": "Krüger", "phone": "0171 3920007",
            "items": [{"name": f"Kaffee {n}", "quantity": n} for n in range(1, 6)],
        }  # fmt: skip
        key = f"{SHOP}/cart/{id_}"
        row = {
            "id": id_, "shop": SHOP, "state": state, "named": True, "snapshot_key": key, "began_at": at,
            "changed_at": at, "abandoned_at": None if state == "active" else at + timedelta(hours=1),
            "ordered_at": at + timedelta(hours=2) if bought else None, "order_id": "1234" if bought else "",
            "total": "1234.50", "currency": "EUR", "parts": [],
        }  # fmt: skip
        self._add(cart, row | more)
        stored = {"key": key, "shop": SHOP, "object_type": "cart", "object_id": id_, "version": at, "facts": facts}
        self._add(snapshot, stored | {"content_hash": "", "first_seen_at": at})
        return id_

    def came_of(self, cart_id: str, how: str, amount: str = "20.00", hours: float = 1, **more: Any) -> None:
        """An order that came of a cart, so many hours ago."""
        at = self.now - timedelta(hours=hours)
        row = {
            "shop": SHOP, "order_id": new_id(), "cart_id": cart_id, "how": how, "amount": Decimal(amount),
            "currency": "EUR", "at": at, "recorded_at": at, "undone_at": None,
        }  # fmt: skip
        self._add(conversion, row | more)

    def pause(self) -> None:
        """The number is paused."""
        row = {"sender": SENDER, "paused_at": self.now, "code": 131031, "detail": "Business account locked"}
        self._add(sender_state, row)

    def _add(self, table: Any, row: dict[str, Any]) -> None:
        self.connection.execute(insert(table), [row])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
