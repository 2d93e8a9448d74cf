"""A file that a customer sent, for saving: never shown in the browser, whatever it claims to be."""

from starlette.requests import Request
from starlette.responses import Response

from integration.domain.templates.media import ending
from integration.flow.templates import media
from integration.store.messages import attachments
from integration.web.render import Pages


def show(pages: Pages, request: Request) -> Response:
    """The file itself, as a download."""
    with pages.world.database.read() as connection:
        item = attachments.find(connection, request.path_params["id"])
    content = media.opened(pages.world, item) if item else None
    if item is None or content is None:
        return pages.missing(request)
    headers = {
        "content-disposition": f'attachment; filename="whatsapp-{item.id[-8:]}{ending(item.mime)}"',
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
    }
    return Response(content, headers=headers, media_type="application/octet-stream")
