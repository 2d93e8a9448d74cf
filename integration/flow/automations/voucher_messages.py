"""Messages that carry a personal voucher: it is made in the shop right before they leave (flow.messages.prepare).

The voucher's purpose is the message's key, so a message that is prepared again has the same one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from integration.domain.automations.vouchers import Offer, VoucherStatus, offered
from integration.domain.contacts.contacts import Contact
from integration.domain.notifications import NOTIFICATIONS
from integration.domain.notifications.settings import rule_for
from integration.flow.automations import vouchers
from integration.flow.messages.compose import About, dressed
from integration.flow.messages.preparers import ASK_AGAIN, Later, Ready
from integration.flow.world import World
from integration.store.contacts import contacts
from integration.store.messages.messages import Message
from integration.store.notifications import settings

KINDS = tuple(notification.kind for notification in NOTIFICATIONS if notification.voucher)


class Gift:
    """How a message with a voucher is prepared."""

    keeps = timedelta(seconds=60)

    def prepare(self, world: World, item: Message) -> Ready | Later:
        """Make the voucher that the owner offers now, and tell it; without an offer it leaves as it is."""
        with world.database.read() as connection:
            offer = rule_for(settings.current(connection), item.shop or "", item.kind).offer
            person = contacts.by_id(connection, [item.contact_id or ""]).get(item.contact_id or "")
        return _with(world, item, offer, person) if offer else dressed(world, item, item.variables, About())

    def last_look(self, connection: Connection, items: Sequence[Message], now: datetime) -> set[str]:
        """A voucher holds."""
        return {item.id for item in items}


def _with(world: World, item: Message, offer: Offer, person: Contact | None) -> Ready | Later:
    now, zone = world.clock(), ZoneInfo(world.companies[item.company].time_zone)
    made = vouchers.issue(world, item.shop or "", item.key, person, offer.terms(now, zone))
    if made.status is not VoucherStatus.CREATED:
        return Later("voucher_waits", now + ASK_AGAIN)
    told = {"note": offered(made.terms, item.language, zone), "code": made.terms.code}
    words = {**item.variables, **told, "ends": made.terms.expires_at.isoformat()}
    return dressed(world, item, words, About())
