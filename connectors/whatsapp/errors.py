"""What to do about an error of Meta's: act on `code`, never on status, title or subcode.

The table is docs/reference/whatsapp.md section 5; docs/errors.md says it for owners. A code that is not in it fails its
message and nothing else. Errors come with the answer or only by webhook: both ways read this table.
"""

from typing import Final, NamedTuple

from integration.domain.actions import Action


class Reaction(NamedTuple):
    """What the table says about a code: the action, seconds to wait at least, tries in all (0: until it expires)."""

    action: Action
    wait: float = 0
    tries: int = 0


FAIL: Final = Reaction(Action.FAIL)
PAUSE: Final = Reaction(Action.PAUSE_SENDER)
STOP: Final = Reaction(Action.STOP_TEMPLATE)
#: temporary, and certainly not accepted
AGAIN: Final = Reaction(Action.RETRY, wait=10, tries=6)

REACTIONS: Final[dict[int, Reaction]] = {
    # token, permission, policy, payment, registration: nothing of this number goes out until a person acts
    **dict.fromkeys((0, 190, 3, 10, 131005), PAUSE),
    **dict.fromkeys((33, 368, 131031, 131037, 131042, 131045, 131064, 133010), PAUSE),
    # too much spam reported: advertising rests, service goes on
    131048: Reaction(Action.PAUSE_MARKETING, wait=900),
    130497: Reaction(Action.PAUSE_COUNTRY),
    # later
    1: Reaction(Action.RETRY, wait=30, tries=3),
    **dict.fromkeys((2, 131016, 133004), AGAIN),
    **dict.fromkeys((4, 80007), Reaction(Action.SLOW_ACCOUNT, wait=300)),
    130429: Reaction(Action.THROTTLE, wait=5),
    131056: Reaction(Action.PAIR),
    131057: Reaction(Action.RETRY, wait=60),
    134101: Reaction(Action.RETRY, wait=600),
    131049: Reaction(Action.NEXT_DAY, wait=24 * 3600, tries=3),
    # a picture that Meta could not load or take: uploaded anew once
    **dict.fromkeys((131052, 131053), Reaction(Action.RETRY, wait=5, tries=2)),
    # accepted or not, nobody knows
    131000: Reaction(Action.UNKNOWN),
    # the recipient
    131026: Reaction(Action.UNDELIVERABLE),
    131050: Reaction(Action.OPT_OUT),
    131047: Reaction(Action.USE_TEMPLATE),
    **dict.fromkeys((130472, 131021, 131030, 131062, 137000), FAIL),
    # one of the person's devices may have it: a second copy would be worse than none, so the owner decides
    131036: FAIL,
    # the body or the wrong endpoint: the same again would fail again
    **dict.fromkeys((100, 131008, 131009, 131051, 132005, 132018, 135000), FAIL),
    **dict.fromkeys((131055, 131063, 134100, 134102), FAIL),
    # the template: every message with it would fail
    **dict.fromkeys((132000, 132001, 132007, 132008, 132012, 132016, 132068, 132069), STOP),
    132015: Reaction(Action.HOLD_TEMPLATE),
}

#: first and last code → the same
RANGES: Final[dict[tuple[int, int], Reaction]] = {(200, 299): PAUSE}


#: the greatest code that the database takes; Meta's have six digits
GREATEST: Final = 2**31 - 1


def reaction(code: int, *, transient: bool = False) -> Reaction:
    """What to do about one of Meta's codes; about one that is new, what Meta says itself (`is_transient`)."""
    if code in REACTIONS:
        return REACTIONS[code]
    otherwise = AGAIN if transient else FAIL
    return next((found for (low, high), found in RANGES.items() if low <= code <= high), otherwise)


def code_of(value: object) -> int | None:
    """A code, which Meta writes as a number and now and then as text; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(GREATEST)):
        value = int(value)
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= GREATEST
    return value if known and isinstance(value, int) else None
