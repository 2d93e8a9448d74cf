"""The script of the classic checkout, in a real browser: nothing leaves before the box is ticked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from php import WORDPRESS
from playwright.sync_api import Page, Request, Route, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
SHOP = "http://shop.example/"
PAGE = """<!doctype html><form>
<input id="billing_email"><input id="billing_phone"><input id="billing_first_name"><input id="billing_last_name">
<input id="billing_country" value="DE"><input id="billing_company">
<input type="checkbox" id="ladenbote_orders"><input type="checkbox" id="ladenbote_marketing"></form>
<script>var ladenboteCheckout = {"url": "/?wc-ajax=ladenbote_cart", "nonce": "n-1"};</script><script>SCRIPT</script>"""

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")


@pytest.fixture
def posted() -> list[str]:
    """What the page has posted."""
    return []


@pytest.fixture
def page(posted: list[str]) -> Iterator[Page]:
    """A checkout page that talks to nobody."""
    content = PAGE.replace("SCRIPT", (WORDPRESS / "ladenbote" / "assets" / "checkout.js").read_text())

    def answer(route: Route, request: Request) -> None:
        if request.method == "POST":
            posted.append(request.post_data or "")
            route.fulfill(json={"success": True})
        else:
            route.fulfill(body=content, content_type="text/html")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        shown = browser.new_page()
        shown.route("**/*", answer)
        shown.goto(SHOP)
        yield shown
        browser.close()


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"#billing_{name}", value)
        page.evaluate(f"document.getElementById('billing_{name}').blur()")


def posting(page: Page, work: Any) -> str:
    # the answer, and not the request: only then has the shop's side seen it
    with page.expect_response(lambda response: response.request.method == "POST") as caught:
        work()
    return caught.value.request.post_data or ""


def test_nothing_leaves_before_the_box_is_ticked(page: Page, posted: list[str]) -> None:
    fill(page, email="anna@example.com", phone="0171 3920012", first_name="Anna")
    page.check("#ladenbote_orders")
    page.check("#ladenbote_orders")
    first = posting(page, lambda: page.check("#ladenbote_marketing"))
    assert len(posted) == 1
    for part in ("anna@example.com", "0171 3920012", "Anna", "n-1", 'name="agreed"'):
        assert part in first


def test_changes_follow_while_it_is_ticked_and_end_with_it(page: Page, posted: list[str]) -> None:
    posting(page, lambda: page.check("#ladenbote_marketing"))
    assert "0171" in posting(page, lambda: fill(page, phone="0171 3920012"))
    fill(page, company="Nobody's business")
    last = posting(page, lambda: page.uncheck("#ladenbote_marketing"))
    assert "0171" not in last and 'name="agreed"' not in last
    fill(page, email="later@example.com")
    posting(page, lambda: page.check("#ladenbote_marketing"))
    assert [("later@" in body) for body in posted] == [False, False, False, True]
