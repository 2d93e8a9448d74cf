"""The connector against the pretend Shopify, which shares no code with it: every document is really executed."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from admin_shop import Town, town
from shopify_kit import SHOP, numbers, run

from connectors.shopify import history
from connectors.shopify.link import ShopifyLink, link_of
from connectors.shopify.settings import ShopifySettings
from integration.domain.errors import ShopError
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import Level, VoucherState, VoucherTerms
from integration.sandbox.shopify import orders, people, seed
from integration.sandbox.shopify.orders import Basket
from integration.sandbox.shopify.people import Person
from integration.sandbox.shopify.records import Customer, Order
from integration.sandbox.shopify.shop import AdminShop, Fault

HOUR = timedelta(hours=1)


@pytest.fixture
def place() -> Iterator[Town]:
    with town([AdminShop()]) as running:
        yield running


@pytest.fixture
def shop(place: Town) -> AdminShop:
    return place.shops[0]


@pytest.fixture
def link(place: Town, shop: AdminShop) -> Iterator[ShopifyLink]:
    found = linked(place, shop)
    yield found
    found.close()


def linked(place: Town, shop: AdminShop, **changes: str) -> ShopifyLink:
    """A link that does not sleep: the shop's clock moves on instead."""
    given = {"name": "L", "domain": shop.domain, "base_url": place.url()}
    keys = {"client_id": shop.app.client_id, "client_secret": shop.app.secret}
    return link_of(ShopifySettings.model_validate(given | keys | changes), SHOP, shop.now, waiting(place, shop))


def waiting(place: Town, shop: AdminShop) -> Callable[[float], None]:
    return lambda seconds: place.do(lambda: shop.clock.move(timedelta(seconds=seconds)))


def earlier(order: Order) -> None:
    """Long enough ago that its second is over."""
    order.updated -= timedelta(seconds=10)


def read(link: ShopifyLink, stream: str = "orders") -> list[Snapshot]:
    now = datetime.now(UTC)
    return run(link, link.first_cursor(stream, now - HOUR), now, stream)[1]


