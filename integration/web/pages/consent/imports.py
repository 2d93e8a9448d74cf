"""Bringing consents along: what does a file prove, and what became of each row?"""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.consent.imports import CHANNELS, REASONS, ROLES, Choices, problem, tool_of
from integration.domain.consent.wordings import OFFERED
from integration.domain.errors import LadenboteError
from integration.flow.consent import imports as flow
from integration.flow.consent.import_files import BadFile
from integration.store.consent import imports
from integration.store.consent.imports import Import
from integration.web import labels
from integration.web.forms import Form
from integration.web.lists import MARK, csv_line, csv_response
from integration.web.render import Pages

#: so many rows are dealt with while somebody waits; the sweep does the rest
AT_ONCE = 1_000
REFRESH_S = "3"
TEXT_LIMIT = 4_000


def show(pages: Pages, request: Request) -> Response:
    """The imports so far, and the form for a new one."""
    return _list(pages, request)


def take(pages: Pages, request: Request, form: Form, name: str, parts: Iterator[bytes]) -> Response:
    """Keep a file and go on to its columns."""
    company = form.get("company", "")
    if company not in pages.world.companies:
        company = next(iter(pages.world.companies))
    try:
        made = flow.receive(pages.world, company, name, parts, "dashboard")
    except BadFile as bad:
        return _list(pages, request, 422, bad.code)
    return RedirectResponse(f"/consents/import/{made.id}", 303)


def too_large(pages: Pages, request: Request) -> Response:
    """The file was too large to be read to its end."""
    return _list(pages, request, 413, "too_large")


def one(pages: Pages, request: Request) -> Response:
    """One import, whatever state it is in."""
    item = _import(pages, request)
    return _page(pages, request, item) if item else pages.missing(request)


def check(pages: Pages, request: Request, form: Form) -> Response:
    """Look the file through with the owner's choices."""
    item = _import(pages, request)
    if item is None:
        return pages.missing(request)
    choices = _choices(form, item)
    try:
        flow.check(pages.world, item, choices)
    except LadenboteError:
        return _page(pages, request, item, 422, choices=choices)
    flow.work(pages.world, item.id, AT_ONCE)
    return RedirectResponse(f"/consents/import/{item.id}", 303)


def start(pages: Pages, request: Request, _form: Form) -> Response:
    """Write what was looked through."""
    item = _import(pages, request)
    if item is None:
        return pages.missing(request)
    if flow.start(pages.world, item):
        flow.work(pages.world, item.id, AT_ONCE)
    return RedirectResponse(f"/consents/import/{item.id}", 303)


def give_up(pages: Pages, request: Request, _form: Form) -> Response:
    """Forget the file."""
    item = _import(pages, request)
    if item is None:
        return pages.missing(request)
    flow.give_up(pages.world, item)
    return RedirectResponse("/consents/import", 303)


def report(pages: Pages, request: Request) -> Response:
    """What became of each row, as a table."""
    item = _import(pages, request)
    if item is None:
        return pages.missing(request)
    return csv_response(_lines(pages, item, pages.language(request)), f"import-{item.created_at:%Y-%m-%d}.csv")


def _lines(pages: Pages, item: Import, language: str) -> Iterator[str]:
    german = language == "de"
    head = ("Zeile", "Ergebnis", "Grund") if german else ("row", "result", "reason")
    yield MARK + csv_line(head, language)
    after = 0
    while True:
        with pages.world.database.read() as connection:
            rows = imports.rows(connection, item.id, after)
        for row, verdict, reason in rows:
            result = labels.word(labels.VERDICT, verdict, language)
            yield csv_line((str(row), result, REASONS[reason].in_(language)), language)
        if not rows:
            return
        after = rows[-1][0]


def _list(pages: Pages, request: Request, status: int = 200, code: str = "") -> Response:
    with pages.world.database.read() as connection:
        found = [item for slug in pages.world.companies for item in imports.of_company(connection, slug)]
    return pages.render(
        request,
        "consent/imports.html",
        status,
        imports=found,
        companies=pages.world.companies,
        problem=problem(code) if code else None,
    )


def _page(
    pages: Pages, request: Request, item: Import, status: int = 200, *, choices: Choices | None = None
) -> Response:
    with pages.world.database.read() as connection:
        reasons = imports.by_reason(connection, item.id)
        before = imports.done_with(connection, item.company, item.file_hash, item.choices.purposes)
    asking = item.state in ("new", "ready")
    headers = flow.headers_of(pages.world, item) if asking else []
    answer = pages.render(
        request,
        "consent/import.html",
        status,
        item=item,
        choices=choices or item.choices,
        wrong=choices,
        headers=headers,
        samples=flow.samples(pages.world, item) if asking else [],
        tool=tool_of(headers),
        roles=ROLES,
        channels=CHANNELS,
        offered=OFFERED,
        reasons=[(verdict, REASONS[reason], count) for verdict, reason, count in reasons],
        before=before if item.state != "done" else None,
        problem=problem(item.problem) if item.problem else None,
        searched=True,
    )
    if item.state in ("checking", "running"):
        answer.headers["refresh"] = REFRESH_S
    return answer


def _choices(form: Form, item: Import) -> Choices:
    columns = {role: int(place) for role in ROLES if (place := form.get(f"column_{role}", "")).isdigit()}
    typed = form.get("per_month", "")
    return Choices(
        columns={role: place for role, place in columns.items() if place < flow.MOST_COLUMNS},
        channel=form["channel"] if form.get("channel") in CHANNELS else item.choices.channel,
        purposes=tuple(scope for scope in OFFERED if form.get(scope)),
        wording=form.get("wording", "").strip()[:TEXT_LIMIT],
        source=form.get("source", "").strip()[:200],
        country=form.get("country", "").strip().upper()[:2] or "DE",
        per_month=int(typed) if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= 30 else None,
    )


def _import(pages: Pages, request: Request) -> Import | None:
    with pages.world.database.read() as connection:
        found = imports.find(connection, request.path_params["id"])
    return found if found and found.company in pages.world.companies else None
