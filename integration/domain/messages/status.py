"""The states of a message, and how statuses from Meta move it.

queued     react stored it; send claims it when due. A crash changes nothing.
claimed    leased for preparation (voucher, picture, a question to the shop); a crash gives the lease back.
sending    the decision allowed it and the POST may have begun. A crash leaves it here: rescue makes it unknown.
accepted   Meta answered 200 with a message id. Acceptance, not delivery; `held` is a flag on it.
sent, failed, delivered, read   Meta's statuses, as ranks of a running maximum: order and duplicates of
           webhooks cannot matter, and `failed` yields only to `delivered` or `read`.
suppressed a decision denied it; `reason` says why. Final.
cancelled  the facts made it pointless (an order was cancelled). Final.
lapsed     Meta took it but never told of a delivery, and no longer tries: it says nothing when it gives up. We presume
           so; a later status still counts.
expired    too late to make sense. Final.
unknown    it may have been accepted; only a status with our attempt id, or the owner, settles it.
"""

from enum import StrEnum


class MessageStatus(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    LAPSED = "lapsed"


class Outcome(StrEnum):
    """How one attempt to send ended. `PENDING` until its result is stored."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


RANKED = (
    MessageStatus.ACCEPTED,
    MessageStatus.SENT,
    MessageStatus.FAILED,
    MessageStatus.DELIVERED,
    MessageStatus.READ,
)
WAITING = frozenset({MessageStatus.QUEUED, MessageStatus.CLAIMED})
#: the message left, or may have left: what caps count
COUNTED = frozenset(
    {MessageStatus.SENDING, MessageStatus.UNKNOWN, MessageStatus.LAPSED, *RANKED} - {MessageStatus.FAILED}
)
#: what may cost something: Meta charges what it delivers
CHARGEABLE = COUNTED - {MessageStatus.LAPSED}


def rank(status: str) -> int:
    """The place of one of Meta's statuses in the running maximum; ours before them are 0.

    `played` (a voice message) says no more than `read`.
    """
    if status == "played":
        status = MessageStatus.READ
    return RANKED.index(MessageStatus(status)) + 1 if status in RANKED else 0


def below(status: MessageStatus) -> list[MessageStatus]:
    """The states that a status of Meta's may overwrite: everything on the way that ranks lower."""
    lower = list(RANKED[: RANKED.index(status)])
    if rank(status) >= rank(MessageStatus.FAILED):
        lower.append(MessageStatus.LAPSED)
    return [MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN, *lower]
