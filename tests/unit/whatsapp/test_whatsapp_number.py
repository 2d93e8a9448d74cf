"""What is read of a number, its token, account and app, against the pretend Meta over a real socket."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pretend_meta import Meta, pretend_meta

from connectors.whatsapp.account import WhatsAppAccount
from integration.cli.demo import free_port
from integration.domain.numbers.diagnostics import findings
from integration.domain.numbers.numbers import NumberFacts, Obstacle
from integration.domain.shops.ports import Level
from integration.domain.text import Text
from integration.flow.numbers import connect

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Meta]:
    with pretend_meta() as meta:
        meta.stage.clock.put(NOW)
        yield meta


@pytest.fixture
def meta(running: Meta) -> Iterator[Meta]:
    management = running.management
    before = {name: dict(getattr(management, name)) for name in ("number", "account", "overrides", "profile")}
    yield running
    fresh = type(management)(running.config, running.stage.clock, running.stage.webhooks)
    for name in ("token", "app", "subscribed"):
        setattr(management, name, getattr(fresh, name))
    for name, value in before.items():
        setattr(management, name, value)


def read(meta: Meta, **changes: Any) -> NumberFacts:
    return WhatsAppAccount(meta.settings(**changes)).facts()


def bad(facts: NumberFacts) -> dict[str, Level]:
    return {f.code: f.level for f in findings(facts, NOW) if f.level is not Level.OK}


def test_everything_is_read(meta: Meta) -> None:
    facts = read(meta)
    assert facts.errors == {}
    assert facts.token_valid
    assert facts.token_type == "SYSTEM_USER"
    assert facts.token_expires_at is None
    assert set(facts.permissions) == {"whatsapp_business_messaging", "whatsapp_business_management"}
    assert (facts.app_id, facts.app_secret_fits) == (meta.config.app_id, True)
    assert (facts.display_number, facts.verified_name) == ("+49 221 4710 0900", "Laden Beispiel")
    assert (facts.status, facts.name_status, facts.quality) == ("CONNECTED", "APPROVED", "GREEN")
    assert (facts.rate, facts.people_per_day, facts.unlimited) == (80, 2000, False)
    assert (facts.in_account, facts.subscribed, facts.fields) == (True, False, ())


def test_the_demos_number_is_in_order() -> None:
    with pretend_meta(set_up=True) as meta:
        assert bad(read(meta)) == {}


def test_a_wrong_token_is_said_and_nothing_else(meta: Meta) -> None:
    facts = read(meta, token="EAAfalsch")
    assert facts.token_valid is False
    assert list(bad(facts)) == ["token_wrong"]


def test_a_revoked_token(meta: Meta) -> None:
    meta.management.token.valid = False
    assert list(bad(read(meta))) == ["token_wrong"]


def test_the_tokens_end_and_kind(meta: Meta) -> None:
    meta.management.token.type = "USER"
    meta.management.token.expires_at = int((NOW + timedelta(days=3)).timestamp())
    facts = read(meta)
    assert facts.token_expires_at == NOW + timedelta(days=3)
    found = bad(facts)
    assert found["token_type"] is Level.FAULT
    assert found["token_ends"] is Level.FAULT
    later = {f.code: f.level for f in findings(facts, NOW - timedelta(days=300))}
    assert later["token_ends"] is Level.HINT
    assert "token_wrong" in {f.code for f in findings(facts, NOW + timedelta(days=4))}


@pytest.mark.parametrize("scope", ["whatsapp_business_messaging", "whatsapp_business_management"])
def test_a_missing_permission(meta: Meta, scope: str) -> None:
    meta.management.token.scopes = [s for s in meta.management.token.scopes if s != scope]
    assert bad(read(meta))[f"permission_{scope}"] is Level.FAULT


def test_a_number_of_another_account(meta: Meta) -> None:
    assert bad(read(meta, phone_number_id="999"))["number_foreign"] is Level.FAULT
    meta.management.number["id"] = "5"
    assert bad(read(meta))["other_account"] is Level.FAULT


def test_the_app_secret_is_checked_on_the_spot(meta: Meta) -> None:
    facts = read(meta, app_secret="fremd")
    assert facts.app_secret_fits is False
    assert bad(facts)["app_secret_wrong"] is Level.FAULT


@pytest.mark.parametrize(
    ("field", "value", "code", "level"),
    [
        ("status", "DISCONNECTED", "not_registered", Level.FAULT),
        ("status", "BANNED", "number_restricted", Level.FAULT),
        ("name_status", "PENDING_REVIEW", "name_waits", Level.HINT),
        ("name_status", "DECLINED", "name_declined", Level.FAULT),
        ("quality_rating", "YELLOW", "quality", Level.HINT),
        ("quality_rating", "RED", "quality", Level.FAULT),
        ("account_mode", "SANDBOX", "test_number", Level.HINT),
        ("is_on_biz_app", True, "coexistence", Level.HINT),
    ],
)
def test_what_the_number_says(meta: Meta, field: str, value: Any, code: str, level: Level) -> None:
    meta.management.number[field] = value
    assert bad(read(meta))[code] is level


@pytest.mark.parametrize(
    ("throughput", "shared", "rate"), [("STANDARD", False, 80), ("HIGH", False, 1000), ("HIGH", True, 20)]
)
def test_the_rate(meta: Meta, throughput: str, shared: bool, rate: int) -> None:
    meta.management.number |= {"throughput": {"level": throughput}, "is_on_biz_app": shared}
    assert read(meta).rate == rate


def test_the_subscription_and_its_fields(meta: Meta) -> None:
    meta.management.subscribed = True
    meta.management.app.callback = "https://bote.example/meta/nummer"
    meta.management.app.fields = ["messages"]
    facts = read(meta)
    assert facts.callback == "https://bote.example/meta/nummer"
    found = bad(facts)
    assert "not_subscribed" not in found
    assert found["fields_needed"] is Level.FAULT
    assert found["fields_useful"] is Level.HINT


def test_another_apps_subscription_is_none_of_ours(meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A partner's app may listen to the account: our webhooks come only when our own does."""
    row = {"whatsapp_business_api_data": {"id": "999", "name": "Fremd"}}
    monkeypatch.setattr(type(meta.management), "subscribed_apps", lambda _: {"data": [row]})
    facts = read(meta)
    assert facts.subscribed is False
    assert bad(facts)["not_subscribed"] is Level.FAULT


