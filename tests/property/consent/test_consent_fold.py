"""Properties of the consent fold and of decide() over arbitrary ledgers (docs/reference/law.md section 3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from integration.domain.consent.consent import (
    ConsentEvent,
    ConsentType,
    Flag,
    Policy,
    Purpose,
    Situation,
    Source,
    TemplateFacts,
)
from integration.domain.consent.decision import Allow, Decision, decide
from integration.domain.consent.standing import Standing, fold

NOW = datetime(2027, 2, 10, 9, tzinfo=UTC)
SCOPES = ("service_updates", "marketing_news", "marketing_offers", "*marketing", "*")
NOES = (ConsentType.WITHDRAWN, ConsentType.OBJECTED)

events = st.builds(
    ConsentEvent,
    event_id=st.just("e"),
    company=st.sampled_from(["acme", "acme", "acme", "other"]),
    type=st.sampled_from(ConsentType),
    purposes=st.lists(st.sampled_from(SCOPES), max_size=2).map(tuple),
    # Few moments, so that ties and the future come up.
    occurred_at=st.integers(-9, 1).map(lambda days: NOW + timedelta(days=days)),
    source=st.sampled_from(Source),
    channel=st.sampled_from(["whatsapp", "whatsapp", "whatsapp", "any", "email"]),
    via=st.sampled_from(["whatsapp", "whatsapp", "email"]),
    flags=st.sets(st.sampled_from(Flag), max_size=1).map(frozenset),
    account=st.sampled_from([None, "a1", "a2"]),
    promised_per_month=st.sampled_from([None, 1, 4]),
)
ledgers = st.lists(events, max_size=7)
policies = st.builds(Policy, doi=st.booleans(), resume_restores_consent=st.booleans())
situations = st.builds(
    Situation,
    now=st.just(NOW),
    company=st.just("acme"),
    zones=st.just(("Europe/Berlin",)),
    country=st.just("DE"),
    template=st.sampled_from(["UTILITY", "MARKETING"]).map(lambda category: TemplateFacts("APPROVED", category)),
    account=st.just("a1"),
    contains_promotion=st.booleans(),
    suppressed=st.booleans(),
    sent_last_30d=st.sampled_from([0, 2]),
)
purposes = st.sampled_from(Purpose)


def verdict(decision: Decision) -> tuple[str, str]:
    return type(decision).__name__, decision.reason


@given(ledgers, st.randoms(use_true_random=False), purposes, situations, policies)
def test_recording_order_changes_nothing(
    ledger: list[ConsentEvent], random: object, purpose: Purpose, situation: Situation, policy: Policy
) -> None:
    shuffled = list(ledger)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for scope in SCOPES[:3]:
        here, there = (fold(rows, scope, situation, policy) for rows in (ledger, shuffled))
        assert (here.standing, here.code) == (there.standing, there.code)
    decisions = [decide(purpose, rows, situation, policy) for rows in (ledger, shuffled)]
    assert verdict(decisions[0]) == verdict(decisions[1])


@given(ledgers, events, purposes, situations, policies, st.sampled_from(NOES))
def test_a_no_never_turns_deny_into_allow(
    ledger: list[ConsentEvent],
    event: ConsentEvent,
    purpose: Purpose,
    situation: Situation,
    policy: Policy,
    kind: ConsentType,
) -> None:
    before = decide(purpose, ledger, situation, policy)
    after = decide(purpose, [*ledger, replace(event, type=kind)], situation, policy)
    assert isinstance(before, Allow) or not isinstance(after, Allow)


@given(ledgers, situations, policies)
def test_the_last_word_is_a_no(ledger: list[ConsentEvent], situation: Situation, policy: Policy) -> None:
    stop = ConsentEvent("stop", "acme", ConsentType.WITHDRAWN, ("*",), NOW, Source.CHANNEL)
    for scope in SCOPES[:3]:
        assert fold([stop, *ledger], scope, situation, policy).standing is Standing.OFF


@given(ledgers, purposes, situations, policies)
def test_the_future_and_other_companies_allow_nothing(
    ledger: list[ConsentEvent], purpose: Purpose, situation: Situation, policy: Policy
) -> None:
    counted = [event for event in ledger if event.company == "acme" and event.occurred_at <= NOW]
    everything = decide(purpose, ledger, situation, policy)
    mine = decide(purpose, counted, situation, policy)
    assert isinstance(everything, Allow) is isinstance(mine, Allow)
