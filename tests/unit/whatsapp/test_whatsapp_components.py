"""Headers, buttons, offers and carousels as Meta wants them; pywa's serialiser is the second opinion."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pywa.types import templates as pywa

from connectors.whatsapp.payloads import message
from integration.domain.errors import Unfit
from integration.domain.messages.channel import Envelope
from integration.domain.messages.components import (
    Button,
    ButtonType,
    Card,
    Components,
    Media,
    MediaType,
    restored,
    stored,
)

PICTURE = Media(MediaType.IMAGE, id="1234567890")
ENDS = datetime(2026, 11, 27, 23, 0, 0, 500_000, tzinfo=UTC)
URL, REPLY, CODE = ButtonType.URL, ButtonType.QUICK_REPLY, ButtonType.COPY_CODE


def card(word: str = "kaffee", **changes: Any) -> Card:
    fields = {
        "header": PICTURE,
        "buttons": (Button(0, URL, word), Button(1, REPLY, f"MORE:{word}")),
        "variables": {"product": word},
    }
    return Card(**(fields | changes))


def sent(
    components: Components | None = None,
    variables: dict[str, str] | None = None,
    buttons: tuple[tuple[str, str], ...] = (),
    **more: Any,
) -> Any:
    fields: dict[str, Any] = {
        "attempt_id": "a1",
        "to": "+491713920012",
        "recipient": None,
        "language": "de",
        "template": "lb_x_v1",
    }
    fields |= {"variables": variables or {}, "buttons": buttons, "components": components} | more
    return orjson.loads(message(Envelope(**fields))).get("template", {}).get("components")


def by_pywa(*params: Any) -> Any:
    """The same in pywa's words, with `index` as text and milliseconds (docs/reference/whatsapp.md section 12)."""
    found = json.loads(json.dumps([param.to_dict() for param in params]))
    for part in found:
        for one in (part, *(p for shown in part.get("cards", ()) for p in shown["components"])):
            one["type"] = one["type"].lower()
            if "index" in one:
                one |= {"index": str(one["index"]), "sub_type": one["sub_type"].lower()}
            for parameter in one.get("parameters", ()):
                parameter["type"] = parameter["type"].lower()
    return found


def medium(params: Any, media: str, *, link: bool = False) -> Any:
    params._resolved_media, params._is_url = media, link
    return params


def test_positional_variables_go_in_order_without_names() -> None:
    variables = {str(n): f"Wert {n}" for n in (10, 2, 1, 3, 4, 5, 6, 7, 8, 9)}
    assert sent(variables=variables) == by_pywa(pywa.BodyText.params(*(f"Wert {n}" for n in range(1, 11))))


def test_named_variables() -> None:
    assert sent(variables={"name": "Anna"}) == by_pywa(pywa.BodyText.params(name="Anna"))


@pytest.mark.parametrize("variables", [{"1": "a", "name": "b"}, {"1": "a", "3": "b"}, {"0": "a", "1": "b"}])
def test_positions_have_no_gaps(variables: dict[str, str]) -> None:
    with pytest.raises(Unfit):
        sent(variables=variables)


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        (PICTURE, medium(pywa.HeaderImage.params(image="x"), "1234567890")),
        (Media(MediaType.VIDEO, id="77"), medium(pywa.HeaderVideo.params(video="x"), "77")),
        (
            Media(MediaType.IMAGE, link="https://shop.example/k.jpg"),
            medium(pywa.HeaderImage.params(image="x"), "https://shop.example/k.jpg", link=True),
        ),
        (
            Media(MediaType.DOCUMENT, id="78", filename="Rechnung.pdf"),
            medium(pywa.HeaderDocument.params(document="x", filename="Rechnung.pdf"), "78"),
        ),
    ],
)
def test_a_header_with_a_medium(media: Media, expected: Any) -> None:
    assert sent(Components(header=media)) == by_pywa(expected)


