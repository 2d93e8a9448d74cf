"""What is read of a number, its token, account and app, against the pretend Meta over a real socket."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pretend_meta import Meta, pretend_meta

from connectors.whatsapp.account import WhatsAppAccount
from integration.demo import free_port
from integration.domain.number_findings import findings
from integration.domain.numbers import NumberFacts
from integration.domain.ports import Level

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Meta]:
    with pretend_meta() as meta:
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
    assert facts.callback == facts.app_callback == "https://bote.example/meta/nummer"
    found = bad(facts)
    assert "not_subscribed" not in found
    assert found["fields_needed"] is Level.FAULT
    assert found["fields_useful"] is Level.HINT


def test_nobody_answers(meta: Meta) -> None:
    facts = read(meta, base_url=f"http://127.0.0.1:{free_port()}/v26.0")
    assert not facts.reachable
    assert list(bad(facts)) == ["unreachable"]


def test_the_token_stands_in_no_address(meta: Meta, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.whatsapp.http import Connections

    addresses: list[str] = []
    plain = Connections.exchange

    async def watched(self: Any, method: str, url: Any, *rest: Any) -> Any:
        addresses.append(str(url))
        return await plain(self, method, url, *rest)

    monkeypatch.setattr(Connections, "exchange", watched)
    read(meta)
    assert len(addresses) >= 6
    assert not any(
        secret in url for url in addresses for secret in (meta.config.whatsapp_token, meta.config.app_secret)
    )


def test_a_partner_says_what_cannot_be_checked() -> None:
    said = findings(NumberFacts(partner=True), NOW)
    assert [f.code for f in said] == ["partner_unchecked", "partner_answers"]
    assert [f.code for f in findings(NumberFacts(partner=True, token_valid=False), NOW)] == ["key_wrong"]
