"""Setting Meta's webhook up: whose the app's address is, and what is said when Meta does not get its answer."""

from collections.abc import Iterator
from typing import Any

import pytest
from pretend_meta import VERIFY, Meta, pretend_meta

from connectors.whatsapp.account import WhatsAppAccount
from integration.cli.demo import free_port
from integration.domain.numbers.numbers import NEEDED_FIELDS, USEFUL_FIELDS
from integration.domain.shops.ports import Finding, Level
from integration.sandbox.whatsapp.account import AppState
from integration.sandbox.whatsapp.errors import GraphError


@pytest.fixture(scope="module")
def running() -> Iterator[Meta]:
    with pretend_meta() as meta:
        yield meta


@pytest.fixture
def meta(running: Meta) -> Meta:
    management = running.management
    management.__init__(running.config, running.stage.clock, running.stage.webhooks)
    return running


def connect(meta: Meta, *others: str, verify: str = VERIFY, **changes: Any) -> dict[str, Finding]:
    found = WhatsAppAccount(meta.settings(**changes)).connect(f"{meta.ear_url}/meta/nummer", verify, others)
    return {finding.code: finding for finding in found}


def levels(found: dict[str, Finding]) -> dict[str, Level]:
    return {code: finding.level for code, finding in found.items()}


def test_a_fresh_app_gets_our_address_our_fields_and_listens_to_the_account(meta: Meta) -> None:
    assert levels(connect(meta)) == {"connected": Level.OK}
    assert meta.management.app.callback == f"{meta.ear_url}/meta/nummer"
    assert {*NEEDED_FIELDS, *USEFUL_FIELDS} <= set(meta.management.app.fields)
    assert meta.management.subscribed
    assert not meta.management.overrides.get("phone_number")


def test_another_programs_address_stays_and_this_number_gets_one_of_its_own(meta: Meta) -> None:
    meta.management.app = AppState("https://andere.example/hook", ["messages"])
    assert levels(connect(meta)) == {"connected": Level.OK, "app_elsewhere": Level.HINT}
    assert meta.management.app == AppState("https://andere.example/hook", ["messages"])
    assert meta.management.overrides["phone_number"] == f"{meta.ear_url}/meta/nummer"


def test_the_address_of_another_number_of_ours_stays_and_is_nothing_to_speak_of(meta: Meta) -> None:
    first = f"{meta.ear_url}/meta/erste"
    meta.management.app = AppState(first, ["messages"])
    assert levels(connect(meta, first)) == {"connected": Level.OK}
    assert meta.management.app.callback == first
    assert meta.management.overrides["phone_number"] == f"{meta.ear_url}/meta/nummer"


def test_the_address_of_a_number_that_is_gone_is_taken_over(meta: Meta) -> None:
    meta.management.app = AppState(f"{meta.ear_url}/meta/weg", ["messages"])
    assert levels(connect(meta, f"{meta.ear_url}/meta/erste")) == {"connected": Level.OK}
    assert meta.management.app.callback == f"{meta.ear_url}/meta/nummer"


def test_an_address_that_gives_the_wrong_answer(meta: Meta) -> None:
    found = connect(meta, verify="falsch")["callback_unverified"]
    assert found.level is Level.FAULT
    assert "Callback verification failed" in found.text.de
    assert found.remedy and "public_url" in found.remedy.de


def test_a_certificate_that_meta_does_not_trust_is_called_by_its_name(
    meta: Meta, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise GraphError(2200, "curl_errno = 60; curl_error = SSL certificate problem: unable to get local issuer")

    monkeypatch.setattr(type(meta.management), "_verify", refuse)
    found = connect(meta)["callback_certificate"]
    assert found.level is Level.FAULT
    assert found.remedy and "Let's Encrypt" in found.remedy.de and "Let's Encrypt" in found.remedy.en


def test_a_token_that_may_not_manage_is_told_what_to_do_by_hand(meta: Meta) -> None:
    meta.management.token.scopes = ["whatsapp_business_messaging"]
    found = connect(meta)["webhook_refused"]
    assert "200" in found.text.en
    assert found.remedy and "user_preferences" in found.remedy.en


def test_nobody_answers(meta: Meta) -> None:
    assert list(connect(meta, base_url=f"http://127.0.0.1:{free_port()}/v26.0")) == ["webhook_unreachable"]


def test_without_the_accounts_id_nothing_can_listen(meta: Meta) -> None:
    assert levels(connect(meta, business_account_id="")) == {"account_missing": Level.FAULT}
    assert not meta.management.subscribed
