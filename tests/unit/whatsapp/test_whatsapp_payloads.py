"""What we send to Meta, the table of its errors, and a sender's settings."""

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.whatsapp.answers import OUTSIDERS
from connectors.whatsapp.errors import REACTIONS, reaction
from connectors.whatsapp.payloads import message
from connectors.whatsapp.settings import SenderSettings
from integration.domain.actions import Action
from integration.domain.errors import Refused
from integration.domain.messages.channel import Envelope
from integration.domain.messages.channel_errors import explanation

GIVEN = {"phone_number_id": "1065", "token": "EAAG", "app_secret": "app", "verify_token": "wort"}


def envelope(**changes: Any) -> Envelope:
    fields = {
        "attempt_id": "a1",
        "to": "+491713920012",
        "recipient": None,
        "language": "de",
        "template": "lb_x_v1",
    }
    return Envelope(**(fields | changes))


def sent(**changes: Any) -> Any:
    return orjson.loads(message(envelope(**changes)))


def test_a_template_with_named_variables() -> None:
    assert sent(variables={"name": "Anna", "order": "#1001"}) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+491713920012",
        "type": "template",
        "template": {
            "name": "lb_x_v1",
            "language": {"code": "de"},
            "components": [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "parameter_name": "name", "text": "Anna"},
                        {"type": "text", "parameter_name": "order", "text": "#1001"},
                    ],
                }
            ],
        },
        "biz_opaque_callback_data": "a1",
    }


def test_a_template_without_variables_has_no_components() -> None:
    assert "components" not in sent()["template"]


def test_a_text() -> None:
    body = sent(template=None, text="Guten Tag\nund danke")
    assert (body["type"], body["text"]) == ("text", {"preview_url": False, "body": "Guten Tag\nund danke"})