def test_a_header_with_text() -> None:
    assert sent(Components(title={"shop": "Laden"})) == by_pywa(pywa.HeaderText.params(shop="Laden"))


def test_buttons_of_every_kind() -> None:
    buttons = (Button(2, CODE, "KM7TX4RDPH"), Button(0, REPLY, "OPTOUT:marketing"), Button(1, URL, "w/abc?x=1"))
    assert sent(Components(buttons=buttons)) == by_pywa(
        pywa.QuickReplyButton.params(callback_data="OPTOUT:marketing", index=0),
        pywa.URLButton.params(url_variable="w/abc?x=1", index=1),
        pywa.CopyCodeButton.params(coupon_code="KM7TX4RDPH", index=2),
    )


def test_replies_come_before_other_buttons() -> None:
    found = sent(Components(buttons=(Button(1, URL, "w/abc"),)), buttons=(("CONFIRM:yes", "Ja"),))
    assert [(part["index"], part["sub_type"]) for part in found] == [("0", "quick_reply"), ("1", "url")]


def test_an_offer_ends_in_milliseconds() -> None:
    [found] = sent(Components(offer_ends=ENDS))
    assert found["parameters"][0]["limited_time_offer"] == {"expiration_time_ms": 1_795_820_400_500}
    [theirs] = by_pywa(pywa.LimitedTimeOffer.params(expiration_time=ENDS))
    # pywa sends seconds; the rest is the same
    theirs["parameters"][0]["limited_time_offer"]["expiration_time_ms"] = 1_795_820_400_500
    assert found == theirs


def test_a_carousel() -> None:
    words = ("kaffee", "tee", "kakao")
    expected = pywa.Carousel.params(
        cards=[
            pywa.CarouselCard.params(
                index=n,
                params=[
                    medium(pywa.HeaderImage.params(image="x"), "1234567890"),
                    pywa.BodyText.params(product=word),
                    pywa.URLButton.params(url_variable=word, index=0),
                    pywa.QuickReplyButton.params(callback_data=f"MORE:{word}", index=1),
                ],
            )
            for n, word in enumerate(words)
        ]
    )
    assert sent(Components(cards=tuple(map(card, words)))) == by_pywa(expected)


def test_all_parts_in_one_message() -> None:
    whole = Components(header=PICTURE, buttons=(Button(1, CODE, "KM7TX"),), offer_ends=ENDS)
    found = sent(whole, {"name": "Anna"}, (("OPTOUT:marketing", "Stopp"),))
    assert [part["type"] for part in found] == ["header", "body", "button", "button", "limited_time_offer"]


