"""Links and QR codes: how do people agree without the shop's checkout, and how many did?"""

from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.consent.wording_lint import lint
from integration.domain.consent.wordings import OFFERED
from integration.domain.contacts.contacts import spelled
from integration.domain.errors import LadenboteError
from integration.domain.shops.ports import Finding
from integration.flow.consent import links
from integration.flow.consent.links import Wish
from integration.store.consent import optin_links
from integration.store.consent.optin_links import OptinLink
from integration.web.forms import Form
from integration.web.parts.qr_code import qr_svg
from integration.web.render import Pages

MOST_PER_MONTH = 30
TEXT_LIMIT = 2_500


def show(pages: Pages, request: Request) -> Response:
    """Every link of every company."""
    with pages.world.database.read() as connection:
        found = [link for slug in pages.world.companies for link in optin_links.of_company(connection, slug)]
        alerts = [optin_links.alerts(connection, slug) for slug in pages.world.companies]
    return pages.render(
        request,
        "consent/links.html",
        links=found,
        companies=pages.world.companies,
        alerts=(sum(items for items, _ in alerts), sum(came for _, came in alerts)),
    )


def new(pages: Pages, request: Request) -> Response:
    """The form for a new link."""
    return _form(pages, request, {})


def make(pages: Pages, request: Request, form: Form) -> Response:
    """Look the owner's own text through, or make the link."""
    wish = _wish(pages, form)
    company = pages.world.companies[wish.company]
    findings = lint(wish.text, company.name, wish.purposes, wish.per_month) if wish.text.strip() else []
    if form.get("act") == "look":
        return _form(pages, request, form, findings=findings, looked=True)
    try:
        made = links.make(pages.world, wish)
    except LadenboteError:
        return _form(pages, request, form, 422, findings=findings, empty=not wish.purposes)
    return RedirectResponse(f"/consents/links/{made.code}", 303)


def one(pages: Pages, request: Request) -> Response:
    """A link with its code, its text and everything to print or embed."""
    link = _link(pages, request)
    if link is None:
        return pages.missing(request)
    with pages.world.database.read() as connection:
        known = optin_links.wordings_of(
            connection, link.company, [link.wording_hash, *(box.wording_hash for box in link.boxes)]
        )
    base = pages.deps.config.public_url.rstrip("/")
    form_address = f"{base}/signup/{link.code}"
    address = _address(pages, link)
    return pages.render(
        request,
        "consent/link.html",
        link=link,
        wording=known[link.wording_hash],
        beside=[known[box.wording_hash] for box in link.boxes],
        address=address,
        code=qr_svg(address) if address else "",
        form_address=form_address,
        snippet=_snippet(form_address, link),
        reachable=base.startswith("https://"),
    )


def end(pages: Pages, request: Request, _form: Form) -> Response:
    """Let it count no more."""
    link = _link(pages, request)
    if link is None:
        return pages.missing(request)
    links.end(pages.world, link.company, link.code)
    return RedirectResponse(f"/consents/links/{link.code}", 303)


def poster_file(pages: Pages, request: Request) -> Response:
    """The A4 poster."""
    return _paper(pages, request, "poster")


def card_file(pages: Pages, request: Request) -> Response:
    """The card for the parcel."""
    return _paper(pages, request, "card")


def _paper(pages: Pages, request: Request, kind: str) -> Response:
    from integration.web.public import poster  # fpdf takes 20 MB: only who prints pays for it

    link = _link(pages, request)
    address = _address(pages, link) if link else ""
    if link is None or not address:
        return pages.missing(request)
    with pages.world.database.read() as connection:
        shown = optin_links.wordings_of(connection, link.company, [link.wording_hash])[link.wording_hash]
    notice = poster.Notice(
        company=pages.world.companies[link.company].name,
        purposes=link.purposes,
        language=link.language,
        wording=shown.text,
        version=f"{shown.version} · {shown.hash[:8]}",
        address=address,
        start=f"START {link.code}",
        number=spelled(pages.world.senders[link.sender].number),
    )
    made = (poster.poster if kind == "poster" else poster.card)(notice, link.created_at)
    name = f"whatsapp-{kind}-{link.code}.pdf"
    return Response(made, media_type="application/pdf", headers={"content-disposition": f'inline; filename="{name}"'})


def _form(
    pages: Pages,
    request: Request,
    form: Form,
    status: int = 200,
    *,
    findings: list[Finding] | None = None,
    looked: bool = False,
    empty: bool = False,
) -> Response:
    wish = _wish(pages, form)
    company = pages.world.companies[wish.company]
    preview = ""
    if wish.purposes and not wish.text.strip():
        preview = links.standard_wording(company, wish.purposes, wish.language, wish.per_month).text
    return pages.render(
        request,
        "consent/link_new.html",
        status,
        wish=wish,
        company=company,
        companies=pages.world.companies,
        numbers=[sender for sender in pages.world.senders.values() if sender.company == wish.company],
        offered=OFFERED,
        preview=preview,
        findings=findings or [],
        looked=looked,
        empty=empty,
        per_month=wish.per_month or company.per_month,
        searched=True,
    )


def _wish(pages: Pages, form: Form) -> Wish:
    """What the form says; an empty one offers news and offers, in the page's usual choices."""
    companies = pages.world.companies
    slug = form.get("company", "")
    company = slug if slug in companies else next(iter(companies))
    mine = [sender.slug for sender in pages.world.senders.values() if sender.company == company]
    typed = form.get("per_month", "")
    per_month = int(typed) if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= MOST_PER_MONTH else None
    chosen = tuple(scope for scope in OFFERED if form.get(scope)) if form else OFFERED[:2]
    return Wish(
        company=company,
        sender=form.get("sender", "") if form.get("sender") in mine else next(iter(mine), ""),
        purposes=chosen,
        language="en" if form.get("language") == "en" else "de",
        source="keyword" if form.get("source") == "keyword" else "qr",
        label=form.get("label", ""),
        by="dashboard",
        per_month=per_month or companies[company].per_month,
        text=form.get("text", "")[:TEXT_LIMIT],
    )


def _link(pages: Pages, request: Request) -> OptinLink | None:
    with pages.world.database.read() as connection:
        found = optin_links.by_code(connection, request.path_params["code"])
    return found if found and found.company in pages.world.companies else None


def _address(pages: Pages, link: OptinLink) -> str:
    try:
        return links.address(pages.world, link)
    except LadenboteError:
        return ""


def _snippet(address: str, link: OptinLink) -> str:
    title = "Anmeldung für WhatsApp" if link.language == "de" else "Sign up for WhatsApp"
    look = "width:100%;max-width:34rem;height:46rem;border:0"
    return f'<iframe src="{escape(address)}" title="{title}" style="{look}" loading="lazy"></iframe>'
