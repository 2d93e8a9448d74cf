"""The pages of texts in a real browser, without JavaScript: an owner checks, submits, and decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from blank import databases
from PIL import Image
from playwright.sync_api import Browser, Page
from served import CHROMIUM, SCREENS, served, signed_in
from sqlalchemy import select
from worlds import NOON, Clock, cart, make_world, order, post

from integration.domain.messages.channel import RemoteTemplate, TemplateNews
from integration.domain.templates.parts import HeaderType
from integration.domain.templates.templates import pictured_for
from integration.flow import react
from integration.flow.templates import templates as flow
from integration.flow.world import World
from integration.store.tables import enclosure
from integration.store.templates import templates

GOOD = "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist da. Keine Infos mehr? Antworte mit STOP."
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[World]:
    database, keys = databases(tmp_path)
    made = make_world(database, keys, Clock())
    post(made, order(number="4711", first_name="Lena"), cart())
    react.run(made)
    with database.write() as connection:
        news = TemplateNews("lb_shipping_notice_du_v1", "de", category="MARKETING")
        flow.noted(made, connection, "konto", [news], NOON)
    yield made
    database.close()
    keys.close()


@pytest.fixture
def address(shop: World) -> Iterator[str]:
    with served(shop) as found:
        yield found


@pytest.fixture(params=[("de", 1280), ("de", 375), ("en", 375)], ids=lambda p: f"{p[0]}-{p[1]}")
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    language, width = request.param
    with signed_in(browser, address, language, width, java_script_enabled=False) as opened:
        yield opened


def look(page: Page, name: str) -> None:
    """Keep a picture, and see that nothing sticks out."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    assert size
    page.screenshot(
        full_page=True, path=SCREENS / f"texts-{name}-{page.locator('html').get_attribute('lang')}-{size['width']}.png"
    )
    for element in page.locator("main section, main textarea, main .bubble:not(li), main .bubble-cards").all():
        box = element.bounding_box()
        assert box is None or box["x"] + box["width"] <= size["width"] + 1


def test_an_owner_writes_a_text_and_decides_about_another(page: Page, address: str, shop: World) -> None:
    page.goto(f"{address}/templates")
    look(page, "overview")
    page.locator("a[href^='/templates/order_confirmation/de-du']").first.click()
    assert "Lena" in page.locator(".bubble-text").inner_text()
    page.locator("textarea").fill("{{shop}}: 10 % Rabatt")
    page.locator("button[value=check]").click()
    look(page, "faults")
    assert page.locator(".finding-fault").count() >= 2
    page.locator("textarea").fill(GOOD)
    page.locator("button[value=submit]").click()
    page.wait_for_url("**done=submit**")
    look(page, "submitted")
    page.goto(f"{address}/templates/shipping_notice/de-du")
    look(page, "brake")
    page.locator("button[value=accept]").click()
    page.wait_for_url("**done=accept**")
    with shop.database.read() as connection:
        assert [text.body for text in templates.texts(connection)] == [GOOD]
        assert not templates.facts(connection, "konto")["lb_shipping_notice_du_v1", "de"].braked


def photo(tmp_path: Path, colour: str) -> Path:
    path = tmp_path / f"{colour}.webp"
    Image.new("RGB", (640, 360), colour).save(path, "WEBP")
    return path


REMINDER = "Hallo {{name}}, bei {{shop}} liegt noch etwas für dich: {{items}}. Gut zu wissen: {{note}} Bis bald!"


def test_an_owner_adds_a_picture_buttons_and_a_footer(page: Page, address: str, shop: World, tmp_path: Path) -> None:
    page.goto(f"{address}/templates/abandoned_cart/de-du")
    page.locator("details.around > summary").click()
    look(page, "around")
    page.locator("textarea").fill(REMINDER)
    page.locator("input[name=footer]").fill("Keine Werbung mehr? Antworte mit STOP.")
    page.locator("input[name=file]").set_input_files(photo(tmp_path, "teal"))
    page.locator("button[formenctype]").click()
    assert page.locator("textarea").input_value() == REMINDER, "nothing that was typed is lost"
    assert page.locator("img.bubble-picture").evaluate("i => i.decode().then(() => i.naturalWidth)") == 640
    page.locator("input[name=title1]").fill("Zum Warenkorb")
    page.locator("select[name=to1]").select_option("own")
    page.locator("input[name=call]").fill("Anrufen")
    page.locator("input[name=number]").fill("+49 221 47110900")
    page.locator("button[value=check]").click()
    look(page, "around-checked")
    assert page.locator(".finding-fault").count() == 0
    assert page.locator(".bubble-button").all_inner_texts() == ["↗ Zum Warenkorb", "✆ Anrufen"]
    page.locator("button[value=submit]").click()
    page.wait_for_url("**done=submit**")
    look(page, "around-submitted")
    with shop.database.read() as connection:
        [text] = templates.texts(connection)
    assert text.parts.header and text.parts.header.type is HeaderType.IMAGE
    assert [(b.title, b.value, b.variable) for b in text.parts.buttons] == [
        ("Zum Warenkorb", "https://laden.example/", "link"),
        ("Anrufen", "+4922147110900", ""),
    ]


