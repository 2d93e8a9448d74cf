"""Pairing codes: what is one, and for which shop."""

import base64
import json

import pytest

from connectors.woocommerce.pairing import PairingFailed, read_code

SHOP = "https://www.example.de"


def code(u: object = f"{SHOP}/wp-json/ladenbote/v1", c: object = "5f3a", **more: object) -> str:
    coded = base64.urlsafe_b64encode(json.dumps({"u": u, "c": c} | more).encode()).decode().rstrip("=")
    return f"lb1-{coded}"


def test_a_code_names_the_address_and_the_word() -> None:
    found = read_code(code(), SHOP)
    assert (found.url, found.word) == (f"{SHOP}/wp-json/ladenbote/v1", "5f3a")
    assert "5f3a" not in repr(found)


def test_line_breaks_and_spaces_of_copying_do_not_matter() -> None:
    whole = code()
    assert read_code(f"  {whole[:20]}\n {whole[20:]} ", SHOP) == read_code(whole, SHOP)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lb1-",
        "lb1-!!!!",
        "lb1-e30",
        "lb2-" + code()[4:],
        code()[4:],
        code()[:-5],
        code(u=5),
        code(c=None),
        code(u=""),
        code(u="javascript:alert(1)"),
        "ä€",
        "lb1-" + base64.urlsafe_b64encode(b"[1]").decode(),
        "lb1-" + base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_what_is_no_code(text: str) -> None:
    with pytest.raises(PairingFailed, match="lb1-"):
        read_code(text, SHOP)


@pytest.mark.parametrize("shop", ["https://example.de", "https://WWW.example.de/laden", "https://www.example.de:8443"])
def test_the_same_host_however_it_is_written(shop: str) -> None:
    assert read_code(code(), shop).word == "5f3a"


@pytest.mark.parametrize(
    "shop", ["https://www.example.com", "https://example.de.evil.example", "https://shop.example.de"]
)
def test_another_shops_code_is_refused(shop: str) -> None:
    with pytest.raises(PairingFailed, match=r"comes from www\.example\.de"):
        read_code(code(), shop)


def test_http_is_refused_where_the_shop_has_https() -> None:
    plain = code(u="http://www.example.de/?rest_route=/ladenbote/v1")
    with pytest.raises(PairingFailed, match="https"):
        read_code(plain, SHOP)
    assert read_code(plain, "http://www.example.de").url.startswith("http://")
    with pytest.raises(PairingFailed, match="https"):
        read_code(code(u="ftp://www.example.de/x"), "http://www.example.de")
