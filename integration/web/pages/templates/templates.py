"""Templates: which message is sent in which words, and has Meta approved them?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.costs.pricing import Category, Window
from integration.domain.errors import ChannelError
from integration.domain.messages.channel import TemplateNews
from integration.domain.notifications import BY_KIND, NOTIFICATIONS
from integration.domain.templates.approval import NO_SAMPLES, State, rejection, state_of
from integration.domain.templates.lint import lint, may_be_submitted, plainer
from integration.domain.templates.media import Unfit
from integration.domain.templates.parts import NO_PARTS, PLACEHOLDER, Parts
from integration.domain.templates.selection import (
    HOPEFUL,
    Known,
    Listed,
    OwnText,
    Slot,
    own_template,
    serves,
    serving,
    versions,
)
from integration.domain.templates.templates import Template, examples, is_pictured, pictured_for, template_for
from integration.domain.text import Text
from integration.flow.shops import preview_data
from integration.flow.templates import templates as flow
from integration.flow.templates import uploads
from integration.flow.webhooks.account_updates import templates_changed
from integration.flow.world import Shop, World
from integration.store.messages import listing
from integration.store.templates import templates as store
from integration.store.templates import uploads as upload_store
from integration.web.forms import Form
from integration.web.parts.text_form import Offered, fields_of, offered, parts_of
from integration.web.parts.text_preview import preview
from integration.web.render import Pages

#: one password, so one owner
OWNER = "owner"
#: templates in an account: before Meta has verified the business, and after (docs/reference/whatsapp.md section 2)
ROOM = (250, 6_000)
#: what the cards of a cart's articles say until the owner says something else
GOODS_TEXT = Text("Noch im Warenkorb: {{item}} – ein Tipp genügt.", "Still in the cart: {{item}} – one tap is enough.")
GOODS_TITLE = Text("Zum Warenkorb", "Go to the cart")
PLACES: Mapping[str, tuple[str, str]] = {"de-du": ("de", "du"), "de-sie": ("de", "sie"), "en": ("en", "")}


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose texts are shown: a company's, or those of one of its shops. `account` is Meta's for its number."""

    company: str
    shop: str
    name: str
    account: str
    shop_name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A text and where it stands. `reason` is Meta's, in plain words; `text` the owner's row, if it is one."""

    template: Template
    known: Known | None
    state: State
    reason: str
    text: OwnText | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One kind in one place: what messages use now, and the newest text where that is another."""

    place: str
    serving: Shown
    newer: Shown | None

    @property
    def needs_you(self) -> bool:
        """Whether nothing goes on without the owner."""
        return "bad" in (self.serving.state.mood, self.newer.state.mood if self.newer else "")


def show(pages: Pages, request: Request) -> Response:
    """The overview."""
    world = pages.world
    scopes = _scopes(world)
    scope = _scope(scopes, request.query_params)
    if scope is None:
        return pages.render(request, "templates/templates.html", kinds=[], scopes=[], scope=None)
    with pages.world.database.read() as connection:
        texts, listed = store.texts(connection), store.known(connection, scope.account)
    places = _places_in_use(world, scope)
    language = pages.language(request)
    kinds = [(n, [_line(scope, n.kind, place, texts, listed, language) for place in places]) for n in NOTIFICATIONS]
    return pages.render(
        request, "templates/templates.html", kinds=kinds, scopes=scopes, scope=scope, used=_used(listed), room=ROOM
    )


def _used(listed: Listed) -> int:
    """How many templates the account has, those of others included; each language counts."""
    return sum(one.status not in (store.REFUSED, store.PUT_OFF, "MISSING", "DELETED") for one in listed.values())


