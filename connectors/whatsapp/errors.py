"""What to do about an error of Meta's: act on `code`, never on status, title or subcode.

The table is reference/whatsapp.md section 5. A code that is not in it fails the message and nothing else.
"""

from typing import Final

from integration.domain.channel import Action

Reaction = tuple[Action, float]

FAIL: Final[Reaction] = (Action.FAIL, 0)
PAUSE: Final[Reaction] = (Action.PAUSE_SENDER, 0)

#: code → action and seconds to wait before the next try
ACTIONS: Final[dict[int, Reaction]] = {
    # token, permission, policy, payment: nothing of this number will go out until a person acts
    **dict.fromkeys((0, 190, 3, 10, 131005), PAUSE),
    **dict.fromkeys((33, 368, 131031, 131037, 131042, 131045, 133010), PAUSE),
    **dict.fromkeys((131048, 131064), PAUSE),
    # temporary and not accepted
    1: (Action.RETRY, 30),
    2: (Action.RETRY, 10),
    131016: (Action.RETRY, 10),
    133004: (Action.RETRY, 10),
    4: (Action.RETRY, 300),
    80007: (Action.RETRY, 300),
    130429: (Action.RETRY, 5),
    131056: (Action.RETRY, 6),
    131057: (Action.RETRY, 60),
    134101: (Action.RETRY, 600),
    # accepted or not, nobody knows
    131000: (Action.UNKNOWN, 0),
    # the recipient
    131026: (Action.UNDELIVERABLE, 0),
    131050: (Action.OPT_OUT, 0),
    **dict.fromkeys((130472, 130497, 131021, 131030, 131047, 131049, 137000), FAIL),
    # one of the recipient's devices may have it: a second copy would be worse than none
    131036: FAIL,
    # the body, the template, the wrong endpoint: the same again would fail again
    **dict.fromkeys((100, 131008, 131009, 131051, 131052, 131053, 135000), FAIL),
    **dict.fromkeys((132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016), FAIL),
    **dict.fromkeys((132068, 132069, 131055, 131062, 131063, 134100, 134102), FAIL),
}

#: first and last code → the same
RANGES: Final[dict[tuple[int, int], Reaction]] = {(200, 299): PAUSE}


def reaction(code: int) -> Reaction:
    """The action and the seconds to wait for one of Meta's codes."""
    if code in ACTIONS:
        return ACTIONS[code]
    return next((found for (low, high), found in RANGES.items() if low <= code <= high), FAIL)
