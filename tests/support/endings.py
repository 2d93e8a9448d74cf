"""What becomes of an order confirmation that Meta refuses, by the action of its code."""

from integration.domain.actions import Action

#: status and reason, the same in the answer and by webhook
ENDINGS = {
    Action.FAIL: ("failed", "refused_by_meta"),
    Action.STOP_TEMPLATE: ("failed", "refused_by_meta"),
    Action.USE_TEMPLATE: ("failed", "window_closed"),
    Action.UNDELIVERABLE: ("failed", "undeliverable"),
    Action.OPT_OUT: ("failed", "platform_stop"),
    Action.NEXT_DAY: ("failed", "refused_by_meta"),  # a service message
    Action.UNKNOWN: ("failed", "refused_by_meta"),
    Action.RETRY: ("queued", "retry"),
    Action.THROTTLE: ("queued", "retry"),
    Action.PAIR: ("queued", "retry"),
    Action.SLOW_ACCOUNT: ("queued", "account_slowed"),
    Action.HOLD_TEMPLATE: ("queued", "template_stopped"),
    Action.PAUSE_SENDER: ("queued", "sender_paused"),
    Action.PAUSE_MARKETING: ("queued", "marketing_paused"),
    Action.PAUSE_COUNTRY: ("failed", "refused_by_meta"),  # it rests for longer than a confirmation makes sense
}