def test_the_phone_wins_over_the_user_id() -> None:
    both = sent(recipient="DE.100")
    assert both["to"] == "+491713920012" and "recipient" not in both
    alone = sent(to=None, recipient="DE.100")
    assert alone["recipient"] == "DE.100" and "to" not in alone


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "0171392001"},
        {"to": "491713920012"},
        {"to": "+0171392"},
        {"to": "+49 171"},
        {"to": "+4917139200\n"},
        {"to": None},
        {"to": None, "recipient": "49171"},
        {"to": "", "recipient": ""},
        {"template": None},
        {"template": None, "text": ""},
    ],
)
def test_what_meta_would_misread_is_refused_here(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        message(envelope(**wrong))
    assert caught.value.action is Action.FAIL
    assert "171" not in f"{caught.value!r}{caught.value}"


def test_parameters_stay_on_one_line() -> None:
    body = sent(variables={"name": " Anna\n\tMaria      Muster "})
    assert body["template"]["components"][0]["parameters"][0]["text"] == "Anna Maria Muster"


@pytest.mark.parametrize(
    ("codes", "action"),
    [
        (
            (0, 190, 3, 10, 200, 250, 299, 131005, 33, 368, 131031, 131042, 131045, 133010, 131037),
            "pause_sender",
        ),
        ((131064,), "pause_sender"),
        ((131048,), "pause_marketing"),
        ((130497,), "pause_country"),
        ((1, 2, 131016, 133004, 131057, 134101, 131052, 131053), "retry"),
        ((4, 80007), "slow_account"),
        ((130429,), "throttle"),
        ((131056,), "pair"),
        ((131049,), "next_day"),
        ((131047,), "use_template"),
        ((131000,), "unknown"),
        ((131026,), "undeliverable"),
        ((131050,), "opt_out"),
        ((100, 131008, 131009, 132005, 135000, 131021, 131036, 130472, 131051), "fail"),
        ((132000, 132001, 132007, 132008, 132012, 132016, 132068, 132069), "stop_template"),
        ((132015,), "hold_template"),
        ((131030, 131055, 131062, 131063, 134100, 134102, 137000), "fail"),
        ((300, 199, 131199, 999999, -1), "fail"),
    ],
)
def test_what_to_do_about_a_code(codes: tuple[int, ...], action: str) -> None:
    assert {code: str(reaction(code)[0]) for code in codes} == dict.fromkeys(codes, action)


def test_only_what_is_tried_again_waits() -> None:
    waiting = {reaction.action for reaction in REACTIONS.values() if reaction.wait}
    again = {Action.RETRY, Action.THROTTLE, Action.SLOW_ACCOUNT, Action.NEXT_DAY, Action.PAUSE_MARKETING}
    assert waiting == again


#: every code of the reference's table (section 5), written down again on purpose: neither table may lose one
CODES = [
    *(0, 190, 3, 10, *range(200, 300), 131005, 1, 2, 131016, 133004, 131000, 4, 80007, 33, 100, 131008, 131009, 135000),
    *(130429, 131056, 131048, 131064, 131057, 368, 131031, 130497, 131042, 131045, 133010, 131037, 131021, 131026),
    *(131036, 131047, 131049, 131050, 130472, 131051, 131052, 131053, 131062, 131063, 131055, 134100, 134102, 134101),
    *(132000, 132008, 132012, 132001, 132005, 132007, 132015, 132016, 132018, 132068, 132069, 131030, 137000),
]


def test_every_code_of_the_table_has_an_action_and_is_explained_in_both_languages() -> None:
    unknown = explanation(999_999)
    for code in {*CODES, *REACTIONS, *OUTSIDERS}:
        found = explanation(code)
        assert found is not unknown, code
        for text in (found.what, found.todo):
            assert text.de.endswith(".") and text.en.endswith(".") and text.de != text.en, code
    assert set(REACTIONS) == {code for code in CODES if not 200 <= code < 300}


def test_a_code_that_nobody_knows_says_so() -> None:
    assert explanation(999_999).todo.en.startswith("Look for this number")
    assert "groups" in explanation(131_199).what.en


def test_settings_by_default_are_metas() -> None:
    settings = SenderSettings.model_validate(GIVEN)
    assert settings.url(settings.messages_path) == "https://graph.facebook.com/v26.0/1065/messages"
    assert "EAAG" not in repr(settings)
    assert settings.secrets() == ["EAAG", "app", "wort"]


def test_a_partner_has_its_own_address() -> None:
    partner = {"base_url": "https://waba-v2.360dialog.io/", "messages_path": "/messages"}
    settings = SenderSettings.model_validate(GIVEN | partner)
    assert settings.url(settings.messages_path) == "https://waba-v2.360dialog.io/messages"


@pytest.mark.parametrize(
    "wrong",
    [
        {"farbe": "rot"},
        {"base_url": "http://graph.facebook.com"},
        {"base_url": "graph.facebook.com"},
        {"base_url": "https://a:b@graph.facebook.com"},
        {"base_url": "https://graph.facebook.com?x=1"},
        {"rate": 0},
        {"rate": 1001},
        {"token": ""},
        {"token": "a b"},
        {"token": "a\nb"},
        {"phone_number_id": "../x"},
        {"messages_path": "/{secret}"},
        {"messages_path": "messages"},
        {"auth_header": "X: y"},
    ],
)
def test_wrong_settings(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        SenderSettings.model_validate(GIVEN | wrong)
    assert "EAAG" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1:8700", "localhost:8700", "[::1]:8700"])
def test_plain_http_only_on_this_machine(host: str) -> None:
    assert SenderSettings.model_validate(GIVEN | {"base_url": f"http://{host}/v26.0"}).base_url.startswith("http://")


BUTTONS = (("CONFIRM:yes", "Ja, anmelden"), ("CONFIRM:no", "Nein"))


def test_quick_replies_of_a_template_carry_our_payloads() -> None:
    found = sent(buttons=BUTTONS)["template"]["components"]
    assert [(c["sub_type"], c["index"], c["parameters"]) for c in found] == [
        ("quick_reply", "0", [{"type": "payload", "payload": "CONFIRM:yes"}]),
        ("quick_reply", "1", [{"type": "payload", "payload": "CONFIRM:no"}]),
    ]


def test_a_text_with_buttons_is_interactive() -> None:
    found = sent(template=None, text="Stimmt das?", buttons=BUTTONS)
    assert found["type"] == "interactive"
    assert found["interactive"]["body"] == {"text": "Stimmt das?"}
    assert [b["reply"] for b in found["interactive"]["action"]["buttons"]] == [
        {"id": payload, "title": title} for payload, title in BUTTONS
    ]
