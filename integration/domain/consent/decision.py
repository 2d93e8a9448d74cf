"""`decide`: may this message go to this person now? One pure function, the only one that answers.

It is called twice for every message: when it is queued, and again in the transaction that marks it *sending*.
The checks stand in the order of docs/reference/law.md section 2; the first one that fails answers. Deny outranks
defer, except the two deferrals that come first because the state is not known yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integration.domain.consent.consent import (
    MARKETING,
    MARKETING_NEWS,
    MARKETING_OFFERS,
    SCOPES,
    SERVICE_SCOPE,
    ConsentEvent,
    ConsentType,
    Policy,
    Purpose,
    Situation,
    Source,
)
from integration.domain.consent.quiet_hours import Quiet, next_open
from integration.domain.consent.standing import (
    COVERING,
    WHATSAPP,
    Standing,
    State,
    counting,
    fold,
    last_use,
    own_message_after,
)
from integration.domain.hot_dataclass import lean


@lean
class Allow:
    """The message may go. `basis` names the ledger events that permit it."""

    reason: str = "ok"
    basis: tuple[str, ...] = ()


@lean
class Defer:
    """Not now. `until` is the first moment to ask again, None when only the cause tells."""

    reason: str
    until: datetime | None = None
    basis: tuple[str, ...] = ()


@lean
class Deny:
    """Never for this fact. `basis` names the ledger events that forbid it, if any do."""

    reason: str
    basis: tuple[str, ...] = ()


Decision = Allow | Defer | Deny

#: the edition of the rules; stored with every decision, raised whenever an answer may change
RULES = "2026-11-26"

#: an answer to the customer's own act a moment ago does not disturb (docs/reference/law.md section 2)
AT_ONCE = timedelta(minutes=15)
_REQUESTED_BY = frozenset({Source.FORM, Source.CHECKOUT})
#: Meta approves these two as UTILITY too; our class stays marketing
_ANY_CATEGORY = frozenset({Purpose.REVIEW_REQUEST, Purpose.BACK_IN_STOCK})
#: one look-up instead of three: hashing an enum member runs Python code
_RULES = {purpose: (purpose in MARKETING, SCOPES[purpose]) for purpose in Purpose}


@dataclass(slots=True)
class _Case:
    """One question with what several checks need. `marketing` is the content's class, promotion included."""

    purpose: Purpose
    ledger: Sequence[ConsentEvent]
    situation: Situation
    policy: Policy
    marketing: bool
    answering: bool
    meta_marketing: bool
    scope: str | None


def decide(purpose: Purpose, ledger: Sequence[ConsentEvent], situation: Situation, policy: Policy) -> Decision:
    """The decision on one message, by the check order of docs/reference/law.md section 2."""
    case = _case(purpose, ledger, situation, policy)
    early = _ledger_check(case)
    if early is not None:
        return early
    if purpose is Purpose.OPTOUT_CONFIRMATION:
        return _optout_confirmation(situation)
    state = fold(ledger, case.scope, situation, policy) if case.scope else None
    return (
        _person_check(case)
        or _platform_check(case, state)
        or _consent_check(case, state)
        or _use_check(case, state)
        or _timing_check(case)
        or _cost_check(case)
        or Allow("ok", state.basis if state else ())
    )


def _case(purpose: Purpose, ledger: Sequence[ConsentEvent], situation: Situation, policy: Policy) -> _Case:
    marketing, scope = _RULES[purpose]
    promoted = situation.contains_promotion and not marketing
    template = situation.template
    return _Case(
        purpose,
        ledger,
        situation,
        policy,
        marketing or promoted,
        purpose is Purpose.SUPPORT_REPLY and not promoted,
        template is not None and template.category == "MARKETING",
        _promoted_scope(purpose) if promoted else _scope(scope, situation.item),
    )


def _promoted_scope(purpose: Purpose) -> str | None:
    """A promotion turns a service message into an offer (BGH VI ZR 134/15)."""
    return None if purpose is Purpose.DOI_REQUEST else MARKETING_OFFERS


def _scope(scope: str | None, item: str | None) -> str | None:
    return scope.replace("{item}", item or "") if scope and "{" in scope else scope


def _ledger_check(case: _Case) -> Decision | None:
    """Fail closed: an unread ledger or message may hold a STOP (docs/reference/law.md section 3)."""
    situation = case.situation
    if situation.ledger == "unavailable":
        return Defer("ledger_unavailable")
    if situation.ledger == "chain_broken" and case.marketing:
        return Deny("ledger_integrity")
    waits = situation.unprocessed_inbound and not case.answering
    return Defer("inbound_pending") if waits and case.purpose is not Purpose.OPTOUT_CONFIRMATION else None