def blocked(*entities: dict[str, Any]) -> dict[str, Any]:
    return {"can_send_message": "BLOCKED", "entities": list(entities)}


def test_no_means_of_payment_is_said_once_and_plainly(meta: Meta) -> None:
    error = {"error_code": 141006, "error_description": "payment method", "possible_solution": "add one"}
    stopped = {"can_send_message": "BLOCKED", "errors": [error]}
    meta.management.number["health_status"] = blocked(
        {"entity_type": "WABA", "id": "1", **stopped}, {"entity_type": "BUSINESS", "id": "2", **stopped}
    )
    found = [f for f in findings(read(meta), NOW) if f.level is not Level.OK]
    [unpaid] = [f for f in found if f.level is Level.FAULT and f.code == "unpaid"]
    assert "Zahlungsmethode" in unpaid.text.de and unpaid.remedy and "Abrechnung" in unpaid.remedy.de


def test_what_else_stands_in_the_way_is_said_in_metas_words(meta: Meta) -> None:
    error = {
        "error_code": 141010,
        "error_description": "The number is not verified.",
        "possible_solution": "Verify it.",
    }
    limited = "Your display name has not been approved yet."
    meta.management.number["health_status"] = blocked(
        {"entity_type": "PHONE_NUMBER", "can_send_message": "BLOCKED", "errors": [error, "kaputt"]},
        {"entity_type": "WABA", "can_send_message": "LIMITED", "additional_info": [limited, None]},
        {"entity_type": "APP", "errors": None, "additional_info": "x"},
    )
    said = {f.code: f for f in findings(read(meta), NOW)}
    assert said["obstacle_141010"].level is Level.FAULT
    assert said["obstacle_141010"].remedy == Text("Metas Rat: „Verify it.“", "Meta's advice: “Verify it.”")
    assert (said["obstacle_0"].level, limited in said["obstacle_0"].text.en) == (Level.HINT, True)


