"""What WhatsApp takes as picture, video, voice or file, judged by its content.

See docs/reference/whatsapp.md section 2.
"""

import io
import mimetypes
from dataclasses import dataclass
from typing import Final

import filetype
from PIL import Image, ImageOps, UnidentifiedImageError

from integration.domain.templates.mp4 import AUDIO, VIDEO, tracks
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
#: points along each side of a business profile's picture: what Meta recommends
PORTRAIT: Final = 640
_CONTAINERS: Final = {"audio/x-m4a": "audio/mp4", "audio/m4a": "audio/mp4", "audio/opus": "audio/ogg"}
#: what Meta takes in a video: the four letters under which an MP4 names the codec of a track
H264: Final = (b"avc1", b"avc3")
AAC: Final = (b"mp4a",)
#: what Pillow raises for a picture that is broken, or a bomb
_BROKEN: Final = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
_PNG_DEPTH: Final = 24


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


def ending(mime: str) -> str:
    """What a file's name ends with: a known one, or one that no computer opens by itself."""
    return (mimetypes.guess_extension(mime) if mime in KINDS else None) or ".bin"


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
    elif kind == "video":
        _plain_video(content)
    elif mime == "audio/ogg":
        _plain_voice(content)
    return Medium(kind, mime)


def as_picture(content: bytes) -> bytes:
    """A product's picture as WhatsApp shows one: what it takes stays as it is, all else becomes a JPEG. Raises Unfit.

    Shops have WebP, AVIF, print colours and pictures of 20 MB; nobody should have to prepare those by hand. Photos
    say where they were taken and which side is up (Exif): they are redrawn upright, and say nothing.
    """
    try:
        if checked(content).kind == "image" and not _tells_more(content):
            return content
    except Unfit as unfit:
        if unfit.code == "damaged":
            raise
    return _redrawn(content)


def _tells_more(content: bytes) -> bool:
    with Image.open(io.BytesIO(content), formats=DRAWN) as picture:
        return bool(picture.getexif())


def as_portrait(content: bytes) -> bytes:
    """A shop's sign as WhatsApp shows it in a circle: the whole picture on a white square. Raises Unfit."""
    return _jpeg(ImageOps.pad(_flat(content), (PORTRAIT, PORTRAIT), color="white"))


def _redrawn(content: bytes) -> bytes:
    return _jpeg(_flat(content))


def _flat(content: bytes) -> Image.Image:
    """Upright, of one layer, without what the camera wrote into it."""
    try:
        with Image.open(io.BytesIO(content), formats=DRAWN) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _unreadable()
            picture.thumbnail((WIDEST, WIDEST))
            whole = ImageOps.exif_transpose(picture).convert("RGBA")
            flat = Image.new("RGB", whole.size, "white")
            flat.paste(whole, mask=whole.getchannel("A"))
    except _BROKEN as broken:
        raise _unreadable() from broken
    return flat


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _unreadable() -> Unfit:
    said = Text(
        "Diese Datei ist kein Bild, das wir lesen können. Speichern Sie es als JPEG oder PNG.",
        "This file is no picture that we can read. Save it as JPEG or PNG.",
    )
    return Unfit("no_picture", said)


def _fits(kind: str, size: int) -> None:
    if size > LIMITS[kind]:
        most = f"{LIMITS[kind] / MB:.1f}".removesuffix(".0")
        de = f"Die Datei ist zu groß: WhatsApp nimmt hier höchstens {most.replace('.', ',')} MB."
        raise Unfit("size", Text(de, f"The file is too large: WhatsApp takes at most {most} MB here."))


def _plain_picture(content: bytes) -> None:
    """Whole, and eight bits a colour, RGB or grey: what WhatsApp shows."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            fits = picture.width * picture.height <= MOST_PIXELS and picture.mode in (
                "RGB",
                "RGBA",
                "L",
                "LA",
                "P",
                "1",
            )
            deep = picture.format == "PNG" and content[_PNG_DEPTH] > 8  # Pillow shows 16 bits as 8
            if fits:
                picture.load()
    except _BROKEN as broken:
        said = Text("Das Bild ist beschädigt.", "The picture is damaged.")
        raise Unfit("damaged", said) from broken
    if deep or not fits:
        raise Unfit(
            "colours",
            Text(
                "WhatsApp zeigt nur Bilder mit 8 Bit je Farbe in RGB. Speichern Sie das Bild als gewöhnliches JPEG.",
                "WhatsApp shows only pictures with 8 bits a colour in RGB. Save the picture as an ordinary JPEG.",
            ),
        )


def _plain_video(content: bytes) -> None:
    """One track of H.264 without B-frames, and at most one of AAC."""
    found = tracks(content)
    shown = [track for track in found if track.kind == VIDEO]
    heard = [track for track in found if track.kind == AUDIO]
    if len(shown) != 1 or len(heard) > 1 or shown[0].codec not in H264 or any(t.codec not in AAC for t in heard):
        raise Unfit(
            "codec",
            Text(
                "WhatsApp nimmt Videos nur mit H.264 und einer Tonspur in AAC. Speichern Sie das Video noch einmal als "
                "MP4 (H.264).",
                "WhatsApp takes videos with H.264 and one sound track in AAC only. Save the video once more as MP4 "
                "(H.264).",
            ),
        )
    if shown[0].reordered:
        raise Unfit(
            "b_frames",
            Text(
                "Dieses Video hat B-Frames, und die zeigt WhatsApp auf Android nicht. Speichern Sie es noch einmal als "
                "MP4 mit dem H.264-Profil „Baseline“.",
                "This video has B-frames, which WhatsApp does not show on Android. Save it once more as MP4 with the "
                "H.264 profile “Baseline”.",
            ),
        )


def _plain_voice(content: bytes) -> None:
    """Opus with one channel: its head stands in the first page, the number of channels nine bytes into it."""
    head = content.find(b"OpusHead", 0, 512)
    if head < 0 or content[head + 9 : head + 10] != b"\1":
        raise Unfit(
            "voice",
            Text(
                "WhatsApp nimmt Ogg nur mit Opus und einem Kanal (mono).",
                "WhatsApp takes Ogg with Opus and one channel (mono) only.",
            ),
        )
