"""Connecting a number: which token, which number, and does Meta agree?"""

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.errors import SettingsError
from integration.domain.numbers.diagnostics import findings
from integration.domain.shops.ports import Finding
from integration.flow.numbers import connect
from integration.i18n import N_
from integration.store import secrets
from integration.web.forms import Form
from integration.web.render import Pages, session_in

SECRET: Final = ("token", "app_secret")
PARTNER: Final = (
    "base_url",
    "auth_header",
    "messages_path",
    "health_path",
    "templates_path",
    "media_path",
    "uploads_path",
    "webhook_header",
    "webhook_path",
)
SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
CHOSEN: Final = ("choice", "phone_number_id", "business_account_id", "slug", "company")
DRAFT: Final = "number_draft."
#: the short name that is offered, with a count when it is taken
BEGINNING: Final = "nummer"
FORGOTTEN: Final = timedelta(hours=1)
#: short names that stand in addresses of ours
TAKEN: Final = frozenset({"new"})
WRONG: Final[Mapping[str, str]] = {
    "token": N_("Paste the token: one long word without spaces."),
    "app_secret": N_("Paste the app secret: one word without spaces."),
    "number": N_("Choose a number, or type the two ids; they are digits only."),
    "slug": N_("The short name has small letters, digits and hyphens only."),
    "slug_taken": N_("There is a number with this short name already."),
    "connected": N_("This number is connected already; you find it under Shops & numbers."),
    "company": N_("Say which company the number belongs to."),
    "partner": N_("The partner's addresses are not written as they must be; settings.example.toml shows how."),
    "shops": N_(
        'With a second number it must be clear which shop writes from which. Write sender = "…" into each shop\'s '
        "table in settings.toml, start Ladenbote again, then enter this number."
    ),
}


def show(pages: Pages, request: Request) -> Response:
    """The empty form, or what was typed a moment ago; a token that was pasted never comes back."""
    return _page(pages, request, _draft(pages, request))


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Look at a token, or enter a number."""
    typed = _draft(pages, request) | _typed(form)
    _remember(pages, request, typed)
    if wrong := _unready(pages, typed):
        return _page(pages, request, typed, wrong=wrong)
    try:
        if form.get("do") == "enter":
            return _enter(pages, request, typed, form)
        seen = connect.look(pages.world.numbers.account(typed), pages.world.clock)
    except SettingsError:
        return _page(pages, request, typed, wrong="partner")
    return _page(pages, request, typed, seen=seen, found=seen.findings)


def _enter(pages: Pages, request: Request, typed: dict[str, str], form: Form) -> Response:
    wrong, chosen, slug = _number(pages, typed, form)
    if wrong:
        return _again(pages, request, typed, form, wrong=wrong)
    asked_at = pages.world.clock()
    facts = pages.world.numbers.account(chosen).facts()
    found = tuple(findings(facts, asked_at))
    if connect.hopeless(found):
        return _again(pages, request, typed, form, found=found)
    try:
        pages.world.numbers.enter(slug, chosen | {"display_number": facts.display_number})
    except SettingsError:
        return _again(pages, request, typed, form, wrong="shops")
    connect.keep(pages.world.database, slug, facts, asked_at)
    _forget(pages, request)
    return RedirectResponse(f"/connections/numbers/{slug}", 303)


def _number(pages: Pages, typed: Mapping[str, str], form: Form) -> tuple[str, dict[str, str], str]:
    """What is wrong (or nothing), the settings of the chosen number, and its short name."""
    account, _, number = form.get("choice", "").partition("/")
    if not number:
        account, number = form.get("business_account_id", "").strip(), form.get("phone_number_id", "").strip()
    slug, companies = form.get("slug", "").strip().lower(), pages.world.numbers.companies
    company = form.get("company") or next(iter(companies), "")
    chosen = {**typed, "phone_number_id": number, "business_account_id": account, "company": company}
    return _complaint(pages, slug, company, number, account, "base_url" in typed), chosen, slug


def _complaint(pages: Pages, slug: str, company: str, number: str, account: str, partner: bool) -> str:
    if not number.isdecimal() or not (account.isdecimal() or (partner and not account)):
        return "number"
    if number in pages.world.numbers.connected:
        return "connected"
    if not SLUG.fullmatch(slug) or slug in TAKEN:
        return "slug"
    if slug in pages.deps.senders:
        return "slug_taken"
    return "" if company in pages.world.numbers.companies else "company"


def _unready(pages: Pages, typed: Mapping[str, str]) -> str:
    for name in SECRET:
        value = typed.get(name, "")
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            return name
    return "" if pages.world.numbers.companies else "company"


def _again(
    pages: Pages,
    request: Request,
    typed: dict[str, str],
    form: Form,
    wrong: str = "",
    found: tuple[Finding, ...] = (),
) -> Response:
    seen = connect.look(pages.world.numbers.account(typed), pages.world.clock)
    return _page(pages, request, typed, seen=seen, found=found, wrong=wrong, form=form)


def _typed(form: Form) -> dict[str, str]:
    names = (*SECRET, *PARTNER)
    typed = {name: value for name in names if (value := form.get(name, "").strip())}
    return typed | ({"auth_prefix": form.get("auth_prefix", "")} if "base_url" in typed else {})


def _page(
    pages: Pages,
    request: Request,
    typed: Mapping[str, str],
    seen: connect.Look | None = None,
    found: tuple[Finding, ...] = (),
    wrong: str = "",
    form: Form | None = None,
) -> Response:
    return pages.render(
        request,
        "numbers/number_new.html",
        400 if wrong else 200,
        has={name: name in typed for name in SECRET},
        partner={name: typed.get(name, "") for name in (*PARTNER, "auth_prefix")},
        seen=seen,
        found=found,
        wrong=WRONG.get(wrong, ""),
        form={name: (form or {}).get(name, "") for name in CHOSEN},
        companies=pages.world.numbers.companies,
        connected=pages.world.numbers.connected,
        free=_free(pages),
    )


def _free(pages: Pages) -> str:
    """A short name that no number has yet."""
    names = (BEGINNING if n == 1 else f"{BEGINNING}-{n}" for n in count(1))
    return next(name for name in names if name not in pages.deps.senders)


# What was pasted waits here between the steps, encrypted, until the number is entered or the session ends.


def _draft(pages: Pages, request: Request) -> dict[str, str]:
    with pages.world.database.read() as connection:
        stored = secrets.get(connection, pages.world.vault, _name(request))
    known: dict[str, Any] = orjson.loads(stored) if stored else {}
    return known


def _remember(pages: Pages, request: Request, typed: Mapping[str, str]) -> None:
    with pages.world.database.write() as connection:
        secrets.forget_older(connection, DRAFT, pages.world.clock() - FORGOTTEN)
        secrets.put(connection, pages.world.vault, _name(request), orjson.dumps(typed).decode(), pages.world.clock())


def _forget(pages: Pages, request: Request) -> None:
    with pages.world.database.write() as connection:
        secrets.forget(connection, _name(request))


def _name(request: Request) -> str:
    session = session_in(request)
    return f"{DRAFT}{session.token_hash[:32] if session else ''}"