def show_one(pages: Pages, request: Request) -> Response:
    """One text."""
    return _page(pages, request, request.query_params)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Check a text, submit it, go back to Ladenbote's, or decide about its category."""
    world, slot = pages.world, _slot(pages, request, form)
    if slot is None:
        return pages.missing(request)
    body, act = _words(form), form.get("act", "")
    parts = parts_of(form, _offered(pages, world, slot)) if act in ("submit", "check") else NO_PARTS
    if act == "submit" and may_be_submitted(lint(slot.kind, slot.language, slot.address, body, parts)):
        act = _submit(pages, world, slot, body, parts)
    elif act == "unpause":
        act = _unpause(world, slot, form.get("name", ""))
    elif act == "back":
        _write(world, slot, None)
    elif act in ("accept", "pause"):
        _decide(world, slot, form.get("name", ""), accept=act == "accept")
    else:
        return _page(pages, request, form, Draft(body, parts, form))
    asked = {name: form[name] for name in ("company", "shop") if form.get(name)}
    return RedirectResponse(f"{request.url.path}?{urlencode({**asked, 'done': act})}", 303)


def take_file(pages: Pages, request: Request, form: Form, name: str, pieces: Iterator[bytes]) -> Response:
    """Keep a picture, video or PDF, and show the text that is being written with it."""
    world, slot = pages.world, _slot(pages, request, form)
    if slot is None:
        return pages.missing(request)
    try:
        kept, problem = uploads.keep(world, name, pieces), None
    except Unfit as unfit:
        kept, problem = "", unfit.explanation
    typed = {**form, "header": kept} if kept and not form.get("shape") else dict(form)
    draft = Draft(_words(form), parts_of(typed, _offered(pages, world, slot)), typed, problem, kept)
    return _page(pages, request, form, draft)