def _optout_confirmation(situation: Situation) -> Decision:
    """One neutral confirmation, free-form in the window that the STOP opened (GDPR Art. 7(3))."""
    if situation.optout_confirmations_sent:
        return Deny("already_confirmed")
    if situation.contains_promotion:
        return Deny("promotion_in_service_message")
    return Allow() if situation.window_open else Deny("window_closed")


def _person_check(case: _Case) -> Deny | None:
    situation = case.situation
    if not case.answering:
        no = (_suppressed(case) if situation.suppressed else None) or _restricted(case)
        if no is not None:
            return no
    if case.marketing and situation.age is not None and situation.age < case.policy.min_age:
        return Deny("minor")
    if not case.answering and _other_person(situation):
        return Deny("identity_mismatch")
    return Deny("undeliverable") if situation.unreachable and not case.answering else None


def _suppressed(case: _Case) -> Deny | None:
    """GDPR Art. 17, 6(1)(f): only an own opt-in after the erasure lifts it (docs/reference/law.md section 8)."""
    events = counting(case.ledger, case.situation)
    erasure = next((e for e in reversed(events) if e.type is ConsentType.ERASED), None)
    if own_message_after(events, erasure.occurred_at if erasure else None):
        return None
    return Deny("suppressed", (erasure.event_id,) if erasure else ())


def _restricted(case: _Case) -> Deny | None:
    """GDPR Art. 18: restricted data are kept, not used (docs/reference/law.md section 9)."""
    last = _latest(case, ConsentType.RESTRICTED, ConsentType.UNRESTRICTED)
    return Deny("restricted", (last.event_id,)) if last and last.type is ConsentType.RESTRICTED else None


def _latest(case: _Case, one: ConsentType, other: ConsentType) -> ConsentEvent | None:
    found = [event for event in case.ledger if event.type is one or event.type is other]
    events = counting(found, case.situation) if found else None
    return events[-1] if events else None


def _other_person(situation: Situation) -> bool:
    """A recycled number: another WhatsApp account without a recorded number change.

    See docs/reference/law.md section 7.
    """
    then, now = situation.consented_bsuid, situation.bsuid
    return then is not None and now is not None and then != now and not situation.identity_linked


def _platform_check(case: _Case, state: State | None) -> Deny | None:
    """Meta's own stop and its US pause (docs/reference/law.md section 6 and 11)."""
    if not (case.marketing or case.meta_marketing):
        return None
    last = _latest(case, ConsentType.PLATFORM_STOP, ConsentType.PLATFORM_RESUME)
    if last is not None and last.type is ConsentType.PLATFORM_STOP:
        return Deny("platform_stop", (last.event_id,))
    if state is not None and state.ended is not None and state.ended.type is ConsentType.PLATFORM_STOP:
        return Deny("withdrawn", state.basis)
    if case.meta_marketing and case.situation.country == "US":
        return Deny("meta_us_marketing_pause")
    return None


def _consent_check(case: _Case, state: State | None) -> Deny | None:
    if case.purpose is Purpose.DOI_REQUEST:
        return _doi_request(case)
    if state is None or state.standing is Standing.ON:
        return None
    if case.purpose not in MARKETING and case.marketing and state.standing is not Standing.OFF:
        return Deny("promotion_in_service_message", state.basis)
    return Deny(state.code, state.basis)


def _doi_request(case: _Case) -> Deny | None:
    """One neutral request right after the form (OLG Celle 13 U 15/14; docs/reference/law.md section 5)."""
    situation, policy = case.situation, case.policy
    objection = _objection(case)
    if objection is not None:
        return Deny("objected", (objection.event_id,))
    state = _requested(case)
    grant = state.grant
    if state.standing is not Standing.PENDING or grant is None:
        return Deny("precondition_failed" if state.standing is Standing.ON else state.code, state.basis)
    if situation.doi_requests_sent >= policy.max_doi:
        return Deny("already_requested", state.basis)
    if situation.contains_promotion:
        return Deny("promotion_in_service_message", state.basis)
    age = max(situation.trigger_age, situation.now - grant.occurred_at)
    return Deny("stale", state.basis) if age > policy.doi_max_delay else None


def _objection(case: _Case) -> ConsentEvent | None:
    """The last objection, unless the person wrote from the own phone since (GDPR Art. 21(2)(3))."""
    events = counting(case.ledger, case.situation)
    objections = [e for e in events if e.type is ConsentType.OBJECTED and e.channel in COVERING]
    if not objections or own_message_after(events, objections[-1].occurred_at):
        return None
    return objections[-1]


