"""The owner's decisions about kinds: stored as new versions, and in force in the same moment."""

from collections.abc import Sequence
from datetime import datetime

from integration.domain.consent.consent import Purpose
from integration.domain.notifications import BY_KIND, Notification
from integration.domain.notifications.settings import Rule, fitting, lawful
from integration.flow.world import World
from integration.store.messages import queued
from integration.store.notifications import follow_ups, settings


def is_choosable(notification: Notification) -> bool:
    """Whether an owner decides on a kind: who signs up is always asked whether it was them, and alarms are settings."""
    return notification.purpose not in (Purpose.DOI_REQUEST, Purpose.OWNER_ALARM)


def decide(world: World, shops: Sequence[str], kind: str, wanted: Rule, by: str, now: datetime) -> None:
    """Switch a kind on or off, let it wait for another time, or change its voucher, in these shops.

    Raises UnlawfulDelay and UnfitVoucher.

    What waits of a kind that is switched off is cancelled. A new delay holds for facts from now on.
    """
    notification = BY_KIND[kind]
    lawful(notification, wanted.delay)
    fitting(notification, wanted.offer)
    with world.database.write() as connection:
        settings.decide(connection, shops, kind, wanted, by, now)
        if not wanted.on:
            for shop in shops:
                queued.cancel_kind(connection, shop, kind, now)
                follow_ups.void_kind(connection, shop, kind)
