"""What follows for a message that Meta refused: again later, or not at all. The codes: connectors/whatsapp/errors.py.

A refusal comes with the answer to a request, or hours later by webhook; both ways end here.
"""

from datetime import datetime, timedelta

from integration.domain.actions import Action
from integration.domain.hot_dataclass import lean
from integration.domain.messages.status import MessageStatus

LONGEST = 900
#: codes that are about one recipient: nobody else's message fails for them, and no owner can mend them
OF_THE_RECIPIENT = frozenset({130472, 131021, 131026, 131036, 131047, 131049, 131050, 131062, 137000})
#: how long a country rests before one message tries again
COUNTRY_REST = timedelta(hours=24)
#: how long advertising rests after too many reports, unless Meta lifts it before
MARKETING_REST = timedelta(hours=24)
#: how long somebody rests whom WhatsApp could not reach, the first time and every further time
UNREACHABLE = (timedelta(days=30), timedelta(days=90))


@lean
class Refusal:
    """Meta's no to one attempt. `wait` is in seconds, `tries` how often in all (0: until the message expires)."""

    code: int
    action: Action
    wait: float
    tries: int
    at: datetime
    unfit: bool = False


@lean
class Case:
    """What is known of the message: how often it was tried, how often this code came before, what it is."""

    n: int
    before: int
    marketing: bool
    expires_at: datetime


@lean
class Consequence:
    """Where the message goes. `send_after` is set when it waits."""

    status: MessageStatus
    reason: str
    send_after: datetime | None = None


#: actions that end the message, and their reason codes
ENDS = {
    Action.FAIL: "refused_by_meta",
    Action.UNKNOWN: "refused_by_meta",
    Action.STOP_TEMPLATE: "refused_by_meta",
    Action.USE_TEMPLATE: "window_closed",
    Action.UNDELIVERABLE: "undeliverable",
    Action.OPT_OUT: "platform_stop",
}
_WAITS = {
    Action.NEXT_DAY: "ecosystem_limit",
    Action.PAUSE_SENDER: "sender_paused",
    Action.PAUSE_MARKETING: "marketing_paused",
    Action.PAUSE_COUNTRY: "country_paused",
    Action.HOLD_TEMPLATE: "template_stopped",
    Action.SLOW_ACCOUNT: "account_slowed",
}


def consequence(refusal: Refusal, case: Case) -> Consequence:
    """What becomes of a refused message. What would be too late by then has failed now."""
    if refusal.unfit:
        return Consequence(MessageStatus.FAILED, "unfit")
    if refusal.action in ENDS:
        return Consequence(MessageStatus.FAILED, ENDS[refusal.action])
    if _exhausted(refusal, case):
        return Consequence(MessageStatus.FAILED, "refused_by_meta")
    when = refusal.at + _wait(refusal, case)
    if when >= case.expires_at:
        return Consequence(MessageStatus.FAILED, "refused_by_meta")
    return Consequence(MessageStatus.QUEUED, _WAITS.get(refusal.action, "retry"), when)


def _exhausted(refusal: Refusal, case: Case) -> bool:
    if refusal.action is Action.NEXT_DAY and not case.marketing:
        return True  # a parcel notice of the day before yesterday helps nobody
    return 0 < refusal.tries <= case.before + 1


def _wait(refusal: Refusal, case: Case) -> timedelta:
    if refusal.action in (Action.PAUSE_SENDER, Action.HOLD_TEMPLATE):
        return timedelta(0)  # what it waits for holds it back
    if refusal.action is Action.PAUSE_COUNTRY:
        return COUNTRY_REST
    if refusal.action is Action.PAUSE_MARKETING and case.marketing:
        return MARKETING_REST
    if refusal.action is Action.PAIR:
        return timedelta(seconds=min(4 ** (case.before + 1), LONGEST))
    if refusal.action is Action.NEXT_DAY:
        return timedelta(seconds=refusal.wait * (case.before + 1))
    return max(backoff(case.n), timedelta(seconds=refusal.wait))


def backoff(n: int) -> timedelta:
    """The pause after the n-th attempt: 2, 8, 32 … seconds, 15 minutes at most."""
    return timedelta(seconds=min(2 * 4 ** (n - 1), LONGEST))
