"""Media: uploads live 30 days, what customers sent 7 days, and a link to the bytes five minutes."""

import hashlib
import itertools
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from integration.sandbox.whatsapp.errors import GraphError

DAY: Final = 86_400.0
UPLOAD_LIVES: Final = 30 * DAY
INBOUND_LIVES: Final = 7 * DAY
LINK_LIVES: Final = 300.0
MAX_MEDIA: Final = 200
MB: Final = 1024 * 1024
#: type → most bytes
LIMITS: Final = {
    "image/jpeg": 5 * MB, "image/png": 5 * MB, "image/webp": 500 * 1024, "video/mp4": 16 * MB, "video/3gpp": 16 * MB,
    "audio/aac": 16 * MB, "audio/amr": 16 * MB, "audio/mpeg": 16 * MB, "audio/mp4": 16 * MB, "audio/ogg": 16 * MB,
    "application/pdf": 100 * MB, "text/plain": 100 * MB,
    **dict.fromkeys((
        "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ), 100 * MB),
}  # fmt: skip
LIMITS_OF: Final = {
    kind: {mime for mime in LIMITS if mime.startswith(f"{kind}/") and mime != "image/webp"}
    for kind in ("image", "video", "audio")
}
_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)"?')
_NAME: Final = re.compile(rb'name="([^"]+)"')


@dataclass(slots=True)
class Medium:
    """Something that lies at WhatsApp."""

    content: bytes
    mime: str
    ends: float
    link: str = ""
    link_ends: float = 0.0

    def fits(self, kind: str) -> bool:
        """Whether it can be sent as this type of message: anything as a document, a sticker is webp."""
        if kind == "document":
            return True
        return self.mime == "image/webp" if kind == "sticker" else self.mime in LIMITS_OF[kind]


class MediaStore:
    """All media by id; `clock` is in seconds and may be moved."""

    def __init__(self, origin: str, clock: Callable[[], float]) -> None:
        self._origin = origin
        self._ids = itertools.count(700_000_000_000_001)
        self._media: OrderedDict[str, Medium] = OrderedDict()
        self.clock = clock
        self.uploads = 0

    def upload(self, body: bytes, content_type: str) -> dict[str, Any]:
        """POST /{number}/media."""
        fields = _fields(body, content_type)
        if fields.get("messaging_product") != b"whatsapp":
            raise GraphError(100, "messaging_product must be 'whatsapp'.")
        content, mime = fields.get("file", b""), fields.get("type", b"").decode("latin-1")
        if mime not in LIMITS:
            raise GraphError(100, f"Param file must be a file with one of the supported types; given {mime!r}.")
        if not 0 < len(content) <= LIMITS[mime]:
            raise GraphError(100, f"Param file: {len(content)} bytes, at most {LIMITS[mime]} are allowed for {mime}.")
        self.uploads += 1
        return {"id": self.add(content, mime, UPLOAD_LIVES)}

    def add(self, content: bytes, mime: str, lives: float = INBOUND_LIVES) -> str:
        """Something that lies here from now on; returns its id."""
        ident = str(next(self._ids))
        self._media[ident] = Medium(content, mime, self.clock() + lives)
        if len(self._media) > MAX_MEDIA:
            self._media.popitem(last=False)
        return ident

    def forget(self, ident: str) -> bool:
        """Delete it; whether there was one."""
        return self._media.pop(ident, None) is not None

    def knew(self, ident: str) -> bool:
        """Whether an id could be used once."""
        return ident in self._media

    def knows(self, ident: str) -> bool:
        """Whether an id can still be used."""
        found = self._media.get(ident)
        return found is not None and found.ends > self.clock()

    def find(self, ident: str) -> Medium | None:
        """What lies here under an id, while it can be used."""
        return self._media[ident] if self.knows(ident) else None

    def node(self, ident: str) -> dict[str, Any]:
        """GET /{media}: a fresh link."""
        if not self.knows(ident):
            raise GraphError(100, f"Object with ID '{ident}' does not exist.")
        medium = self._media[ident]
        medium.link, medium.link_ends = secrets.token_urlsafe(16), self.clock() + LINK_LIVES
        return {
            "messaging_product": "whatsapp",
            "id": ident,
            "url": f"{self._origin}/graph/lookaside/{medium.link}",
            "mime_type": medium.mime,
            "sha256": hashlib.sha256(medium.content).hexdigest(),
            "file_size": len(medium.content),
        }

    def bytes_of(self, link: str) -> Medium | None:
        """What a link leads to while it lives."""
        found = next((m for m in self._media.values() if m.link and secrets.compare_digest(m.link, link)), None)
        return found if found and found.link_ends > self.clock() else None


def _fields(body: bytes, content_type: str) -> dict[str, bytes]:
    boundary = _BOUNDARY.search(content_type)
    if not content_type.startswith("multipart/form-data") or boundary is None:
        raise GraphError(100, "The body must be multipart/form-data.")
    found = {}
    for part in body.split(b"--" + boundary[1].encode()):
        head, _, content = part.partition(b"\r\n\r\n")
        if name := _NAME.search(head):
            found[name[1].decode("latin-1")] = content.removesuffix(b"\r\n")
    return found
