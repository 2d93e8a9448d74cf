"""Meta's webhooks in our words."""

import hashlib
import hmac
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.whatsapp import WEBHOOK
from integration.domain.actions import Action
from integration.domain.errors import Malformed
from integration.domain.messages.channel import IdentityChange, Inbound, MetaUpdate, Preference

DATA = Path(__file__).parents[2] / "data/whatsapp"
PHONE, USER_ID = "+491713920012", "DE.1000200030004000"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=10,
)


def parsed(name: str) -> MetaUpdate:
    """A body of one number's, its entries put together."""
    found = WEBHOOK.parse((DATA / f"{name}.json").read_bytes())
    lists = [f.name for f in fields(MetaUpdate) if f.name not in ("account", "number")]
    return MetaUpdate(**{name: tuple(item for u in found for item in getattr(u, name)) for name in lists})


def change(field: str, **value: Any) -> MetaUpdate:
    [found] = WEBHOOK.parse(body(field, **value))
    return found


def body(field: str, **value: Any) -> bytes:
    return orjson.dumps({"entry": [{"changes": [{"field": field, "value": value}]}]})


def status(**changes: Any) -> Any:
    row = {"id": "wamid.1", "status": "sent", "timestamp": "1795457400", **changes}
    return change("messages", statuses=[row]).statuses[0]


def test_signature_over_the_raw_bytes() -> None:
    raw = (DATA / "statuses.json").read_bytes()
    signature = "sha256=" + hmac.new(b"geheim", raw, hashlib.sha256).hexdigest()
    assert WEBHOOK.verify(signature, raw, "geheim")
    assert not WEBHOOK.verify(signature, raw + b" ", "geheim")
    assert not WEBHOOK.verify(signature, raw, "anders")
    assert not WEBHOOK.verify(signature.removeprefix("sha256="), raw, "geheim")
    for bad in ("", "sha256=", "ä"):
        assert not WEBHOOK.verify(bad, raw, "geheim")


@pytest.mark.parametrize(
    ("kind", "part", "expected"),
    [
        ("image", {"id": "7001", "mime_type": "image/jpeg", "caption": "So?"}, ("7001", "", "So?")),
        ("document", {"id": "7002", "filename": "../Rechnung\n.pdf"}, ("7002", "../Rechnung .pdf", "")),
        ("audio", {"id": "7003", "voice": True}, ("7003", "", "")),
        ("image", {"id": "../7004"}, ("", "", "")),
        ("image", {"id": None}, ("", "", "")),
        ("text", {"id": "7005", "body": "Hallo"}, ("", "", "Hallo")),
    ],
)
def test_what_customers_send_can_be_fetched(kind: str, part: dict[str, Any], expected: tuple[str, str, str]) -> None:
    row = {"id": "wamid.1", "from": PHONE[1:], "timestamp": "1795457400", "type": kind, kind: part}
    [found] = change("messages", messages=[row]).messages
    assert (found.media_id, found.file_name, found.text) == expected


def test_without_app_secret_nothing_is_genuine() -> None:
    signature = "sha256=" + hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    assert not WEBHOOK.verify(signature, b"{}", "")


def test_every_status_of_every_entry_and_change() -> None:
    update = parsed("statuses")
    assert [(one.wa_message_id, one.status) for one in update.statuses] == [
        ("wamid.FIKTIV1", "sent"),
        ("wamid.FIKTIV1", "delivered"),
        ("wamid.FIKTIV2", "failed"),
        ("wamid.FIKTIV3", "read"),
    ]
    assert update.notes == ("statuses:no_object", "statuses:no_id_status_or_time")
    assert {(one.phone, one.wa_user_id) for one in update.statuses} == {(PHONE, USER_ID)}
    assert {one.attempt_id for one in update.statuses} == {"0197e0c0-0000-7000-8000-000000000001"}


def test_price_and_error_of_a_status() -> None:
    sent, delivered, failed, _ = parsed("statuses").statuses
    assert (sent.price_category, sent.billable) == ("utility", True)
    assert (delivered.price_category, delivered.billable) == (None, None)
    assert (failed.error_code, failed.action) == (131026, Action.UNDELIVERABLE)
    assert failed.error_title == "Message undeliverable"
    assert failed.at == datetime.fromtimestamp(1795457401, UTC)


