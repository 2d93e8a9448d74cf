"""What WhatsApp takes is told from the content alone."""

import io
import zlib

import pytest
from PIL import Image

from integration.domain.templates.media import MB, Medium, Unfit, as_picture, checked, ending

ORIENTATION, MAKER = 0x0112, 0x010F


def picture(form: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form)
    return out.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    return (len(content) + 8).to_bytes(4) + name + content


def track(kind: bytes, codec: bytes, *offsets: int) -> bytes:
    """A track as players write it; `offsets`: by how much its pictures are shown later than they are decoded."""
    entry = (len(codec) + 24).to_bytes(4) + codec + b"\0" * 20
    entries = b"".join((1).to_bytes(4) + offset.to_bytes(4) for offset in offsets)
    table = box(b"stsd", b"\0" * 4 + (1).to_bytes(4) + entry)
    table += box(b"ctts", b"\0" * 4 + len(offsets).to_bytes(4) + entries) if offsets else b""
    handler = box(b"hdlr", b"\0" * 8 + kind + b"\0" * 13)
    return box(b"trak", box(b"mdia", handler + box(b"minf", box(b"stbl", table))))


def video(*found: bytes, before: bytes = b"", brand: bytes = b"isom") -> bytes:
    return box(b"ftyp", brand + b"\0\0\2\0isomiso2avc1mp41") + before + box(b"moov", b"".join(found))


SEEN, HEARD = track(b"vide", b"avc1"), track(b"soun", b"mp4a")


def png_of_sixteen_bits() -> bytes:
    """What Pillow shows as eight bits."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4) + name + content + zlib.crc32(name + content).to_bytes(4)

    head = (2).to_bytes(4) + (2).to_bytes(4) + bytes([16, 2, 0, 0, 0])
    lines = zlib.compress((b"\0" + b"\x12\x34" * 6) * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def voice(channels: int) -> bytes:
    return b"OggS\0\2" + b"\0" * 22 + b"OpusHead\1" + bytes([channels]) + b"\0" * 30


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture(), Medium("image", "image/jpeg")),
        (picture("PNG", "RGBA"), Medium("image", "image/png")),
        (picture("WEBP"), Medium("sticker", "image/webp")),
        (video(SEEN, HEARD), Medium("video", "video/mp4")),
        (video(SEEN), Medium("video", "video/mp4")),
        (video(SEEN, HEARD, brand=b"3gp4"), Medium("video", "video/mp4")),
        (video(track(b"vide", b"avc1", 0, 0), track(b"text", b"tx3g")), Medium("video", "video/mp4")),
        (video(SEEN, before=box(b"mdat", b"hvc1" * 9)), Medium("video", "video/mp4")),
        (b"%PDF-1.7\n%%EOF", Medium("document", "application/pdf")),
        (voice(1), Medium("audio", "audio/ogg")),
    ],
)
def test_what_fits(content: bytes, expected: Medium) -> None:
    assert checked(content) == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "type"),
        (b"", "type"),
        (b"MZ\x90\0" + b"\0" * 60, "type"),
        (picture("GIF", "P"), "type"),
        (picture("TIFF"), "type"),
        (picture("JPEG", "CMYK"), "colours"),
        (picture("PNG", "I;16"), "colours"),
        (picture()[:200] + b"<script>", "damaged"),
        (picture() + b"\0" * (5 * MB), "size"),
        (png_of_sixteen_bits(), "colours"),
        (picture(size=(200, 200))[:-30], "damaged"),
        (video(SEEN) + b"\0" * (40 * MB), "size"),
        (video(track(b"vide", b"hvc1"), HEARD), "codec"),
        (video(SEEN, track(b"soun", b"Opus")), "codec"),
        (video(SEEN, HEARD, HEARD), "codec"),
        (video(HEARD), "codec"),
        (video(), "codec"),
        (video(track(b"vide", b"h263"), track(b"soun", b"samr"), brand=b"3gp4"), "codec"),
        (box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41"), "codec"),
        (video(track(b"vide", b"avc1", 0, 512, 1024), HEARD), "b_frames"),
        (voice(2), "voice"),
        (b"OggS\0\2" + b"\0" * 22 + b"\1vorbis" + b"\0" * 30, "voice"),
    ],
)
def test_what_does_not_fit(content: bytes, code: str) -> None:
    with pytest.raises(Unfit) as said:
        checked(content)
    assert said.value.code == code
    assert said.value.explanation.de
    assert said.value.explanation.en


@pytest.mark.parametrize(
    ("form", "mode"),
    [("WEBP", "RGB"), ("WEBP", "RGBA"), ("GIF", "P"), ("JPEG", "CMYK"), ("TIFF", "RGB"), ("BMP", "RGB")],
)
def test_a_picture_in_another_form_is_redrawn(form: str, mode: str) -> None:
    redrawn = as_picture(picture(form, mode))
    assert checked(redrawn) == Medium("image", "image/jpeg")


def test_sixteen_bits_become_eight() -> None:
    assert checked(as_picture(png_of_sixteen_bits())) == Medium("image", "image/jpeg")


def test_a_photo_is_redrawn_upright_and_does_not_say_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Kamera von Anna"
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(out, "JPEG", exif=exif)
    with Image.open(io.BytesIO(as_picture(out.getvalue()))) as upright:
        assert (upright.size, dict(upright.getexif())) == ((20, 40), {})


def test_a_bomb_is_not_unpacked() -> None:
    for size in ((20_000, 5_000), (30_000, 30_000)):
        bomb = picture("PNG", "1", size)
        assert len(bomb) < MB
        for look in (checked, as_picture):
            with pytest.raises(Unfit):
                look(bomb)


def test_a_picture_that_fits_stays_as_it_is() -> None:
    for fitting in (picture(), picture("PNG", "RGBA")):
        assert as_picture(fitting) == fitting


def test_a_large_picture_becomes_a_small_one() -> None:
    with Image.open(io.BytesIO(as_picture(picture("BMP", size=(4000, 1000))))) as small:
        assert small.size == (1600, 400)


@pytest.mark.parametrize("content", [b"<svg onload='alert(1)'/>", b"", b"GIF89a", b"%PDF-1.7", picture("WEBP")[:20]])
def test_what_is_no_picture_is_not_drawn(content: bytes) -> None:
    with pytest.raises(Unfit):
        as_picture(content)


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        ("image/png", ".png"), ("application/pdf", ".pdf"), ("text/html", ".bin"), ("image/svg+xml", ".bin"),
        ("application/x-msdownload", ".bin"), ("", ".bin"),
    ],
)  # fmt: skip
def test_a_file_never_ends_in_what_a_computer_runs(mime: str, expected: str) -> None:
    assert ending(mime) == expected
