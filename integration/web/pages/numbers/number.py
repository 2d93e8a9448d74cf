"""One WhatsApp number: is it in order, does Meta's way back work, and if not, what do I do?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.errors import SettingsError
from integration.domain.numbers.diagnostics import findings
from integration.domain.shops.ports import Finding, Level
from integration.flow.messages import on_refused
from integration.flow.numbers import connect as number_flow
from integration.store import overview
from integration.store.numbers import numbers as number_store
from integration.store.numbers.numbers import NumberState
from integration.web.forms import Form
from integration.web.render import Pages

#: what Meta renews or the owner exchanges
SECRETS: Final = ("token", "app_secret")
#: a word that is sent comes back within seconds; after so long something is wrong
LATE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of the form that was sent just now. `refused` is what is wrong with a new token or app secret."""

    done: Sequence[Finding] = ()
    refused: Sequence[Finding] = ()
    renewal_wrong: bool = False
    needed: bool = False


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    return _page(pages, request)


def examine(pages: Pages, request: Request, _form: Form) -> Response:
    """Ask Meta again, now."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders:
        return pages.missing(request)
    number_flow.read(pages.world.database, slug, pages.world.numbers.management(slug), pages.world.clock)
    return RedirectResponse(f"/connections/numbers/{slug}", 303)


def connect(pages: Pages, request: Request, _form: Form) -> Response:
    """Set Meta's webhook up, and draw a word for the round trip."""
    slug, deps = request.path_params["sender"], pages.deps
    if slug not in deps.senders:
        return pages.missing(request)
    address = deps.world.numbers.address(slug)
    if not address:
        return _page(pages, request)
    others = [deps.world.numbers.address(other) for other in deps.senders if other != slug]
    done = deps.world.numbers.management(slug).connect(address, deps.senders[slug].verify_token, others)
    if not any(finding.level is Level.FAULT for finding in done):
        number_flow.ask(deps.world.database, slug, deps.world.clock)
    number_flow.read(deps.world.database, slug, deps.world.numbers.management(slug), deps.world.clock)
    return _page(pages, request, shown=Shown(done=done))


def goods(pages: Pages, request: Request, form: Form) -> Response:
    """The owner says that nothing is sold that WhatsApp forbids; kept with its date."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders:
        return pages.missing(request)
    if form.get("none") == "yes":
        with pages.world.database.write() as connection:
            number_store.sells_nothing_forbidden(connection, slug, pages.world.clock())
    return RedirectResponse(f"/connections/numbers/{slug}#goods", 303)


def renew(pages: Pages, request: Request, form: Form) -> Response:
    """Use another token or app secret, if Meta accepts it; else the old one stays."""
    slug, deps = request.path_params["sender"], pages.deps
    if slug not in deps.senders or slug not in deps.world.numbers.entered:
        return pages.missing(request)
    given = {name: value for name in SECRETS if (value := form.get(name, "").strip())}
    if not given:
        return _page(pages, request, shown=Shown(renewal_wrong=True))
    try:
        asked_at = deps.world.clock()
        facts = deps.world.numbers.renewed(slug, given).facts()
        found = [f for f in findings(facts, asked_at) if number_flow.hopeless((f,))]
        if found:
            return _page(pages, request, shown=Shown(refused=found))
        renewed = deps.world.numbers.renew(slug, given)
    except SettingsError:
        return _page(pages, request, shown=Shown(renewal_wrong=True))
    number_flow.keep(deps.world.database, slug, facts, asked_at)
    number_flow.read_soon(deps.world.database, [other for other in renewed if other != slug])
    with deps.world.database.write() as connection:
        on_refused.renewed(connection, renewed)
    return RedirectResponse(f"/connections/numbers/{slug}?renewed={len(renewed)}", 303)


def remove(pages: Pages, request: Request, form: Form) -> Response:
    """Forget a number that was entered in the browser."""
    slug = request.path_params["sender"]
    if slug not in pages.deps.senders or slug not in pages.world.numbers.entered:
        return pages.missing(request)
    if form.get("sure") != "yes":
        return RedirectResponse(f"/connections/numbers/{slug}#remove", 303)
    try:
        pages.world.numbers.remove(slug)
    except SettingsError:
        return _page(pages, request, shown=Shown(needed=True))
    return RedirectResponse("/connections", 303)


def _page(pages: Pages, request: Request, shown: Shown | None = None) -> Response:
    deps = pages.deps
    sender = deps.senders.get(request.path_params["sender"])
    if sender is None:
        return pages.missing(request)
    state = number_flow.state(deps.world.database, sender.slug, deps.world.clock)
    with deps.world.database.read() as connection:
        pause = overview.paused(connection).get(sender.slug)
        received = overview.last_received(connection).get(sender.slug)
    digits = "".join(filter(str.isdigit, state.facts.display_number if state.facts else ""))
    address = deps.world.numbers.address(sender.slug)
    return pages.render(
        request,
        "numbers/number.html",
        sender=sender,
        state=state,
        pause=pause,
        received=received,
        address=address,
        mailbox=not address.startswith(f"{deps.config.public_url}/") and bool(address),
        chat=f"https://wa.me/{digits}?text={quote(state.asked)}" if digits and state.asked else "",
        entered=sender.slug in deps.world.numbers.entered,
        shown=shown or Shown(),
        renewed=request.query_params.get("renewed", ""),
        late=_is_late(state, deps.world.clock()),
    )


def _is_late(state: NumberState, now: datetime) -> bool:
    """Whether the word should have come back long ago."""
    return state.proved_at is None and state.asked_at is not None and now - state.asked_at > LATE
