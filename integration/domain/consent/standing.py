"""The consent fold: what all ledger events together say about one scope (docs/reference/law.md section 3).

none → pending → on → off. Events count in order of occurrence, equal times go against sending, events dated
in the future never count, and the order of recording changes nothing. An unconfirmed repetition of a consent
that is on leaves it on; a no is lifted only by the person's own act, never by an import or the API.

A decision runs twice per message, a thousand messages a second: that is why enum members are compared with
`is` (hashing one runs Python code) and a state is a named tuple (four times cheaper than a frozen dataclass).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from integration.domain.consent.consent import (
    ALL_MARKETING,
    EVERYTHING,
    PLAIN,
    ConsentEvent,
    ConsentType,
    Flag,
    Policy,
    Situation,
    Source,
)

WHATSAPP = "whatsapp"
#: a withdrawal counts when it names WhatsApp or every channel
COVERING = frozenset({WHATSAPP, "any"})
#: written or tapped on the phone itself: verifies the number (docs/reference/law.md section 5)
OWN_MESSAGE = frozenset({Source.KEYWORD, Source.QR, Source.CHAT_BUTTON})
#: the person's own act; everything else cannot lift a no
OWN_ACT = OWN_MESSAGE | {Source.CHECKOUT, Source.FORM, Source.IN_STORE}
#: GDPR Art. 7(2), CJEU C-673/17 and C-61/19: no consent at all
INVALID = frozenset({Flag.PRE_CHECKED, Flag.BUNDLED_IN_TERMS, Flag.WHATSAPP_NOT_NAMED, Flag.WORDING_MISSING})
GRANTS = frozenset({ConsentType.GRANTED, ConsentType.IMPORTED})

#: equal times go against sending: what stands later wins
_RANK: Mapping[ConsentType, int] = {
    ConsentType.GRANTED: 1,
    ConsentType.IMPORTED: 1,
    ConsentType.UNRESTRICTED: 1,
    ConsentType.PLATFORM_RESUME: 1,
    ConsentType.CONFIRMED: 2,
    ConsentType.DECLINED: 3,
    ConsentType.EXPIRED: 4,
    ConsentType.PLATFORM_STOP: 5,
    ConsentType.WITHDRAWN: 5,
    ConsentType.OBJECTED: 6,
    ConsentType.RESTRICTED: 6,
    ConsentType.ERASED: 7,
}
#: the nearer a miss, the more it helps the owner
_NEARNESS: Mapping[str, int] = {
    "wrong_controller": 1,
    "wrong_channel": 2,
    "unproven_import": 3,
    "invalid_consent": 4,
}
_NO_PROMISE = 1_000_000


class Standing(StrEnum):
    """Where a scope stands."""

    NONE = "none"
    PENDING = "pending"
    ON = "on"
    OFF = "off"


class State(NamedTuple):
    """The result for one scope. `grant` is what on or pending rests on, `ended` what switched it off."""

    standing: Standing
    code: str
    basis: tuple[str, ...] = ()
    grant: ConsentEvent | None = None
    used_at: datetime | None = None
    ended: ConsentEvent | None = None


def fold(ledger: Sequence[ConsentEvent], scope: str, situation: Situation, policy: Policy) -> State:
    """The state of one scope at `situation.now`; the order of `ledger` does not matter."""
    tally = _Tally(scope, situation, policy)
    now = situation.now
    for event in in_order(ledger):
        if event.occurred_at > now:
            break
        handle = _HANDLERS.get(event.type)
        if handle is not None:
            handle(tally, event)
    return tally.state()


def last_use(state: State, last_marketing_at: datetime | None) -> datetime | None:
    """When a consent was last used: given, confirmed, or written to on; from then on it may fall asleep."""
    return max((moment for moment in (state.used_at, last_marketing_at) if moment), default=None)


def in_order(ledger: Sequence[ConsentEvent]) -> Sequence[ConsentEvent]:
    """The events by occurrence; equal times against sending."""
    return sorted(ledger, key=_order) if len(ledger) > 1 else ledger


def covers(purposes: tuple[str, ...], scope: str) -> bool:
    """Whether an event that names `purposes` speaks of `scope`."""
    if scope in purposes or EVERYTHING in purposes:
        return True
    return ALL_MARKETING in purposes and scope not in PLAIN


def counting(ledger: Iterable[ConsentEvent], situation: Situation) -> list[ConsentEvent]:
    """This company's events that have happened by now, in order."""
    company, now = situation.company, situation.now
    return list(in_order([e for e in ledger if e.company == company and e.occurred_at <= now]))


