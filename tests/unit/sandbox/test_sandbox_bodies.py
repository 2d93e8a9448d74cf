"""Right bodies of every type that the sandbox's Cloud API takes, and wrong ones that it refuses as Meta does."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sandbox_play import ANNA, CODE, MESSAGES, TEMPLATES, Play, check_error, run, template

IMAGE, PDF = "700000000000001", "700000000000002"
PLAIN = {
    "name": "plain", "language": "de", "category": "UTILITY",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Bestellung {{1}}", "example": {"header_text": ["4711"]}},
        {"type": "BODY", "text": "Hallo {{1}}, das kostet {{2}} und kommt.", "example": {"body_text": [["A", "B"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ansehen", "url": "https://laden.example/"}]},
    ],
}  # fmt: skip
WHERE = {
    "name": "pick_up", "language": "de", "category": "UTILITY",
    "components": [{"type": "HEADER", "format": "LOCATION"}, {"type": "BODY", "text": "Hier liegt es bereit."}],
}  # fmt: skip
PLACE = {"latitude": 50.93, "longitude": "6.95", "name": "Laden Beispiel", "address": "Markt 1, Köln"}
HELLO = {"type": "text", "text": "Anna"}
BOX = {"type": "currency", "currency": {"fallback_value": "24,90 €", "code": "EUR", "amount_1000": 24900}}


def words(*parameters: Any, kind: str = "body", **more: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": list(parameters), **more}


def plain(*components: Any, name: str = "plain", **more: Any) -> dict[str, Any]:
    shown = components or (words({"type": "text", "text": "4711"}, kind="header"), words(HELLO, BOX))
    return {
        "type": "template",
        "template": {"name": name, "language": {"code": "de"}, "components": list(shown), **more},
    }


def button(**more: Any) -> dict[str, Any]:
    part = {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "4711"}]}
    content = template()
    content["components"][1] = {key: value for key, value in (part | more).items() if value is not ...}
    return {"type": "template", "template": content}


def named(*parameters: Any) -> dict[str, Any]:
    content = template()
    content["components"][0]["parameters"] = list(parameters)
    return {"type": "template", "template": content}


def asked(kind: str = "button", action: Any = None, **more: Any) -> dict[str, Any]:
    buttons = [{"type": "reply", "reply": {"id": "yes", "title": "Ja"}}]
    content = {"type": kind, "body": {"text": "Passt das?"}, "action": action or {"buttons": buttons}}
    return {"type": "interactive", "interactive": content | more}


def replies(*pairs: tuple[str, str]) -> dict[str, Any]:
    return asked(action={"buttons": [{"type": "reply", "reply": {"id": i, "title": t}} for i, t in pairs]})


def rows(*sections: Any, label: str = "Wählen") -> dict[str, Any]:
    return asked("list", {"button": label, "sections": list(sections)})


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"r{number}", "title": f"Zeile {number}", **more}


def shown(kind: str, **content: Any) -> dict[str, Any]:
    return {"type": kind, kind: content}


LINK = {"name": "cta_url", "parameters": {"display_text": "Zum Shop", "url": "https://laden.example/"}}
ONE = {"title": "Tee", "rows": [row(1), row(2, description="Assam")]}
TWO = {"title": "Kaffee", "rows": [row(3)]}
SOMEBODY = {"name": {"formatted_name": "Laden Beispiel", "first_name": "Laden"}, "phones": [{"phone": "+49221471"}]}


async def ready(play: Play) -> None:
    """Every template, two uploads, and a customer who has just written."""
    for one in (PLAIN, WHERE, CODE):
        answer = await play.client.post(TEMPLATES, json=one)
        assert answer.status_code == 200, answer.text
    assert [play.stage.graph.media.add(b"x", mime) for mime in ("image/png", "application/pdf")] == [IMAGE, PDF]
    play.stage.phones.at(ANNA).last_inbound = datetime.now(UTC)


async def post(play: Play, body: dict[str, Any]) -> Any:
    whole = {"messaging_product": "whatsapp", "to": ANNA, **body}
    return await play.client.post(MESSAGES, json={key: value for key, value in whole.items() if value is not ...})


RIGHT: dict[str, dict[str, Any]] = {
    "text": shown("text", body="Hallo", preview_url=True),
    "text without a type": {"text": {"body": "Hallo"}},
    "the longest text": shown("text", body="x" * 4096),
    "a text that answers": shown("text", body="Ja") | {"context": {"message_id": "wamid.x"}},
    "individual": shown("text", body="Ja") | {"recipient_type": "individual", "biz_opaque_callback_data": "x" * 512},
    "image by id": shown("image", id=IMAGE, caption="Kaffee"),
    "image by link": shown("image", link="https://laden.example/a.jpg"),
    "video": shown("video", link="https://laden.example/a.mp4", caption="x" * 1024),
    "voice": shown("audio", link="https://laden.example/a.ogg", voice=True),
    "document": shown("document", id=PDF, filename="rechnung.pdf"),
    "an image as a document": shown("document", id=IMAGE),
    "sticker": shown("sticker", link="https://laden.example/a.webp"),
    "location": {"type": "location", "location": PLACE},
    "contacts": {"type": "contacts", "contacts": [SOMEBODY]},
    "reaction": shown("reaction", message_id="wamid.x", emoji="👍"),
    "reaction taken back": shown("reaction", message_id="wamid.x", emoji=""),
    "three replies": replies(("a", "A"), ("b", "B"), ("c", "C" * 20)),
    "replies under a picture": asked(header={"type": "image", "image": {"id": IMAGE}}, footer={"text": "x" * 60}),
    "list": rows(ONE, TWO),
    "list of one section": rows({"rows": [row(n) for n in range(10)]}),
    "list under a title": rows(ONE) | {},
    "button with a link": asked("cta_url", LINK, header={"type": "text", "text": "Neu"}),
    "where are you": asked("location_request_message", {"name": "send_location"}),
    "template by place": plain(),
    "template with a day": plain(
        words({"type": "text", "text": "4711"}, kind="header"),
        words(HELLO, {"type": "date_time", "date_time": {"fallback_value": "24. Dezember"}}),
    ),
    "index as a number": button(index=0),
    "types in capitals": button(type="BUTTON", sub_type="URL"),
    "parts in another order": {"type": "template", "template": template(components=template()["components"][::-1])},
    "a chosen payload": plain(
        *template()["components"],
        words({"type": "payload", "payload": "Q"}, kind="button", sub_type="quick_reply", index="1"),
        name="shipped",
    ),
    "names in another order": named(
        {"type": "text", "parameter_name": "number", "text": "1"},
        {"type": "text", "parameter_name": "name", "text": "A"},
    ),
    "four spaces": named(
        {"type": "text", "parameter_name": "name", "text": "A    B"},
        {"type": "text", "parameter_name": "number", "text": "1"},
    ),
    "header with a place": plain(words({"type": "location", "location": PLACE}, kind="header"), name="pick_up"),
    "code": plain(words({"type": "text", "text": "123456"}), button()["template"]["components"][1], name="code"),
    "deterministic": plain(language={"code": "de", "policy": "deterministic"}),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_what_meta_takes_is_taken(name: str) -> None:
    async def scene(play: Play) -> None:
        await ready(play)
        answer = await post(play, RIGHT[name])
        assert answer.status_code == 200, answer.text
        assert play.stage.graph.accepted[-1]["kind"] == RIGHT[name].get("type", "text")

    run(scene)


LONG = {"display_text": "x" * 21, "url": "https://laden.example/"}
TOO_MANY = [{"type": "text", "parameter_name": name, "text": "A"} for name in ("name", "number", "more")]
TEN = {"rows": [row(n) for n in range(10)]}
WRONG: dict[str, tuple[dict[str, Any], int]] = {
    # who
    "nobody": ({"to": ..., **shown("text", body="x")}, 100),
    "an empty number": ({"to": "", **shown("text", body="x")}, 100),
    "a number without its country": ({"to": "01713920011", **shown("text", body="x")}, 131009),
    "a number without a plus": ({"to": ANNA[1:], **shown("text", body="x")}, 131009),
    "a number with spaces": ({"to": "+49 171 3920011", **shown("text", body="x")}, 131009),
    "a broken user id": ({"to": ..., "recipient": "Anna", **shown("text", body="x")}, 131009),
    "a code to a user id": ({"to": ..., "recipient": "known", **RIGHT["code"]}, 131062),
    "a group": (shown("text", body="x") | {"recipient_type": "group"}, 100),
    # the envelope
    "another product": (shown("text", body="x") | {"messaging_product": "sms"}, 100),
    "a strange key": (shown("text", body="x") | {"priority": "high"}, 100),
    "content of another type": (shown("text", body="x") | {"image": {"id": IMAGE}}, 100),
    "no content": ({"type": "image"}, 100),
    "an unknown type": ({"type": "poll", "poll": {}}, 131051),
    "a type that is no word": ({"type": ["text"], "text": {"body": "x"}}, 131051),
    "a list for an object": ({"type": "text", "text": ["x"]}, 100),
    "a tracker that is too long": (shown("text", body="x") | {"biz_opaque_callback_data": "x" * 513}, 100),
    "an answer to nothing": (shown("text", body="x") | {"context": {}}, 131008),
    # free content
    "an empty text": (shown("text", body=" "), 131008),
    "a text without words": (shown("text", preview_url=True), 131008),
    "a number as text": (shown("text", body=4711), 100),
    "a text that is too long": (shown("text", body="x" * 4097), 131009),
    "a strange key inside": (shown("text", body="x", bold=True), 100),
    "an image from nowhere": (shown("image", caption="x"), 131008),
    "an image from two places": (shown("image", id=IMAGE, link="https://laden.example/a.jpg"), 131008),
    "an image that nobody uploaded": (shown("image", id="700000000000009"), 131009),
    "a link that is none": (shown("image", link="a.jpg"), 131009),
    "a document as an image": (shown("image", id=PDF), 131053),
    "an image as a sticker": (shown("sticker", id=IMAGE), 131053),
    "a voice with a caption": (shown("audio", link="https://laden.example/a.ogg", caption="x"), 100),
    "a caption that is too long": (shown("image", id=IMAGE, caption="x" * 1025), 131009),
    "a place beyond the pole": ({"type": "location", "location": PLACE | {"latitude": 91}}, 131009),
    "half a place": ({"type": "location", "location": {"latitude": 50}}, 131008),
    "nobody's card": ({"type": "contacts", "contacts": []}, 131009),
    "a card with half a name": ({"type": "contacts", "contacts": [{"name": {"formatted_name": "Anna"}}]}, 131009),
    "a reaction to nothing": (shown("reaction", message_id="abc", emoji="👍"), 131009),
    # buttons and lists
    "four replies": (replies(*[(str(n), str(n)) for n in range(4)]), 131009),
    "no reply": (asked(action={"buttons": []}), 131009),
    "a title of 21": (replies(("a", "x" * 21)), 131009),
    "a reply without an id": (asked(action={"buttons": [{"type": "reply", "reply": {"title": "A"}}]}), 131008),
    "two replies with one id": (replies(("a", "A"), ("a", "B")), 131009),
    "two replies with one title": (replies(("a", "A"), ("b", "A")), 131009),
    "an unknown kind": (asked("poll"), 131009),
    "a question that is too long": (asked(body={"text": "x" * 1025}), 131009),
    "no question": (asked(body=...) | {"interactive": {"type": "button", "action": {"buttons": []}}}, 131008),
    "a footer of 61": (asked(footer={"text": "x" * 61}), 131009),
    "a header as an object": (asked(header={"type": "text", "text": {"body": "x"}}), 100),
    "a list under a picture": (asked("list", {"button": "a", "sections": [ONE]}, header={"type": "image"}), 131009),
    "eleven rows": (rows(TEN | {"title": "a"}, {"title": "b", "rows": [row(11)]}), 131009),
    "two sections without titles": (rows({"rows": [row(1)]}, {"rows": [row(2)]}), 131009),
    "a section without rows": (rows(ONE, {"title": "leer", "rows": []}), 131009),
    "a list without a button": (rows(ONE, label=""), 131009),
    "a row of 25": (rows({"rows": [row(1, title="x" * 25)]}), 131009),
    "a row that says too much": (rows({"rows": [row(1, description="x" * 73)]}), 131009),
    "a link that is too long to say": (asked("cta_url", LINK | {"parameters": LONG}), 131009),
    # templates
    "no language": ({"type": "template", "template": {"name": "plain"}}, 131008),
    "a language without fallback": (plain(language={"code": "de_DE"}), 132001),
    "another policy": (plain(language={"code": "de", "policy": "fallback"}), 131009),
    "one parameter too few": (plain(words({"type": "text", "text": "1"}, kind="header"), words(HELLO)), 132000),
    "one parameter too many": (named(*TOO_MANY), 132000),
    "no header": (plain(words(HELLO, BOX)), 132000),
    "a name in a text by places": (
        plain(words({"type": "text", "text": "1", "parameter_name": "n"}, kind="header"), words(HELLO, BOX)), 132012,
    ),
    "a parameter of another type": (plain(words({"type": "text", "text": "1"}, kind="header"), words(
        HELLO, {"type": "image", "image": {"id": IMAGE}}
    )), 132012),
    "a parameter of an unknown type": (plain(words({"type": "emoji"})), 100),
    "a parameter that is none": (plain(words("Anna")), 100),
    "a parameter without text": (named({"type": "text", "parameter_name": "name"}, TOO_MANY[1]), 131008),
    "a number as a parameter": (named({"type": "text", "parameter_name": "name", "text": 1}, TOO_MANY[1]), 131008),
    "a new line": (named({"type": "text", "parameter_name": "name", "text": "A\nB"}, TOO_MANY[1]), 132018),
    "a tab": (named({"type": "text", "parameter_name": "name", "text": "A\tB"}, TOO_MANY[1]), 132018),
    "five spaces": (named({"type": "text", "parameter_name": "name", "text": "A     B"}, TOO_MANY[1]), 132018),
    "a header that is too long": (
        plain(words({"type": "text", "text": "x" * 50}, kind="header"), words(HELLO, BOX)), 132005,
    ),
    "two bodies": (plain(words(HELLO, BOX), words(HELLO, BOX)), 100),
    "a strange part": (plain(words(kind="footer")), 100),
    "a part that the text has not": (plain(words(kind="carousel")), 132000),
    "a place without a name of the place": (
        plain(words({"type": "location", "location": {"latitude": 1}}, kind="header"), name="pick_up"), 131008,
    ),
    "a button without a place": (button(index=...), 131008),
    "a button without a kind": (button(sub_type=...), 131008),
    "a button that is not there": (button(index="5"), 132000),
    "a button of another kind": (button(sub_type="quick_reply"), 132012),
    "a button with another parameter": (button(parameters=[{"type": "payload", "payload": "x"}]), 132012),
    "a button with two parameters": (button(parameters=[HELLO, HELLO]), 132000),
    "a link without its end": (button(parameters=[]), 131008),
    "one button twice": (plain(
        template()["components"][0], *[template()["components"][1]] * 2, name="shipped"
    ), 131009),
    "a fixed link with an end": (plain(*RIGHT["template by place"]["template"]["components"], button()["template"][
        "components"
    ][1]), 131008),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_meta_refuses_is_refused(name: str) -> None:
    body, code = WRONG[name]

    async def scene(play: Play) -> None:
        await ready(play)
        known = play.stage.phones.at(ANNA).user_id
        sent = body | ({"recipient": known} if body.get("recipient") == "known" else {})
        check_error(await post(play, sent), 404 if code == 132001 else 400, code)
        assert not play.stage.graph.accepted

    run(scene)


def test_where_something_is_wrong_stands_in_the_details() -> None:
    async def scene(play: Play) -> None:
        await ready(play)
        answer = await post(play, asked(header={"type": "text", "text": {"body": "x"}}))
        assert answer.json()["error"]["error_data"]["details"] == (
            "Param interactive['header']['text'] must be a string."
        )
        answer = await post(play, shown("text", body="x") | {"priority": "high"})
        assert answer.json()["error"]["error_data"]["details"] == 'Unexpected key "priority" on param.'

    run(scene)


def test_free_content_shows_on_the_phone_and_a_row_comes_back_as_a_list_reply() -> None:
    async def scene(play: Play) -> None:
        await ready(play)
        await post(play, RIGHT["list"])
        await post(play, RIGHT["document"])
        chat = list(play.stage.phones.at(ANNA).messages)
        assert [bubble.body for bubble in chat] == ["Passt das?", "rechnung.pdf"]
        assert chat[1].media == {"type": "document", "source": PDF}
        button = {"payload": "r2", "text": "Zeile 2"}
        await play.client.post("/stage/reply", json={"customer": "anna", "button": button})
        await play.until(lambda: any("messages" in value for value in play.worker.values()))
        [said] = [m for value in play.worker.values() for m in value.get("messages", [])]
        assert said["interactive"] == {"type": "list_reply", "list_reply": {"id": "r2", "title": "Zeile 2"}}

    run(scene)


def test_typing_and_reading_are_checked_too() -> None:
    async def scene(play: Play) -> None:
        await play.client.post("/stage/reply", json={"customer": "anna", "text": "Hallo"})
        [said] = play.stage.phones.at(ANNA).messages
        read = {"status": "read", "message_id": said.id, "to": ...}
        assert (await post(play, read | {"typing_indicator": {"type": "text"}})).json() == {"success": True}
        check_error(await post(play, read | {"typing_indicator": {"type": "voice"}}), 400, 131009)
        check_error(await post(play, read | {"message_id": ...}), 400, 131008)
        check_error(await post(play, read | {"message_id": "wamid.nobodys"}), 400, 131009)
        check_error(await post(play, read | {"loud": True}), 400, 100)

    run(scene)
