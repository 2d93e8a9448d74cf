"""Pictures of products are read from where their shop keeps them, and nowhere else."""

import httpx
import pytest

from connectors.pictures import fetch
from connectors.shopify.settings import ShopifySettings
from connectors.woocommerce.settings import WooCommerceSettings
from integration.domain.errors import ShopRefused, ShopUnreachable

PUBLIC, PRIVATE, METADATA = "93.184.216.34", "10.0.0.7", "169.254.169.254"
WOO = WooCommerceSettings(name="Kaffee", url="https://www.kaffee.example", picture_hosts=("cdn.dienst.example",))
SHOPIFY = ShopifySettings(name="Tee", domain="tee.myshopify.com")
URL = "https://www.kaffee.example/wp-content/uploads/espresso.jpg"


def read(
    url: str = URL,
    at: str = PUBLIC,
    answer: httpx.Response | None = None,
    hosts: tuple[str, ...] = WOO.pictures_at,
    most: int = 100,
) -> bytes:
    seen: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return answer or httpx.Response(200, content=b"a picture")

    with httpx.Client(transport=httpx.MockTransport(reply)) as http:
        found = fetch(url, hosts, most, http, lambda host: [at])
    assert seen == [url]
    return found


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        (URL, WOO.pictures_at),
        ("https://kaffee.example/a.jpg", WOO.pictures_at),
        ("https://bilder.kaffee.example/a.jpg", WOO.pictures_at),
        ("https://i2.wp.com/kaffee.example/a.jpg", WOO.pictures_at),
        ("https://cdn.dienst.example/a.jpg", WOO.pictures_at),
        ("https://cdn.shopify.com/s/files/1/a.jpg?v=2", SHOPIFY.pictures_at),
        ("https://tee.myshopify.com/cdn/a.jpg", SHOPIFY.pictures_at),
    ],
)
def test_the_shops_own_places(url: str, hosts: tuple[str, ...]) -> None:
    assert read(url, hosts=hosts) == b"a picture"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a.jpg",
        "https://kaffee.example.evil.example/a.jpg",
        "https://evilkaffee.example/a.jpg",
        "https://kaffee.example@evil.example/a.jpg",
        "https://admin:pass@www.kaffee.example/a.jpg",
        "https://www.kaffee.example:8443/a.jpg",
        "http://www.kaffee.example/a.jpg",
        "http://127.0.0.1/a.jpg",
        "file:///etc/passwd",
        "",
    ],
)
def test_any_other_address_is_not_asked(url: str) -> None:
    with pytest.raises(ShopRefused):
        fetch(url, WOO.pictures_at, 100, httpx.Client(transport=httpx.MockTransport(_never)), lambda host: [PUBLIC])


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError("asked")


@pytest.mark.parametrize("at", [PRIVATE, METADATA, "127.0.0.1", "::1", "fd00::1"])
def test_a_host_that_leads_into_a_private_network_is_not_asked(at: str) -> None:
    with pytest.raises(ShopRefused):
        fetch(URL, WOO.pictures_at, 100, httpx.Client(transport=httpx.MockTransport(_never)), lambda host: [PUBLIC, at])


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(302, headers={"location": f"http://{METADATA}/"}),
        httpx.Response(404),
        httpx.Response(500, content=b"<html>"),
    ],
)
def test_redirects_are_not_followed_and_errors_are_no_pictures(answer: httpx.Response) -> None:
    seen: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return answer if len(seen) == 1 else httpx.Response(200, content=b"a secret")

    with httpx.Client(transport=httpx.MockTransport(reply)) as http, pytest.raises(ShopUnreachable):
        fetch(URL, WOO.pictures_at, 100, http, lambda host: [PUBLIC])
    assert seen == [URL]


def test_no_more_is_read_than_was_asked_for() -> None:
    assert len(read(answer=httpx.Response(200, content=b"x" * 10_000_000), most=100)) == 101


def test_a_simulated_shop_is_asked_on_this_machine_only() -> None:
    local = WooCommerceSettings(name="Demo", url="http://127.0.0.1:8700/woo")
    assert read("http://127.0.0.1:8700/woo/a.jpg", hosts=local.pictures_at) == b"a picture"
    with pytest.raises(ShopRefused):
        read("http://127.0.0.1:9000/a.jpg", hosts=local.pictures_at)