def test_a_status_that_names_only_the_phone_learns_the_id_from_contacts() -> None:
    contacts = [{"wa_id": "491713920099", "user_id": "DE.9"}, {"wa_id": PHONE[1:], "user_id": USER_ID}]
    row = {"id": "w", "status": "sent", "timestamp": 1, "recipient_id": PHONE[1:]}
    (found,) = change("messages", contacts=contacts, statuses=[row]).statuses
    assert (found.phone, found.wa_user_id) == (PHONE, USER_ID)


@pytest.mark.parametrize("recipient", [None, "", "0171", "DE.100", 49171, "gruppe-1", "49 171"])
def test_a_recipient_that_is_no_phone(recipient: object) -> None:
    assert status(recipient_id=recipient).phone is None


@pytest.mark.parametrize(
    ("errors", "code", "action"),
    [
        ([{"code": 131050, "title": "x"}], 131050, Action.OPT_OUT),
        ([{"code": "131000"}], 131000, Action.UNKNOWN),
        ([{"code": 190}, {"code": 131050}], 190, Action.PAUSE_SENDER),
        ([{"code": None}], None, None),
        ([], None, None),
        ("x", None, None),
        (None, None, None),
    ],
)
def test_the_first_errors_code_tells_what_to_do(errors: object, code: int | None, action: Action | None) -> None:
    found = status(status="failed", errors=errors)
    assert (found.error_code, found.action) == (code, action)


def test_error_titles_lose_what_names_people() -> None:
    found = status(status="failed", errors=[{"code": 131026, "title": "no +49 171 3920012 or DE.10002000"}])
    assert "3920012" not in found.error_title and "DE.1" not in found.error_title


def test_what_customers_write_and_tap() -> None:
    update = parsed("messages")
    assert [(one.type, one.text, one.payload, one.reply_to) for one in update.messages] == [
        ("text", "STOP\n ", "", None),
        ("button", "Abmelden", "lb:stop", "wamid.FIKTIV1"),
        ("interactive", "Ja, gern", "row-1", None),
        ("image", "So kam es an", "", None),
        ("reaction", "👍", "", "wamid.FIKTIV1"),
        ("location", "Dom, Köln", "", None),
        ("unsupported", "", "", None),
    ]
    assert update.notes == ("messages:system", "messages:no_sender", "messages:no_id_or_time")
    first = update.messages[0]
    assert (first.phone, first.wa_user_id, first.name) == (PHONE, USER_ID, "Anna Beispiel")
    assert first.at == datetime.fromtimestamp(1795457500, UTC)


def test_a_writer_with_username_has_no_phone() -> None:
    contacts = [{"profile": {"name": "Anna", "username": "@anna"}, "user_id": "uDE.100"}]
    row = {
        "from_user_id": "DE.100",
        "id": "w",
        "timestamp": 1795457500,
        "type": "text",
        "text": {"body": "Hallo"},
    }
    (found,) = change("messages", contacts=contacts, messages=[row]).messages
    assert found == Inbound("w", None, "DE.100", "Anna", found.at, "text", "Hallo")


def test_long_words_are_bounded_and_otherwise_untouched() -> None:
    row = {
        "from": "491713920012",
        "id": "w",
        "timestamp": "1",
        "type": "text",
        "text": {"body": " ST​OP " + "x" * 9000},
    }
    (found,) = change("messages", messages=[row]).messages
    assert found.text.startswith(" ST​OP x") and len(found.text) == 4096


def test_preferences() -> None:
    update = parsed("preferences")
    assert update.preferences == (
        Preference(PHONE, None, datetime.fromtimestamp(1795457600, UTC), stop=True),
        Preference(None, USER_ID, datetime.fromtimestamp(1795457601, UTC), stop=False),
    )
    assert update.notes == ("user_preferences:signup",)


