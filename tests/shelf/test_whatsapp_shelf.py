"""The shelf's genuine bodies of Meta's webhooks, all of them."""

import hashlib
import hmac
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.whatsapp import WEBHOOK
from integration.domain.actions import Action
from integration.domain.messages.channel import MetaUpdate

SHELF = Path(os.environ.get("LADENBOTE_SHELF") or Path(__file__).parents[3] / "shared/data") / "whatsapp/webhooks"
PHONE, USER_ID = "+16505551234", "US.13491208655302741918"
MESSAGES = {
    "01_message_text": ("text", "Does it come in another color?", ""),
    "02_message_text_bsuid_username_no_phone": ("text", "Does it come in another color?", ""),
    "04_message_button_template_quick_reply": ("button", "Unsubscribe", "Unsubscribe"),
    "05_message_interactive_button_reply": ("interactive", "Cancel", "cancel-button"),
    "07_message_image": ("image", "Taj Mahal", ""),
    "08_message_audio_voice": ("audio", "", ""),
    "09_message_location": ("location", "Philz Coffee, 101 Forest Ave, Palo Alto, CA 94301", ""),
    "11_message_unsupported": ("unsupported", "", ""),
}
STATUSES = {
    "13_status_sent_pricing": ("sent", None, None, "marketing"),
    "14_status_delivered_bsuid": ("delivered", None, None, "marketing"),
    "16_status_read": ("read", None, None, "service"),
    "17_status_failed_meta": ("failed", 131036, Action.FAIL, None),
    "19_status_with_biz_opaque": ("sent", None, None, "service"),
    "31_status_failed_131050_DERIVED": ("failed", 131050, Action.OPT_OUT, None),
}
NOTES = {
    "20_template_status_approved": "message_template_status_update:APPROVED",
    "21_template_status_rejected": "message_template_status_update:REJECTED",
    "23_template_category_update": "template_category_update",
    "24_phone_number_quality_throughput": "phone_number_quality_update:THROUGHPUT_UPGRADE",
    "25_business_capability_update": "business_capability_update",
    "27_account_violation": "account_update:ACCOUNT_VIOLATION",
}
PREFERENCES = {"28_user_preferences_resume": False, "30_user_preferences_stop_DERIVED": True}
pytestmark = pytest.mark.skipif(not SHELF.is_dir(), reason="no data shelf here")


def parsed(name: str) -> MetaUpdate:
    body = (SHELF / f"{name}.json").read_bytes()
    signature = "sha256=" + hmac.new(b"app", body, hashlib.sha256).hexdigest()
    assert WEBHOOK.verify(signature, body, "app")
    [found] = WEBHOOK.parse(body)
    return found


def test_every_body_on_the_shelf_is_expected_here() -> None:
    assert {path.stem for path in SHELF.glob("*.json")} == {*MESSAGES, *STATUSES, *NOTES, *PREFERENCES}


@pytest.mark.parametrize("name", MESSAGES)
def test_messages(name: str) -> None:
    update = parsed(name)
    (found,) = update.messages
    assert (found.type, found.text, found.payload) == MESSAGES[name]
    assert update.notes == ()
    assert found.phone or found.wa_user_id


def test_a_writer_without_phone_keeps_name_and_id() -> None:
    (found,) = parsed("02_message_text_bsuid_username_no_phone").messages
    assert (found.phone, found.wa_user_id, found.name) == (None, USER_ID, "Sheena Nelson")


def test_a_reply_names_its_question() -> None:
    (found,) = parsed("04_message_button_template_quick_reply").messages
    assert found.reply_to == "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJFNjk2OTMwNEZCQjhGMzUyQUYA"


@pytest.mark.parametrize("name", STATUSES)
def test_statuses(name: str) -> None:
    (found,) = parsed(name).statuses
    assert (found.status, found.error_code, found.action, found.price_category) == STATUSES[name]
    assert found.phone


def test_identities_of_statuses() -> None:
    (both,) = parsed("14_status_delivered_bsuid").statuses
    assert (both.phone, both.wa_user_id) == (PHONE, USER_ID)
    (learned,) = parsed("16_status_read").statuses
    assert (learned.phone, learned.wa_user_id) == ("+972987654321", USER_ID)


def test_our_own_id_comes_back() -> None:
    assert parsed("19_status_with_biz_opaque").statuses[0].attempt_id == "some data"
    assert parsed("31_status_failed_131050_DERIVED").statuses[0].attempt_id == "job-1"


@pytest.mark.parametrize("name", PREFERENCES)
def test_preferences(name: str) -> None:
    (found,) = parsed(name).preferences
    assert (found.phone, found.stop) == (PHONE, PREFERENCES[name])
    assert found.at == datetime.fromtimestamp(1731705721, UTC)


@pytest.mark.parametrize("name", NOTES)
def test_notes(name: str) -> None:
    found = parsed(name)
    assert found == MetaUpdate(
        notes=(NOTES[name],), templates=found.templates, news=found.news, account=found.account, number=found.number
    )
    assert len((*found.templates, *found.news)) == 1
