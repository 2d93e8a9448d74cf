"""Files to keep: never shown in the browser, never in a cache."""

import io
import zipfile
from collections.abc import Mapping

from starlette.responses import Response


def zipped(name: str, files: Mapping[str, bytes]) -> Response:
    """Several files as one download."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    return attachment(f"{name}.zip", packed.getvalue(), "application/zip")


def attachment(name: str, content: bytes, media_type: str) -> Response:
    """One file as a download."""
    return Response(content, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
