"""The causes of alarms, and what a story of one is made of. The stories: alarms_of_meta.py, alarms_of_ours.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from integration.domain.text import Text


class Cause(StrEnum):
    """Why the owner is needed. What each one is `about` stands in `CAUSES`."""

    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - no secret, the name of a fault
    TOKEN_ENDING = "token_ending"  # noqa: S105 - no secret either
    SENDER_PAUSED = "sender_paused"
    MARKETING_PAUSED = "marketing_paused"
    COUNTRY_PAUSED = "country_paused"
    TEMPLATE_STOPPED = "template_stopped"
    VERSION_ENDING = "version_ending"
    WEBHOOK_SILENT = "webhook_silent"
    ACCOUNT_WARNED = "account_warned"
    ACCOUNT_SECURITY = "account_security"
    LIMIT_LOWERED = "limit_lowered"
    NUMBER_QUALITY = "number_quality"
    TEMPLATE_REJECTED = "template_rejected"
    TEMPLATE_FLIPPED = "template_flipped"
    TEMPLATE_FLIPPING = "template_flipping"
    TEMPLATE_PAUSED = "template_paused"
    SHOP_UNREACHABLE = "shop_unreachable"
    GAP_FOUND = "gap_found"
    MAILBOX_SILENT = "mailbox_silent"
    UNCERTAIN_WAITING = "uncertain_waiting"
    MESSAGES_FAILED = "messages_failed"
    SENDING_BEHIND = "sending_behind"
    READING_BEHIND = "reading_behind"
    POISON = "poison"
    LEDGER_BROKEN = "ledger_broken"
    CHECKPOINT_OVERDUE = "checkpoint_overdue"
    CAP_NEAR = "cap_near"
    CAP_REACHED = "cap_reached"
    CAP_STOP = "cap_stop"
    DISK_FULL = "disk_full"
    JOB_FAILING = "job_failing"
    MONITOR_FAILING = "monitor_failing"
    LOOP_STOPPED = "loop_stopped"
    REQUEST_DUE = "request_due"
    REQUEST_URGENT = "request_urgent"
    NOTICE_FAILING = "notice_failing"


#: what each cause becomes when it gets worse: that it is over then is no good news
WORSE: Mapping[str, tuple[Cause, ...]] = {
    Cause.CAP_NEAR: (Cause.CAP_REACHED, Cause.CAP_STOP),
    Cause.CAP_REACHED: (Cause.CAP_STOP,),
    Cause.REQUEST_DUE: (Cause.REQUEST_URGENT,),
    Cause.TOKEN_ENDING: (Cause.TOKEN_EXPIRED,),
    Cause.TOKEN_EXPIRED: (Cause.SENDER_PAUSED,),
    Cause.SENDER_PAUSED: (Cause.TOKEN_EXPIRED,),
}


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of a cause. `page` is the dashboard's page where it is put right; `{about}` stands for the thing."""

    title: Text
    sentence: Text
    remedy: Text
    page: str
