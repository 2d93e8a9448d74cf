"""The sandbox's Meta keeps its limits, holds messages back, and hides phones, as documented (whatsapp.md, 2 and 6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sandbox_play import ANNA, CONFIG, MESSAGES, TEMPLATES, Play, check_error, run, template

from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.errors import KINDS
from integration.sandbox.whatsapp.limits import TIERS

SECOND = "100000000000002"
QUICK = {"status_delay": 0, "latency": 0, "retry_backoff": 0}
TWO = SandboxConfig(**QUICK, more_numbers=(SECOND,))
ADVERTISING = {
    "name": "news", "language": "de", "category": "MARKETING",
    "components": [{"type": "BODY", "text": "Heute gibt es Neues im Laden."}],
}  # fmt: skip
NEWS = {"name": "news", "language": {"code": "de"}}


def person(n: int) -> str:
    return f"+4917139{n:05d}"


def stand_still(play: Play) -> datetime:
    """The sandbox's clock stops, so that nothing refills by itself."""
    at = datetime.now(UTC)
    play.stage.clock.now = lambda: at  # type: ignore[method-assign]
    return at


def later(play: Play, **delta: float) -> None:
    at = play.stage.clock.now() + timedelta(**delta)
    play.stage.clock.now = lambda: at  # type: ignore[method-assign]


async def sent(play: Play, to: str, number: str = CONFIG.phone_number_id, content: Any = None) -> int:
    """0, or the code of the refusal."""
    body = {"messaging_product": "whatsapp", "to": to, "type": "template", "template": content or template()}
    answer = await play.client.post(MESSAGES.replace(CONFIG.phone_number_id, number), json=body)
    return int(answer.json()["error"]["code"]) if answer.is_error else 0


def inbound(play: Play) -> list[Any]:
    """What customers wrote, as the worker was told."""
    return [message for value in play.worker.values() for message in value.get("messages", [])]


async def control(play: Play, action: str, **body: Any) -> Any:
    answer = await play.client.post(f"/stage/{action}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


# --- messages a second, to one person, people a day


@pytest.mark.parametrize(
    ("config", "rate"),
    [(CONFIG, 80), (SandboxConfig(**QUICK, coexistence=True), 20), (SandboxConfig(**QUICK, throughput="HIGH"), 1000)],
)
def test_messages_a_second(config: SandboxConfig, rate: int) -> None:
    async def scene(play: Play) -> None:
        stand_still(play)
        await control(play, "tier", tier="TIER_UNLIMITED")
        codes = [await sent(play, person(n)) for n in range(rate + 2)]
        assert codes == [0] * rate + [130429] * 2
        later(play, seconds=1.5 / rate)
        assert await sent(play, person(0)) == 0
        state = (await play.client.get("/stage/state")).json()
        assert state["refused"] == {"130429": 2}

    run(scene, config)


def test_each_number_has_its_own_seconds() -> None:
    async def scene(play: Play) -> None:
        stand_still(play)
        assert [await sent(play, person(n)) for n in range(81)][-1] == 130429
        assert await sent(play, person(0), SECOND) == 0

    run(scene, TWO)


def test_one_person_gets_45_at_once_and_then_one_in_6_seconds() -> None:
    async def scene(play: Play) -> None:
        stand_still(play)
        assert [await sent(play, ANNA) for _ in range(46)] == [0] * 45 + [131056]
        assert await sent(play, person(1)) == 0
        later(play, seconds=6)
        assert [await sent(play, ANNA) for _ in range(2)] == [0, 131056]
        later(play, minutes=10)
        assert [await sent(play, ANNA) for _ in range(46)] == [0] * 45 + [131056]

    run(scene)


def test_people_a_day_are_shared_by_all_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TIERS, "TIER_250", 3)

    async def scene(play: Play) -> None:
        stand_still(play)
        await control(play, "tier", tier="TIER_250")
        numbers = (CONFIG.phone_number_id, SECOND, CONFIG.phone_number_id, SECOND)
        assert [await sent(play, person(n), number) for n, number in enumerate(numbers)] == [0, 0, 0, 131048]
        assert await sent(play, person(0), SECOND) == 0, "who was written to takes no second place"
        await control(play, "reply", phone=person(3), text="Hallo")
        assert await sent(play, person(3)) == 0, "who wrote takes none"
        later(play, hours=23)
        assert await sent(play, person(1)) == 0
        later(play, hours=1, seconds=1)
        assert [await sent(play, person(n)) for n in (7, 8, 9)] == [0, 0, 131048], "one was written to an hour ago"

    run(scene, TWO)


def test_another_limit_is_told_and_counts() -> None:
    async def scene(play: Play) -> None:
        await control(play, "tier", tier="TIER_10K")
        await play.until(lambda: bool(play.worker.values("business_capability_update")))
        [value] = play.worker.values("business_capability_update")
        assert value["max_daily_conversations_per_business"] == 10_000
        node = (await play.client.get(f"/graph/v26.0/{SECOND}?fields=whatsapp_business_manager_messaging_limit")).json()
        assert node["whatsapp_business_manager_messaging_limit"] == "TIER_10K"

    run(scene, TWO)


