"""Bodies of Meta's that are rare, new or hostile: nothing in them takes the rest along, nothing is misread."""

from typing import Any

import orjson
import pytest

from connectors.whatsapp import WEBHOOK, people
from integration.domain.errors import Malformed
from integration.domain.messages.channel import Inbound, MetaUpdate

PHONE = "+491713920012"
GOOD = {"from": PHONE[1:], "id": "wamid.gut", "timestamp": "1795457400", "type": "text", "text": {"body": "STOP"}}


def body(*changes: tuple[str, str, dict[str, Any]]) -> bytes:
    """Changes as (account, field, value), each in an entry of its own."""
    entries = [{"id": account, "changes": [{"field": field, "value": value}]} for account, field, value in changes]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": entries})


def read(**value: Any) -> MetaUpdate:
    [found] = WEBHOOK.parse(body(("1", "messages", value)))
    return found


def message(kind: str, **part: Any) -> Inbound:
    [found] = read(messages=[{**GOOD, "type": kind, kind: part}]).messages
    return found


def test_what_is_about_several_numbers_and_accounts_is_told_apart() -> None:
    def of(number: Any, text: str) -> dict[str, Any]:
        said = {**GOOD, "id": f"wamid.{text}", "text": {"body": text}}
        return {"metadata": {"phone_number_id": number}, "messages": [said]}

    found = WEBHOOK.parse(
        body(
            ("1", "messages", of("11", "a")),
            ("1", "messages", of("12", "b")),
            ("1", "messages", of("11", "c")),
            ("2", "messages", of(21, "d")),
            ("2", "security", {"event": "PIN_CHANGED"}),
            ("3", "messages", of(None, "e")),
        )
    )
    assert [(u.account, u.number, [m.text for m in u.messages], len(u.news)) for u in found] == [
        ("1", "11", ["a", "c"], 0),
        ("1", "12", ["b"], 0),
        ("2", "21", ["d"], 0),
        ("2", "", [], 1),
        ("3", "", ["e"], 0),
    ]


@pytest.mark.parametrize("wamid", ["x" * 256, "wamid.\0", "wa mid", "", None, 7, "wamid.ü"])
def test_an_id_that_no_column_holds_takes_nothing_with_it(wamid: object) -> None:
    found = read(messages=[{**GOOD, "id": wamid}, GOOD], statuses=[{"id": wamid, "status": "read", "timestamp": 1}])
    assert [m.wa_message_id for m in found.messages] == ["wamid.gut"]
    assert found.statuses == ()
    assert set(found.notes) == {"messages:no_id_or_time", "statuses:no_id_status_or_time"}


@pytest.mark.parametrize("code", [2**31, -(2**40), "999999999999"])
def test_a_code_that_is_none_of_metas_is_no_code(code: object) -> None:
    [found] = read(statuses=[{"id": "w", "status": "failed", "timestamp": 1, "errors": [{"code": code}]}]).statuses
    assert (found.error_code, found.action) == (None, None)


def test_half_an_emoji_does_not_cost_the_body() -> None:
    raw = orjson.dumps({"entry": [{"changes": [{"field": "messages", "value": {"messages": [GOOD]}}]}]})
    raw = raw.replace(
        b'"value":{', b'"value":{"contacts":[{"wa_id":"491713920012","profile":{"name":"Anna \\ud83d"}}],'
    )
    [found] = WEBHOOK.parse(raw)
    assert [(m.text, m.name) for m in found.messages] == [("STOP", "Anna ?")]
    assert WEBHOOK.people(raw) == {PHONE}


@pytest.mark.parametrize(
    "raw", [b"[" * 100_000, b'{"entry":' * 5_000, b'{"entry": NaN}', b"\xff\xfe", b'{"entry":[]}garbage', b'"entry"']
)
def test_nonsense_is_malformed_and_nothing_worse(raw: bytes) -> None:
    with pytest.raises(Malformed):
        WEBHOOK.parse(raw)
    assert WEBHOOK.people(raw) == set()


def test_a_thousand_updates_of_three_numbers_in_one_body() -> None:
    changes = [
        ("1", "messages", {"metadata": {"phone_number_id": str(n % 3 + 1)}, "statuses": [
            {"id": f"wamid.{n}.{m}", "status": "sent", "timestamp": str(1795457400 + n)} for m in range(10)
        ]})
        for n in range(100)
    ]  # fmt: skip
    found = WEBHOOK.parse(body(*changes))
    assert [u.number for u in found] == ["1", "2", "3"]
    assert len({s.wa_message_id for u in found for s in u.statuses}) == 1_000