def own_message_after(events: Iterable[ConsentEvent], moment: datetime | None) -> bool:
    """Whether the person opted in from the own phone after `moment`: it lifts objection and suppression."""
    return any(
        e.type is ConsentType.GRANTED
        and e.source in OWN_MESSAGE
        and e.channel == WHATSAPP
        and (moment is None or e.occurred_at > moment)
        for e in events
    )


def _order(event: ConsentEvent) -> tuple[object, ...]:
    # Beyond time and rank only content counts, so that the order of recording cannot.
    promise = event.promised_per_month
    return (
        event.occurred_at,
        _RANK.get(event.type, 0),
        event.source,
        -(_NO_PROMISE if promise is None else promise),
        len(event.flags),
        event.via,
        event.account or "",
        event.event_id,
    )


class _Tally:
    """The running state of one scope: at most one grant in force and one that waits for its confirmation."""

    # Class attributes, not slots: only what differs from an empty ledger is ever set.
    grant: ConsentEvent | None = None
    confirmation: ConsentEvent | None = None
    pending: ConsentEvent | None = None
    attempt: ConsentEvent | None = None
    ended: ConsentEvent | None = None
    miss: ConsentEvent | None = None
    flaw = ""
    end_code = ""
    miss_code = "no_consent"
    refused = False

    def __init__(self, scope: str, situation: Situation, policy: Policy) -> None:
        self.scope = scope
        self.situation = situation
        self.policy = policy
        self.marketing = scope not in PLAIN

    def put_on(self, grant: ConsentEvent, confirmation: ConsentEvent | None = None) -> None:
        self.grant, self.confirmation = grant, confirmation
        self.pending = self.ended = None
        self.refused = False

    def wait(self, grant: ConsentEvent) -> None:
        self.pending, self.attempt = grant, None
        self.flaw = "not_informed" if Flag.WORDING_NOT_SHOWN in grant.flags else "not_confirmed"

    def end(self, event: ConsentEvent, code: str) -> None:
        self.ended, self.end_code = event, code
        self.grant = self.confirmation = self.pending = None
        self.refused = True

    def missed(self, event: ConsentEvent, code: str) -> None:
        if _NEARNESS[code] >= _NEARNESS.get(self.miss_code, 0):
            self.miss, self.miss_code = event, code

    def state(self) -> State:
        grant, confirmation = self.grant, self.confirmation
        if grant is not None and confirmation is not None:
            basis = (grant.event_id, confirmation.event_id)
            return State(Standing.ON, "ok", basis, grant, confirmation.occurred_at)
        if grant is not None:
            return State(Standing.ON, "ok", (grant.event_id,), grant, grant.occurred_at)
        if self.pending is not None:
            return State(Standing.PENDING, self.flaw, _ids(self.pending, self.attempt), self.pending)
        if self.ended is not None:
            return State(Standing.OFF, self.end_code, _ids(self.ended), ended=self.ended)
        return State(Standing.NONE, self.miss_code, _ids(self.miss))


def _ids(*events: ConsentEvent | None) -> tuple[str, ...]:
    return tuple([event.event_id for event in events if event is not None])


def _granted(tally: _Tally, event: ConsentEvent) -> None:
    """A service grant is on at once; a marketing grant waits unless it came from the phone, informed."""
    if not covers(event.purposes, tally.scope):
        return
    code = _near_miss(tally, event)
    if code:
        tally.missed(event, code)
    elif tally.refused and event.source not in OWN_ACT:
        return
    elif _holds_at_once(tally, event):
        tally.put_on(event)
    else:
        tally.wait(event)


def _imported(tally: _Tally, event: ConsentEvent) -> None:
    """Imports count only when proven, never lift a no and never replace what is on.

    See docs/reference/law.md sections 4, 15.
    """
    if not covers(event.purposes, tally.scope):
        return
    code = _near_miss(tally, event) or _unproven(tally, event)
    if code:
        tally.missed(event, code)
    elif not tally.refused and tally.grant is None:
        tally.put_on(event)


