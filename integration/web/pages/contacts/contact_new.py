"""A consent on paper: staff enters what somebody signed in the store."""

from datetime import UTC, datetime, time

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.consent.consent import SERVICE_SCOPE
from integration.domain.consent.wordings import OFFERED
from integration.domain.contacts.contacts import e164
from integration.domain.errors import LadenboteError
from integration.flow.consent import links, optin
from integration.web.forms import Form
from integration.web.lists import read_day
from integration.web.render import Pages

TEXT_LIMIT = 4_000


def show(pages: Pages, request: Request) -> Response:
    """The form, with the house's text for order messages to begin with."""
    return _page(pages, request, {SERVICE_SCOPE: "1", "country": "DE"})


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Record the grant; say what is wrong beside the field."""
    wrong = _wrong(pages, form)
    if wrong:
        return _page(pages, request, form, 422, wrong)
    try:
        contact = optin.by_staff(
            pages.world,
            _company(pages, form),
            form["phone"],
            _country(form),
            purposes=_purposes(form),
            text=form["text"].strip()[:TEXT_LIMIT],
            at=_signed(pages, form) or pages.world.clock(),
            by="dashboard",
            name=form.get("name", "").strip()[:200],
            reference=form.get("reference", "").strip()[:200],
        )
    except LadenboteError:
        return _page(pages, request, form, 422, {"erased"})
    return RedirectResponse(f"/contacts/{contact}", 303)


def _wrong(pages: Pages, form: Form) -> set[str]:
    at = _signed(pages, form)
    checks = {
        "phone": e164(form.get("phone", ""), _country(form)) is not None,
        "signed": at is not None and at <= pages.world.clock(),
        "purposes": bool(_purposes(form)),
        "text": "whatsapp" in form.get("text", "").lower(),
        "sure": bool(form.get("sure")),
    }
    return {name for name, fine in checks.items() if not fine}


def _page(pages: Pages, request: Request, form: Form, status: int = 200, wrong: set[str] | None = None) -> Response:
    company = pages.world.companies[_company(pages, form)]
    text = form.get("text", "") or links.standard_wording(company, (SERVICE_SCOPE,), "de").text
    return pages.render(
        request,
        "contacts/new.html",
        status,
        form=form,
        company=company,
        companies=pages.world.companies,
        offered=OFFERED,
        purposes=_purposes(form),
        text=text,
        today=pages.today().isoformat(),
        wrong=wrong or set(),
        searched=True,
    )


def _company(pages: Pages, form: Form) -> str:
    asked = form.get("company", "")
    return asked if asked in pages.world.companies else next(iter(pages.world.companies))


def _country(form: Form) -> str:
    return form.get("country", "")[:2].upper() or "DE"


def _purposes(form: Form) -> tuple[str, ...]:
    return tuple(scope for scope in OFFERED if form.get(scope))


def _signed(pages: Pages, form: Form) -> datetime | None:
    """The day on the paper, at its start: a withdrawal of the same day stands after it."""
    day = read_day(form.get("signed", ""))
    return datetime.combine(day, time(), pages.zone).astimezone(UTC) if day else None