@pytest.mark.parametrize(
    ("kind", "part", "text", "payload"),
    [
        ("sticker", {"id": "7001", "mime_type": "image/webp"}, "", ""),
        ("video", {"id": "7002", "caption": "So kam es an"}, "So kam es an", ""),
        ("contacts", {}, "", ""),
        ("order", {"catalog_id": "1", "text": "Bitte bald", "product_items": []}, "Bitte bald", ""),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": "{}"}}, "Sent", ""),
        ("interactive", {"type": "list_reply", "list_reply": {"id": "r1", "title": "Blau"}}, "Blau", "r1"),
        (
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "lb:stop", "title": "Stop"}},
            "Stop",
            "lb:stop",
        ),
        ("button", {"payload": "lb:stop", "text": "Abmelden"}, "Abmelden", "lb:stop"),
        ("location", {"latitude": 50.9, "longitude": 6.9, "name": "Dom", "address": "Köln"}, "Dom, Köln", ""),
        ("reaction", {"message_id": "wamid.1", "emoji": "👍"}, "👍", ""),
        ("unsupported", {"type": "poll"}, "", ""),
        ("request_welcome", {}, "", ""),
        ("neu_von_meta", {"caption": 7}, "", ""),
    ],
)
def test_every_type_is_kept_and_shows_what_can_be_read(kind: str, part: Any, text: str, payload: str) -> None:
    found = message(kind, **part)
    assert (found.type, found.text, found.payload) == (kind, text, payload)


def test_a_text_from_an_advertisement_is_a_text() -> None:
    referral = {"source_type": "ad", "source_id": "1", "source_url": "https://fb.me/x", "headline": "Kaffee"}
    [found] = read(messages=[{**GOOD, "referral": referral, "context": {"forwarded": True}}]).messages
    assert (found.type, found.text, found.reply_to) == ("text", "STOP", None)


def test_an_edited_message_says_what_it_says_now() -> None:
    edit = {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "STOP"}}}
    [found] = read(messages=[{**GOOD, "type": "edit", "text": None, "edit": edit}]).messages
    assert (found.wa_message_id, found.type, found.text) == ("wamid.gut", "text", "STOP")
    picture = {"message": {"type": "image", "image": {"id": "7001", "caption": "So?"}, "context": {"id": "wamid.9"}}}
    [found] = read(messages=[{**GOOD, "type": "edit", "edit": picture}]).messages
    assert (found.type, found.text, found.media_id, found.reply_to) == ("image", "So?", "7001", "wamid.9")
    [found] = read(messages=[{**GOOD, "type": "edit", "edit": "kaputt"}]).messages
    assert (found.type, found.text) == ("edit", "")


@pytest.mark.parametrize(
    ("row", "kind", "text"),
    [
        ({"type": "edit", "edit": {"message": {"type": "text", "text": {"body": "Gern!"}}}}, "text", "Gern!"),
        ({"type": "revoke", "revoke": {"original_message_id": "wamid.0"}}, "revoke", ""),
        ({"type": "image", "image": {"caption": "So"}}, "image", "So"),
    ],
)
def test_what_the_shop_edits_and_takes_back_on_its_phone(row: Any, kind: str, text: str) -> None:
    echo = {"from": "4922147100900", "to": PHONE[1:], "id": "wamid.E1", "timestamp": 1795457400, **row}
    [update] = WEBHOOK.parse(body(("1", "smb_message_echoes", {"message_echoes": [echo]})))
    [found] = update.echoes
    assert (found.phone, found.type, found.text) == (PHONE, kind, text)


def test_a_message_taken_back_is_no_message() -> None:
    found = read(messages=[{**GOOD, "type": "revoke", "revoke": {"original_message_id": "wamid.0"}}])
    assert (found.messages, found.notes) == ((), ("messages:revoke",))


@pytest.mark.parametrize("kind", ["user_changed_number", "customer_changed_number", "user_changed_user_id"])
def test_every_name_of_a_changed_identity(kind: str) -> None:
    system = {"type": kind, "wa_id": "4366412345678", "user_id": "AT.2", "body": "…"}
    row = {**GOOD, "type": "system", "from_user_id": "DE.1", "system": system}
    [found] = read(messages=[row]).identities
    assert (found.was, found.phone, found.wa_user_id) == ((PHONE, "DE.1"), "+4366412345678", "AT.2")


def test_a_thousand_people_in_one_change_are_each_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in `contacts` is found by name, not by walking through it for every status."""
    looked: list[object] = []
    plain = people.phone_of
    monkeypatch.setattr(people, "phone_of", lambda value: looked.append(value) or plain(value))
    phones = [f"49171{n:07}" for n in range(1000)]
    contacts = [{"wa_id": phone, "user_id": f"DE.{phone}"} for phone in phones]
    rows = [{"id": f"w{p}", "status": "read", "timestamp": "1", "recipient_id": p} for p in phones]
    found = read(contacts=contacts, statuses=rows)
    assert [s.wa_user_id for s in found.statuses] == [f"DE.{phone}" for phone in phones]
    assert len(looked) == 1000


def test_the_first_contact_that_fits_completes_what_is_missing() -> None:
    contacts = [
        {"wa_id": "491710000001", "profile": {"name": "Erste"}},
        {"wa_id": "491710000001", "user_id": "DE.1", "profile": {"name": "Zweite"}},
        {"user_id": "DE.1", "wa_id": "491710000002", "profile": {"name": "Dritte"}},
    ]
    value = people.People({"contacts": contacts})
    assert value.identity("+491710000001", None) == ("+491710000001", None, "Erste")
    assert value.identity(None, "DE.1") == ("+491710000001", "DE.1", "Zweite")
    assert value.identity("+491710000002", "DE.1") == ("+491710000002", "DE.1", "Zweite")
    assert value.identity(None, "DE.9") == (None, "DE.9", "")
