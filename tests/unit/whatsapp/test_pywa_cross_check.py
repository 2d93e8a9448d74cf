"""pywa, written by others, as a second opinion: what the sandbox posts, what we send as text, which codes there are.

It reads only the first item of a body and fails on statuses without contacts (docs/reference/whatsapp.md section 12),
so it gets one item at a time.
"""

import inspect
import json
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from pywa import errors as pywa_errors
from pywa import types as pywa
from sandbox_play import ANNA, Play, run

from connectors.whatsapp.errors import REACTIONS, reaction
from connectors.whatsapp.payloads import message
from connectors.whatsapp.webhook import WEBHOOK
from integration.domain.actions import Action
from integration.domain.messages.channel import Envelope, MetaUpdate

#: what pywa needs of its client to read an update
CLIENT: Any = SimpleNamespace(_usr_cls=pywa.User, _resolve_user_identifier=lambda user: iter([user.wa_id]))
#: codes of groups, calls, usernames, sign-up, block lists and of the management side: nothing here sends with them
ELSEWHERE = (
    range(131020, 131021), range(131041, 131042), range(131044, 131045), range(131059, 131060), range(131201, 131216),
    range(133016, 133017), range(138000, 140000), range(147000, 148000), range(2_000_000, 3_000_000), range(613, 614),
)  # fmt: skip


def bodies(play: Play, key: str) -> list[tuple[dict[str, Any], MetaUpdate]]:
    """Each posted body with such items, as JSON and as we read it."""
    found = []
    for *_, raw in play.worker.hooks:
        body = json.loads(raw)
        if key in body["entry"][0]["changes"][0]["value"]:
            [update] = WEBHOOK.parse(raw)
            found.append((body, update))
    return found


def test_statuses_say_the_same_to_both() -> None:
    async def scene(play: Play) -> None:
        await play.send(biz_opaque_callback_data="attempt-7")
        await play.until(lambda: len(play.worker.statuses()) == 3)
        for body, update in bodies(play, "statuses"):
            [ours], theirs = update.statuses, pywa.MessageStatus.from_update(CLIENT, body)
            assert (ours.wa_message_id, ours.status, ours.at) == (theirs.id, theirs.status.value, theirs.timestamp)
            assert (ours.attempt_id, ours.wa_user_id) == (theirs.tracker, theirs.from_user.bsuid)
            assert ours.phone == f"+{theirs.from_user.wa_id}" == ANNA
            if theirs.pricing:
                assert (ours.price_category, ours.billable) == (theirs.pricing.category.value, theirs.pricing.billable)

    run(scene)


def test_what_customers_write_and_press_says_the_same_to_both() -> None:
    async def scene(play: Play) -> None:
        await play.client.post("/stage/reply", json={"customer": "anna", "text": "STOP"})
        await play.until(lambda: bool(bodies(play, "messages")))
        [(body, update)] = bodies(play, "messages")
        [ours], theirs = update.messages, pywa.Message.from_update(CLIENT, body)
        assert (ours.wa_message_id, ours.text, ours.at) == (theirs.id, theirs.text, theirs.timestamp)
        assert (ours.phone, ours.wa_user_id) == (f"+{theirs.from_user.wa_id}", theirs.from_user.bsuid)
        await play.send()
        button = {"payload": "Frage stellen", "text": "Frage stellen"}
        await play.client.post("/stage/reply", json={"customer": "anna", "button": button})
        await play.until(lambda: len(bodies(play, "messages")) == 2)
        body, update = bodies(play, "messages")[-1]
        [ours], pressed = update.messages, pywa.CallbackButton.from_update(CLIENT, body)
        assert (ours.wa_message_id, ours.payload, ours.text) == (pressed.id, pressed.data, pressed.title)
        assert pressed.reply_to_message and ours.reply_to == pressed.reply_to_message.id

    run(scene)


def test_templates_and_preferences_say_the_same_to_both() -> None:
    async def scene(play: Play) -> None:
        await play.client.post("/stage/judge", json={"name": "shipped", "language": "de", "status": "PAUSED"})
        await play.client.post("/stage/preference", json={"customer": "anna", "value": "stop"})
        await play.until(lambda: bool(bodies(play, "user_preferences")) and len(bodies(play, "event")) == 2)
        told = [
            (update.templates[0], pywa.TemplateStatusUpdate.from_update(CLIENT, b))
            for b, update in bodies(play, "event")
        ]
        for ours, theirs in told:
            assert (ours.name, ours.status) == (theirs.template_name, theirs.new_status.value)
            assert ours.language == theirs.template_language.value
        [(body, update)] = bodies(play, "user_preferences")
        [wish], theirs = update.preferences, pywa.UserMarketingPreferences.from_update(CLIENT, body)
        assert (wish.phone, wish.at) == (f"+{theirs.from_user.wa_id}", theirs.timestamp)
        assert wish.stop and theirs.value.value == "stop"

    run(scene)


def by_pywa(buttons: list[pywa.Button]) -> Any:
    return json.loads(json.dumps([button.to_dict() for button in buttons]))


def test_reply_buttons_are_the_same_as_pywas() -> None:
    envelope = Envelope(
        "a1", ANNA, None, "de", text="Alles richtig?", buttons=(("YES", "Ja, gern"), ("NO", "Nein")),
    )  # fmt: skip
    ours = orjson.loads(message(envelope))["interactive"]["action"]["buttons"]
    assert ours == by_pywa([pywa.Button("Ja, gern", callback_data="YES"), pywa.Button("Nein", callback_data="NO")])


def codes() -> list[int]:
    """Every code that pywa has a class for, outside of what is not used here."""
    classes = [one for _, one in inspect.getmembers(pywa_errors, inspect.isclass)]
    found = {code for one in classes for code in getattr(one, "__error_codes__", None) or ()}
    return sorted(code for code in found if not any(code in elsewhere for elsewhere in ELSEWHERE))


@pytest.mark.parametrize("code", codes())
def test_every_code_that_pywa_knows_is_in_our_table(code: int) -> None:
    assert code in REACTIONS or reaction(code).action is Action.PAUSE_SENDER, (
        "only the range of permissions is not listed"
    )
