"""The proof of the consents: is every ledger whole, and would it show if it were not?"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.consent.checkpoint import Checkpoint
from integration.domain.text import Text
from integration.flow.consent import evidence
from integration.store.consent import checkpoints, ledger_checks
from integration.store.consent.ledger_checks import Check
from integration.web.downloads import attachment
from integration.web.forms import Form
from integration.web.render import Pages


@dataclass(frozen=True, slots=True)
class Health:
    """One company's ledger: what the last verification found, and its newest signed end."""

    name: str
    check: Check
    checkpoint: Checkpoint | None
    faults: list[Text]


def show(pages: Pages, request: Request) -> Response:
    """The page."""
    with pages.world.database.read() as connection:
        found = ledger_checks.latest(connection)
        ends = {item.company: item for item in checkpoints.latest(connection)}
    names = {slug: company.name for slug, company in pages.world.companies.items()}
    ledgers = [
        Health(names.get(c.company, c.company), c, ends.get(c.company), [evidence.sentence(f) for f in c.faults])
        for c in found
    ]
    return pages.render(
        request,
        "consent/ledger.html",
        ledgers=ledgers,
        key=pages.world.vault.public_key,
        kept_in=pages.world.checkpoint_file,
    )


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Verify everything now."""
    evidence.check(pages.world, pages.world.clock())
    return RedirectResponse("/ledger", 303)


def lines(pages: Pages, request: Request) -> Response:
    """The newest checkpoints, to be kept on another machine."""
    with pages.world.database.read() as connection:
        found = checkpoints.latest(connection)
    content = "".join(f"{item.line()}\n" for item in found).encode()
    return attachment("checkpoints.jsonl", content, "application/jsonl")