def test_an_owner_makes_cards_and_is_told_what_is_wrong(page: Page, address: str, shop: World, tmp_path: Path) -> None:
    page.goto(f"{address}/templates/win_back/de-du")
    page.locator("details.around > summary").click()
    for colour in ("teal", "gold"):
        page.locator("input[name=file]").set_input_files(photo(tmp_path, colour))
        page.locator("button[formenctype]").click()
    page.locator("input[name=shape][value=cards]").check()
    page.locator("input[name=card_title]").fill("Ansehen")
    page.locator("select[name=card_file1]").select_option(label="teal.webp")
    page.locator("input[name=card_text1]").fill("Unser neuer Espresso")
    page.locator("button[value=submit]").click()
    look(page, "cards-faults")
    assert page.locator(".finding-fault").count() >= 2, "one card is too few, and leads nowhere"
    page.locator("input[name=card_url1]").fill("https://laden.example/espresso")
    page.locator("select[name=card_file2]").select_option(label="gold.webp")
    page.locator("input[name=card_text2]").fill("Tassen von Hand")
    page.locator("input[name=card_url2]").fill("https://laden.example/tassen")
    page.locator("button[value=check]").click()
    look(page, "cards")
    assert page.locator(".finding-fault").count() == 0
    assert page.locator(".bubble-cards li").count() == 2
    page.locator("button[value=submit]").click()
    page.wait_for_url("**done=submit**")
    with shop.database.read() as connection:
        [text] = templates.texts(connection)
    assert [card.text for card in text.parts.cards] == ["Unser neuer Espresso", "Tassen von Hand"]


def test_an_owner_shows_the_articles_of_each_cart(page: Page, address: str, shop: World) -> None:
    page.goto(f"{address}/templates/abandoned_cart/de-du")
    page.locator("details.around > summary").click()
    page.locator("input[name=shape][value=goods]").check()
    page.locator("select[name=goods_count]").select_option("3")
    page.locator("button[value=check]").click()
    look(page, "goods")
    assert page.locator(".finding-fault").count() == 0
    assert page.locator(".bubble-cards li").count() == 3
    page.locator("button[value=submit]").click()
    page.wait_for_url("**done=submit**")
    with shop.database.read() as connection:
        [text] = templates.texts(connection)
    assert [card.file for card in text.parts.cards] == ["item1", "item2", "item3"]
    assert {button.address for card in text.parts.cards for button in card.buttons} == {"https://laden.example/{{1}}"}


def test_what_is_no_picture_is_said_to_be_none(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/templates/win_back/de-du")
    page.locator("details.around > summary").click()
    (wrong := tmp_path / "bild.png").write_bytes(b"<html><script>alert(1)</script>")
    page.locator("input[name=file]").set_input_files(wrong)
    page.locator("button[formenctype]").click()
    page.locator(".finding-fault[role=alert]").wait_for()
    assert page.locator(".finding-fault[role=alert]").count() == 1
    assert page.locator("img.bubble-picture").count() == 0


def test_an_owner_sends_an_invoice_from_a_messages_page(page: Page, address: str, shop: World, tmp_path: Path) -> None:
    (paper := tmp_path / "RE-4711.pdf").write_bytes(b"%PDF-1.7\n%%EOF")
    (wrong := tmp_path / "brief.pdf").write_bytes(b"<html>")
    page.goto(f"{address}/messages")
    page.locator("a[href^='/messages/0']").first.click()
    page.locator("input[name=file]").set_input_files(wrong)
    page.locator("#document button").click()
    look(page, "document-refused")
    assert page.locator("#document .finding-fault").count() == 1
    page.locator("input[name=file]").set_input_files(paper)
    page.locator("#document button").click()
    page.wait_for_url("**/messages/0*")
    look(page, "document")
    assert "Lena" in page.locator(".bubble-text").inner_text()
    with shop.database.read() as connection:
        assert list(connection.execute(select(enclosure.c.name)).scalars()) == ["RE-4711.pdf"]


def test_the_page_shows_ladenbotes_text_with_picture_and_button(page: Page, address: str, shop: World) -> None:
    found = pictured_for("abandoned_cart", "de", "du", "https://laden.example/")
    assert found
    answer = RemoteTemplate(found.name, "de", "APPROVED", "MARKETING", body=found.body, outline=found.outline)
    with shop.database.write() as connection:
        templates.put(connection, "konto", answer, NOON)
    page.goto(f"{address}/templates/abandoned_cart/de-du")
    look(page, "pictured")
    assert page.locator(f"code:text-is('{found.name}')").count() >= 1