LONG = "x" * 2001


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (Components(header=PICTURE, title={"shop": "Laden"}), "either"),
        (Components(title={"shop": "x" * 61}), "60"),
        (Components(header=Media(MediaType.IMAGE)), "id or a link"),
        (Components(header=Media(MediaType.IMAGE, id="1", link="https://a.example/x")), "id or a link"),
        (Components(header=Media(MediaType.IMAGE, link="http://a.example/x")), "https"),
        (Components(header=Media(MediaType.IMAGE, link="https://a.example/a b")), "https"),
        (Components(header=Media(MediaType.IMAGE, link=f"https://a.example/{LONG}")), "https"),
        (Components(header=Media(MediaType.IMAGE, id="1", filename="x.png")), "file name"),
        (Components(buttons=(Button(0, URL, LONG),)), "2000"),
        (Components(buttons=(Button(0, URL, "a b"),)), "spaces"),
        (Components(buttons=(Button(0, URL, ""),)), "1 to"),
        (Components(buttons=(Button(0, CODE, "x" * 21),)), "20"),
        (Components(buttons=(Button(0, CODE, "A"), Button(1, CODE, "B"))), "one copy-code"),
        (Components(buttons=(Button(0, REPLY, "x" * 257),)), "256"),
        (Components(buttons=(Button(0, URL, "a"), Button(0, URL, "b"))), "places"),
        (Components(buttons=(Button(10, URL, "a"),)), "places"),
        (Components(cards=(card(),)), "2 to 10"),
        (Components(cards=(card(),) * 11), "2 to 10"),
        (Components(cards=(card(), card(variables={}))), "same parts"),
        (Components(cards=(card(), card(header=Media(MediaType.VIDEO, id="1")))), "same parts"),
        (Components(cards=(card(header=Media(MediaType.DOCUMENT, id="1")),) * 2), "document"),
        (Components(cards=(card(buttons=(Button(2, URL, "a"),)),) * 2), "places"),
    ],
)
def test_what_meta_must_refuse_never_leaves(wrong: Components, says: str) -> None:
    with pytest.raises(Unfit, match=says):
        sent(wrong)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Anna\nBernd", "Anna Bernd"), ("a\tb", "a b"), ("a \r\n b", "a b"), ("a\u2028b\x85c", "a b c"),
        ("a     b", "a b"), ("a    b", "a    b"), ("a\xa0\xa0\xa0\xa0\xa0b", "a b"), (" Anna ", "Anna"),
        ("\u202eannA", "annA"), ("{{1}} {{name}}", "{{1}} {{name}}"),
        ("محمد 👨\u200d👩\u200d👧", "محمد 👨\u200d👩\u200d👧"),
    ],
)  # fmt: skip
def test_a_value_stands_on_one_line(value: str, told: str) -> None:
    [part] = sent(variables={"name": value})
    assert part["parameters"] == [{"type": "text", "parameter_name": "name", "text": told}]


@pytest.mark.parametrize("value", ["", " \n", "\u200b\u202e", "x" * 1025, "👍" * 513])
def test_a_variable_has_a_text_that_fits(value: str) -> None:
    with pytest.raises(Unfit, match="variable name"):
        sent(variables={"name": value})


@pytest.mark.parametrize(("components", "longest"), [(None, 1024), (Components(offer_ends=ENDS), 600)])
def test_the_filled_in_text_is_measured(components: Components | None, longest: int) -> None:
    body = "Hallo {{name}}!" + "x" * (longest - len("Hallo Anna!"))
    assert sent(components, {"name": "Anna"}, body=body)
    with pytest.raises(Unfit, match=str(longest)):
        sent(components, {"name": "Annas"}, body=body)


@pytest.mark.parametrize(
    ("text", "buttons"),
    [
        ("x" * 4097, ()),
        ("x" * 1025, (("A", "Ja"),)),
        ("Gern", (("A", "x" * 21),)),
        ("Gern", (("A", ""),)),
        ("Gern", (("", "Ja"),)),
        ("Gern", (("A", "Ja"), ("A", "Nein"))),
        ("Gern", tuple((str(n), "Ja") for n in range(4))),
        (" \n", ()),
    ],
)
def test_free_texts_that_meta_must_refuse_never_leave(text: str, buttons: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(Unfit):
        sent(buttons=buttons, template=None, text=text)


def test_a_free_text_has_no_components() -> None:
    with pytest.raises(Unfit):
        sent(Components(header=PICTURE), template=None, text="Gern")


def test_the_refusal_names_no_person() -> None:
    with pytest.raises(Unfit) as caught:
        sent(variables={"name": "Anna Beispiel" * 100})
    assert "Anna" not in f"{caught.value!r}{caught.value}"


@pytest.mark.parametrize(
    "components",
    [
        Components(),
        Components(title={"shop": "Laden"}, buttons=(Button(0, REPLY, "OPTOUT:marketing"),)),
        Components(header=Media(MediaType.DOCUMENT, id="1", filename="a.pdf"), offer_ends=ENDS),
        Components(cards=(card(), card("tee"))),
    ],
)
def test_components_survive_the_database(components: Components) -> None:
    assert restored(orjson.loads(orjson.dumps(stored(components)))) == components