def test_the_imprint_is_looked_for_in_the_profile(meta: Meta) -> None:
    assert bad(read(meta))["imprint_missing"] is Level.HINT
    meta.management.profile["websites"] = ["https://laden.example", "https://laden.example/impressum"]
    facts = read(meta)
    assert facts.websites == ("https://laden.example", "https://laden.example/impressum")
    assert "imprint_missing" not in bad(facts)


@pytest.mark.parametrize(("tier", "level"), [("TIER_250", Level.HINT), ("TIER_2K", None), ("TIER_UNLIMITED", None)])
def test_a_small_limit_comes_with_the_way_to_a_larger_one(meta: Meta, tier: str, level: Level | None) -> None:
    meta.management.allow(tier)
    assert bad(read(meta)).get("limit") is level


@pytest.mark.parametrize("code", [10, 200, 3])
def test_a_number_that_the_token_may_not_read(code: int) -> None:
    said = findings(NumberFacts(token_valid=True, errors={"number": code}), NOW)
    assert "number_forbidden" in {f.code for f in said if f.level is Level.FAULT}
    assert connect.hopeless(tuple(said))


def test_every_finding_that_is_not_well_says_what_to_do_in_both_languages() -> None:
    many = NumberFacts(
        token_valid=True, token_type="USER", token_expires_at=NOW, app_secret_fits=False, status="FLAGGED",
        name_status="DECLINED", quality="RED", mode="SANDBOX", account_id="1", account_review="PENDING",
        in_account=False, subscribed=False, fields=(), on_business_app=True, websites=(),
        obstacles=(Obstacle(141006, "x"), Obstacle(1, "y"), Obstacle(0, "z", "", blocks=False)),
    )  # fmt: skip
    others = (
        replace(many, account_review="REJECTED", name_status="PENDING_REVIEW", quality="YELLOW", status="PENDING"),
        NumberFacts(reachable=False), NumberFacts(token_valid=False), NumberFacts(partner=True, errors={"number": 404}),
        NumberFacts(), *(NumberFacts(errors={"number": code}) for code in (-1, 33, 10)),
    )  # fmt: skip
    said = [f for facts in (many, *others) for f in findings(facts, NOW) if f.level is not Level.OK]
    assert len({f.code for f in said}) > 25
    for finding in said:
        assert finding.remedy, finding.code
        assert finding.text.de != finding.text.en and finding.remedy.de != finding.remedy.en, finding.code


def test_nobody_answers(meta: Meta) -> None:
    facts = read(meta, base_url=f"http://127.0.0.1:{free_port()}/v26.0")
    assert not facts.reachable
    assert list(bad(facts)) == ["unreachable"]


def test_the_token_stands_in_no_address(meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.whatsapp.calls import Calls

    addresses: list[str] = []
    plain = Calls.exchange

    async def watched(self: Any, method: str, url: Any, *rest: Any) -> Any:
        addresses.append(str(url))
        return await plain(self, method, url, *rest)

    monkeypatch.setattr(Calls, "exchange", watched)
    read(meta)
    assert len(addresses) >= 6
    assert not any(
        secret in url for url in addresses for secret in (meta.config.whatsapp_token, meta.config.app_secret)
    )


def test_a_partner_that_does_not_show_the_number() -> None:
    said = findings(NumberFacts(partner=True, errors={"number": 404}), NOW)
    assert (said[0].code, said[0].level) == ("partner_silent", Level.FAULT)
    unpaid = NumberFacts(partner=True, obstacles=(Obstacle(141006, "x"),))
    assert findings(unpaid, NOW)[0].code == "unpaid"


def test_a_partner_says_what_cannot_be_checked() -> None:
    said = findings(NumberFacts(partner=True), NOW)
    assert [f.code for f in said] == ["partner_unchecked", "partner_answers"]
    assert [f.code for f in findings(NumberFacts(partner=True, token_valid=False), NOW)] == ["key_wrong"]