def test_an_idle_poll_is_one_request_of_few_points(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    place.do(lambda: seed.many(shop, 60, gap=timedelta(seconds=10)))
    place.do(lambda: [earlier(order) for order in shop.orders.values()])
    now = datetime.now(UTC)
    cursor, found = run(link, link.first_cursor("orders", now - HOUR), now)
    assert len(numbers(found)) == 60
    place.do(shop.asked.clear)
    run(link, cursor, now)
    (asked,) = shop.asked
    assert asked.actual is not None and asked.actual <= 60


def test_many_changed_orders_come_exactly_once_as_fast_as_the_points_allow(
    place: Town, shop: AdminShop, link: ShopifyLink
) -> None:
    place.do(lambda: seed.many(shop, 400))
    begun = shop.now()
    assert sorted(numbers(read(link))) == sorted(order.number for order in shop.orders.values())
    needed = max(shop.bucket.spent - shop.plan.bucket, 0) / shop.plan.restore
    assert any(asked.refusal for asked in shop.asked)
    assert (shop.now() - begun).total_seconds() <= 1.2 * needed + 10


def test_a_token_that_ends_in_the_middle_is_renewed(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    place.do(lambda: seed.many(shop, 70))
    now = datetime.now(UTC)
    first = link.page("orders", link.first_cursor("orders", now - HOUR), now)
    place.do(shop.tokens.revoke)
    _, rest = run(link, first.cursor, now)
    assert len(set(numbers([*first.snapshots, *rest]))) == 70


@pytest.mark.parametrize("privacy", ["null", "denied"])
def test_a_shop_that_shows_nobody(place: Town, shop: AdminShop, link: ShopifyLink, privacy: str) -> None:
    place.do(lambda: seed.many(shop, 3))
    shop.switches.privacy = privacy  # type: ignore[assignment]
    found = read(link)
    assert len(numbers(found)) == 3
    assert all(one.facts["phone"] == "" for one in found if one.object_type is ObjectType.ORDER)
    assert "phones_unreadable" in {one.code for one in link.diagnose(datetime.now(UTC))}


def test_a_missing_scope_is_named(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    shop.app.scopes.remove("read_products")
    with pytest.raises(ShopError) as caught:
        read(link, "products")
    assert caught.value.code == "missing_scope"
    (fault,) = [one for one in link.diagnose(datetime.now(UTC)) if one.level is Level.FAULT]
    assert fault.code == "scope_read_products" and fault.remedy


def test_a_version_that_has_ended(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    shop.versions = ("2027-01",)
    assert "version_fell_forward" in {one.code for one in link.diagnose(datetime.now(UTC))}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("html", status=503), ""),
        (Fault("garbage"), ""),
        (Fault("reset"), ""),
        (Fault("status", status=429, retry_after="3"), "throttled"),
        (Fault("redirect", location="https://anderswo.example/x"), "redirected"),
    ],
)
def test_a_shop_that_breaks(place: Town, shop: AdminShop, link: ShopifyLink, fault: Fault, code: str) -> None:
    place.do(lambda: seed.many(shop, 2))
    shop.faults.append(fault)
    if not code:
        assert len(numbers(read(link))) == 2
        return
    with pytest.raises(ShopError) as caught:
        read(link)
    assert caught.value.code == code
    assert len(numbers(read(link))) == 2


def test_a_wrong_secret(place: Town, shop: AdminShop) -> None:
    wrong = linked(place, shop, client_secret="geheim-falsch")
    with pytest.raises(ShopError) as caught:
        read(wrong)
    assert caught.value.code == "wrong_key"
    assert "geheim" not in str(caught.value)
    wrong.close()


def test_a_parcels_whole_way(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    def sent() -> None:
        anna = people.join(shop, Person())
        order = orders.place(shop, anna, Basket())
        parcel = orders.pack(shop, order)
        orders.report(shop, order, parcel, "OUT_FOR_DELIVERY")
        orders.report(shop, order, parcel, "DELIVERED")

    place.do(sent)
    (parcel,) = [one for one in read(link) if one.object_type is ObjectType.SHIPMENT]
    assert parcel.facts["out_for_delivery_at"] and parcel.facts["delivered_at"]


@pytest.mark.parametrize("permitted", [True, False])
def test_an_order_laid_out_at_the_counter(place: Town, shop: AdminShop, link: ShopifyLink, permitted: bool) -> None:
    if not permitted:
        shop.app.scopes.remove("read_merchant_managed_fulfillment_orders")

    def laid_out() -> None:
        orders.place(shop, people.join(shop, Person()), Basket(pickup=True))
        orders.make_ready(shop, orders.place(shop, people.join(shop, Person()), Basket(pickup=True)))

    place.do(laid_out)
    waiting, ready = (one for one in read(link) if one.object_type is ObjectType.ORDER)
    assert waiting.facts["ready_for_pickup_at"] is None
    assert bool(ready.facts["ready_for_pickup_at"]) is permitted


def test_without_the_scope_for_orders_none_is_skipped(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    place.do(lambda: seed.many(shop, 3))
    now = datetime.now(UTC)
    cursor = link.first_cursor("orders", now - HOUR)
    shop.app.scopes.remove("read_orders")
    with pytest.raises(ShopError):
        link.page("orders", cursor, now)
    shop.app.scopes.append("read_orders")
    assert len(numbers(run(link, cursor, now)[1])) == 3


def test_carts_customers_and_products_are_executed(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    place.do(lambda: people.join(shop, Person()))
    assert [one.object_type for one in read(link, "customers")] == [ObjectType.CUSTOMER]
    assert {one.object_type for one in read(link, "products")} == {ObjectType.PRODUCT}
    assert read(link, "carts") == []


def test_the_history_as_one_file(
    place: Town, shop: AdminShop, link: ShopifyLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "LARGE", 10)
    monkeypatch.setattr(history, "STEP", 20)
    place.do(lambda: seed.many(shop, 50))
    now = datetime.now(UTC)
    cursor, found = link.first_cursor("history", now - timedelta(days=30) + timedelta(minutes=1)), list[Snapshot]()
    while cursor != history.DONE:
        page = link.page("history", cursor, now)
        cursor, found = page.cursor, [*found, *page.snapshots]
    assert len(set(numbers(found))) == 50
    assert all(one.facts["items"] for one in found)


def test_vouchers(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    terms = VoucherTerms("LB-7F3K2Q", datetime.now(UTC) + HOUR, percent=Decimal(10))
    link.create_voucher(terms)
    link.create_voucher(terms)
    assert len(shop.discounts) == 1
    assert link.voucher_state(terms.code) is VoucherState.OPEN
    link.delete_voucher(terms.code)
    assert link.voucher_state(terms.code) is VoucherState.GONE


def test_webhooks(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    address = "https://bote.example.de/hooks/laden"
    assert {one.code for one in link.subscribe(address, "")} == {"webhook_made"}
    assert [one.code for one in link.subscribe(address, "")] == ["webhooks_ok"]
    place.do(lambda: shop.subscriptions.pop(next(iter(shop.subscriptions))))
    assert [one.code for one in link.subscribe(address, "")] == ["webhook_made"]
    assert not [one for one in link.diagnose(datetime.now(UTC)) if one.level is Level.FAULT]


def test_who_has_bought(place: Town, shop: AdminShop, link: ShopifyLink) -> None:
    def bought() -> Snapshot:
        anna = people.join(shop, Person())
        order = orders.place(shop, anna, Basket())
        facts = {"aliases": [], "customer_id": "", "email": "", "phone": "", "country": "DE"}
        started = (shop.now() - HOUR).isoformat()
        token = order.checkout_token
        return Snapshot("laden", ObjectType.CART, token, shop.now(), facts | {"started_at": started})

    cart = place.do(bought)
    (order_id,) = map(str, shop.orders)
    now = datetime.now(UTC)
    assert link.bought_since(cart, now) == order_id
    (customer,) = map(str, shop.customers)
    nobody = Snapshot("laden", ObjectType.CART, "anders", cart.version, cart.facts)
    assert link.bought_since(nobody, now) == ""
    by_customer = Snapshot("laden", ObjectType.CART, "anders", cart.version, {**cart.facts, "customer_id": customer})
    assert link.bought_since(by_customer, now) == order_id


@pytest.fixture
def anna(place: Town, shop: AdminShop) -> Customer:
    return place.do(lambda: people.join(shop, Person(phone="+491713920012")))


def test_our_consent_is_shown_and_does_not_come_back_as_news(
    place: Town, shop: AdminShop, link: ShopifyLink, anna: Customer
) -> None:
    at = datetime.now(UTC).replace(microsecond=0) - HOUR
    assert link.show_consent(str(anna.id), "+491713920012", True, at)
    assert (anna.whatsapp.state, anna.whatsapp.level) == ("SUBSCRIBED", "CONFIRMED_OPT_IN")
    assert [one.facts["consent"] for one in read(link, "customers")] == [None]
    assert link.show_consent(str(anna.id), "+491713920012", False, at + HOUR / 2)
    assert anna.whatsapp.state == "UNSUBSCRIBED"
    assert [one.facts["consent"] for one in read(link, "customers")] == [None]
    place.do(lambda: shop.clock.move(HOUR))
    place.do(lambda: people.agree(shop, anna))
    (again,) = read(link, "customers")
    assert again.facts["consent"]["granted"] is True


def test_a_consent_is_never_shown_for_another_number(shop: AdminShop, link: ShopifyLink, anna: Customer) -> None:
    assert not link.show_consent(str(anna.id), "+491713920099", True, datetime.now(UTC))
    assert not link.show_consent("5", "+491713920012", True, datetime.now(UTC))
    assert anna.whatsapp.state == "NEVER_SUBSCRIBED"


def test_who_never_subscribed_is_not_unsubscribed(shop: AdminShop, link: ShopifyLink, anna: Customer) -> None:
    assert link.show_consent(str(anna.id), "+491713920012", False, datetime.now(UTC))
    assert anna.whatsapp.state == "NEVER_SUBSCRIBED"


def test_showing_twice_writes_once(place: Town, shop: AdminShop, link: ShopifyLink, anna: Customer) -> None:
    at = datetime.now(UTC) - HOUR
    link.show_consent(str(anna.id), "+491713920012", True, at)
    place.do(shop.asked.clear)
    link.show_consent(str(anna.id), "+491713920012", True, at)
    assert [one.operation for one in shop.asked] == ["query CustomerDetails"]


def test_without_the_scope_to_write_it_is_said(shop: AdminShop, link: ShopifyLink, anna: Customer) -> None:
    shop.app.scopes.remove("write_customers")
    with pytest.raises(ShopError) as caught:
        link.show_consent(str(anna.id), "+491713920012", True, datetime.now(UTC))
    assert caught.value.code == "missing_scope"
