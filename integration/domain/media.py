"""What WhatsApp takes as picture, video, voice or file, judged by its content (reference/whatsapp.md section 2)."""

import io
from dataclasses import dataclass
from typing import Final

import filetype
from PIL import Image, UnidentifiedImageError

from integration.domain.text import Text

MB: Final = 1024 * 1024
#: kind of message → most bytes
LIMITS: Final = {"image": 5 * MB, "video": 16 * MB, "audio": 16 * MB, "document": 100 * MB, "sticker": 500 * 1024}
#: type of content → kind of message
KINDS: Final = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/webp": "sticker",
    "video/mp4": "video",
    "video/3gpp": "video",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
    "application/pdf": "document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "document",
}
#: a picture of more points is no picture of a product, it is an attack on our memory
MOST_PIXELS: Final = 50_000_000
#: formats that a picture is redrawn from, and how wide and high it is then at most
DRAWN: Final = ("JPEG", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP")
WIDEST: Final = 1600
_CONTAINERS: Final = {"audio/x-m4a": "audio/mp4", "audio/m4a": "audio/mp4", "audio/opus": "audio/ogg"}
#: the four letters under which an MP4 names the codec of a track
H264: Final = (b"avc1", b"avc3")
OTHER_VIDEO: Final = (b"hvc1", b"hev1", b"vp09", b"av01", b"mp4v", b"vp08")
OTHER_AUDIO: Final = (b"ac-3", b"ec-3", b"Opus", b"alac", b"fLaC", b".mp3")


class Unfit(Exception):
    """WhatsApp would not take this; `explanation` says why and what to do."""

    def __init__(self, code: str, explanation: Text) -> None:
        super().__init__(explanation.en)
        self.code = code
        self.explanation = explanation


@dataclass(frozen=True, slots=True)
class Medium:
    """Content that WhatsApp takes: its kind of message (image, video, …) and its type."""

    kind: str
    mime: str


def sniffed(content: bytes) -> str:
    """The type that the content itself shows, whatever it is called; "" when it is none that we know."""
    found = filetype.guess_mime(content) or ""
    if found == "application/zip" and b"word/" in content[:4096]:
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return _CONTAINERS.get(found, found)


def checked(content: bytes) -> Medium:
    """What this is for WhatsApp. Raises Unfit."""
    mime = sniffed(content)
    kind = KINDS.get(mime)
    if kind is None:
        raise Unfit(
            "type",
            Text(
                "WhatsApp nimmt diese Art von Datei nicht. Nehmen Sie JPEG oder PNG, MP4 (H.264 mit AAC) oder PDF.",
                "WhatsApp does not take this kind of file. Use JPEG or PNG, MP4 (H.264 with AAC), or PDF.",
            ),
        )
    _fits(kind, len(content))
    if kind == "image":
        _plain_picture(content)
    elif mime == "video/mp4":
        _plain_video(content)
    return Medium(kind, mime)


def as_picture(content: bytes) -> bytes:
    """A product's picture as WhatsApp shows one: what it takes stays as it is, all else becomes a JPEG. Raises Unfit.

    Shops have WebP, AVIF, print colours and pictures of 20 MB; nobody should have to prepare those by hand.
    """
    try:
        if checked(content).kind == "image":
            return content
    except Unfit as unfit:
        if unfit.code == "damaged":
            raise
    return _redrawn(content)


def _redrawn(content: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=DRAWN) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _unreadable()
            picture.thumbnail((WIDEST, WIDEST))
            flat = Image.new("RGB", picture.size, "white")
            whole = picture.convert("RGBA")
            flat.paste(whole, mask=whole.getchannel("A"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        raise _unreadable() from broken
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=85)
    return out.getvalue()


def _unreadable() -> Unfit:
    said = Text("Diese Datei ist kein Bild, das wir lesen können.", "This file is no picture that we can read.")
    return Unfit("no_picture", said)


def _fits(kind: str, size: int) -> None:
    if size > LIMITS[kind]:
        most = f"{LIMITS[kind] / MB:.1f}".removesuffix(".0")
        de = f"Die Datei ist zu groß: WhatsApp nimmt hier höchstens {most.replace('.', ',')} MB."
        raise Unfit("size", Text(de, f"The file is too large: WhatsApp takes at most {most} MB here."))


def _plain_picture(content: bytes) -> None:
    """Eight bits a colour, RGB or grey: what WhatsApp shows."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            mode, pixels = picture.mode, picture.width * picture.height
            picture.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as broken:
        said = Text("Das Bild ist beschädigt.", "The picture is damaged.")
        raise Unfit("damaged", said) from broken
    if mode not in ("RGB", "RGBA", "L", "LA", "P") or pixels > MOST_PIXELS:
        raise Unfit(
            "colours",
            Text(
                "WhatsApp zeigt nur Bilder mit 8 Bit je Farbe in RGB. Speichern Sie das Bild als gewöhnliches JPEG.",
                "WhatsApp shows only pictures with 8 bits a colour in RGB. Save the picture as an ordinary JPEG.",
            ),
        )


def _plain_video(content: bytes) -> None:
    """H.264 with AAC or without sound, as the container's own table of tracks says."""
    table = _box(content, b"moov")
    is_h264 = any(name in table for name in H264)
    if not table or not is_h264 or any(name in table for name in (*OTHER_VIDEO, *OTHER_AUDIO)):
        raise Unfit(
            "codec",
            Text(
                "WhatsApp nimmt Videos nur mit H.264 und AAC. Speichern Sie das Video noch einmal als MP4 (H.264).",
                "WhatsApp takes videos with H.264 and AAC only. Save the video once more as MP4 (H.264).",
            ),
        )


def _box(content: bytes, wanted: bytes) -> bytes:
    """A box on the first level of an MP4, b"" when there is none (ISO 14496-12: length, name, content)."""
    at = 0
    while at + 8 <= len(content):
        size, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16])
        if name == wanted:
            return content[at : at + size] if size else content[at:]
        if size < 8:
            return b""
        at += size
    return b""
