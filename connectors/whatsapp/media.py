"""Files at WhatsApp: uploaded once, and what customers sent fetched through a link that lives five minutes."""

import hashlib
import re
from base64 import b64encode
from typing import Final
from urllib.parse import urlencode, urlsplit

import httpx
from yarl import URL

from connectors.reading import identifier, text
from connectors.whatsapp.answers import read
from connectors.whatsapp.calls import Calls
from connectors.whatsapp.graph import HEADERS, Graph, is_partner
from connectors.whatsapp.http import Reply
from connectors.whatsapp.number import debug_token
from connectors.whatsapp.settings import SenderSettings, is_loopback
from integration.domain.actions import Action
from integration.domain.errors import OutcomeUnknown, Refused
from integration.domain.templates.approval import NO_SAMPLES

#: where Meta keeps what customers sent; any other host would get our token
HOSTS: Final = (".fbsbx.com", ".fbcdn.net", ".whatsapp.net")
#: a session of a resumable upload: it comes from Meta and becomes a path, so nothing may lead elsewhere
_SESSION: Final = re.compile(r"upload:[A-Za-z0-9+/=_:?&.-]{1,900}\Z")
#: Meta's own codes for media that cannot be fetched
DOWNLOAD: Final = 131052


async def upload(settings: SenderSettings, content: bytes, mime: str) -> str:
    """The id under which this content can be sent for 30 days. Raises ChannelError."""
    form = httpx.Request(
        "POST",
        "http://form",
        data={"messaging_product": "whatsapp", "type": mime},
        files={"file": ("file", content, mime)},
    )
    body, kind = form.read(), {"Content-Type": form.headers["content-type"]}
    calls = _calls(settings)
    try:
        url = URL(settings.url(settings.media_path))
        answer = read(await calls.exchange("POST", url, body, kind))
    finally:
        await calls.close()
    found = text(answer.get("id"), 128)
    if not found:
        raise OutcomeUnknown("WhatsApp named no id for the file")
    return found


async def sample(settings: SenderSettings, content: bytes, mime: str) -> str:
    """The handle of a file for Meta's reviewers: a resumable upload, begun and ended. Raises ChannelError.

    At Meta the session belongs to the app, and its bytes travel under another scheme of authorisation (Resumable
    Upload API); a partner passes both on under its own key.
    """
    graph = Graph(settings)
    try:
        path = settings.uploads_path or await _app_uploads(graph, settings)
        about = {"file_length": str(len(content)), "file_type": mime, "file_name": "beispiel"}
        session = text((await graph.post(f"{path}?{urlencode(about)}", {})).get("id"), 1_000)
    finally:
        await graph.close()
    session = session if session.startswith("upload:") else f"upload:{session}"
    if not _SESSION.match(session):
        raise OutcomeUnknown("WhatsApp began no upload")
    prefix = settings.auth_prefix if is_partner(settings) else "OAuth "
    calls = Calls({settings.auth_header: prefix + settings.token.get_secret_value(), **HEADERS})
    try:
        url = URL(f"{settings.base_url}/{session}", encoded=True)
        answer = read(await calls.exchange("POST", url, content, {"file_offset": "0", "Content-Type": mime}))
    finally:
        await calls.close()
    found = text(answer.get("h"), 4_000)
    if not found:
        raise OutcomeUnknown("WhatsApp named no handle for the file")
    return found


def takes_samples(settings: SenderSettings) -> bool:
    """Whether there is a way to hand files for reviewers over: every partner has its own, or none."""
    return bool(settings.uploads_path) or not is_partner(settings)


async def _app_uploads(graph: Graph, settings: SenderSettings) -> str:
    if not takes_samples(settings):
        raise Refused(0, 0, NO_SAMPLES, Action.FAIL)
    app_id = identifier((await debug_token(graph, settings.token.get_secret_value())).get("app_id"))
    return f"/{app_id}/uploads"


async def download(settings: SenderSettings, media_id: str, most: int) -> bytes:
    """What a customer sent: at most `most` bytes, whole as its hash says. Raises ChannelError."""
    graph = Graph(settings)
    try:
        node = await graph.get(f"/{media_id}")
    finally:
        await graph.close()
    size = node.get("file_size")
    if isinstance(size, int) and size > most:
        raise _unfit("the file is too large")
    content = await _fetch(settings, text(node.get("url"), 2_000), most)
    if (expected := text(node.get("sha256"), 64)) and expected not in _hashes(content):
        raise OutcomeUnknown("the file arrived damaged")
    return content


def _hashes(content: bytes) -> tuple[str, str]:
    """The hash as hexadecimal digits and as base64: Meta's answers have the one, its webhooks the other."""
    found = hashlib.sha256(content)
    return found.hexdigest(), b64encode(found.digest()).decode()


async def _fetch(settings: SenderSettings, named: str, most: int) -> bytes:
    link = _through_partner(named, settings.base_url) if is_partner(settings) else named
    if not _is_metas(link, settings.base_url):
        raise _unfit("the link leads away from WhatsApp")
    calls = _calls(settings)
    try:
        reply = await calls.exchange("GET", URL(link, encoded=True), most=most)
    finally:
        await calls.close()
    if reply.ok and len(reply.body) <= most:
        return reply.body
    raise _unfit("the file is too large") if reply.ok else _refused(reply)


def _through_partner(link: str, base_url: str) -> str:
    """The same path at the partner's host, which alone knows the key (360dialog serves Meta's links so)."""
    base = urlsplit(base_url)
    return urlsplit(link)._replace(scheme=base.scheme, netloc=base.netloc).geturl()


def _is_metas(link: str, base_url: str) -> bool:
    parts, base = urlsplit(link), urlsplit(base_url)
    if is_loopback(base_url):
        return (parts.scheme, parts.netloc) == (base.scheme, base.netloc)
    host = (parts.hostname or "").lower()
    return parts.scheme == "https" and (host == base.hostname or host.endswith(HOSTS)) and not parts.username


def _refused(reply: Reply) -> Refused:
    return Refused(DOWNLOAD, reply.status, "the file could not be fetched", Action.FAIL)


def _unfit(detail: str) -> Refused:
    """What no further try can change."""
    return Refused(DOWNLOAD, 0, detail, Action.FAIL, tries=1)


def _calls(settings: SenderSettings) -> Calls:
    token = settings.auth_prefix + settings.token.get_secret_value()
    return Calls({settings.auth_header: token, **HEADERS, "Accept": "*/*"})
