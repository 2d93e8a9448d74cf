"""Texts: which words do people agree to, how many did, and what goes to the lawyer?"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from integration.domain.consent.consent import SERVICE_SCOPE
from integration.domain.consent.wording_lint import lint
from integration.domain.consent.wordings import ALERT_SCOPES, MARKETING_SCOPES, OFFERED, alert_wording, wording_for
from integration.domain.notifications import BY_KIND
from integration.domain.privacy.privacy_notice import privacy_notice
from integration.flow.consent import links
from integration.flow.world import Company
from integration.store.consent import optin_links, totals
from integration.web import labels
from integration.web.forms import Form
from integration.web.render import Pages

TEXT_LIMIT = 4_000
LINE = "=" * 72


def show(pages: Pages, request: Request) -> Response:
    """Every text that was ever shown, and the house's ones to choose from."""
    return _page(pages, request, {})


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Make texts for other purposes, or look the owner's own through and keep it."""
    return _page(pages, request, form)


def for_lawyer(pages: Pages, request: Request) -> Response:
    """Every text of a company as one plain file."""
    company = pages.world.companies[_company(pages, request.query_params.get("company", ""))]
    name = f"whatsapp-texte-{pages.today():%Y-%m-%d}.txt"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return PlainTextResponse("\n".join(_dossier(company)), headers=headers)


def _page(pages: Pages, request: Request, form: Form) -> Response:
    slug = _company(pages, form.get("company", "") or request.query_params.get("company", ""))
    company = pages.world.companies[slug]
    purposes = tuple(scope for scope in OFFERED if form.get(scope)) or OFFERED
    language = form.get("language", "") if form.get("language") in ("de", "en") else pages.language(request)
    own = form.get("text", "").strip()[:TEXT_LIMIT]
    findings = lint(own, company.name, purposes, company.per_month) if own else []
    kept = form.get("act") == "keep" and bool(own) and links.keep(pages.world, slug, purposes, language, own)
    with pages.world.database.read() as connection:
        used = optin_links.all_wordings(connection, slug)
        agreed = totals.of_company(connection, slug, "wording")
    return pages.render(
        request,
        "consent/wordings.html",
        company=company,
        companies=pages.world.companies,
        offered=OFFERED,
        purposes=purposes,
        spoken_language=language,
        text=wording_for(company.named, purposes, company.per_month, company.privacy_url, language),
        alerts=[alert_wording(alert, company.named, "…", company.privacy_url, language) for alert in ALERT_SCOPES],
        notice=privacy_notice(company.named, purposes, company.per_month, language),
        own=own,
        findings=findings,
        looked=bool(own),
        kept=kept,
        used=used,
        agreed={hash_: count for (hash_, _), count in agreed.items()},
        searched=True,
    )


def _dossier(company: Company) -> list[str]:
    lines = [f"WhatsApp: Texte von {company.named}", "Wording by Ladenbote. Not legal advice.", ""]
    for language, heading in (("de", "Deutsch"), ("en", "English")):
        lines += [LINE, heading, LINE, ""]
        for purposes in ((SERVICE_SCOPE,), *((scope,) for scope in MARKETING_SCOPES), OFFERED):
            text = wording_for(company.named, purposes, company.per_month, company.privacy_url, language)
            lines += [f"[{', '.join(labels.scope(scope, language) for scope in purposes)}]", text, ""]
        for alert in ALERT_SCOPES:
            lines += [f"[{labels.scope(alert.rstrip(':'), language)}]"]
            lines += [alert_wording(alert, company.named, "…", company.privacy_url, language), ""]
        asked = BY_KIND["doi_request"]
        words = [text for (spoken, _), text in asked.bodies.items() if spoken == language]
        lines += [f"[{asked.title.in_(language)}]", *words, ""]
        lines += [privacy_notice(company.named, OFFERED, company.per_month, language), ""]
    return lines


def _company(pages: Pages, asked: str) -> str:
    return asked if asked in pages.world.companies else next(iter(pages.world.companies))
