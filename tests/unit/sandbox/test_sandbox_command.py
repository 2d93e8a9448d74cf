"""`ladenbote sandbox whatsapp`: WhatsApp alone, with limits, faults and credentials as asked for."""

import asyncio
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from starlette.applications import Starlette

from integration.cli import main
from integration.cli.practice import TIER_NAMES, UNTIDY
from integration.sandbox import command
from integration.sandbox.app import create_whatsapp
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.limits import TIERS
from integration.sandbox.whatsapp.statuses import Switches


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(command, "serve", lambda app, port: found.append((app, port)))
    return found


def asked(app: Starlette, method: str, path: str, **more: Any) -> httpx.Response:
    """One request to the app."""

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8700") as client:
            return await client.request(method, path, **more)

    return asyncio.run(once())


def started(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["sandbox", *arguments])


def test_whatsapp_alone_prints_what_one_needs(served: list[Any]) -> None:
    said = started("whatsapp", "--port", "8799", "--webhook", "http://127.0.0.1:9/hook", "--numbers", "2")
    assert said.exit_code == 0, said.output
    for word in (
        "http://127.0.0.1:8799/graph/v26.0", "sandbox-token", "100000000000001, 100000000000002", "200000000000001",
        "sandbox-app-secret", "sandbox-verify", "http://127.0.0.1:9/hook",
    ):  # fmt: skip
        assert word in said.output
    [(app, port)] = served
    assert port == 8799
    assert asked(app, "GET", "/stage/state").json()["phones"]
    assert asked(app, "POST", "/stage/order", json={}).status_code == 404
    assert asked(app, "GET", "/woocommerce/wp-json/").status_code == 404


def test_options_become_limits_and_faults(served: list[Any]) -> None:
    said = started(
        "whatsapp", "--rate", "20", "--people", "unlimited", "--seed", "7", "--latency", "0", "--strict",
        "--fault", "accept_then_reset=0.1", "--fault", "sync_131016=0.2", "--untidy", "lose", "--untidy", "batch",
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    stage = served[0][0].state.stage
    assert stage.graph.management.rate(stage.config.phone_number_id) == 20
    assert stage.graph.management.people_per_day is None
    assert (stage.config.seed, stage.config.auto_templates) == (7, False)
    assert stage.config.lots == {"accept_then_reset": 0.1, "sync_131016": 0.2}
    assert (stage.webhooks.switches.lose, stage.webhooks.switches.batch) == (True, True)


@pytest.mark.parametrize("wrong", ["accept_then_reset", "reset=2", "reset=x", "blocked=0.1", "sync_5=0.1", "x=0.1"])
def test_a_wrong_fault_is_explained(served: list[Any], wrong: str) -> None:
    said = started("whatsapp", "--fault", wrong)
    assert said.exit_code == 2
    assert wrong.split("=")[0] in said.output
    assert not served


def test_the_command_knows_every_limit_and_every_untidiness() -> None:
    assert {f"TIER_{name.upper()}" for name in TIER_NAMES} == set(TIERS)
    assert {*UNTIDY, "auto_read"} == set(Switches.__slots__)


def test_everything_starts_as_before(served: list[Any]) -> None:
    assert started().exit_code == 0
    assert asked(served[0][0], "GET", "/woocommerce/wp-json/").status_code == 200


def test_a_page_elsewhere_controls_nothing() -> None:
    app, body = create_whatsapp(SandboxConfig()), {"account": True, "fate": "190"}
    answer = asked(app, "POST", "/stage/fate", json=body, headers={"Origin": "http://evil.example"})
    assert (answer.status_code, app.state.stage.graph.fates.account) == (403, 0)
