"""What the sandbox charges and tells of prices; its clock, which can stand still; and what else Meta may tell."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox_play import ANNA, CONFIG, MESSAGES, Play, run

from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.billing import FREE_TEXTS, Billing

OTHER = "100000000000002"


async def stage(play: Play, path: str, **body: Any) -> dict[str, Any]:
    answer = await play.client.post(f"/stage/{path}", json=body)
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, found
    return found


def prices(play: Play) -> list[tuple[str, Any]]:
    return [(status["status"], status.get("pricing")) for status in play.worker.statuses()]


@pytest.mark.parametrize(("hours", "kind"), [(71, "free_entry_point"), (73, "regular")])
def test_for_72_hours_after_an_ad_everything_is_free(hours: int, kind: str) -> None:
    async def scene(play: Play) -> None:
        await stage(play, "reply", customer="anna", text="Was kostet das?", ad=True)
        await play.until(lambda: any("messages" in value for value in play.worker.values()))
        [said] = [m for value in play.worker.values() for m in value.get("messages", [])]
        assert said["referral"]["source_type"] == "ad"
        await stage(play, "clock", seconds=hours * 3600)
        assert (await play.send()).status_code == 200
        await play.until(lambda: len(play.worker.statuses()) == 3)
        assert prices(play)[0][1]["type"] == kind
        assert play.stage.graph.bill()["total"] == ("0" if kind == "free_entry_point" else "0.0456")

    run(scene)


def test_each_number_has_its_own_free_texts() -> None:
    billing = Billing()
    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    for n in range(FREE_TEXTS):
        billing.agree(f"a{n}", ANNA, "service", at, sender="one")
    assert billing.agree("a", ANNA, "service", at, sender="one").type == "regular"
    assert billing.agree("b", ANNA, "service", at, sender="two").type == "free_customer_service"


@pytest.mark.parametrize(
    ("moment", "kind"),
    [("2026-09-30T23:59:59+02:00", "free_customer_service"), ("2026-10-01T00:00:00+02:00", "regular")],
)
def test_the_rules_of_october_begin_at_midnight_of_a_clock_that_stands_still(moment: str, kind: str) -> None:
    async def scene(play: Play) -> None:
        now = (await stage(play, "clock", at=moment, stop=True))["now"]
        await stage(play, "reply", customer="anna", text="Hallo")
        await play.send()
        await play.until(lambda: len(play.worker.statuses()) == 3)
        assert prices(play)[0][1]["type"] == kind
        assert (await stage(play, "clock", seconds=0))["now"] == now
        moved = await stage(play, "clock", seconds=10)
        assert (await stage(play, "clock", seconds=0))["now"] == moved["now"] != now
        await stage(play, "clock", stop=False)

    run(scene)


@pytest.mark.parametrize("wrong", [{"at": "morgen"}, {"at": "2026-10-01T00:00:00"}, {"seconds": -1}, {"seconds": "1"}])
def test_a_clock_that_is_set_wrong(wrong: dict[str, Any]) -> None:
    async def scene(play: Play) -> None:
        assert (await play.client.post("/stage/clock", json=wrong)).status_code == 400

    run(scene)


def test_a_price_comes_on_sent_and_once_more_and_billable_may_be_missing() -> None:
    async def scene(play: Play) -> None:
        await stage(play, "settings", skip_delivered=True, no_billable=True)
        await play.send()
        await play.until(lambda: len(play.worker.statuses()) == 2)
        expected = {"pricing_model": "PMP", "type": "regular", "category": "utility"}
        assert prices(play) == [("sent", expected), ("read", expected)]
        assert len(play.stage.graph.bill()["lines"]) == 1

    run(scene)


def test_late_statuses_still_come() -> None:
    async def scene(play: Play) -> None:
        await stage(play, "settings", late=True)
        await play.send()
        await play.until(lambda: len(play.worker.statuses()) == 3)

    run(scene, SandboxConfig(status_delay=0.001, latency=0))


def test_anything_that_meta_may_tell_can_be_told_if_it_is_subscribed() -> None:
    async def scene(play: Play) -> None:
        await stage(play, "news", field="security", value={"event": "PIN_CHANGED"})
        await play.until(lambda: bool(play.worker.values("security")))
        assert (await play.client.post("/stage/news", json={"field": "weather", "value": {}})).status_code == 400
        app = {"Authorization": f"Bearer {CONFIG.app_id}|{CONFIG.app_secret}"}
        wanted = {
            "object": "whatsapp_business_account",
            "callback_url": "https://shop.example/hook",
            "fields": "messages",
        }
        answer = await play.client.post(f"/graph/v26.0/{CONFIG.app_id}/subscriptions", json=wanted, headers=app)
        assert answer.json() == {"success": True}
        play.worker.hooks.clear()
        await stage(play, "news", field="security", value={"event": "PIN_CHANGED"})
        await stage(play, "reply", customer="anna", text="Hallo")
        await play.until(lambda: bool(play.worker.values("messages")))
        assert play.worker.values("security") == [], "Meta posts what the app asked for"

    run(scene)


def test_two_numbers_send_and_only_they() -> None:
    async def scene(play: Play) -> None:
        body = {"messaging_product": "whatsapp", "to": ANNA, "type": "text", "text": {"body": "Hallo"}}
        await stage(play, "reply", customer="anna", text="Hallo")
        for number, status in ((CONFIG.phone_number_id, 200), (OTHER, 200), ("100000000000003", 400)):
            answer = await play.client.post(MESSAGES.replace(CONFIG.phone_number_id, number), json=body)
            assert answer.status_code == status

    run(scene, SandboxConfig(status_delay=0, latency=0, more_numbers=(OTHER,)))
