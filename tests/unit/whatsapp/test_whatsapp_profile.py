"""The business profile at the pretend Meta: read, changed in every part, and its picture."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from pretend_meta import Meta, pretend_meta

from connectors.whatsapp.account import WhatsAppAccount
from integration.domain.errors import Refused
from integration.domain.numbers.numbers import VERTICALS, BusinessProfile
from integration.domain.templates.media import PORTRAIT, Unfit, as_portrait
from integration.web.parts.business_categories import TRADES

PROFILE = BusinessProfile(
    about="Kaffee & Tee",
    address="Hauptstr. 1\n50667 Köln",
    description="Rösterei",
    email="hallo@example.com",
    websites=("https://laden.example", "https://laden.example/impressum"),
    vertical="GROCERY",
)


@pytest.fixture
def meta() -> Iterator[Meta]:
    with pretend_meta() as running:
        yield running


def sign(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, (0, 90, 80, 255)).save(out, "PNG")
    return out.getvalue()


def test_what_is_written_is_what_is_read(meta: Meta) -> None:
    account = WhatsAppAccount(meta.settings())
    account.change_profile(PROFILE)
    assert account.profile() == PROFILE
    account.change_profile(BusinessProfile(email="", websites=()))
    left = account.profile()
    assert (left.about, left.email, left.websites, left.vertical) == ("Kaffee & Tee", "", (), "GROCERY")


def test_a_trade_that_meta_does_not_know_is_refused(meta: Meta) -> None:
    with pytest.raises(Refused):
        WhatsAppAccount(meta.settings()).change_profile(BusinessProfile(vertical="ZIRKUS"))
    assert set(TRADES) == set(VERTICALS)


def test_a_picture_is_uploaded_and_shown(meta: Meta) -> None:
    account = WhatsAppAccount(meta.settings())
    assert not account.profile().pictured
    account.change_picture(as_portrait(sign((900, 200))), "image/jpeg")
    assert account.profile().pictured


def test_a_wide_sign_stands_whole_on_a_white_square() -> None:
    with Image.open(io.BytesIO(as_portrait(sign((900, 200))))) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", (PORTRAIT, PORTRAIT))
        assert drawn.getpixel((PORTRAIT // 2, 5)) == (255, 255, 255)
        assert drawn.getpixel((3, PORTRAIT // 2)) != (255, 255, 255), "nothing of it is cut off"


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", sign((4, 4))[:40]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Unfit):
        as_portrait(content)
