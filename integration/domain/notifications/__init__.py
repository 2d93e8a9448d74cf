"""THE TABLE: which fact becomes which message. One entry is one kind of notification.

The entries stand in one module per area, each with its texts beside it: `orders`, `parcels`, `people`. What an entry
can say stands in `kind.Notification`, the facts that it sees in `kind.Subject`. Adding a kind: one entry in the module
of its area, with texts in German (du, Sie) and English; a new area is one more module and one more name in
`NOTIFICATIONS`. Tests fail until it is complete (CONTRIBUTING.md, "A new notification").
"""

from collections.abc import Mapping, Sequence

from integration.domain.events import Event, Milestone
from integration.domain.notifications.kind import NOT_YET, Notification, Subject, SubjectType, Variables, subject_of
from integration.domain.notifications.orders import ORDERS
from integration.domain.notifications.parcels import PARCELS
from integration.domain.notifications.people import PEOPLE, request_variables

__all__ = [
    "BY_KIND",
    "NOTIFICATIONS",
    "NOT_YET",
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

NOTIFICATIONS: tuple[Notification, ...] = (*ORDERS, *PARCELS, *PEOPLE)
BY_KIND: Mapping[str, Notification] = {notification.kind: notification for notification in NOTIFICATIONS}

_CALLED: Mapping[tuple[str, Milestone], tuple[Notification, ...]] = {
    (of, milestone): tuple(n for n in NOTIFICATIONS if n.subject_type == of and milestone in n.on)
    for of in SubjectType
    for milestone in Milestone
}
_POINTLESS: Mapping[Milestone, tuple[str, ...]] = {
    milestone: tuple(n.kind for n in NOTIFICATIONS if milestone in n.void_on) for milestone in Milestone
}


def called_for(event: Event) -> Sequence[Notification]:
    """The notifications that an event calls for."""
    return _CALLED.get((event.object_type, event.milestone), ())


def made_pointless(milestone: Milestone) -> Sequence[str]:
    """The kinds of queued messages about an order that this milestone of the order makes pointless."""
    return _POINTLESS[milestone]


def message_key(company: str, kind: str, shop: str, subject_id: str, step: int = 1) -> str:
    """(company, kind, subject, step): the same fact never makes a second message."""
    return f"{company}/{kind}/{shop}/{subject_id}/{step}"
