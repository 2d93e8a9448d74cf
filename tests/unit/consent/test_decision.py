"""What the cases in JSON do not show: the basis, several zones, the fold's finer points, the sentences."""

import ast
import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from integration.domain.consent import decision, standing
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
from integration.domain.consent.decision import Allow, Decision, Defer, Deny, decide
from integration.domain.messages.reasons import REASONS, reason

NOW = datetime(2027, 2, 10, 9, tzinfo=UTC)
UTILITY = TemplateFacts("APPROVED", "UTILITY")
MARKETING = TemplateFacts("APPROVED", "MARKETING")
SITUATION = Situation(now=NOW, company="acme", zones=("Europe/Berlin",), country="DE", template=UTILITY, account="a1")
POLICY = Policy()
_ids = count(1)


def event(type_: str, *purposes: str, days: float = 1, **fields: Any) -> ConsentEvent:
    """An event `days` before now."""
    given: dict[str, Any] = {
        "event_id": f"e{next(_ids)}",
        "company": "acme",
        "type": ConsentType(type_),
        "purposes": purposes,
        "occurred_at": NOW - timedelta(days=days),
        "source": Source.FORM,
    }
    return ConsentEvent(**(given | fields))


def ask(purpose: str, *ledger: ConsentEvent, policy: Policy = POLICY, **facts: Any) -> Decision:
    """decide(), with the template that fits the purpose unless said otherwise."""
    fitting = MARKETING if purpose in {"offer", "newsletter"} else UTILITY
    return decide(Purpose(purpose), ledger, replace(SITUATION, **({"template": fitting} | facts)), policy)


def test_basis_names_grant_and_confirmation() -> None:
    grant = event("granted", "marketing_news", days=3)
    confirmed = event("confirmed", "marketing_news", days=2)
    assert ask("newsletter", confirmed, grant) == Allow("ok", (grant.event_id, confirmed.event_id))


def test_basis_names_what_forbids() -> None:
    grant, stop = event("granted", "service_updates", days=3), event("withdrawn", "*", days=2)
    assert ask("shipping_notice", grant, stop) == Deny("withdrawn", (stop.event_id,))
    stranger = event("granted", "service_updates", company="other")
    assert ask("shipping_notice", stranger) == Deny("wrong_controller", (stranger.event_id,))


def test_nearest_miss_is_named() -> None:
    other = event("granted", "marketing_news", days=1, company="other")
    mail = event("granted", "marketing_news", days=2, channel="email")
    ticked = event("granted", "marketing_news", days=3, flags=frozenset({Flag.PRE_CHECKED}))
    assert ask("newsletter", other, mail).reason == "wrong_channel"
    assert ask("newsletter", ticked, other, mail).reason == "invalid_consent"


def test_ticking_again_at_the_checkout_loses_nothing() -> None:
    first = event("granted", "marketing_news", days=30)
    confirmed = event("confirmed", "marketing_news", days=30)
    again = event("granted", "marketing_news", days=1, source=Source.CHECKOUT)
    assert ask("newsletter", first, confirmed, again) == Allow("ok", (first.event_id, confirmed.event_id))


def test_confirmed_repetition_brings_its_own_promise() -> None:
    old = event("granted", "marketing_news", days=30, source=Source.QR, promised_per_month=2)
    new = event("granted", "marketing_news", days=1, promised_per_month=8)
    confirmed = event("confirmed", "marketing_news", days=0.5)
    assert ask("newsletter", old, new, sent_last_30d=4).reason == "frequency_promise"
    assert ask("newsletter", old, new, confirmed, sent_last_30d=4).reason == "ok"


def test_a_typed_number_does_not_open_the_door_for_an_import() -> None:
    stop = event("withdrawn", "*marketing", days=9)
    typed = event("granted", "marketing_news", days=8)
    imported = event("imported", "marketing_news", days=7, source=Source.IMPORT)
    assert ask("newsletter", imported).reason == "ok"
    assert ask("newsletter", stop, typed, imported).reason == "not_confirmed"


@pytest.mark.parametrize("source", [Source.API, Source.STAFF, Source.SYSTEM])
def test_only_the_person_lifts_a_no(source: Source) -> None:
    stop = event("withdrawn", "*", days=2)
    assert ask("shipping_notice", stop, event("granted", "service_updates", source=source)).reason == "withdrawn"
    assert ask("shipping_notice", stop, event("granted", "service_updates")).reason == "ok"


def test_no_to_the_request_ends_it() -> None:
    grant, no = event("granted", "marketing_news", days=3), event("declined", "marketing_news", days=2)
    yes = event("confirmed", "marketing_news", days=1)
    assert ask("newsletter", grant, no, yes).reason == "not_confirmed"
    assert ask("newsletter", event("granted", "marketing_news", days=9, source=Source.QR), grant, no).reason == "ok"


def test_confirmation_from_the_account_before_a_number_change_counts() -> None:
    grant = event("granted", "marketing_news", days=3)
    yes = event("confirmed", "marketing_news", days=2, account="old")
    assert ask("newsletter", grant, yes).reason == "identity_mismatch"
    assert ask("newsletter", grant, yes, identity_linked=True).reason == "ok"
    assert ask("newsletter", replace(grant, account="old"), yes).reason == "ok"


