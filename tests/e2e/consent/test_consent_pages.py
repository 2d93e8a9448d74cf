"""The pages around consents in a real browser: both languages, a phone and a desktop; the form inside another page."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from consent_kit import a_world, ledger, put_product
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from storekit import an_entry

from integration.domain.consent.consent import ConsentType, Flag, Source
from integration.domain.consent.imports import Choices
from integration.flow.consent import imports, links
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.webhooks.inbox import InboxItem
from integration.web import auth
from integration.web.app import WebConfig, WebDeps, create_app

SCREENS = Path(__file__).parents[3] / ".artifacts" / "screens"
CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "laden-im-hof-7"
LIST = "Phone,Opt-in,Opt-in date,Consent text,Source,Message ID\n" + "".join(
    f'+4917139{n:05},{status},2025-03-31 14:05,"Ja, per WhatsApp, STOP beendet.",Pop-up,{wamid}\n'
    for n, (status, wamid) in enumerate([("yes", "wamid.1"), ("yes", ""), ("no", ""), ("", ""), ("yes", "wamid.2")])
)
PUBLIC = {"signup": "/signup/{code}", "notify": "/notify/laden/77"}

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")


class NoIntake:
    """Nothing is received here."""

    async def put(self, item: InboxItem) -> None:
        """Never called."""
        raise AssertionError


def now() -> datetime:
    """The time as it is: a real browser waits."""
    return datetime.now(UTC)


def served(app: Any, stack: ExitStack) -> str:
    """Serve an app on this machine until the stack ends; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join(10)

    stack.callback(stop)
    while not server.started:
        thread.join(0.02)
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


class Site:
    """A dashboard with consents of every kind, and a shop whose page frames the form."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.world = stack.enter_context(a_world(folder, now))
        self._fill()
        frame = Route("/", lambda _: HTMLResponse(f'<iframe src="{self.address}/signup/{self.code}"></iframe>'))
        self.shop = served(Starlette(routes=[frame]), stack)
        config = WebConfig("de", "Europe/Berlin", "https://bote.laden.example", None, False, True)
        deps = WebDeps(self.world, NoIntake(), config, {}, {}, list, lambda _shop: None, list, frames=(self.shop,))
        auth.set_password(self.world.database, deps.world.vault, PASSWORD, now())
        app = create_app(deps)
        stack.callback(app.state.live.close)
        self.address = served(app, stack)

    def _fill(self) -> None:
        world, today = self.world, now()
        wish = links.Wish("firma", "nummer", ("marketing_news", "marketing_offers"), "de", label="Theke im Laden")
        self.code = links.make(world, wish).code
        links.make(world, links.Wish("firma", "nummer", ("service_updates",), "de", "keyword", "Newsletter"))
        put_product(world, "77", "Röstung Nr. 7, 500 g")
        made = imports.receive(world, "firma", "liste-aus-klaviyo.csv", [LIST.encode()], "chef")
        imports.check(world, made, Choices(made.choices.columns, purposes=("marketing_news",)))
        imports.work(world, made.id)
        self.imported = made.id
        self.fresh = imports.receive(world, "firma", "noch-neu.csv", [LIST.encode()], "chef").id
        with world.database.write() as connection:
            people = identity_resolution.resolve(
                connection, [Person("firma", f"+4917139200{n}", name=f"Kundin {n}") for n in range(10, 40)], today
            )
            entries = []
            for n, person in enumerate(people):
                at = today - timedelta(days=3 * n)
                more = {"subject": person.subject, "phone": person.phone, "occurred_at": at}
                flags = frozenset({Flag.WORDING_MISSING}) if n % 7 == 3 else frozenset()
                source = Source.FORM if n % 5 == 4 else Source.QR
                entries.append(an_entry(**more, purposes=("marketing_news",), source=source, flags=flags))
                if n % 2:
                    entries.append(an_entry(**more))
                if n % 9 == 8:
                    out = {**more, "occurred_at": at + timedelta(days=2)}
                    entries.append(an_entry(**out, type=ConsentType.WITHDRAWN, purposes=("*marketing",)))
            world.ledger.append(connection, entries, today)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(tmp_path_factory.mktemp("consents"), stack)


def opened(browser: Browser, width: int, language: str, **more: Any) -> tuple[Page, list[str]]:
    context = browser.new_context(locale=language, viewport={"width": width, "height": 820}, **more)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    return page, complaints


def fits(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(SCREENS / f"{name}.png"), full_page=True)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{name} is {over} px too wide"


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [375, 1280])
def test_every_page_fits_and_complains_of_nothing(browser: Browser, site: Site, language: str, width: int) -> None:
    page, complaints = opened(browser, width, language)
    for name, path in PUBLIC.items():
        answer = page.goto(site.address + path.format(code=site.code))
        assert answer and answer.status == 200 and page.evaluate("document.documentElement.lang") == "de"
        fits(page, f"{name}-{language}-{width}")
    page.goto(f"{site.address}/login")
    page.get_by_label("Passwor").fill(PASSWORD)
    page.get_by_label("Passwor").press("Enter")
    page.wait_for_url(f"{site.address}/")
    inside = {
        "consents": "/consents",
        "consent-people": "/consents/people?scope=marketing_news&code=on",
        "links": "/consents/links",
        "link-new": "/consents/links/new",
        "link": f"/consents/links/{site.code}",
        "wordings": "/consents/wordings",
        "imports": "/consents/import",
        "import-ready": f"/consents/import/{site.imported}",
        "import-new": f"/consents/import/{site.fresh}",
        "contact-new": "/contacts/new",
    }
    for name, path in inside.items():
        answer = page.goto(site.address + path)
        assert answer and answer.status == 200, path
        fits(page, f"{name}-{language}-{width}")
    page.context.close()
    assert complaints == []


def test_the_form_works_inside_the_shops_page_without_scripts(browser: Browser, site: Site) -> None:
    page, complaints = opened(browser, 720, "de", java_script_enabled=False)
    page.goto(site.shop)
    frame = page.frame_locator("iframe")
    frame.get_by_label("Neuigkeiten und Einladungen").check()
    frame.get_by_label("Handynummer").fill("0171 3920099")
    page.wait_for_timeout(2_500)  # a person is no quicker
    frame.get_by_role("button", name="Anmelden").click()
    frame.get_by_role("heading", name="Fast fertig").wait_for()
    assert ledger(site.world)[-1] == ("granted", "form", ["marketing_news"])
    page.context.close()
    assert [text for text in complaints if "404" not in text] == [], "but for the shop's own missing icon"


def test_another_site_may_not_frame_the_form(browser: Browser, site: Site) -> None:
    with ExitStack() as stack:
        frame = Route("/", lambda _: HTMLResponse(f'<iframe src="{site.address}/signup/{site.code}"></iframe>'))
        stranger = served(Starlette(routes=[frame]), stack)
        page, complaints = opened(browser, 720, "de")
        page.goto(stranger)
        page.wait_for_timeout(500)
        assert any("frame-ancestors" in text or "Content Security Policy" in text for text in complaints)
        page.context.close()
