"""The stage page in a real browser, with a stub in the worker's place."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from integration.sandbox.app import create_app
from integration.sandbox.config import SandboxConfig

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs chromium")


class Worker:
    """Takes webhooks and one sign-in."""

    def __init__(self) -> None:
        self.form = ""
        self.replies: list[str] = []
        routes = [
            Route("/", self._home), Route("/login", self._login, methods=["POST"]),
            Route("/hooks/{slug}", self._hook, methods=["POST"]),
            Route("/meta/{slug}", self._meta, methods=["POST"]),
        ]  # fmt: skip
        self.app = Starlette(routes=routes)

    async def _home(self, _: Request) -> Response:
        return HTMLResponse("<h1>Heute</h1>")

    async def _login(self, request: Request) -> Response:
        self.form = (await request.body()).decode()
        return HTMLResponse("<h1>Heute</h1>")

    async def _hook(self, _: Request) -> Response:
        return Response()

    async def _meta(self, request: Request) -> Response:
        value = (await request.json())["entry"][0]["changes"][0]["value"]
        self.replies += [m["text"]["body"] for m in value.get("messages", [])]
        return Response()


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
def address(worker: Worker) -> Iterator[str]:
    with served(worker.app) as worker_url:
        secret = "geheim & <gut>"
        config = SandboxConfig(
            worker_url=worker_url,
            dashboard_password=secret,
            status_delay=0,
            latency=0,
            retry_backoff=0,
        )
        with served(create_app(config)) as url:
            yield url


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(5000)
        yield page
        browser.close()


def test_order_message_reply_and_hostile_text(worker: Worker, address: str, page: Page) -> None:
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: trouble.append(dialog.message))
    page.goto(address)
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("Heute")
    assert worker.form == "password=geheim+%26+%3Cgut%3E&next=%2F&language=de"

    shop = page.locator("[data-shop=woocommerce]")
    shop.locator("[name=phone]").fill(HOSTILE)
    shop.locator("[name=consent]").check()
    shop.get_by_role("button", name="Bestellen").click()
    expect(shop.locator(".orders .meta").first).to_contain_text(HOSTILE)
    expect(shop.locator(".state").first).to_have_text("offen")
    shop.get_by_role("button", name="Versenden").click()
    expect(shop.locator(".state").first).to_have_text("versandt")

    send_hostile_template(address)
    bubble = page.locator(".bubble").first
    expect(bubble.locator(".text")).to_contain_text(HOSTILE)
    expect(bubble.locator(".ticks.read")).to_have_text("✓✓")

    page.get_by_label("Antwort schreiben").fill("Danke *sehr*")
    page.get_by_label("Antwort schreiben").press("Enter")
    mine = page.locator(".bubble.mine")
    expect(mine.locator("b")).to_have_text("sehr")
    expect(mine.locator(".ticks.delivered")).to_have_text("✓✓")
    assert worker.replies == ["Danke *sehr*"]
    assert page.locator("img").count() == 0
    assert trouble == []


def test_a_cart_is_left_bought_refunded_and_sent_in_two_parcels(address: str, page: Page) -> None:
    page.goto(address)
    shop = page.locator("[data-shop=woocommerce]")
    shop.get_by_role("button", name="Warenkorb stehen lassen").click()
    expect(shop.locator(".state").first).to_have_text("im Warenkorb")
    shop.get_by_role("button", name="Zurückkommen und kaufen").click()
    expect(shop.locator(".state").first).to_have_text("bezahlt")
    shop.get_by_role("button", name="5 € erstatten").click()
    expect(shop.get_by_text("erstattet: 5.00 €")).to_be_visible()
    shop.get_by_role("button", name="Versenden").click()
    shop.get_by_role("button", name="Zweites Paket").click()
    expect(shop.locator(".orders .meta").filter(has_text="DHL 00340434")).to_have_count(2)
    expect(shop.get_by_role("button", name="Warenkorb stehen lassen")).to_be_visible()


def send_hostile_template(address: str) -> None:
    body = {
        "messaging_product": "whatsapp", "to": "+491713920011", "type": "template",
        "template": {
            "name": "lb_x", "language": {"code": "de"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": HOSTILE}]}],
        },
    }  # fmt: skip
    url = f"{address}/graph/v26.0/100000000000001/messages"
    assert httpx.post(url, json=body, headers={"Authorization": "Bearer sandbox-token"}, timeout=60).status_code == 200


def test_narrow_screen_has_tabs_in_english(address: str, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/?lang=en")
    expect(page.locator(".handset")).to_be_hidden()
    page.get_by_role("tab", name="Phone").first.click()
    expect(page.locator(".handset")).to_be_visible()
    expect(page.get_by_text("No messages yet.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
