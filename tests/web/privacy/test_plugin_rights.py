"""POST /plugin/{shop}/rights: a copy or an erasure for the shop's own privacy tool, for the right person alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from worlds import NOON, Clock, order, post, post_meta

from integration.domain import signing
from integration.domain.messages.channel import Inbound, MetaUpdate
from integration.flow import answer, react, send
from integration.flow.world import World
from integration.store import tables
from integration.store.shops import pairing
from integration.store.shops.pairing import Pairing
from integration.store.templates import uploads
from integration.store.templates.uploads import Enclosure
from integration.web.app import create_app
from integration.web.papers import shop_copy

SECRET, ADDRESS, ANNA = "the-plugins-secret", "/plugin/laden/rights", "anna@example.com"


@pytest.fixture
def shop(shop: World) -> World:
    """A paired shop in which Anna's order is finished, and she wrote a question."""
    with shop.database.write() as connection:
        pairing.put(connection, shop.vault, "laden", Pairing("https://x", "token", SECRET, True), NOON)
    buy(shop, "1001", status="completed")
    send.claim(shop, "nummer", 10)
    item = Inbound("in-1", "+491713920012", "DE.1", "Anna", NOON, "text", "Ist der Kaffee gemahlen?", "")
    post_meta(shop, MetaUpdate(messages=(item,)))
    answer.run(shop)
    return shop


def buy(world: World, number: str, **changes: Any) -> None:
    post(world, order(number=number, **changes))
    react.run(world)


@pytest.fixture
def ask(shop: World, world: Any, intake: Any, clock: Clock) -> Callable[..., Any]:
    """What the plugin does; gives the answer, whose signature fits."""
    deps = world.deps(shop.database, intake, clock)
    known = {"laden": replace(next(iter(deps.shops.values())), slug="laden")}
    browser = world.Browser(create_app(replace(deps, world=shop, shops=known)))
    asked = []

    def send_question(event: str, email: str = ANNA, **more: Any) -> Any:
        asked.append(event)
        told = {"event": f"privacy.{event}", "email": email, "id": f"question-{len(asked)}", **more}
        body = orjson.dumps(told)
        answered = browser.post(ADDRESS, content=body, headers=signing.sign(SECRET, body, clock()))
        assert answered.status_code == 200, answered.text
        headers = {name.lower(): value for name, value in answered.headers.items()}
        assert signing.signed_at(headers, answered.content, [SECRET])
        return answered.json()

    send_question.browser = browser  # type: ignore[attr-defined]
    return send_question


def requests(shop: World) -> list[tuple[str, str, str | None]]:
    columns = (tables.request.c.kind, tables.request.c.state, tables.request.c.outcome)
    with shop.database.read() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(tables.request.c.id))]


def erased(shop: World) -> list[Any]:
    with shop.database.read() as connection:
        return list(connection.execute(select(tables.contact.c.erased_at)).scalars())


def texts(answered: Any) -> str:
    return " ".join(value for item in answered["items"] for _, value in item["rows"])


def test_a_copy_holds_what_ladenbote_holds_and_answers_the_request(ask: Callable[..., Any], shop: World) -> None:
    found = ask("export", page=1)
    assert found["done"] is True
    assert [item["group"] for item in found["items"]] == [
        "ladenbote", "ladenbote-person", "ladenbote-consents", "ladenbote-messages", "ladenbote-written",
    ]  # fmt: skip
    told = texts(found)
    assert "Ist der Kaffee gemahlen?" in told and "+491713920012" in told and "Bestell-Updates per WhatsApp" in told
    assert "1001" in told and "WhatsApp Ireland" in told
    assert requests(shop) == [("access", "done", "answered")]


