"""The link of a reminder: it leads into the cart as it was left, with the voucher, and says whose visitor this is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from woo_links import linked, whole

from connectors.registry import CONNECTORS
from integration.domain.shops.ports import VoucherTerms
from integration.sandbox.woocommerce.loopback import LoopbackShop, woo_shop

#: what Shopify and the companion plugin make; both sign it, so nothing of it may change
RECOVERIES = {
    "shopify": ("https://teeladen.example/checkouts/ac/TOKEN/recover?key=c0ffee", "discount"),
    "woocommerce": ("https://kaffeeladen.example/?ladenbote_cart=c2lnbmVk.c0ffee", "ladenbote_voucher"),
}


@pytest.fixture
def shop() -> Iterator[LoopbackShop]:
    with woo_shop() as found:
        yield found


def test_a_draft_of_woocommerce_comes_back_with_its_voucher(shop: LoopbackShop) -> None:
    """Followed, not only read: the shop fills the cart and takes the coupon."""
    link, connector = linked(shop), CONNECTORS["woocommerce"]
    shop.do(shop.shop.open_cart, "anna", [(0, 2), (1, 1)])
    (cart,), _ = whole(link, "carts")
    link.create_voucher(VoucherTerms("LB-7F3K2Q", datetime.now(UTC) + timedelta(days=7), amount=Decimal(5)))
    answer = httpx.get(connector.way_back(cart.facts["recovery_url"], "LB-7F3K2Q"), trust_env=False, timeout=60)
    assert answer.headers["X-Sandbox-Cart"] == "11:2,12:1"
    assert answer.headers["X-Sandbox-Coupon"] == "lb-7f3k2q%205.00"
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["utm_source"] == ["ladenbote"]


@pytest.mark.parametrize("platform", RECOVERIES)
@pytest.mark.parametrize("voucher", ["", "LB-7F3K2Q"])
def test_what_the_shop_signed_stays_as_it_is(platform: str, voucher: str) -> None:
    url, name = RECOVERIES[platform]
    before, after = urlsplit(url), urlsplit(CONNECTORS[platform].way_back(url, voucher))
    assert after[:3] == before[:3]
    query = parse_qs(after.query)
    assert query.items() >= parse_qs(before.query).items()
    assert query.get(name, [""]) == [voucher]
    assert query["utm_source"] == ["ladenbote"]