def test_webhooks_name_the_number_that_sent() -> None:
    async def scene(play: Play) -> None:
        await sent(play, ANNA, SECOND)
        await play.until(lambda: len(play.worker.statuses()) == 3)
        assert {v["metadata"]["phone_number_id"] for v in play.worker.values()} == {SECOND}
        await control(play, "reply", customer="anna", text="Hallo")
        await play.until(lambda: any("messages" in v for v in play.worker.values()))
        assert play.worker.values()[-1]["metadata"] == {
            "display_phone_number": "4922147100901", "phone_number_id": SECOND,
        }  # fmt: skip

    run(scene, TWO)


def test_no_advertising_to_the_usa() -> None:
    async def scene(play: Play) -> None:
        assert (await play.client.post(TEMPLATES, json=ADVERTISING)).is_success
        assert await sent(play, "+12125550100", content=NEWS) == 0
        await play.until(lambda: bool(play.worker.statuses()))
        assert play.worker.statuses()[0]["errors"][0]["code"] == 131049
        assert await sent(play, "+14165550100", content=NEWS) == 0
        await play.until(lambda: len(play.worker.statuses()) == 4)
        assert not any("errors" in status for status in play.worker.statuses()[1:]), "Canada has the same prefix"

    run(scene)


# --- held back


def test_a_paced_template_is_held_and_then_sent_or_dropped() -> None:
    async def scene(play: Play) -> None:
        await control(play, "pacing", template="shipped", verdict="hold")
        answer = await play.send()
        assert answer.json()["messages"][0]["message_status"] == "held_for_quality_assessment"
        await sent(play, person(1))
        assert (await control(play, "pacing", template="shipped", verdict="release"))["held"] == 2
        await play.until(lambda: len(play.worker.statuses()) == 6)
        await control(play, "pacing", template="shipped", verdict="hold")
        await sent(play, person(2))
        assert len(play.worker.statuses()) == 6
        await control(play, "pacing", template="shipped", verdict="drop")
        await play.until(lambda: len(play.worker.statuses()) == 7)
        assert play.worker.statuses()[-1]["errors"][0]["code"] == 132015
        assert await sent(play, person(3)) == 132015
        [row] = (await play.client.get(f"{TEMPLATES}?name=shipped")).json()["data"]
        assert (await play.client.post(f"/graph/v26.0/{row['id']}/unpause")).json() == {"success": True}
        assert await sent(play, person(3)) == 0

    run(scene)


@pytest.mark.parametrize(("fate", "end"), [("held_then_sent", "read"), ("held_then_dropped", "failed")])
def test_held_for_one_person(fate: str, end: str) -> None:
    async def scene(play: Play) -> None:
        await control(play, "fate", customer="anna", fate=fate)
        assert (await play.send()).json()["messages"][0]["message_status"] == "held_for_quality_assessment"
        await play.until(lambda: play.stage.phones.at(ANNA).messages[0].status == end)

    run(scene)


# --- the account, the person


@pytest.mark.parametrize(
    ("state", "code", "event"),
    [("disabled", 131031, "DISABLED_UPDATE"), ("payment", 131042, ""), ("violation", 0, "ACCOUNT_VIOLATION")],
)
def test_states_of_the_account(state: str, code: int, event: str) -> None:
    async def scene(play: Play) -> None:
        await control(play, "account", state=state)
        assert await sent(play, ANNA) == code
        await control(play, "account", state="ok")
        assert await sent(play, ANNA) == 0
        await play.until(lambda: len(play.worker.values("account_update")) == (2 if event else 1))
        assert play.worker.values("account_update")[0]["event"] == (event or "DISABLED_UPDATE")

    run(scene)


def test_a_restricted_account_may_answer_only() -> None:
    async def scene(play: Play) -> None:
        await control(play, "account", state="restricted")
        assert await sent(play, ANNA) == 368
        await control(play, "reply", customer="anna", text="Hallo")
        assert await sent(play, ANNA) == 0
        await play.until(lambda: bool(play.worker.values("account_update")))
        [row] = play.worker.values("account_update")[0]["restriction_info"]
        assert row["restriction_type"] == "RESTRICTED_BIZ_INITIATED_MESSAGING"

    run(scene)


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_code_at_once_and_by_webhook(code: int) -> None:
    async def scene(play: Play) -> None:
        await control(play, "fate", customer="anna", fate=f"sync_{code}")
        answer = await play.send()
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (KINDS[code].http, code)
        await control(play, "fate", customer="anna", fate=f"later_{code}")
        assert await sent(play, ANNA) == 0
        await play.until(lambda: bool(play.worker.statuses()))
        [status] = play.worker.statuses()
        assert (status["status"], status["errors"][0]["code"]) == ("failed", code)

    run(scene)


def test_who_stops_says_so_to_everybody() -> None:
    async def scene(play: Play) -> None:
        await control(play, "fate", customer="anna", fate="blocked")
        await sent(play, ANNA)
        await play.until(lambda: bool(play.worker.values("user_preferences")) and bool(play.worker.statuses()))
        assert play.worker.values("user_preferences")[0]["user_preferences"][0]["value"] == "stop"
        await control(play, "preference", customer="anna", value="resume")
        await play.until(lambda: len(play.worker.values("user_preferences")) == 2)

    run(scene)