def test_a_long_life_comes_in_pages(ask: Callable[..., Any], shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ask("export", page=1)["items"]
    monkeypatch.setattr(shop_copy, "PAGE", 2)
    pages = [ask("export", page=n) for n in (1, 2, 3)]
    assert [page["done"] for page in pages] == [False, False, True]
    assert [item for page in pages for item in page["items"]] == whole
    assert requests(shop) == [("access", "done", "answered")] * 2
    assert ask("export", page=4) == {"items": [], "done": True}, "the shop may have more pages of its own"
    assert requests(shop) == [("access", "done", "answered")] * 2


def test_a_copy_that_is_not_fetched_to_its_end_stays_open(
    ask: Callable[..., Any], shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_copy, "PAGE", 2)
    ask("export", page=1)
    assert requests(shop) == [("access", "open", None)]


@pytest.mark.parametrize("event", ["export", "erase"])
def test_an_address_that_another_person_ordered_with_is_for_the_owner_to_look_at(
    ask: Callable[..., Any], shop: World, event: str
) -> None:
    """The phone may be the one of whom the parcel is for: their chat is not the orderer's to read or to erase."""
    buy(shop, "1002", email="mutter@example.com", status="completed")
    found = ask(event, page=1)
    assert "gemahlen" not in str(found) and erased(shop) == [None]
    assert {state for _, state, _ in requests(shop)} == {"open"}
    if event == "export":
        assert "gesondert" in texts(found) and found["done"] is True
    else:
        assert (found["removed"], found["retained"]) == (False, True)
        assert "24. Dezember 2026" in " ".join(found["messages"])


def test_files_are_left_to_the_owner_and_keep_the_request_open(ask: Callable[..., Any], shop: World) -> None:
    with shop.database.write() as connection:
        anna = connection.execute(select(tables.contact.c.id)).scalar_one()
        invoice = Enclosure("a" * 64, "application/pdf", "rechnung.pdf", b"%PDF-1.7")
        uploads.keep(connection, invoice, NOON, order_key="laden/order/1001", contact_id=anna)
    found = ask("export", page=1)
    assert "Bilder und Dateien (1) bekommen Sie vom Shop gesondert" in texts(found)
    assert "Ist der Kaffee gemahlen?" in texts(found) and requests(shop) == [("access", "open", None)]


def test_two_people_with_one_address_are_for_the_owner_too(ask: Callable[..., Any], shop: World) -> None:
    buy(shop, "1002", phone="0171 3920013", status="completed")
    assert ask("erase")["removed"] is False
    assert erased(shop) == [None, None] and requests(shop) == [("erasure", "open", None)] * 2


def test_an_erasure_says_what_is_gone_and_what_is_kept_and_why(ask: Callable[..., Any], shop: World) -> None:
    found = ask("erase", email="Anna@Example.com ")
    assert (found["removed"], found["retained"]) == (True, True)
    told = " ".join(found["messages"])
    assert "Art. 5 Abs. 2" in told and "Art. 6 Abs. 1" in told and "gelöscht" in told
    assert erased(shop) != [None] and requests(shop) == [("erasure", "done", "erased")]
    assert ask("erase")["retained"] is False and "nichts gespeichert" in texts(ask("export", page=1))


def test_an_order_on_its_way_makes_an_erasure_wait(ask: Callable[..., Any], shop: World) -> None:
    buy(shop, "1002", status="processing")
    found = ask("erase")
    assert (found["removed"], found["retained"]) == (False, True) and erased(shop) == [None]
    assert "Bestellung" in " ".join(found["messages"]) and requests(shop) == [("erasure", "open", None)]


def test_a_stranger_is_told_so(ask: Callable[..., Any], shop: World) -> None:
    assert ask("erase", email="berta@example.com")["retained"] is False
    assert "nichts gespeichert" in texts(ask("export", email="berta@example.com", page=1))
    assert requests(shop) == [("erasure", "done", "nobody"), ("access", "done", "nobody")]


@pytest.mark.parametrize(
    "more",
    [{"email": ""}, {"email": 7}, {"id": None}, {"page": 0}, {"page": "1"}, {"page": None}],
)
def test_nonsense_is_answered_and_changes_nothing(ask: Callable[..., Any], shop: World, more: dict[str, Any]) -> None:
    assert ask("export", **({"page": 1} | more)) == ask("ping") == {"error": "malformed"}
    assert requests(shop) == []


def test_nobody_else_is_answered_and_nothing_twice(ask: Callable[..., Any], shop: World, clock: Clock) -> None:
    browser = ask.browser  # type: ignore[attr-defined]
    body = orjson.dumps({"event": "privacy.export", "email": ANNA, "id": "1", "page": 1})
    for secret in ("", "guessed"):
        assert browser.post(ADDRESS, content=body, headers=signing.sign(secret, body, clock())).status_code == 401
    headers = signing.sign(SECRET, body, clock())
    assert [browser.post(ADDRESS, content=body, headers=headers).status_code for _ in range(2)] == [200, 401]
    old = signing.sign(SECRET, body, datetime(2026, 11, 24, 10, 50, tzinfo=UTC))
    assert browser.post(ADDRESS, content=body, headers=old).status_code == 401
    assert browser.get(ADDRESS).status_code == 405 and browser.post("/plugin/x/rights", content=b"").status_code == 404
