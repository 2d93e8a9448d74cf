"""THE TABLE: which fact becomes which message. One entry is one kind of notification.

The entries stand in one module per area, texts beside them: `orders`, `parcels`, `appointments`, `later`,
`products`, `carts`, `people`. What an
entry can say stands in `kind.Notification`, the facts that it sees in `kind.Subject`. Adding a kind: one entry in the
module of its area, with texts in German (du, Sie) and English; a new area is one more module and one more name in
`NOTIFICATIONS`. Tests fail until it is complete (CONTRIBUTING.md, "A new notification").
"""

from collections.abc import Mapping, Sequence

from integration.domain.notifications.appointments import APPOINTMENTS
from integration.domain.notifications.carts import CARTS
from integration.domain.notifications.documents import DOCUMENT
from integration.domain.notifications.kind import (
    NOT_YET,
    TRIED_FOR,
    Notification,
    Subject,
    SubjectType,
    Variables,
    subject_of,
)
from integration.domain.notifications.later import LATER
from integration.domain.notifications.orders import ORDERS
from integration.domain.notifications.parcels import PARCELS
from integration.domain.notifications.people import PEOPLE, request_variables
from integration.domain.notifications.products import PRODUCTS
from integration.domain.shops.events import Milestone

__all__ = [
    "BY_KIND",
    "NOTIFICATIONS",
    "NOT_YET",
    "TRIED_FOR",
    "Notification",
    "Subject",
    "SubjectType",
    "Variables",
    "called_for",
    "made_pointless",
    "message_key",
    "request_variables",
    "subject_of",
]

NOTIFICATIONS: tuple[Notification, ...] = (
    *ORDERS,
    *DOCUMENT,
    *PARCELS,
    *APPOINTMENTS,
    *LATER,
    *PRODUCTS,
    *CARTS,
    *PEOPLE,
)
BY_KIND: Mapping[str, Notification] = {notification.kind: notification for notification in NOTIFICATIONS}

#: plain texts are quicker keys than members of an enumeration, whose hash runs Python code
_CALLED: Mapping[str, tuple[Notification, ...]] = {
    str(milestone): tuple(n for n in NOTIFICATIONS if milestone in n.on) for milestone in Milestone
}
_POINTLESS: Mapping[str, tuple[Notification, ...]] = {
    str(milestone): tuple(n for n in NOTIFICATIONS if milestone in n.void_on) for milestone in Milestone
}


def called_for(milestone: Milestone) -> Sequence[Notification]:
    """The notifications that a milestone calls for: about its object, or about a parcel's order."""
    return _CALLED[milestone.value]


def made_pointless(milestone: Milestone) -> Sequence[Notification]:
    """The notifications whose waiting messages about the same object, or its order, this milestone makes pointless."""
    return _POINTLESS[milestone.value]


def message_key(company: str, kind: str, shop: str, subject_id: str, step: int = 1) -> str:
    """(company, kind, subject, step): the same fact never makes a second message.

    What may happen to a subject repeatedly names the fact, too: `subject_id` is then "<id>:<detail>".
    """
    return f"{company}/{kind}/{shop}/{subject_id}/{step}"
