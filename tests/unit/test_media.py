"""What WhatsApp takes is told from the content alone."""

import io

import pytest
from PIL import Image

from integration.domain.media import MB, Medium, Unfit, as_picture, checked


def picture(form: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form)
    return out.getvalue()


def box(name: bytes, content: bytes = b"") -> bytes:
    return (len(content) + 8).to_bytes(4) + name + content


def video(*codecs: bytes, before: bytes = b"") -> bytes:
    table = b"".join(box(codec, b"\0" * 20) for codec in codecs)
    return box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41") + before + box(b"moov", box(b"trak", table))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (picture(), Medium("image", "image/jpeg")),
        (picture("PNG", "RGBA"), Medium("image", "image/png")),
        (picture("WEBP"), Medium("sticker", "image/webp")),
        (video(b"avc1", b"mp4a"), Medium("video", "video/mp4")),
        (video(b"avc1", before=box(b"mdat", b"hvc1" * 9)), Medium("video", "video/mp4")),
        (b"%PDF-1.7\n%%EOF", Medium("document", "application/pdf")),
        (b"OggS\0\2" + b"\0" * 22 + b"OpusHead" + b"\0" * 30, Medium("audio", "audio/ogg")),
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
        (video(b"avc1") + b"\0" * (40 * MB), "size"),
        (video(b"hvc1", b"mp4a"), "codec"),
        (video(b"avc1", b"Opus"), "codec"),
        (video(), "codec"),
        (box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41"), "codec"),
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
