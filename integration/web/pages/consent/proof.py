"""The proof sheet of one person, as a download."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from integration.flow.consent import proof
from integration.web.downloads import zipped
from integration.web.forms import Form
from integration.web.render import Pages


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Make it: that is an event of its own in the ledger, so it takes a press."""
    from integration.web.papers.proof import proof_files  # fpdf takes 20 MB: only who prints pays for it

    file = proof.make(pages.world, request.path_params["id"], "dashboard")
    if file is None:
        return pages.missing(request)
    files = proof_files(file, pages.language(request))
    return zipped(Path(next(iter(files))).stem, files)
