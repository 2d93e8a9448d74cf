"""The sandbox's own reading of components, and that what we send passes it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from sandbox_play import ANNA, AUTH, MESSAGES, TEMPLATES, Play, check_error, run

from connectors.whatsapp.payloads import message
from integration.domain.messages.channel import Envelope
from integration.domain.messages.components import Button, ButtonType, Card, Components, Media, MediaType, Variables

ENDS = datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
PICTURE = Media(MediaType.IMAGE, id="700000000000001")
HANDLE = "4:1:sample"
HEADER = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [HANDLE]}}
LINK = {"type": "URL", "text": "Ansehen", "url": "https://laden.example/{{1}}", "example": ["w/1"]}
CODE = {"type": "COPY_CODE", "example": "KM7TX4RDPH"}
PHONE = {"type": "PHONE_NUMBER", "text": "Anrufen", "phone_number": "+4922147110900"}
STOP = {"type": "QUICK_REPLY", "text": "Keine Werbung"}


def body(text: str = "Hallo {{name}}, das hier gibt es nur bis heute Abend.") -> dict[str, Any]:
    example = {"body_text_named_params": [{"param_name": "name", "example": "Anna"}]}
    return {"type": "BODY", "text": text} | ({"example": example} if "{{" in text else {})


def offer(*components: dict[str, Any], **changes: Any) -> dict[str, Any]:
    shown = [
        HEADER,
        body(),
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Nur heute", "has_expiration": True}},
        {"type": "BUTTONS", "buttons": [CODE, LINK, STOP]},
    ]
    named = {"name": "offer", "language": "de", "category": "MARKETING", "parameter_format": "named"}
    return named | {"components": list(components) or shown} | changes


def card(**changes: Any) -> dict[str, Any]:
    parts = {"header": HEADER, "body": {"type": "BODY", "text": "Kaffee"}, "buttons": [LINK, STOP]} | changes
    return {"components": [parts["header"], parts["body"], {"type": "BUTTONS", "buttons": parts["buttons"]}]}


def carousel(*cards: dict[str, Any]) -> dict[str, Any]:
    return offer(body(), {"type": "CAROUSEL", "cards": list(cards or (card(), card()))}, name="carousel")


def ours(template: str, components: Components, variables: Variables) -> dict[str, Any]:
    """What our own client posts."""
    found: dict[str, Any] = orjson.loads(
        message(Envelope("a1", ANNA, None, "de", template, variables=variables, components=components))
    )
    return found


FULL = Components(
    header=PICTURE,
    buttons=(
        Button(0, ButtonType.COPY_CODE, "KM7TX4RDPH"),
        Button(1, ButtonType.URL, "w/abc"),
        Button(2, ButtonType.QUICK_REPLY, "OPTOUT:marketing"),
    ),
    offer_ends=ENDS,
)
CARDS = Components(
    cards=tuple(
        Card(PICTURE, (Button(0, ButtonType.URL, word), Button(1, ButtonType.QUICK_REPLY, f"MORE:{word}")))
        for word in ("kaffee", "tee")
    )
)


def scene(created: dict[str, Any], then: Callable[[Play], Awaitable[None]]) -> None:
    async def play(play: Play) -> None:
        play.stage.graph.uploads.handles[HANDLE] = "IMAGE"
        answer = await play.client.post(TEMPLATES, json=created)
        assert answer.status_code == 200, answer.text
        play.stage.graph.media.add(b"picture", "image/png")
        await then(play)

    run(play)


async def post(play: Play, content: dict[str, Any]) -> Any:
    return await play.client.post(MESSAGES, json=content, headers=AUTH)


def test_an_offer_with_everything_is_shown_as_we_sent_it() -> None:
    async def then(play: Play) -> None:
        answer = await post(play, ours("offer", FULL, {"name": "Anna"}))
        assert answer.status_code == 200, answer.text
        [shown] = next(p for p in play.stage.phones if p.number == ANNA).messages
        assert shown.body == "Hallo Anna, das hier gibt es nur bis heute Abend."
        assert shown.media == {"type": "image", "source": PICTURE.id}
        assert shown.offer == {"text": "Nur heute", "ends": ENDS.isoformat()}
        assert shown.buttons == [
            {"type": "copy_code", "text": "KM7TX4RDPH"},
            {"type": "url", "text": "Ansehen", "url": "https://laden.example/w/abc"},
            {"type": "quick_reply", "text": "Keine Werbung", "payload": "OPTOUT:marketing"},
        ]

    scene(offer(), then)


def test_a_carousel_is_shown_card_by_card() -> None:
    async def then(play: Play) -> None:
        answer = await post(play, ours("carousel", CARDS, {"name": "Anna"}))
        assert answer.status_code == 200, answer.text
        [shown] = next(p for p in play.stage.phones if p.number == ANNA).messages
        assert [c["buttons"][0]["url"] for c in shown.cards] == [
            "https://laden.example/kaffee",
            "https://laden.example/tee",
        ]

    scene(carousel(), then)


def wrong(part: str, **changes: Any) -> dict[str, Any]:
    """What we send for the offer, with one component changed."""
    content = ours("offer", FULL, {"name": "Anna"})
    [found] = [c for c in content["template"]["components"] if part in (c["type"], c.get("sub_type"))]
    found |= changes
    return content


SECONDS = [{"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1795820400}}]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (wrong("header", parameters=[{"type": "video", "video": {"id": "1"}}]), 132012),
        (wrong("header", parameters=[{"type": "image", "image": {"id": "1", "link": "https://x.example/a"}}]), 131008),
        (wrong("header", parameters=[{"type": "image", "image": {"id": "bild"}}]), 131009),
        (wrong("header", parameters=[{"type": "image", "image": {"id": "700000000000009"}}]), 131009),
        (wrong("header", parameters=[{"type": "text", "text": "Laden"}]), 132012),
        (wrong("header", parameters=[]), 132012),
        (wrong("limited_time_offer", parameters=SECONDS), 131009),
        (wrong("limited_time_offer", parameters=[]), 131009),
        (wrong("copy_code", parameters=[{"type": "coupon_code", "coupon_code": "x" * 21}]), 131008),
        (wrong("copy_code", parameters=[{"type": "coupon_code", "coupon_code": "KM7TX-4RDPH"}]), 131008),
        (wrong("copy_code", sub_type="url"), 132012),
        (wrong("url", parameters=[]), 131008),
        (wrong("url", index="7"), 132000),
        (wrong("quick_reply", type="footer"), 100),
    ],
)
def test_wrong_components_are_refused(content: dict[str, Any], code: int) -> None:
    async def then(play: Play) -> None:
        check_error(await post(play, content), 400, code)
        assert not play.stage.graph.accepted

    scene(offer(), then)


@pytest.mark.parametrize("indices", [(0,), (1, 0), (0, 1, 2)])
def test_a_carousel_gets_exactly_its_cards(indices: tuple[int, ...]) -> None:
    async def then(play: Play) -> None:
        content = ours("carousel", CARDS, {"name": "Anna"})
        [shown] = [c for c in content["template"]["components"] if c["type"] == "carousel"]
        shown["cards"] = [{"card_index": n, "components": shown["cards"][0]["components"]} for n in indices]
        check_error(await post(play, content), 400, 132000)

    scene(carousel(), then)


BUTTONS = {"type": "BUTTONS", "buttons": [LINK]}
LIMITED = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Nur heute"}}


@pytest.mark.parametrize(
    "created",
    [
        offer(category="UTILITY"),
        offer(body(), LIMITED, BUTTONS, {"type": "FOOTER", "text": "STOP"}),
        offer(body("x" * 601), LIMITED, BUTTONS),
        offer(body(), {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "x" * 17}}, BUTTONS),
        offer(body(), HEADER | {"example": {}}),
        offer(body(), HEADER | {"format": "STICKER"}),
        offer(body(), {"type": "HEADER", "text": "{{name}} und {{shop}}"}),
        offer(body(), {"type": "FOOTER", "text": "von {{shop}}"}),
        offer(body(), {"type": "BUTTONS", "buttons": [CODE, CODE]}),
        offer(body(), {"type": "BUTTONS", "buttons": [STOP, LINK, STOP]}),
        offer(body(), {"type": "BUTTONS", "buttons": [LINK | {"text": "x" * 26}]}),
        offer(body(), {"type": "BUTTONS", "buttons": [LINK | {"example": None}]}),
        offer(body(), {"type": "BUTTONS", "buttons": [LINK | {"url": "https://a.example/{{1}}/b"}]}),
        offer(body(), {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "x" * 21}]}),
        offer(body(), {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "KM7TX-4RDPH"}]}),
        offer(body(), {"type": "BUTTONS", "buttons": [LINK | {"text": "Zu {{name}}"}]}),
        offer(body(), {"type": "BUTTONS", "buttons": [LINK, LINK | {"url": "https://laden.example/"}]}),
        offer(body(), {"type": "BUTTONS", "buttons": [PHONE | {"phone_number": "0221 123"}]}),
        offer(body(), {"type": "BUTTONS", "buttons": [PHONE, PHONE | {"text": "Noch einmal anrufen"}]}),
        offer(body(), LIMITED),
        offer(body(), LIMITED, {"type": "BUTTONS", "buttons": [LINK, CODE]}),
        offer(body(), {"type": "HEADER", "text": "Hallo *{{name}}*"}),
        offer(body(), {"type": "HEADER", "text": "Hallo {{name}}"}),
        offer({"type": "BODY", "text": 4711}, LIMITED, BUTTONS),
        offer(body() | {"example": [{}]}),
        offer(body() | {"example": {"body_text_named_params": 1}}),
        offer(body() | {"example": {"body_text_named_params": {"id": 1}}}),
        offer(body(), HEADER | {"format": "VIDEO"}),
        offer(body(), HEADER | {"example": {"header_handle": ["https://laden.example/bild.jpg"]}}),
        offer(body(), HEADER, {"type": "CAROUSEL", "cards": [card(), card()]}),
        carousel(card()),
        carousel(*[card()] * 11),
        carousel(card(), card(buttons=[LINK])),
        carousel(card(buttons=[LINK, STOP, STOP]), card(buttons=[LINK, STOP, STOP])),
        carousel(*[card(header=HEADER | {"format": "DOCUMENT"})] * 2),
        carousel(*[card(body={"type": "BODY", "text": "x" * 161})] * 2),
    ],
)
def test_definitions_that_meta_refuses(created: dict[str, Any]) -> None:
    async def play(play: Play) -> None:
        play.stage.graph.uploads.handles[HANDLE] = "IMAGE"
        check_error(await play.client.post(TEMPLATES, json=created), 400, 100)

    run(play)
