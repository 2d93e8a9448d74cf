"""WARUM: the chain behind the last message, read from the rows that were written when it was sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from integration.domain.consent.consent import Purpose, Source
from integration.domain.contacts.contacts import Contact
from integration.domain.conversations import explanation
from integration.domain.conversations.explanation import Ground
from integration.domain.notifications import BY_KIND
from integration.domain.text import Language, Text
from integration.flow.world import World
from integration.store.consent import proof as store
from integration.store.contacts import contacts
from integration.store.messages import listing
from integration.store.messages import sent as sent_messages

SOURCES = {
    Source.CHECKOUT: Text("an der Kasse des Shops", "at the shop's checkout"),
    Source.FORM: Text("im Anmeldeformular", "in the sign-up form"),
    Source.KEYWORD: Text("mit einer Nachricht im Chat", "with a message in the chat"),
    Source.QR: Text("über einen QR-Code", "by a QR code"),
    Source.CHAT_BUTTON: Text("mit einem Knopf im Chat", "with a button in the chat"),
    Source.IN_STORE: Text("unterschrieben im Laden", "signed in the shop"),
    Source.API: Text("über ein anderes Programm des Shops", "by another program of the shop"),
    Source.STAFF: Text("vom Shop eingetragen", "entered by the shop"),
    Source.CHANNEL: Text("in den Einstellungen von WhatsApp", "in WhatsApp's settings"),
    Source.SYSTEM: Text("von selbst", "by itself"),
    Source.IMPORT: Text("aus einem früheren System übernommen", "taken over from an earlier system"),
}
EVENTS = {
    "placed": Text("Bestellung eingegangen", "order placed"),
    "paid": Text("Bestellung bezahlt", "order paid"),
    "awaiting_payment": Text("Bestellung wartet auf Zahlung", "order awaits its payment"),
    "processing": Text("Bestellung in Bearbeitung", "order being processed"),
    "ready_for_pickup": Text("Bestellung abholbereit", "order ready for pickup"),
    "completed": Text("Bestellung abgeschlossen", "order completed"),
    "cancelled": Text("Stornierung", "cancellation"),
    "failed": Text("Zahlung fehlgeschlagen", "payment failed"),
    "refunded": Text("Erstattung", "refund"),
    "gone": Text("Bestellung gelöscht", "order deleted"),
    "parcel_created": Text("Paket angemeldet", "parcel announced"),
    "shipped": Text("Versand", "shipment"),
    "tracking_corrected": Text("neue Sendungsnummer", "new tracking number"),
    "out_for_delivery": Text("Paket in Zustellung", "parcel out for delivery"),
    "delivered": Text("Zustellung", "delivery"),
    "back_in_stock": Text("Artikel wieder da", "article back in stock"),
    "price_drop": Text("Artikel billiger", "article cheaper"),
}
_OTHER_EVENT = Text("ein Ereignis im Shop", "an event in the shop")


def answer_for(world: World, connection: Connection, person: Contact, language: Language) -> str:
    """The true answer to "why do I get this?"."""
    message_id = sent_messages.last_told(connection, person.id)
    ground = _ground(connection, person, message_id) if message_id else None
    if ground is None:
        return explanation.nothing_sent().in_(language)
    company = world.companies[person.company]
    return explanation.answer(ground, company.named, language, ZoneInfo(company.time_zone))


def _ground(connection: Connection, person: Contact, message_id: str) -> Ground | None:
    row = listing.message_of(connection, message_id)
    attempts = listing.attempts_of(connection, message_id)
    if row is None or not attempts:
        return None
    sent = [d for d in listing.decisions_of(connection, message_id) if d.outcome == "allow"]
    event = listing.event_of(connection, row.event_id) if row.event_id else None
    kind = BY_KIND.get(row.kind)
    asks = row.purpose == Purpose.DOI_REQUEST
    consent = _asked(connection, person) if asks else _consent(connection, list(sent[-1].basis) if sent else [])
    return Ground(
        title=kind.title if kind else Text(row.kind, row.kind),
        sent_at=attempts[-1].at,
        template=row.template or "",
        rules=_rules(sent[-1].facts) if sent else "–",
        order_number=row.order_number or "",
        event=EVENTS.get(event.milestone, _OTHER_EVENT) if event else None,
        event_at=event.occurred_at if event else None,
        when=kind.when if kind else None,
        **consent,
    )


def _rules(facts: Mapping[str, Any]) -> str:
    """The edition of the house's rules, and the version of the owner's where one was decided."""
    edition, version = str(facts.get("rules", "–")), facts.get("rule")
    return f"{edition}, {version}" if version else edition


def _consent(connection: Connection, basis: list[str]) -> dict[str, Any]:
    rows = listing.consents_named(connection, basis)
    grant: Row[Any] | None = next((row for row in rows if row.type in ("granted", "imported")), None)
    if grant is None:
        return {}
    confirmation = next((row.occurred_at for row in rows if row.type == "confirmed"), None)
    return {**_granted(grant), "confirmed_at": confirmation}


def _asked(connection: Connection, person: Contact) -> dict[str, Any]:
    """A request to confirm rests on no consent but on the sign-up that it asks about."""
    rows = store.consents(connection, person.company, list(contacts.subjects(connection, [person])))
    grant = next((row for row in reversed(rows) if row.type == "granted"), None)
    return {**_granted(grant), "asks": True} if grant else {}


def _granted(grant: Row[Any]) -> dict[str, Any]:
    at: datetime = grant.occurred_at
    source = SOURCES.get(Source(grant.source), Text(grant.source, grant.source))
    return {"agreed_at": at, "source": source, "wording": grant.wording_text or ""}
