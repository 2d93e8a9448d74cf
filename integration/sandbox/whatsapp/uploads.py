"""Meta's resumable uploads: the pictures that its reviewers see in templates."""

import itertools
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from integration.sandbox.digits import whole
from integration.sandbox.whatsapp.errors import GraphError

MB: Final = 1024 * 1024
LIMITS: Final = {"image/jpeg": 5 * MB, "image/png": 5 * MB, "video/mp4": 16 * MB, "application/pdf": 100 * MB}
#: what a header of this format shows
FORMATS: Final = {"image/jpeg": "IMAGE", "image/png": "IMAGE", "video/mp4": "VIDEO", "application/pdf": "DOCUMENT"}
MAGIC: Final = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n"),
    "video/mp4": re.compile(rb".{4}ftyp", re.DOTALL),
    "application/pdf": re.compile(rb"%PDF-"),
}
MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Session:
    """An upload that was begun."""

    size: int
    mime: str


class Uploads:
    """Sessions that are open, and the handles that came of others, each good for one format of header."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._sessions: dict[str, Session] = {}
        self.handles: dict[str, str] = {}

    def begin(self, query: Mapping[str, str]) -> dict[str, str]:
        """POST /{app}/uploads."""
        size, mime = whole(query.get("file_length", "")) or 0, query.get("file_type", "")
        if mime not in LIMITS:
            raise GraphError(100, f"Param file_type must be one of {', '.join(LIMITS)}.")
        if not 0 < size <= LIMITS[mime]:
            raise GraphError(100, f"Param file_length: at most {LIMITS[mime]} bytes are allowed for {mime}.")
        if len(self._sessions) >= MOST:
            raise GraphError(80007, "Too many uploads are open.")
        session = f"upload:{secrets.token_urlsafe(24)}"
        self._sessions[session] = Session(size, mime)
        return {"id": session}

    def end(self, session: str, offset: str, content: bytes) -> dict[str, str]:
        """POST /upload:{session}: the bytes."""
        found = self._sessions.get(session)
        if found is None:
            raise GraphError(100, "The upload session does not exist.")
        if offset != "0":
            raise GraphError(100, "The header file_offset must be 0: nothing was uploaded yet.")
        if len(content) != found.size or not MAGIC[found.mime].match(content):
            raise GraphError(100, "The content is not what the session was begun for.")
        del self._sessions[session]
        handle = f"4:{next(self._ids)}:{secrets.token_urlsafe(24)}"
        self.handles[handle] = FORMATS[found.mime]
        return {"h": handle}

    def check(self, components: Any) -> None:
        """Whether each medium of a template that is created has a handle of ours for its format."""
        for part in components if isinstance(components, list) else ():
            if isinstance(part, dict):
                self._check(part)

    def _check(self, part: Mapping[str, Any]) -> None:
        shown, example = str(part.get("format", "TEXT")).upper(), part.get("example")
        if str(part.get("type")).upper() == "HEADER" and shown in FORMATS.values() and isinstance(example, dict):
            given = example.get("header_handle")
            if isinstance(given, list) and given and self.handles.get(str(given[0])) != shown:
                raise GraphError(100, f"header_handle is no upload of the format {shown}.", subcode=2388273)
        for card in part.get("cards") or () if isinstance(part.get("cards"), list) else ():
            self.check(card.get("components") if isinstance(card, dict) else None)
