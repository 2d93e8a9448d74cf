"""Documents: a PDF for an order is kept for a while and goes out like every other message about that order."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from integration.domain.errors import LadenboteError
from integration.domain.messages import reasons
from integration.domain.messages.status import MessageStatus
from integration.domain.notifications import BY_KIND
from integration.domain.notifications.documents import KIND
from integration.domain.notifications.settings import rule_for
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.templates.media import MB, Unfit, checked
from integration.domain.text import Text
from integration.flow.contacts.of_orders import people_of
from integration.flow.messages.drafts import Draft, Occasion, draft
from integration.flow.messages.queue import queue
from integration.flow.world import World
from integration.store.db import lock_people
from integration.store.messages import messages
from integration.store.notifications import settings
from integration.store.shops import snapshots
from integration.store.templates import uploads
from integration.store.templates.uploads import Enclosure

#: a document of more is no invoice
LIMIT: Final = 10 * MB
#: WhatsApp keeps what was sent; here it is needed until it left, and to look at what it was
KEPT: Final = timedelta(days=30)


class Refused(LadenboteError):
    """This document cannot be sent; the sentence says why."""

    def __init__(self, explanation: Text) -> None:
        super().__init__(explanation.en)
        self.explanation = explanation


def hand_over(world: World, order_key: str, what: str, name: str, pieces: Iterable[bytes]) -> str:
    """Queue a PDF for an order; returns the message's id. The same file makes no second message. Raises Refused."""
    content = b"".join(pieces)
    _check(content)
    now = world.clock()
    with world.database.write() as connection:
        lock_people(connection)
        order = snapshots.by_key(connection, [order_key]).get(order_key)
        if order is None or order.object_type is not ObjectType.ORDER or order.shop not in world.shops:
            raise Refused(Text("Diese Bestellung kennt Ladenbote nicht.", "Ladenbote does not know this order."))
        occasion = _occasion(world, order, what, name, content)
        made = _draft(world, connection, occasion)
        key = occasion.key(BY_KIND[KIND])
        item = Enclosure(occasion.more["enclosed"], "application/pdf", occasion.more["file"], content)
        contact = made.contact.id if made.contact else None
        uploads.keep(connection, item, now, order_key=order_key, contact_id=contact)
        queue(world, connection, {key: made}, now)
        return messages.id_of(connection, key) or ""


def queue_document(world: World, shop: str | None, number: str, what: str, name: str, pieces: Iterable[bytes]) -> str:
    """The same for a command: an order by its number, and what to tell the owner. Raises LadenboteError."""
    slug = shop or next(iter(world.shops), "")
    if slug not in world.shops or (shop is None and len(world.shops) > 1):
        known = ", ".join(world.shops) or "none is set up yet"
        raise LadenboteError(f"Say which shop's order it is, with --shop. Known: {known}.")
    message_id = hand_over(world, find(world, slug, number), what, name, pieces)
    with world.database.read() as connection:
        [made] = messages.by_id(connection, [message_id])
    if made.status == MessageStatus.QUEUED:
        return f"Queued. `ladenbote run` sends it; the dashboard shows it under /messages/{message_id}"
    return f"Not sent: {reasons.reason(made.reason or '').en} The dashboard shows it under /messages/{message_id}"


def find(world: World, shop: str, number: str) -> str:
    """The key of an order by the number that people read, or by the shop's id of it. Raises Refused."""
    with world.database.read() as connection:
        found = snapshots.order_numbered(connection, shop, number.strip().lstrip("#"))
    if not found:
        raise Refused(
            Text(
                f"Im Shop {shop} kennt Ladenbote keine Bestellung {number}.",
                f"Ladenbote knows no order {number} in the shop {shop}.",
            )
        )
    return found


def _check(content: bytes) -> None:
    if len(content) > LIMIT:
        most = LIMIT // MB
        raise Refused(Text(f"Das PDF ist größer als {most} MB.", f"The PDF is larger than {most} MB."))
    try:
        is_pdf = checked(content).mime == "application/pdf"
    except Unfit:
        is_pdf = False
    if not is_pdf:
        raise Refused(Text("Das ist kein PDF.", "This is not a PDF."))


def _occasion(world: World, order: Snapshot, what: str, name: str, content: bytes) -> Occasion:
    hash_ = hashlib.sha256(content).hexdigest()
    return Occasion(
        shop=world.shops[order.shop],
        order=order,
        shipment=None,
        at=world.clock(),
        detail=hash_[:16],
        more={"what": what, "file": file_name(name), "enclosed": hash_},
    )


def file_name(name: str) -> str:
    """What the customer saves it as: without folders, and with the ending that says what it is."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isalnum() or c in " ._-()").strip(" .")
    return f"{plain.removesuffix('.pdf').removesuffix('.PDF')[:80] or 'Dokument'}.pdf"


def _draft(world: World, connection: Connection, occasion: Occasion) -> Draft:
    """The message. It is the owner's own deed, so a kind that is switched off is said, not passed over."""
    rule = rule_for(settings.current(connection), occasion.shop.slug, KIND)
    if not rule.on:
        raise Refused(
            Text(
                "„Rechnung oder Dokument“ ist unter Benachrichtigungen abgeschaltet.",
                "“Invoice or document” is switched off under Notifications.",
            )
        )
    now, order = world.clock(), occasion.order
    person = people_of(world, connection, {order.key: order}, now).get(order.key)
    made = draft(world, BY_KIND[KIND], rule, occasion, person, now)
    if not isinstance(made, Draft):
        raise Refused(Text("Zu dieser Bestellung geht nichts hinaus.", "Nothing goes out for this order."))
    return made