CHANGED = datetime(2026, 11, 24, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"from": "491713920012", "system": {"wa_id": "4366412345678"}}, ((PHONE, None), "+4366412345678", None)),
        (
            {"from": "491713920012", "from_user_id": "DE.1", "system": {"wa_id": "4366412345678", "user_id": "DE.2"}},
            ((PHONE, "DE.1"), "+4366412345678", "DE.2"),
        ),
        (
            {"from_user_id": "DE.2", "system": {"previous_user_id": "DE.1", "user_id": "DE.2"}},
            ((None, "DE.1"), None, "DE.2"),
        ),
        ({"from": "491713920012", "system": {}}, None),
        ({"system": {"wa_id": "4366412345678"}}, None),
        ({"from": "491713920012", "system": {"wa_id": "none"}}, None),
    ],
)
def test_a_changed_number(row: Any, expected: Any) -> None:
    system = {"type": "user_changed_number"} | row["system"]
    message = {"id": "wamid.1", "timestamp": "1795518000", "type": "system", **row, "system": system}
    found = change("messages", messages=[message])
    assert found.identities == ((IdentityChange(*expected, CHANGED),) if expected else ())
    assert found.messages == ()


def test_other_system_messages_change_nobody() -> None:
    row = {"from": "491713920012", "timestamp": "1795518000", "type": "system", "system": {"type": "group_created"}}
    assert change("messages", messages=[row]).identities == ()


def test_a_renewed_bsuid() -> None:
    row = {"wa_id": "491713920012", "timestamp": 1795518000, "user_id": {"previous": "DE.1", "current": "DE.2"}}
    found = change("user_id_update", user_id_update=[row, {}, {**row, "timestamp": None}])
    assert found.identities == (IdentityChange((None, "DE.1"), PHONE, "DE.2", CHANGED),)
    assert found.notes == ("user_id_update:no_ids", "user_id_update:no_time")


def test_what_nobody_handles_yet_is_noted() -> None:
    assert parsed("template_status").notes == ("message_template_status_update:REJECTED",)
    echo = parsed("echo")
    assert (echo.messages, echo.notes) == ((), ())
    [found] = echo.echoes
    assert (found.phone, found.text, found.wa_message_id) == ("+491713920012", "Gern!", "wamid.E1")
    assert change("messages", errors=[{"code": 131052}]).notes == ("messages:error:131052",)


def test_people_are_those_who_wrote() -> None:
    assert WEBHOOK.people((DATA / "messages.json").read_bytes()) == {PHONE, USER_ID}
    assert WEBHOOK.people((DATA / "preferences.json").read_bytes()) == {PHONE, USER_ID}
    assert WEBHOOK.people((DATA / "statuses.json").read_bytes()) == set()
    for bad in (b"", b"[]", b"{", b'{"entry":7}', b'{"entry":[{"changes":[{"value":{"messages":[7]}}]}]}'):
        assert WEBHOOK.people(bad) == set()


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"{}", b'{"entry":{}}', b'{"entry":null}'])
def test_a_body_that_is_no_webhook_of_metas(raw: bytes) -> None:
    with pytest.raises(Malformed):
        WEBHOOK.parse(raw)


@settings(max_examples=300, deadline=None)
@given(
    items=st.lists(JSON, max_size=3),
    key=st.sampled_from(["statuses", "messages", "user_preferences", "contacts"]),
)
def test_a_bad_item_never_takes_the_good_one_with_it(items: list[Any], key: str) -> None:
    good = {"id": "gut", "status": "sent", "timestamp": "1795457400"}
    value = {"statuses": [good], key: [good, *items]}
    update = change("messages", **value)
    assert update.statuses[0].wa_message_id == "gut"
    change("user_preferences", **value)
    WEBHOOK.people(body("messages", **value))


@settings(max_examples=300, deadline=None)
@given(found=JSON)
def test_random_json_raises_nothing_but_malformed(found: Any) -> None:
    for raw in (
        orjson.dumps(found),
        orjson.dumps({"entry": [{"changes": [{"field": "messages", "value": found}]}]}),
    ):
        WEBHOOK.people(raw)
        with suppress(Malformed):
            WEBHOOK.parse(raw)
