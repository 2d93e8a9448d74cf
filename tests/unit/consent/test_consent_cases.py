"""`decide` against cases in JSON: the project's own, or others of the form with --consent-cases FILE."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

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
from integration.domain.consent.decision import Defer, decide
from integration.domain.messages.reasons import REASONS

OWN_CASES = Path(__file__).parents[2] / "data" / "consent_cases.json"
PROOF_OF_IMPORT = ("original_at", "wording", "source")

Case = dict[str, Any]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    path = metafunc.config.getoption("--consent-cases", default=None) or OWN_CASES
    if "case" in metafunc.fixturenames:
        cases = _cases(Path(path))
        metafunc.parametrize("case", cases, ids=[case["id"] for case in cases])


def test_case(case: Case) -> None:
    decision = decide(Purpose(case["purpose"]), _ledger(case), _situation(case["context"]), _policy(case))
    assert type(decision).__name__.lower() == case["expected"], decision
    assert decision.reason == case["reason_code"]
    assert (decision.until if isinstance(decision, Defer) else None) == _moment(case.get("not_before"))


def test_order_of_recording_is_irrelevant(case: Case) -> None:
    backwards = {**case, "ledger_events": case["ledger_events"][::-1]}
    purpose, situation, policy = Purpose(case["purpose"]), _situation(case["context"]), _policy(case)
    forth = decide(purpose, _ledger(case), situation, policy)
    back = decide(purpose, _ledger(backwards), situation, policy)
    assert (type(forth), forth.reason) == (type(back), back.reason)


def test_own_cases_cover_every_reason() -> None:
    codes = {case["reason_code"] for case in _cases(OWN_CASES)}
    assert codes <= set(REASONS)
    assert len(codes) == 34


def _cases(path: Path) -> list[Case]:
    document = json.loads(path.read_text("utf-8"))
    defaults = document["defaults"]
    return [
        {
            **case,
            "context": {**defaults["context"], **case.get("context", {})},
            "policy": {**defaults["policy"], **case.get("policy", {})},
        }
        for case in document["cases"]
    ]


def _ledger(case: Case) -> list[ConsentEvent]:
    # Ids by position: if they decided anything, the order of recording would.
    return [_event(f"e{n}", event, case["context"]) for n, event in enumerate(case["ledger_events"])]


def _event(event_id: str, event: Mapping[str, Any], context: Mapping[str, Any]) -> ConsentEvent:
    default_source = "import" if event["type"] == "imported" else "system"
    return ConsentEvent(
        event_id=event_id,
        company=event.get("controller", "shop-1"),
        type=ConsentType(event["type"]),
        purposes=tuple(event["purposes"]),
        occurred_at=datetime.fromisoformat(event["at"]),
        source=Source(event.get("source", default_source)),
        channel=event.get("channel", "whatsapp"),
        via=event.get("via", "whatsapp"),
        flags=frozenset(_flags(event, event.get("evidence", {}))),
        account=event.get("wa_id", context["wa_id"]),
        promised_per_month=context.get("promised_per_month"),
    )


def _flags(event: Mapping[str, Any], evidence: Mapping[str, Any]) -> set[Flag]:
    imported = event["type"] == "imported"
    flaws = {
        Flag.PRE_CHECKED: evidence.get("pre_checked", False),
        Flag.BUNDLED_IN_TERMS: evidence.get("bundled_in_terms", False),
        Flag.WHATSAPP_NOT_NAMED: not evidence.get("names_whatsapp", True),
        Flag.WORDING_MISSING: event.get("wording", "stored") is None,
        Flag.WORDING_NOT_SHOWN: not evidence.get("wording_shown", True),
        Flag.IMPORT_UNPROVEN: imported and not all(evidence.get(name) for name in PROOF_OF_IMPORT),
        Flag.IMPORT_WITHOUT_CONFIRMATION: imported and not evidence.get("doi_whatsapp"),
    }
    return {flag for flag, flawed in flaws.items() if flawed}


def _situation(context: Mapping[str, Any]) -> Situation:
    template = TemplateFacts(context["template_status"], context["template_category"])
    return Situation(
        now=datetime.fromisoformat(context["now"]),
        company=context["controller"],
        zones=(context["timezone"],),
        country=context["country"],
        template=template if context["template"] else None,
        account=context["wa_id"],
        bsuid=context.get("bsuid"),
        consented_bsuid=context.get("consented_bsuid"),
        identity_linked=bool(context.get("identity_link")),
        window_open=context["window_open"],
        trigger_age=timedelta(minutes=context["trigger_age_min"]),
        contains_promotion=context["contains_promotion"],
        precondition=context.get("precondition", True) is not False,
        expires_at=_moment(context.get("expires_at")),
        item=context.get("item"),
        unprocessed_inbound=context["unprocessed_inbound"],
        suppressed=context["suppression_hit"],
        age=context.get("age"),
        sent_last_24h=context["sent_last_24h"],
        sent_last_7d=context["sent_last_7d"],
        sent_last_30d=context["sent_last_30d"],
        last_marketing_at=_moment(context.get("last_marketing_at")),
        optout_confirmations_sent=context["optout_confirmations_sent"],
        doi_requests_sent=context["doi_requests_sent"],
        ledger=context["ledger"],
        holidays=frozenset(date.fromisoformat(day) for day in context["holidays"]),
    )


def _policy(case: Case) -> Policy:
    given, override = dict(case["policy"]), case["context"].get("quiet_hours")
    for name in ("quiet_marketing", "quiet_service"):
        given[name] = _hours(override or given[name])
    delay = timedelta(minutes=given.pop("doi_max_delay_min"))
    return Policy(**given, doi_max_delay=delay)


def _hours(hours: list[str] | None) -> tuple[time, time] | None:
    return (time.fromisoformat(hours[0]), time.fromisoformat(hours[1])) if hours else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
