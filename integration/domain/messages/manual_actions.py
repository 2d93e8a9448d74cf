"""What the owner decides about a message that failed, or of which nobody knows whether it left."""

from collections.abc import Mapping
from enum import StrEnum

from integration.domain.messages.status import MessageStatus


class Choice(StrEnum):
    """The owner's decision: send it again, take it as sent, or do not send it."""

    RESEND = "resend"
    SENT = "sent"
    DROP = "drop"


#: from which states each is possible, where it leads, and the message's reason code then
MOVES: Mapping[Choice, tuple[frozenset[MessageStatus], MessageStatus, str]] = {
    Choice.RESEND: (
        frozenset({MessageStatus.UNKNOWN, MessageStatus.FAILED, MessageStatus.LAPSED}),
        MessageStatus.QUEUED,
        "resent",
    ),
    Choice.SENT: (frozenset({MessageStatus.UNKNOWN}), MessageStatus.SENT, "taken_as_sent"),
    Choice.DROP: (frozenset({MessageStatus.UNKNOWN}), MessageStatus.CANCELLED, "dropped_by_owner"),
}