def _near_miss(tally: _Tally, event: ConsentEvent) -> str:
    if event.company != tally.situation.company:
        return "wrong_controller"
    if event.channel != WHATSAPP:
        return "wrong_channel"
    return "invalid_consent" if event.flags and not INVALID.isdisjoint(event.flags) else ""


def _unproven(tally: _Tally, event: ConsentEvent) -> str:
    unproven = Flag.IMPORT_UNPROVEN in event.flags
    unconfirmed = tally.marketing and Flag.IMPORT_WITHOUT_CONFIRMATION in event.flags
    return "unproven_import" if unproven or unconfirmed else ""


def _holds_at_once(tally: _Tally, event: ConsentEvent) -> bool:
    if not tally.marketing:
        return True
    if Flag.WORDING_NOT_SHOWN in event.flags:
        return False
    return event.source in OWN_MESSAGE or not tally.policy.doi


def _confirmed(tally: _Tally, event: ConsentEvent) -> None:
    """It acts only on a pending grant and must come from that WhatsApp account (BGH I ZR 164/09)."""
    pending = tally.pending
    if pending is None or event.company != tally.situation.company or not covers(event.purposes, tally.scope):
        return
    flaw = _confirmation_flaw(tally, pending, event)
    if flaw:
        tally.flaw, tally.attempt = flaw, event
    else:
        tally.put_on(pending, event)


def _confirmation_flaw(tally: _Tally, pending: ConsentEvent, event: ConsentEvent) -> str:
    if event.via != WHATSAPP or event.channel != WHATSAPP:
        return "confirmed_on_other_channel"
    if event.occurred_at - pending.occurred_at > timedelta(days=tally.policy.doi_days):
        return "confirmation_too_late"
    expected = pending.account or tally.situation.account
    # After a recorded number change the account of that time is not the account of today.
    foreign = event.account and expected and event.account != expected and not tally.situation.identity_linked
    return "identity_mismatch" if foreign else ""


def _stops(tally: _Tally, event: ConsentEvent) -> bool:
    if event.company != tally.situation.company or event.channel not in COVERING:
        return False
    return not event.purposes or covers(event.purposes, tally.scope)


def _withdrawn(tally: _Tally, event: ConsentEvent) -> None:
    """GDPR Art. 7(3): effective at once, for the scopes it names."""
    if _stops(tally, event):
        tally.end(event, "withdrawn")


def _expired(tally: _Tally, event: ConsentEvent) -> None:
    """The grant is used up, for example a single availability alert."""
    if _stops(tally, event):
        tally.end(event, "expired")


def _objected(tally: _Tally, event: ConsentEvent) -> None:
    """GDPR Art. 21(2)(3): an objection covers all marketing; service only when it says everything."""
    if event.company != tally.situation.company or event.channel not in COVERING:
        return
    if tally.marketing or EVERYTHING in event.purposes:
        tally.end(event, "objected")


def _erased(tally: _Tally, event: ConsentEvent) -> None:
    """Erasure withdraws everything (docs/reference/law.md section 8, step 2)."""
    if event.company == tally.situation.company:
        tally.end(event, "withdrawn")


def _declined(tally: _Tally, event: ConsentEvent) -> None:
    """'No' to a confirmation request ends the pending grant, not one that was confirmed before."""
    if tally.pending is None or not _stops(tally, event):
        return
    if tally.grant is None:
        tally.end(event, "not_confirmed")
    tally.pending = None


def _platform_stop(tally: _Tally, event: ConsentEvent) -> None:
    """Meta's stop ends marketing consents: a resume alone does not bring them back.

    See docs/reference/law.md section 6.
    """
    if event.company != tally.situation.company or tally.policy.resume_restores_consent:
        return
    if tally.marketing:
        tally.end(event, "withdrawn")


_HANDLERS: Mapping[ConsentType, Callable[[_Tally, ConsentEvent], None]] = {
    ConsentType.GRANTED: _granted,
    ConsentType.IMPORTED: _imported,
    ConsentType.CONFIRMED: _confirmed,
    ConsentType.DECLINED: _declined,
    ConsentType.EXPIRED: _expired,
    ConsentType.WITHDRAWN: _withdrawn,
    ConsentType.OBJECTED: _objected,
    ConsentType.ERASED: _erased,
    ConsentType.PLATFORM_STOP: _platform_stop,
}