def test_with_usernames_nobody_learns_the_phone() -> None:
    async def scene(play: Play) -> None:
        await control(play, "hide", customer="anna")
        [contact] = (await play.send()).json()["contacts"]
        assert set(contact) == {"input", "user_id"}
        body = {"messaging_product": "whatsapp", "recipient": contact["user_id"], "type": "template"}
        assert (await play.client.post(MESSAGES, json={**body, "template": template()})).status_code == 200
        await control(play, "reply", customer="anna", text="Hallo")
        await play.until(lambda: len(play.worker.statuses()) == 6 and bool(inbound(play)))
        said = b"".join(raw for *_, raw in play.worker.hooks)
        assert ANNA[1:].encode() not in said
        assert {s["recipient_user_id"] for s in play.worker.statuses()} == {contact["user_id"]}
        assert inbound(play)[0]["from_user_id"] == contact["user_id"]

    run(scene)


def test_a_new_number_brings_a_new_user_id() -> None:
    async def scene(play: Play) -> None:
        before = play.stage.phones.at(ANNA).user_id
        after = (await control(play, "number", customer="anna", number="+4917139200999"))["user_id"]
        assert after != before
        await play.until(lambda: bool(inbound(play)))
        [row] = inbound(play)
        assert (row["from"], row["system"]["wa_id"], row["system"]["user_id"]) == (ANNA[1:], "4917139200999", after)

    run(scene)


# --- time


def test_time_closes_windows_and_ends_media() -> None:
    async def scene(play: Play) -> None:
        text = {"type": "text", "template": ..., "text": {"body": "Gern"}}
        await control(play, "reply", customer="anna", text="Hallo")
        medium = play.stage.graph.media.add(b"x", "image/png", lives=30 * 86_400)
        assert (await play.send(**text)).status_code == 200
        await control(play, "clock", seconds=24 * 3600)
        check_error(await play.send(**text), 400, 131047)
        assert play.stage.graph.media.knows(medium)
        await control(play, "clock", seconds=29 * 86_400 + 1)
        assert not play.stage.graph.media.knows(medium)

    run(scene)


def test_only_media_that_lie_here_are_sent() -> None:
    picture = {
        "name": "picture", "language": "de", "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::aW1hZ2U="]}},
            {"type": "BODY", "text": "Ihr Paket ist da."},
        ],
    }  # fmt: skip

    def with_medium(ident: str) -> dict[str, Any]:
        header = {"type": "header", "parameters": [{"type": "image", "image": {"id": ident}}]}
        return {"name": "picture", "language": {"code": "de"}, "components": [header]}

    async def scene(play: Play) -> None:
        play.stage.graph.uploads.handles["4::aW1hZ2U="] = "IMAGE"
        assert (await play.client.post(TEMPLATES, json=picture)).is_success
        medium = play.stage.graph.media.add(b"x", "image/png", lives=30 * 86_400)
        assert await sent(play, ANNA, content=with_medium(medium)) == 0
        assert await sent(play, ANNA, content=with_medium("4711")) == 131009
        await control(play, "clock", seconds=31 * 86_400)
        assert await sent(play, ANNA, content=with_medium(medium)) == 131053

    run(scene)


# --- statuses, and lots


def test_many_statuses_come_in_one_body() -> None:
    async def scene(play: Play) -> None:
        await control(play, "settings", batch=True)
        for n in range(60):
            assert await sent(play, person(n)) == 0
        await play.until(lambda: len(play.worker.statuses()) == 180)
        assert len([v for v in play.worker.values() if "statuses" in v]) < 20
        seen = {(s["id"], s["status"]) for s in play.worker.statuses()}
        assert len(seen) == 180

    run(scene)


def test_one_in_five_statuses_is_lost() -> None:
    async def scene(play: Play) -> None:
        await control(play, "settings", lose=True)
        for n in range(60):
            await sent(play, person(n))
        await play.until(lambda: {p.messages[0].status for p in play.stage.phones if p.messages} == {"read"})
        await play.until(lambda: len(play.worker.statuses()) == 180 - play.stage.webhooks.statuses.lost)
        assert 20 <= play.stage.webhooks.statuses.lost <= 52

    run(scene)


def test_the_same_seed_draws_the_same_lots() -> None:
    found: list[list[str]] = []

    async def scene(play: Play) -> None:
        for n in range(60):
            body = {"messaging_product": "whatsapp", "to": person(n), "type": "template", "template": template()}
            answer = await play.client.post(MESSAGES, json=body)
            found[-1].append("" if answer.is_success else str(answer.status_code))

    for seed in (1, 1, 2):
        found.append([])
        run(scene, SandboxConfig(**QUICK, seed=seed, lots={"html_500": 0.2, "sync_131016": 0.1}))
    assert found[0] == found[1] != found[2]
    assert {"", "500"} == set(found[0])