def test_single_opt_in_by_setting_still_needs_the_wording() -> None:
    policy = Policy(doi=False)
    bare = event("granted", "marketing_news", source=Source.KEYWORD, flags=frozenset({Flag.WORDING_NOT_SHOWN}))
    assert ask("newsletter", event("granted", "marketing_news"), policy=policy).reason == "ok"
    assert ask("newsletter", bare, policy=policy).reason == "not_informed"


def test_objection_blocks_requests_until_an_own_message() -> None:
    objection = event("objected", "*marketing", days=9)
    form = event("granted", "marketing_news", days=0.01)
    own = event("granted", "marketing_offers", days=5, source=Source.CHAT_BUTTON)
    assert ask("doi_request", objection, form) == Deny("objected", (objection.event_id,))
    assert ask("doi_request", objection, own, form) == Allow()


def test_no_request_for_what_is_confirmed() -> None:
    form, yes = event("granted", "marketing_news", days=0.02), event("confirmed", "marketing_news", days=0.01)
    assert ask("doi_request", form, yes).reason == "precondition_failed"


def test_a_stop_at_another_company_does_not_count() -> None:
    grant = event("granted", "marketing_offers", days=9, source=Source.QR)
    stop = event("platform_stop", company="other")
    assert ask("offer", grant, stop).reason == "ok"
    assert ask("offer", grant, replace(stop, company="acme")) == Deny("platform_stop", (stop.event_id,))


def test_promoting_reply_is_marketing_in_every_respect() -> None:
    offers = event("granted", "marketing_offers", days=9, source=Source.QR)
    facts: dict[str, Any] = {"contains_promotion": True, "template": None, "window_open": True}
    assert ask("support_reply", offers, **facts).reason == "ok"
    assert ask("support_reply", offers, unprocessed_inbound=True, **facts) == Defer("inbound_pending")
    assert ask("support_reply", offers, suppressed=False, sent_last_24h=1, **facts).reason == "frequency_cap"
    assert ask("support_reply", **facts).reason == "promotion_in_service_message"


def test_erasure_without_suppression_still_ends_everything() -> None:
    grant, erased = event("granted", "service_updates", days=3), event("erased", days=2)
    assert ask("shipping_notice", grant, erased) == Deny("withdrawn", (erased.event_id,))


def test_what_is_late_is_denied_even_by_day() -> None:
    grant = event("granted", "service_updates")
    assert ask("shipping_notice", grant, expires_at=NOW).reason == "ok"
    assert ask("shipping_notice", grant, expires_at=NOW - timedelta(seconds=1)).reason == "stale"


def test_every_possible_zone_must_be_awake() -> None:
    grant = event("granted", "service_updates")
    zones = ("Europe/Berlin", "America/New_York")
    assert ask("shipping_notice", grant, zones=zones) == Defer("quiet_hours", datetime(2027, 2, 10, 12, tzinfo=UTC))


def test_every_code_of_a_decision_has_its_sentence() -> None:
    codes = _first_words(decision, {"Allow", "Defer", "Deny", "State"}) | _returned(standing)
    codes |= {"withdrawn", "objected", "expired", "not_confirmed", "not_informed", "no_consent"}
    assert {"ok", "stale", "suppressed", "wrong_channel", "frequency_promise"} <= codes
    assert codes <= set(REASONS), codes - set(REASONS)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_sentences_are_sentences(code: str) -> None:
    for sentence in (REASONS[code].de, REASONS[code].en):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence) < 140


def test_an_unknown_code_is_named() -> None:
    assert "made_up" in reason("made_up").de
    assert reason("ok") is REASONS["ok"]


def _first_words(module: ModuleType, makers: set[str]) -> set[str]:
    """Every string that the module passes to one of `makers`."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in makers]
    return {code for call in made for argument in call.args for code in _codes(argument)}


def _returned(module: ModuleType) -> set[str]:
    """Every string that a function of the module returns."""
    nodes = ast.walk(ast.parse(inspect.getsource(module)))
    returned = [node.value for node in nodes if isinstance(node, ast.Return)]
    return {code for value in returned if value for code in _codes(value)}


def _codes(node: ast.AST) -> set[str]:
    constants = [found.value for found in ast.walk(node) if isinstance(found, ast.Constant)]
    return {value for value in constants if isinstance(value, str) and value}


def test_a_service_text_that_meta_made_marketing_waits_for_the_owner_then_needs_that_consent() -> None:
    """docs/reference/whatsapp.md section 7: a flipped template needs marketing consent from then on."""
    service = event("granted", "service_updates", days=3)
    news = [event("granted", "marketing_news", days=3), event("confirmed", "marketing_news", days=2)]
    off = event("withdrawn", "*marketing", days=1)
    flipped = TemplateFacts("APPROVED", "MARKETING", flipped=True)
    braked = TemplateFacts("APPROVED", "MARKETING", braked=True, flipped=True)
    assert ask("shipping_notice", service, *news, template=braked) == Deny("template_flipped")
    assert ask("shipping_notice", service, template=flipped) == Deny("text_is_marketing")
    assert ask("shipping_notice", service, news[0], template=flipped) == Deny("text_is_marketing")
    assert isinstance(ask("shipping_notice", service, *news, template=flipped), Allow)
    assert ask("shipping_notice", service, *news, off, template=flipped) == Deny("text_is_marketing")
    assert ask("shipping_notice", *news, template=flipped).reason == "no_consent"
    assert isinstance(ask("newsletter", *news, template=braked), Allow), "marketing is no flip"
