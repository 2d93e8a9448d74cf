"""The sandbox's calls beside messages: templates, numbers, tokens, media, pages, and what there is not."""

from typing import Any

import pytest
from sandbox_play import CODE, CONFIG, MESSAGES, SHIPPED, TEMPLATES, Play, check_error, run

BODY, _, BUTTON = CODE["components"]


def test_an_edited_text_is_judged_anew_and_only_so_often() -> None:
    other = [{"type": "BODY", "text": "Ihr Paket ist da, und es gibt heute 20 % Rabatt."}]

    async def scene(play: Play) -> None:
        found = play.stage.graph.templates.find("shipped", "de")
        assert found
        url = f"/graph/v26.0/{found.id}"
        check_error(await play.client.post(url, json={"name": "neu"}), 400, 100)
        check_error(await play.client.post(url, json={"category": "MARKETING"}), 400, 100)
        check_error(await play.client.post(url, json={"components": [{"type": "BODY", "text": ""}]}), 400, 100)
        answer = await play.client.post(url, json={"components": other})
        shown = {"id": found.id, "name": "shipped", "category": "MARKETING"}
        assert answer.json() == {"success": True, **shown}, "it advertises now"
        assert (await play.client.get(f"{url}?fields=category,status")).json() == {
            "id": found.id, "category": "MARKETING", "status": "APPROVED",
        }  # fmt: skip
        check_error(await play.client.post(url, json={"components": other}), 400, 100)
        await play.client.post("/stage/clock", json={"seconds": 86_401})
        assert (await play.client.post(url, json={"components": other})).status_code == 200
        found.status = "DISABLED"
        check_error(await play.client.post(url, json={"components": other}), 400, 100)

    run(scene)


def test_a_deleted_name_is_blocked_for_30_days() -> None:
    async def scene(play: Play) -> None:
        check_error(await play.client.delete(TEMPLATES), 400, 100)
        assert (await play.client.delete(f"{TEMPLATES}?name=shipped")).json() == {"success": True}
        assert (await play.client.get(TEMPLATES)).json() == {"data": []}
        check_error(await play.send(), 404, 132001)
        again = await play.client.post(TEMPLATES, json=SHIPPED)
        check_error(again, 400, 100)
        assert again.json()["error"]["error_subcode"] == 2388023
        await play.client.post("/stage/clock", json={"seconds": 30 * 86_400 + 1})
        assert (await play.client.post(TEMPLATES, json=SHIPPED)).status_code == 200

    run(scene)


def test_what_a_reviewer_would_say_comes_with_its_subcode() -> None:
    async def scene(play: Play) -> None:
        wrong = SHIPPED | {"name": "neu", "components": [{"type": "BODY", "text": "{{1}} ist da"}]}
        error = (await play.client.post(TEMPLATES, json=wrong | {"parameter_format": "positional"})).json()["error"]
        assert (error["code"], error["error_subcode"], error["is_transient"]) == (100, 2388299, False)
        assert error["error_user_title"] and error["error_user_msg"]

    run(scene)


@pytest.mark.parametrize(
    "changes",
    [
        {"language": "de_DE"},
        {"components": [{"type": "BODY", "text": "Ihr Code ist {{1}}"}]},
        {"components": [BODY]},
        {"components": [BODY, BODY, BUTTON]},
        {"components": [BODY, {"type": "FOOTER", "code_expiration_minutes": 91}, BUTTON]},
        {"components": [BODY, {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "ONE_TAP"}]}]},
        {"components": [BODY, {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "a"}]}]},
    ],
)  # fmt: skip
def test_templates_for_codes_have_whatsapps_words_alone(changes: dict[str, Any]) -> None:
    async def scene(play: Play) -> None:
        check_error(await play.client.post(TEMPLATES, json=CODE | changes), 400, 100)

    run(scene)


# --- the rest of the API


def test_unknown_paths_and_versions_are_answered_in_metas_envelope() -> None:
    async def scene(play: Play) -> None:
        for path in ("/graph/v26.0/a/b/c", f"/graph/26/{CONFIG.phone_number_id}"):
            answer = await play.client.get(path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2500)
        answer = await play.client.put(MESSAGES, json={})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2500)

    run(scene)


def test_a_number_must_be_registered_with_its_pin() -> None:
    number = f"/graph/v26.0/{CONFIG.phone_number_id}"

    async def scene(play: Play) -> None:
        assert (await play.client.post(f"{number}/deregister")).json() == {"success": True}
        check_error(await play.send(), 400, 133010)
        check_error(await play.client.post(f"{number}/register", json={"messaging_product": "whatsapp"}), 400, 100)
        right = {"messaging_product": "whatsapp", "pin": "123456"}
        assert (await play.client.post(f"{number}/register", json=right)).json() == {"success": True}
        assert (await play.send()).status_code == 200
        check_error(await play.client.post(f"{number}/register", json=right | {"pin": "654321"}), 400, 133005)

    run(scene)


def test_tokens_expire_are_withdrawn_and_lack_permissions() -> None:
    async def scene(play: Play) -> None:
        for header in ("sandbox-token", "Bearer other", "Basic sandbox-token", ""):
            bad = await play.client.post(MESSAGES, json={}, headers={"Authorization": header})
            check_error(bad, 401, 190)
        later = "2099-01-01T00:00:00+00:00"
        await play.client.post("/stage/token", json={"expires_at": later})
        assert (await play.send()).status_code == 200
        await play.client.post("/stage/clock", json={"at": later})
        expired = await play.send()
        check_error(expired, 401, 190)
        assert expired.json()["error"]["error_subcode"] == 463
        await play.client.post("/stage/token", json={"expires_at": "", "scopes": ["whatsapp_business_management"]})
        check_error(await play.send(), 403, 200)
        await play.client.post("/stage/token", json={"valid": False})
        check_error(await play.client.get(TEMPLATES), 401, 190)

    run(scene)


def test_media_are_deleted() -> None:
    async def scene(play: Play) -> None:
        image = play.stage.graph.media.add(b"x", "image/png")
        assert (await play.client.delete(f"/graph/v26.0/{image}")).json() == {"success": True}
        assert (await play.client.delete(f"/graph/v26.0/{image}")).json()["error"]["error_subcode"] == 33
        shown = {"type": "image", "template": ..., "image": {"id": image}}
        check_error(await play.send(**shown), 400, 131009)

    run(scene)


def test_pages_go_forwards_and_back() -> None:
    async def scene(play: Play) -> None:
        for n in range(4):
            await play.client.post(TEMPLATES, json=SHIPPED | {"name": f"shipped_{n}"})
        first = (await play.client.get(f"{TEMPLATES}?limit=2")).json()
        assert "previous" not in first["paging"]
        second = (await play.client.get(first["paging"]["next"])).json()
        back = (await play.client.get(second["paging"]["previous"])).json()
        assert [row["name"] for row in back["data"]] == [row["name"] for row in first["data"]]
        check_error(await play.client.get(f"{TEMPLATES}?after=unfug"), 400, 100)

    run(scene)
