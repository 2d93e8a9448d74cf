"""Rules: which kinds a shop sends, and how long each waits. The owner's choices stand above the table's own.

Every change is a new version; a message and the decisions on it name the version that they were made by.
"""

from collections.abc import Mapping
from datetime import timedelta

from integration.domain.automations.vouchers import Offer
from integration.domain.errors import LadenboteError
from integration.domain.hot_dataclass import lean
from integration.domain.notifications import NOTIFICATIONS, Notification


class UnlawfulDelay(LadenboteError):
    """This message may not wait for so long, or must wait longer."""


@lean
class Rule:
    """What holds for one kind in one shop: `offer` is the personal voucher that goes with it.

    Version 0: nobody has decided, the table's own values hold.
    """

    on: bool
    delay: timedelta
    version: int = 0
    offer: Offer | None = None


class UnfitVoucher(LadenboteError):
    """This message carries no voucher, or cannot do without one."""


#: by (shop, kind): what owners decided
Rules = Mapping[tuple[str, str], Rule]

DEFAULTS: Mapping[str, Rule] = {n.kind: Rule(n.starts_on, n.delay, offer=n.offer) for n in NOTIFICATIONS}


def rule_for(decided: Rules, shop: str, kind: str) -> Rule:
    """The rule that holds now."""
    return decided.get((shop, kind)) or DEFAULTS[kind]


def lawful(notification: Notification, delay: timedelta) -> timedelta:
    """The delay, if an owner may choose it. Raises UnlawfulDelay."""
    least, most = notification.delays or (notification.delay, notification.delay)
    if not least <= delay <= most:
        raise UnlawfulDelay
    return delay


def fitting(notification: Notification, offer: Offer | None) -> Offer | None:
    """The voucher, if the kind can have it, or can do without. Raises UnfitVoucher."""
    if (offer and not notification.voucher) or (offer is None and notification.voucher == "must"):
        raise UnfitVoucher
    return offer
