"""Everything that may be sent inside the service window, and what the phone shows of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from integration.sandbox.whatsapp.errors import GraphError
from integration.sandbox.whatsapp.shown import Shown

MAX_TEXT: Final = 4096
MAX_BODY: Final = 1024
MAX_CAPTION: Final = 1024
MAX_SHORT: Final = 60
MAX_REPLY: Final = 20
MAX_REPLIES: Final = 3
MAX_REPLY_ID: Final = 256
MAX_ROWS: Final = 10
MAX_ROW_ID: Final = 200
MAX_ROW: Final = 24
MAX_ROW_MORE: Final = 72
LINK: Final = re.compile(r"https?://[^\s/]+\S*")

Content = Mapping[str, Any]


@dataclass(slots=True)
class Draft(Shown):
    """A checked message, with what the phone will show of it."""

    kind: str = "template"
    to: str = ""
    template: str = ""
    language: str = ""
    category: str = "service"
    parameters: dict[str, str] = field(default_factory=dict)
    callback: str = ""
    needs_phone: bool = False


def _text(content: Content) -> Draft:
    return Draft(written(content.get("body"), MAX_TEXT, "text['body']"), kind="text")


def _file(kind: str) -> Callable[[Content], Draft]:
    def parse(content: Content) -> Draft:
        shown = medium(content, kind, kind)
        caption = str(content.get("caption") or "")
        if len(caption) > MAX_CAPTION:
            raise GraphError(131009, f"Param {kind}['caption'] must be at most {MAX_CAPTION} characters long.")
        return Draft(caption or str(content.get("filename") or f"[{kind}]"), kind=kind, media=shown)

    return parse


def _location(content: Content) -> Draft:
    place(content, "location")
    words = [str(content[name]) for name in ("name", "address") if content.get(name)]
    return Draft(", ".join(words) or f"[{content['latitude']}, {content['longitude']}]", kind="location")


def _contacts(content: Sequence[Content]) -> Draft:
    if not content:
        raise GraphError(131009, "Param contacts must name somebody.")
    for n, person in enumerate(content):
        if len([part for part in person["name"].values() if part]) < 2:
            raise GraphError(131009, f"Param contacts[{n}]['name'] needs one more part beside formatted_name.")
    return Draft(", ".join(person["name"]["formatted_name"] for person in content), kind="contacts")


def _reaction(content: Content) -> Draft:
    if not content["message_id"].startswith("wamid."):
        raise GraphError(131009, "Param reaction['message_id'] is not the id of a message.")
    return Draft(content["emoji"], kind="reaction")


def _interactive(content: Content) -> Draft:
    parse = INTERACTIVE.get(content["type"])
    if parse is None:
        raise GraphError(131009, f"Param interactive['type'] must be one of {', '.join(INTERACTIVE)}.")
    longest = MAX_TEXT if content["type"] == "list" else MAX_BODY
    body = written((content.get("body") or {}).get("text"), longest, "interactive['body']['text']")
    footer = str((content.get("footer") or {}).get("text") or "")
    if len(footer) > MAX_SHORT:
        raise GraphError(131009, f"Param interactive['footer']['text'] must be at most {MAX_SHORT} characters long.")
    draft = Draft(body, kind="interactive", footer=footer, buttons=parse(content["action"]))
    if header := content.get("header"):
        draft.header, draft.media = _header(header, content["type"])
    return draft


def _header(header: Content, kind: str) -> tuple[str, dict[str, str]]:
    """Its text, or its medium. Lists have a text only, and what asks for a place has no header."""
    shown = header["type"]
    allowed = {"list": ("text",), "location_request_message": ()}.get(kind, ("text", "image", "video", "document"))
    if shown not in allowed:
        raise GraphError(131009, f"Param interactive['header']['type'] {shown!r} does not go with {kind}.")
    if shown != "text":
        return "", medium(header.get(shown) or {}, shown, f"interactive['header']['{shown}']")
    return written(header.get("text"), MAX_SHORT, "interactive['header']['text']"), {}


def _replies(action: Content) -> list[dict[str, str]]:
    rows = action.get("buttons") or []
    if not 1 <= len(rows) <= MAX_REPLIES:
        raise GraphError(131009, f"Param interactive['action']['buttons'] must list 1 to {MAX_REPLIES} buttons.")
    if any(row["type"] != "reply" for row in rows):
        raise GraphError(131009, "Param interactive['action']['buttons']: each must be of type reply.")
    found = [row["reply"] for row in rows]
    for reply in found:
        _short(reply["title"], MAX_REPLY, "the title of a button")
        _short(reply["id"], MAX_REPLY_ID, "the id of a button")
    _unlike([reply["id"] for reply in found], "Two buttons cannot have the same id.")
    _unlike([reply["title"] for reply in found], "Two buttons cannot have the same title.")
    return [{"type": "reply", "text": reply["title"], "payload": reply["id"]} for reply in found]


def _list(action: Content) -> list[dict[str, str]]:
    _short(action.get("button") or "", MAX_REPLY, "interactive['action']['button']")
    sections = action.get("sections") or []
    rows = [row for section in sections for row in section["rows"]]
    if not sections or not 1 <= len(rows) <= MAX_ROWS or not all(section["rows"] for section in sections):
        raise GraphError(131009, f"A list has 1 to {MAX_ROWS} rows in all, and no section without a row.")
    for section in sections:
        if len(sections) > 1 or section.get("title"):
            _short(section.get("title") or "", MAX_ROW, "the title of a section")
    for row in rows:
        _short(row["title"], MAX_ROW, "the title of a row")
        _short(row["id"], MAX_ROW_ID, "the id of a row")
        if len(row.get("description") or "") > MAX_ROW_MORE:
            raise GraphError(131009, f"The description of a row has at most {MAX_ROW_MORE} characters.")
    _unlike([row["id"] for row in rows], "Two rows cannot have the same id.")
    return [{"type": "row", "text": row["title"], "payload": row["id"]} for row in rows]


def _link(action: Content) -> list[dict[str, str]]:
    chosen = action.get("parameters") or {}
    if action.get("name") != "cta_url" or not LINK.fullmatch(chosen.get("url", "")):
        raise GraphError(131009, "Param interactive['action'] needs the name cta_url, and a web address.")
    _short(chosen["display_text"], MAX_REPLY, "interactive['action']['parameters']['display_text']")
    return [{"type": "url", "text": chosen["display_text"], "url": chosen["url"]}]


def _ask_for_place(action: Content) -> list[dict[str, str]]:
    if action.get("name") != "send_location":
        raise GraphError(131009, "Param interactive['action']['name'] must be send_location.")
    return []


INTERACTIVE: Final[Mapping[str, Callable[[Content], list[dict[str, str]]]]] = {
    "button": _replies, "list": _list, "cta_url": _link, "location_request_message": _ask_for_place,
}  # fmt: skip
KINDS: Final[Mapping[str, Callable[[Any], Draft]]] = {
    "text": _text, "location": _location, "contacts": _contacts, "reaction": _reaction, "interactive": _interactive,
    **{kind: _file(kind) for kind in ("image", "video", "audio", "document", "sticker")},
}  # fmt: skip


def written(value: Any, longest: int, where: str) -> str:
    """A text that somebody will read."""
    if not isinstance(value, str) or not value.strip():
        raise GraphError(131008, f"The parameter {where} is required.")
    if len(value) > longest:
        raise GraphError(131009, f"Param {where} must be at most {longest} characters long.")
    return value


def medium(content: Content, kind: str, where: str) -> dict[str, str]:
    """A file: the id of an upload, or a link, not both."""
    source = {name: content[name] for name in ("id", "link") if content.get(name)}
    if len(source) != 1:
        raise GraphError(131008, f"Param {where} needs either an id or a link.")
    if not source.get("id", "1").isdecimal() or not LINK.fullmatch(source.get("link", "https://x")):
        raise GraphError(131009, f"Param {where} needs the id of an upload, or a web address.")
    return {"type": kind, "source": next(iter(source.values()))}


def place(content: Content, where: str) -> None:
    """A place on earth."""
    for name, most in (("latitude", 90), ("longitude", 180)):
        try:
            fits = abs(float(content[name])) <= most
        except ValueError:
            fits = False
        if not fits:
            raise GraphError(131009, f"Param {where}['{name}'] must be a number of degrees, at most {most}.")


def _short(value: str, longest: int, where: str) -> None:
    if not value.strip() or len(value) > longest:
        raise GraphError(131009, f"{where} must have 1 to {longest} characters.")


def _unlike(values: list[str], details: str) -> None:
    if len(set(values)) < len(values):
        raise GraphError(131009, details)
