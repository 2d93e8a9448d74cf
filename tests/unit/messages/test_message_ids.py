"""Meta's message ids hold phone numbers in base64, and ours look like them."""

import re
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from worlds import meta_id

from integration.domain.messages.message_ids import holds, pieces

PHONE = "+16503879439"
#: of Meta's own samples (docs/reference/whatsapp.md)
GENUINE = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MEM2RUJFNkI0RENGQTVDRjUA"


def test_a_genuine_id_holds_its_number_and_no_other() -> None:
    assert holds(GENUINE, PHONE) and any(piece in GENUINE for piece in pieces(PHONE))
    assert holds(f"firma/optout_confirmation/{GENUINE}", PHONE)
    for other in ("+16503879438", "+1650387943", "+6503879439", "+165038794390"):
        assert not holds(GENUINE, other)


@pytest.mark.parametrize("phone", ["+1650387943", PHONE, "+491713920012", "+4917139200123"])
def test_a_number_is_found_wherever_it_begins_and_whatever_stands_around_it(phone: str) -> None:
    drawn = sha256(phone.encode()).digest().translate(_NO_DIGITS)
    for before in range(7):
        text = b64encode(drawn[:before] + phone[1:].encode() + drawn[before:]).decode()
        assert holds(text, phone) and any(piece in text for piece in pieces(phone)), text
        assert holds(text.rstrip("=").replace("+", "-").replace("/", "_"), phone)


def test_what_is_no_base64_holds_nothing() -> None:
    assert not holds("wamid.x erased.0123 +16503879439", PHONE)


def test_the_tests_ids_have_the_form_of_metas() -> None:
    form = re.compile(rb"\x1c\x18\x0b16503879439\x15\x02\x00\x11\x18\x12[0-9A-F]{18}\x00")
    for id_ in (GENUINE, meta_id(PHONE, "one")):
        assert form.fullmatch(b64decode(id_.removeprefix("wamid."))), id_


_NO_DIGITS = bytes(byte if not 48 <= byte <= 57 else 120 for byte in range(256))