def _requested(case: _Case) -> State:
    """What form or checkout asked for: the newest that waits for its confirmation, else the newest."""
    states = [fold(case.ledger, scope, case.situation, case.policy) for scope in _form_scopes(case)]
    waiting = [state for state in states if _waits(state)]
    return (waiting or states or [State(Standing.NONE, "no_consent")])[0]


def _waits(state: State) -> bool:
    grant = state.grant
    return state.standing is Standing.PENDING and grant is not None and grant.source in _REQUESTED_BY


def _form_scopes(case: _Case) -> list[str]:
    grants = [e for e in counting(case.ledger, case.situation) if e.type is ConsentType.GRANTED]
    asked = [e.purposes for e in grants if e.source in _REQUESTED_BY and e.channel == WHATSAPP]
    scopes = dict.fromkeys(scope for purposes in reversed(asked) for scope in purposes)
    return [scope for scope in scopes if scope != SERVICE_SCOPE]


def _use_check(case: _Case, state: State | None) -> Deny | None:
    """Dormancy, the business fact, Meta's window and template, frequency: steps 11 to 15."""
    situation = case.situation
    if case.marketing and state is not None and _dormant(case, state):
        return Deny("dormant", state.basis)
    if not situation.precondition:
        return Deny("precondition_failed")
    no = _template_check(case)
    if no is None and case.marketing and state is not None:
        return _frequency_check(case, state)
    return no


def _dormant(case: _Case, state: State) -> bool:
    """AG München 161 C 12736/22: a consent nobody used for years has lapsed (docs/reference/law.md section 5)."""
    used_at = last_use(state, case.situation.last_marketing_at)
    return used_at is not None and case.situation.now - used_at > timedelta(days=case.policy.dormancy_days)


def _template_check(case: _Case) -> Deny | None:
    """Meta's rules: free-form only inside the window, templates only approved and in their category."""
    template = case.situation.template
    if template is None:
        return None if case.situation.window_open else Deny("window_closed")
    if template.status != "APPROVED":
        return Deny("template_not_approved")
    if template.flipped and not case.marketing and (template.braked or not _wants_advertising(case)):
        return Deny("template_flipped" if template.braked else "text_is_marketing")
    if case.marketing and not case.meta_marketing and case.purpose not in _ANY_CATEGORY:
        return Deny("template_category_mismatch")
    return None


def _wants_advertising(case: _Case) -> bool:
    """The stricter of our class and Meta's wins: a service text in a MARKETING template needs such a consent, too."""
    states = (fold(case.ledger, scope, case.situation, case.policy) for scope in (MARKETING_OFFERS, MARKETING_NEWS))
    return any(state.standing is Standing.ON for state in states)


def _frequency_check(case: _Case, state: State) -> Deny | None:
    situation, policy = case.situation, case.policy
    if situation.sent_last_24h >= policy.cap_24h or situation.sent_last_7d >= policy.cap_7d:
        return Deny("frequency_cap")
    promised = state.grant.promised_per_month if state.grant else None
    if promised is not None and situation.sent_last_30d >= promised:
        return Deny("frequency_promise", state.basis)
    return None


def _timing_check(case: _Case) -> Decision | None:
    """Quiet hours; what would come too late is dropped, not parked. What Meta lets rest waits.

    See docs/reference/law.md section 12.
    """
    situation = case.situation
    if situation.resting is not None:
        return Defer(situation.resting.reason, situation.resting.until or situation.expires_at)
    now, expires_at = situation.now, situation.expires_at
    opening = now if _any_time(case) else next_open(now, situation.zones, _quiet(case))
    if expires_at is not None and opening > expires_at:
        return Deny("stale")
    return Defer("quiet_hours", opening) if opening > now else None


def _cost_check(case: _Case) -> Defer | None:
    """The owner's limits of what messages may cost: marketing waits first, the rest only at a limit of its own."""
    situation = case.situation
    if situation.cost_stop is not None:
        return Defer("cost_stop", situation.cost_stop)
    if situation.cost_cap is not None and (case.marketing or case.meta_marketing):
        return Defer("cost_cap", situation.cost_cap)
    return None


def _any_time(case: _Case) -> bool:
    if case.answering or case.purpose is Purpose.DOI_REQUEST:
        return True
    fresh = case.situation.trigger_age <= AT_ONCE
    return fresh and case.purpose is Purpose.ORDER_CONFIRMATION and not case.marketing


def _quiet(case: _Case) -> Quiet:
    policy = case.policy
    if not case.marketing:
        return Quiet(policy.quiet_service)
    holidays = case.situation.holidays if policy.quiet_sunday else frozenset()
    return Quiet(policy.quiet_marketing, policy.quiet_sunday, holidays)
