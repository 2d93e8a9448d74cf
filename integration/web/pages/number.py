"""One WhatsApp number: is it in order, does Meta's way back work, and if not, what do I do?"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.errors import SettingsError
from integration.domain.ports import Finding, Level
from integration.flow import numbers
from integration.store import numbers as known
from integration.store import overview
from integration.web.forms import Form
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    return _page(pages, request)


def examine(pages: Pages, request: Request, _form: Form) -> Response:
    """Ask Meta again, now."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders:
        return pages.missing(request)
    numbers.keep(pages.deps.database, slug, pages.deps.numbers.management(slug).facts(), pages.deps.clock)
    return RedirectResponse(f"/connections/numbers/{slug}", 303)


def connect(pages: Pages, request: Request, _form: Form) -> Response:
    """Set Meta's webhook up, and draw a word for the round trip."""
    slug, deps = request.path_params["sender"], pages.deps
    if slug not in deps.senders:
        return pages.missing(request)
    address = deps.numbers.address(slug)
    if not address:
        return _page(pages, request)
    done = deps.numbers.management(slug).connect(address, deps.senders[slug].verify_token)
    if not any(finding.level is Level.FAULT for finding in done):
        numbers.ask(deps.database, slug, deps.clock)
    numbers.keep(deps.database, slug, deps.numbers.management(slug).facts(), deps.clock)
    return _page(pages, request, done)


def goods(pages: Pages, request: Request, form: Form) -> Response:
    """The owner says that nothing is sold that WhatsApp forbids; kept with its date."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders:
        return pages.missing(request)
    if form.get("none") == "yes":
        with pages.deps.database.write() as connection:
            known.sells_nothing_forbidden(connection, slug, pages.deps.clock())
    return RedirectResponse(f"/connections/numbers/{slug}#goods", 303)


def renew(pages: Pages, request: Request, form: Form) -> Response:
    """Use another token, if Meta accepts it."""
    slug, token, deps = request.path_params["sender"], form.get("token", "").strip(), pages.deps
    if slug not in deps.senders or slug not in deps.numbers.entered:
        return pages.missing(request)
    try:
        deps.numbers.renew(slug, token)
    except SettingsError:
        return _page(pages, request, token_wrong=True)
    numbers.keep(deps.database, slug, deps.numbers.management(slug).facts(), deps.clock)
    return RedirectResponse(f"/connections/numbers/{slug}", 303)


def remove(pages: Pages, request: Request, form: Form) -> Response:
    """Forget a number that was entered in the browser."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders or slug not in pages.deps.numbers.entered:
        return pages.missing(request)
    if form.get("sure") != "yes":
        return RedirectResponse(f"/connections/numbers/{slug}#remove", 303)
    try:
        pages.deps.numbers.remove(slug)
    except SettingsError:
        return _page(pages, request, needed=True)
    return RedirectResponse("/connections", 303)


def _page(
    pages: Pages, request: Request, done: list[Finding] | None = None, token_wrong: bool = False, needed: bool = False
) -> Response:
    deps = pages.deps
    sender = deps.senders.get(request.path_params["sender"])
    if sender is None:
        return pages.missing(request)
    state = numbers.state(deps.database, sender.slug, deps.clock)
    with deps.database.read() as connection:
        pause = overview.paused(connection).get(sender.slug)
        received = overview.last_received(connection).get(sender.slug)
    digits = "".join(filter(str.isdigit, state.facts.display_number if state.facts else ""))
    address = deps.numbers.address(sender.slug)
    return pages.render(
        request,
        "number/number.html",
        sender=sender,
        state=state,
        pause=pause,
        received=received,
        address=address,
        mailbox=not address.startswith(f"{deps.config.public_url}/") and bool(address),
        chat=f"https://wa.me/{digits}?text={quote(state.asked)}" if digits and state.asked else "",
        entered=sender.slug in deps.numbers.entered,
        done=done or [],
        token_wrong=token_wrong,
        needed=needed,
    )
