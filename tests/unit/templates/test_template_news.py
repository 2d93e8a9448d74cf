"""What Meta says of templates: its webhooks in our words, and every state and reason in the owner's."""

from typing import Any

import orjson
import pytest

from connectors.whatsapp.answers import SUBCODES, read
from connectors.whatsapp.http import Reply
from connectors.whatsapp.webhook import WEBHOOK
from integration.domain.errors import Refused
from integration.domain.messages.channel import TemplateNews
from integration.domain.templates.approval import BECOMES_MARKETING, REASONS, rejection, state_of
from integration.domain.templates.selection import Known
from integration.domain.templates.templates import template_for

NAME = {"message_template_id": 1, "message_template_name": "lb_x_v1", "message_template_language": "en-US"}
SERVICE = template_for("order_confirmation", "de", "du")


def news(field: str, **value: Any) -> TemplateNews:
    body = {"entry": [{"changes": [{"field": field, "value": NAME | value}]}]}
    [update] = WEBHOOK.parse(orjson.dumps(body))
    [found] = update.templates
    assert (found.name, found.language) == ("lb_x_v1", "en_US")
    return found


@pytest.mark.parametrize(
    ("value", "status", "reason"),
    [
        ({"event": "APPROVED", "reason": "NONE"}, "APPROVED", ""),
        ({"event": "REJECTED", "reason": "ABUSIVE_CONTENT"}, "REJECTED", "ABUSIVE_CONTENT"),
        ({"event": "REJECTED", "reason": "NONE"}, "REJECTED", "NONE"),
        ({"event": "REJECTED", "reason": None}, "REJECTED", ""),
        (
            {"event": "REJECTED", "rejection_info": {"reason": "Too vague.", "recommendation": "Say what it is."}},
            "REJECTED", "Too vague. Say what it is.",
        ),
        ({"event": "PAUSED", "reason": "NONE", "other_info": {"title": "FIRST_PAUSE"}}, "PAUSED", "FIRST_PAUSE"),
        ({"event": "UNPAUSED", "reason": "NONE"}, "APPROVED", ""),
        ({"event": "UNARCHIVED"}, "APPROVED", ""),
        ({"event": "REINSTATED"}, "APPROVED", ""),
        ({"event": "DELETED"}, "MISSING", ""),
        ({"event": "PENDING_DELETION"}, "PENDING_DELETION", ""),
    ],
)  # fmt: skip
def test_a_status(value: dict[str, Any], status: str, reason: str) -> None:
    found = news("message_template_status_update", **value)
    assert (found.status, found.reason) == (status, reason)


@pytest.mark.parametrize("event", ["FLAGGED", "LOCKED"])
def test_what_changes_no_status(event: str) -> None:
    body = {"entry": [{"changes": [{"field": "message_template_status_update", "value": NAME | {"event": event}}]}]}
    [update] = WEBHOOK.parse(orjson.dumps(body))
    assert update.templates == ()


def test_a_category_that_comes_and_one_that_came() -> None:
    ahead = news("template_category_update", correct_category="MARKETING", new_category="UTILITY")
    assert (ahead.category, ahead.reason) == ("UTILITY", BECOMES_MARKETING)
    came = news("template_category_update", previous_category="UTILITY", new_category="MARKETING")
    assert (came.category, came.reason) == ("MARKETING", "")


def test_words_that_somebody_changed() -> None:
    found = news("message_template_components_update", message_template_element="Hallo {{name}}\n, da.")
    assert (found.body, found.status, found.category) == ("Hallo {{name}}\n, da.", None, None)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_is_said_in_both_languages(reason: str) -> None:
    assert rejection(reason, "de") != rejection(reason, "en")
    assert all(text.endswith((".", "!")) for text in (rejection(reason, "de"), rejection(reason, "en")))


@pytest.mark.parametrize(
    "reason", ["ABUSIVE_CONTENT", "INVALID_FORMAT", "NONE", "PROMOTIONAL", "TAG_CONTENT_MISMATCH", "SCAM"]
)
def test_metas_reasons_are_all_known(reason: str) -> None:
    assert reason in REASONS


@pytest.mark.parametrize(
    ("known", "code", "mood"),
    [
        (None, "MISSING", "wait"),
        (Known("APPROVED", "UTILITY"), "APPROVED", "good"),
        (Known("APPROVED", "MARKETING"), "FLIPPED", "bad"),
        (Known("APPROVED", "UTILITY", BECOMES_MARKETING), "WARNED", "bad"),
        (Known("REFUSED", "UTILITY", "TOO_MANY"), "LIMIT_EXCEEDED", "bad"),
        (Known("REFUSED", "UTILITY", "NAME_BLOCKED"), "DELETED", "bad"),
        *((Known(status, "UTILITY"), status, mood) for status, mood in (
            ("PENDING", "wait"), ("IN_APPEAL", "wait"), ("REJECTED", "bad"), ("PAUSED", "bad"), ("DISABLED", "bad"),
            ("LIMIT_EXCEEDED", "bad"), ("ARCHIVED", "bad"), ("PENDING_DELETION", "bad"), ("CHANGED", "bad"),
        )),
    ],
)  # fmt: skip
def test_every_state_has_a_word_and_where_one_can_do_something_says_what(
    known: Known | None, code: str, mood: str
) -> None:
    state = state_of(SERVICE, known)
    assert (state.code, state.mood) == (code, mood)
    assert state.word.de != state.word.en
    assert state.remedy or mood == "good"


@pytest.mark.parametrize(("subcode", "reason"), sorted(SUBCODES.items()))
def test_why_meta_does_not_take_a_text(subcode: int, reason: str) -> None:
    error = {"code": 100, "error_subcode": subcode, "message": "Invalid parameter", "error_user_msg": "New content…"}
    with pytest.raises(Refused) as said:
        read(Reply(400, orjson.dumps({"error": error})))
    assert said.value.detail == reason in REASONS


def test_what_meta_tells_its_users_says_more_than_its_message() -> None:
    error = {"code": 100, "error_subcode": 1, "message": "Invalid parameter", "error_user_msg": "Your text is strange."}
    with pytest.raises(Refused) as said:
        read(Reply(400, orjson.dumps({"error": error})))
    assert said.value.detail == "Your text is strange."
