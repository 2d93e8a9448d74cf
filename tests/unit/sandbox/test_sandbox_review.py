"""The sandbox's Meta takes its time, knows advertising when it reads it, and changes its mind."""

from typing import Any

import pytest
from sandbox_play import SHIPPED, TEMPLATES, Play, check_error, run, template

from integration.sandbox.config import SandboxConfig

SLOW = SandboxConfig(status_delay=0, latency=0, retry_backoff=0, review_delay=0.2)


def named(text: str, **changes: Any) -> dict[str, Any]:
    body = {"type": "BODY", "text": text}
    return SHIPPED | {"name": "neu", "components": [body]} | changes


def updates(play: Play, field: str) -> list[Any]:
    return play.worker.values(field)


def test_a_review_takes_its_time() -> None:
    async def scene(play: Play) -> None:
        answer = await play.client.post(TEMPLATES, json=named("Ihr Paket ist da."))
        assert answer.json()["status"] == "PENDING"
        check_error(await play.send(template(name="neu", components=[])), 404, 132001)
        await play.until(lambda: any(u["message_template_name"] == "neu" for u in _judged(play)))
        assert (await play.send(template(name="neu", components=[]))).status_code == 200

    run(scene, SLOW)


def _judged(play: Play) -> list[Any]:
    return updates(play, "message_template_status_update")


@pytest.mark.parametrize(
    ("text", "asked", "given"),
    [
        ("Ihr Paket ist da.", "UTILITY", "UTILITY"),
        ("Ihr Paket ist da, und 10 % Rabatt dazu.", "UTILITY", "MARKETING"),
        ("Nur heute: Rabatt!", "MARKETING", "MARKETING"),
    ],
)
def test_advertising_is_approved_as_marketing_without_a_word(text: str, asked: str, given: str) -> None:
    async def scene(play: Play) -> None:
        answer = await play.client.post(TEMPLATES, json=named(text, category=asked))
        assert (answer.json()["status"], answer.json()["category"]) == ("APPROVED", given)
        assert updates(play, "template_category_update") == []

    run(scene)


async def judge(play: Play, **verdict: str) -> Any:
    return await play.client.post("/stage/judge", json={"name": "shipped", "language": "de", **verdict})


def test_meta_changes_its_mind_and_says_so() -> None:
    async def scene(play: Play) -> None:
        assert (await judge(play, category="MARKETING", quality="RED")).status_code == 200
        await play.until(lambda: bool(updates(play, "message_template_quality_update")))
        [category] = updates(play, "template_category_update")
        assert (category["previous_category"], category["new_category"]) == ("UTILITY", "MARKETING")
        [quality] = updates(play, "message_template_quality_update")
        assert (quality["new_quality_score"], quality["message_template_name"]) == ("RED", "shipped")
        row = (await play.client.get(f"{TEMPLATES}?name=shipped&fields=category,quality_score")).json()["data"][0]
        assert (row["category"], row["quality_score"]["score"]) == ("MARKETING", "RED")
        [shown] = (await play.client.get(TEMPLATES)).json()["data"]
        assert "quality_score" not in shown, "only what was asked for"

    run(scene)


def test_a_rejection_has_its_reason() -> None:
    async def scene(play: Play) -> None:
        await judge(play, status="REJECTED", reason="INVALID_FORMAT")
        await play.until(lambda: any(u["event"] == "REJECTED" for u in _judged(play)))
        [update] = [u for u in _judged(play) if u["event"] == "REJECTED"]
        assert update["reason"] == "INVALID_FORMAT"
        check_error(await play.send(), 404, 132001)

    run(scene)


@pytest.mark.parametrize("wrong", [{"status": "GOOD"}, {"category": "NEWS"}, {"quality": "BLUE"}, {"name": "weg"}])
def test_what_meta_never_says(wrong: dict[str, str]) -> None:
    async def scene(play: Play) -> None:
        assert (await judge(play, **wrong)).status_code == 400
        assert play.stage.graph.templates.find("shipped", "de").status == "APPROVED"

    run(scene)