def too_large(pages: Pages, request: Request) -> Response:
    """A file that is larger than any that is taken."""
    return pages.render(request, "templates/too_large.html", 413, limit=uploads.LIMIT // 1024**2)


def _words(form: Form) -> str:
    return form.get("body", "").replace("\r\n", "\n").strip()


def _offered(pages: Pages, world: World, slot: Slot) -> Offered:
    shop = _shop_of(world, slot.company, slot.shop)
    begins = flow.beginning_in(world, shop, BY_KIND[slot.kind]) if shop else ""
    with pages.world.database.read() as connection:
        known = upload_store.names(connection)
    return offered(slot.kind, PLACEHOLDER.findall(_library(slot).body), begins, known)


def _shop_of(world: World, company: str, shop: str) -> Shop | None:
    """The shop, or a company's first."""
    return world.shops.get(shop) or next((s for s in world.shops.values() if s.company == company), None)


def _write(world: World, slot: Slot, body: str | None, parts: Parts = NO_PARTS) -> None:
    now = world.clock()
    with world.database.write() as connection:
        flow.write(world, connection, slot, body, OWNER, now, parts)


def _submit(pages: Pages, world: World, slot: Slot, body: str, parts: Parts) -> str:
    """Keep a new version, unless this text is in use or under review already; what was done."""
    scope = _scope(_scopes(world), {"company": slot.company, "shop": slot.shop})
    with pages.world.database.read() as connection:
        texts, listed = store.texts(connection), store.known(connection, scope.account if scope else "")
    newest = next(t for t in versions(slot, texts, listed) if not is_pictured(t.name))
    known = listed.get((newest.name, newest.language))
    fine = known is None or serves(newest, known) or known.status in HOPEFUL
    if fine and (newest.body, newest.parts) == (body, parts):
        return "same"
    _write(world, slot, body, parts)
    return "submit"


def _unpause(world: World, slot: Slot, name: str) -> str:
    """Ask Meta to release a paused text; what came of it."""
    found = [sender for sender in world.senders.values() if sender.company == slot.company]
    if not name.startswith(f"lb_{slot.kind}") or not found:
        return "kept"
    try:
        found[0].management.unpause(name, slot.language)
    except ChannelError:
        return "kept"
    with world.database.write() as connection:
        news = TemplateNews(name, slot.language, status="APPROVED")
        templates_changed(world, connection, found[0], [news], world.clock())
    return "unpaused"


def _decide(world: World, slot: Slot, name: str, *, accept: bool) -> None:
    now, key = world.clock(), (name, slot.language)
    accounts = {sender.account for sender in world.senders.values() if sender.company == slot.company}
    with world.database.write() as connection:
        for account in sorted(accounts):
            if name.startswith(f"lb_{slot.kind}") and key in store.known(connection, account):
                flow.decide_category(world, connection, account, key, accept=accept, by=OWNER, now=now)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as it is being written, with the form's own fields. `problem` is what was wrong with a file."""

    body: str
    parts: Parts
    form: Mapping[str, str]
    problem: Text | None = None
    kept: str = ""


def _page(pages: Pages, request: Request, asked: Mapping[str, str], draft: Draft | None = None) -> Response:
    world, slot = pages.world, _slot(pages, request, asked)
    scope = _scope(_scopes(world), asked)
    if slot is None or scope is None:
        return pages.missing(request)
    language = pages.language(request)
    with pages.world.database.read() as connection:
        texts, listed = store.texts(connection), store.known(connection, scope.account)
        values = _values(world, connection, slot, scope)
    line = _line(scope, slot.kind, request.path_params["place"], texts, listed, language)
    newest = line.newer or line.serving
    written = draft or Draft(newest.template.body, newest.template.parts, fields_of(newest.template.parts))
    chosen = _offered(pages, world, slot)
    titles = [title for _, title in newest.template.buttons]
    return pages.render(
        request,
        "templates/template.html",
        rule=BY_KIND[slot.kind],
        scopes=_scopes(world),
        scope=scope,
        line=line,
        newest=newest,
        body=written.body,
        form=written.form,
        problem=written.problem,
        kept=written.kept,
        chosen=chosen,
        goods_text=GOODS_TEXT.in_(slot.language),
        goods_title=GOODS_TITLE.in_(slot.language),
        takes_samples=_takes_samples(world, scope.account),
        no_samples=rejection(NO_SAMPLES, language),
        findings=lint(slot.kind, slot.language, slot.address, written.body, written.parts),
        preview=preview(written.body, written.parts, titles, values, chosen.files),
        pictured=_pictured(world, slot, listed, language),
        names=PLACEHOLDER.findall(_library(slot).body),
        suggestion=_suggestion(slot, newest.template),
        proposal=_proposal(slot, newest),
        parts_fields=fields_of(newest.template.parts),
        unpausable=_takes_samples(world, scope.account),
        extra=_extra(world, scope) if newest.state.code == "FLIPPED" or line.serving.state.code == "FLIPPED" else None,
        versions=list(_history(slot, texts, listed, language)),
        done=request.query_params.get("done", ""),
        place=request.path_params["place"],
    )


def _takes_samples(world: World, account: str) -> bool:
    return any(s.management.takes_samples for s in world.senders.values() if s.account == account)


def _slot(pages: Pages, request: Request, asked: Mapping[str, str]) -> Slot | None:
    kind, place = request.path_params["kind"], PLACES.get(request.path_params["place"])
    scope = _scope(_scopes(pages.world), asked)
    if kind not in BY_KIND or place is None or scope is None:
        return None
    return Slot(scope.company, kind, *place, scope.shop)


def _scopes(world: World) -> list[Scope]:
    """Every company with a number, and each shop of those that have several."""
    found = []
    for company in world.companies.values():
        sender = next((s for s in world.senders.values() if s.company == company.slug), None)
        shops = [shop for shop in world.shops.values() if shop.company == company.slug]
        if sender is None:
            continue
        name = shops[0].name if len(shops) == 1 else company.name
        found.append(Scope(company.slug, "", company.name, sender.account, name))
        found += [
            Scope(company.slug, shop.slug, shop.name, world.senders[shop.sender].account, shop.name)
            for shop in shops
            if len(shops) > 1 and shop.sender in world.senders
        ]
    return found


def _scope(scopes: list[Scope], asked: Mapping[str, str]) -> Scope | None:
    """The one asked for, the first company's while nobody asks."""
    if not asked.get("company"):
        return scopes[0] if scopes else None
    wanted = (asked["company"], asked.get("shop", ""))
    return next((scope for scope in scopes if (scope.company, scope.shop) == wanted), None)


def _places_in_use(world: World, scope: Scope) -> list[str]:
    """German in the address that the shops use, and English."""
    shops = [shop for shop in world.shops.values() if shop.company == scope.company and scope.shop in ("", shop.slug)]
    used = {f"de-{shop.address}" for shop in shops} or {"de-sie"}
    return [place for place in PLACES if place in used or place == "en"]


def _line(scope: Scope, kind: str, place: str, texts: list[OwnText], listed: Listed, language: str) -> Line:
    slot = Slot(scope.company, kind, *PLACES[place], scope.shop)
    found = [t for t in versions(slot, texts, listed) if not is_pictured(t.name)]
    now = serving(found, listed)
    if not serves(now, listed.get((now.name, now.language))):
        now = found[0]
    newer = found[0] if found[0] != now else None
    return Line(place, _shown(now, listed, language), _shown(newer, listed, language) if newer else None)


def _shown(template: Template, listed: Listed, language: str, text: OwnText | None = None) -> Shown:
    known = listed.get((template.name, template.language))
    reason = rejection(known.reason, language) if known and known.reason else ""
    return Shown(template, known, state_of(template, known), reason, text)


def _history(slot: Slot, texts: list[OwnText], listed: Listed, language: str) -> Iterator[Shown]:
    """The owner's versions in this place, newest first, then Ladenbote's."""
    for text in reversed(texts):
        if Slot(text.company, text.kind, text.language, text.address, text.shop) == slot:
            template = own_template(text, texts, listed) if text.body is not None else _library(slot)
            yield _shown(template, listed, language, text)
    yield _shown(_library(slot), listed, language)


def _pictured(world: World, slot: Slot, listed: Listed, language: str) -> list[Shown]:
    """Ladenbote's own texts with picture and button, for the shops whose texts these are, as far as Meta has them."""
    shops = [s for s in world.shops.values() if s.company == slot.company and slot.shop in ("", s.slug)]
    begins = {flow.beginning_in(world, shop, BY_KIND[slot.kind]) for shop in shops} - {""}
    made = (pictured_for(slot.kind, slot.language, slot.address, one) for one in sorted(begins))
    return [_shown(t, listed, language) for t in made if t and (t.name, t.language) in listed]


def _extra(world: World, scope: Scope) -> tuple[Decimal, str]:
    """How much more one message costs as advertising, where most customers are, and in which currency."""
    country = next((s.context.country for s in world.shops.values() if s.company == scope.company), "DE") or "DE"
    prices, now = world.costs.prices, world.clock()
    more, less = (prices.price(country, c, Window.CLOSED, now) for c in (Category.MARKETING, Category.UTILITY))
    return more.amount - less.amount, more.currency


def _library(slot: Slot) -> Template:
    return template_for(slot.kind, slot.language, slot.address)


def _suggestion(slot: Slot, template: Template) -> str:
    """A plainer text for one that Meta calls advertising; nothing where there is none."""
    library = _library(slot).body
    plain = plainer(template.body if template.body == library else library)
    return next((text for text in (library, plain) if text != template.body), "")


def _proposal(slot: Slot, newest: Shown) -> str:
    """What to submit instead of a text that Meta does not let out: the same where only its name is blocked."""
    gone = newest.state.code in ("CHANGED", "DELETED", "PENDING_DELETION")
    return newest.template.body if gone else _suggestion(slot, newest.template)


def _values(world: World, connection: Connection, slot: Slot, scope: Scope) -> dict[str, str]:
    """What the newest real message of this kind says, else what the shop's newest data would make it say."""
    shop = _shop_of(world, slot.company, slot.shop)
    found = preview_data.of_shop(world, connection, shop) if shop else None
    told = (
        preview_data.words(found, BY_KIND[slot.kind], scope.shop_name, slot.language)
        if found
        else examples(slot.language)
    )
    return {**told, **listing.newest_variables(connection, slot.company, slot.shop, slot.kind, slot.language)}
