"""A picture of the owner's, for the preview of a text."""

from starlette.requests import Request
from starlette.responses import Response

from integration.store.templates import uploads
from integration.web.render import Pages

#: what a browser may show; it was redrawn or checked when it came
SHOWN = ("image/jpeg", "image/png")


def show(pages: Pages, request: Request) -> Response:
    """The picture itself."""
    with pages.world.database.read() as connection:
        found = uploads.find(connection, request.path_params["hash"])
    if found is None or found.mime not in SHOWN:
        return pages.missing(request)
    headers = {"content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff"}
    return Response(found.content, headers=headers, media_type=found.mime)
