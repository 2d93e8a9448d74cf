"""Everything that is stored about this person, to hand out."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from integration.store.contacts import listing
from integration.web.forms import Form
from integration.web.render import Pages

IN_MEMORY, PIECE = 4_000_000, 64_000


def show(pages: Pages, request: Request) -> Response:
    """What it holds and how to give it to the right person."""
    with pages.world.database.read() as connection:
        person = listing.contact_of(connection, request.path_params["id"])
    if person is None or person.erased_at:
        return pages.missing(request)
    return pages.render(request, "privacy/export.html", person=person)


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Make it: an open request is answered by this."""
    return packed(pages, request, request.path_params["id"], "staff")


def packed(pages: Pages, request: Request, contact_id: str, source: str) -> Response:
    """The zip, from memory or from a file that is gone when it has been sent."""
    from integration.web.papers.export import hand_out  # fpdf takes 20 MB: only who prints pays for it

    out = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it has been read
    if not hand_out(pages.world, contact_id, out, source, pages.language(request)):
        out.close()
        return pages.missing(request)
    out.seek(0)
    headers = {"content-disposition": 'attachment; filename="daten.zip"'}
    return StreamingResponse(_pieces(out), media_type="application/zip", headers=headers)


def _pieces(out: "SpooledTemporaryFile[bytes]") -> Iterator[bytes]:
    with out:
        while piece := out.read(PIECE):
            yield piece
