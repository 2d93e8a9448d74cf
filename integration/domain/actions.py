"""What to do about a refusal; below the errors that carry it, so that everybody may know it."""

from enum import StrEnum


class Action(StrEnum):
    """What to do when the channel refused a message (docs/reference/whatsapp.md section 5; docs/errors.md).

    The first five send the same message again: after a while, with the number's rate halved, after the whole account
    has rested, after 4, 16, 64 … seconds for this person alone, or a day later. The next five hold something back:
    a template (this message waits with it, or has failed), a number, its advertising, a country.
    """

    RETRY = "retry"
    THROTTLE = "throttle"
    SLOW_ACCOUNT = "slow_account"
    PAIR = "pair"
    NEXT_DAY = "next_day"
    HOLD_TEMPLATE = "hold_template"
    STOP_TEMPLATE = "stop_template"
    PAUSE_SENDER = "pause_sender"
    PAUSE_MARKETING = "pause_marketing"
    PAUSE_COUNTRY = "pause_country"
    FAIL = "fail"
    USE_TEMPLATE = "use_template"
    UNDELIVERABLE = "undeliverable"
    OPT_OUT = "opt_out"
    UNKNOWN = "unknown"
