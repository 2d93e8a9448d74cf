"""What else a Shopify shop is asked: vouchers, webhooks, who has bought, and what is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fakeshop import COST, FakeShop, error, graphql
from shopify_kit import SHOP, START, linked, stamp

from connectors.shopify import CONNECTOR
from connectors.shopify.doctor import NEEDED, USEFUL
from connectors.shopify.link import ShopifyLink
from connectors.shopify.settings import ShopifySettings
from connectors.shopify.webhooks import TOPICS
from integration.domain.errors import ShopError, ShopRefused, ShopUnreachable
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import Level, VoucherState, VoucherTerms

NOW = datetime.now(UTC)
BEFORE = stamp(START - timedelta(hours=1))
ADDRESS = "https://bote.example.de/hooks/laden"
TERMS = VoucherTerms("LB-7F3K2Q", NOW + timedelta(days=30), percent=Decimal("12.5"), customer_id="42")


@pytest.fixture
def server() -> Iterator[FakeShop]:
    with FakeShop() as fake:
        yield fake


@pytest.fixture
def link(server: FakeShop) -> Iterator[ShopifyLink]:
    found = linked(server)
    yield found
    found.close()


# vouchers


class Discounts:
    """The shop's discount codes; `title` tells whose a code is."""

    def __init__(self, server: FakeShop) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        server.operations["VoucherCreate"] = self.create
        server.operations["Voucher"] = self.look_up
        server.operations["VoucherDelete"] = self.delete

    def create(self, variables: Any) -> Any:
        terms = variables["terms"]
        if terms["code"] in self.known:
            errors = [{"field": ["code"], "message": "has been taken", "code": "TAKEN"}]
            return {"discountCodeBasicCreate": {"codeDiscountNode": None, "userErrors": errors}}
        self.known[terms["code"]] = {"title": terms["title"], "status": "ACTIVE", "asyncUsageCount": 0}
        return {"discountCodeBasicCreate": {"codeDiscountNode": {"id": "gid://x/1"}, "userErrors": []}}

    def look_up(self, variables: Any) -> Any:
        found = self.known.get(variables["code"])
        node = {"id": f"gid://shopify/DiscountCodeNode/{variables['code']}", "codeDiscount": found}
        return {"codeDiscountNodeByCode": node if found else None}

    def delete(self, variables: Any) -> Any:
        self.known.pop(variables["id"].rpartition("/")[2])
        return {"discountCodeDelete": {"deletedCodeDiscountId": variables["id"], "userErrors": []}}


@pytest.fixture
def discounts(server: FakeShop) -> Discounts:
    return Discounts(server)


def test_a_voucher_is_for_one_person_and_one_use(server: FakeShop, discounts: Discounts, link: ShopifyLink) -> None:
    link.create_voucher(TERMS)
    given = server.asked[-1][1]["terms"]
    assert given["usageLimit"] == 1 and given["appliesOncePerCustomer"] is True
    assert given["context"] == {"customers": {"add": ["gid://shopify/Customer/42"]}}
    assert given["customerGets"]["value"] == {"percentage": 0.125}
    assert given["startsAt"] < NOW.isoformat() < given["endsAt"]


def test_asking_twice_makes_one_voucher(discounts: Discounts, link: ShopifyLink) -> None:
    link.create_voucher(TERMS)
    link.create_voucher(TERMS)
    assert list(discounts.known) == ["LB-7F3K2Q"]


def test_a_code_of_the_shops_own_is_neither_taken_over_nor_removed(discounts: Discounts, link: ShopifyLink) -> None:
    discounts.known[TERMS.code] = {"title": "Sommer", "status": "ACTIVE", "asyncUsageCount": 0}
    with pytest.raises(ShopRefused) as caught:
        link.create_voucher(TERMS)
    assert "TAKEN" in caught.value.explanation.de
    link.delete_voucher(TERMS.code)
    assert discounts.known


def test_an_unclear_outcome_is_looked_up(server: FakeShop, discounts: Discounts, link: ShopifyLink) -> None:
    def made_but_unheard(_name: str, variables: Any) -> Any:
        discounts.create(variables)
        return 502, {}, b""

    server.script.append(made_but_unheard)
    link.create_voucher(TERMS)
    server.script.append(lambda *_: (502, {}, b""))
    with pytest.raises(ShopUnreachable):
        link.create_voucher(VoucherTerms("LB-NEU", NOW, amount=Decimal("5.00"), currency="EUR"))


def test_amount_and_minimum(server: FakeShop, discounts: Discounts, link: ShopifyLink) -> None:
    link.create_voucher(VoucherTerms("LB-5", NOW, amount=Decimal("5.00"), currency="EUR", minimum=Decimal("30.00")))
    given = server.asked[-1][1]["terms"]
    assert given["customerGets"]["value"] == {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}}
    assert given["minimumRequirement"] == {"subtotal": {"greaterThanOrEqualToSubtotal": "30.00"}}
    assert given["context"] == {"all": "ALL"}


def test_redeemed_open_or_gone(discounts: Discounts, link: ShopifyLink) -> None:
    link.create_voucher(TERMS)
    assert link.voucher_state(TERMS.code) is VoucherState.OPEN
    discounts.known[TERMS.code]["asyncUsageCount"] = 1
    assert link.voucher_state(TERMS.code) is VoucherState.REDEEMED
    discounts.known[TERMS.code] |= {"asyncUsageCount": 0, "status": "EXPIRED"}
    assert link.voucher_state(TERMS.code) is VoucherState.GONE
    link.delete_voucher(TERMS.code)
    link.delete_voucher(TERMS.code)
    assert link.voucher_state(TERMS.code) is VoucherState.GONE


# webhooks


class Subscriptions:
    """The shop's webhook subscriptions."""

    def __init__(self, server: FakeShop) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.made = 0
        server.operations["Webhooks"] = self.listed
        server.operations["WebhookCreate"] = self.create
        server.operations["WebhookUpdate"] = self.update

    def listed(self, _: Any) -> Any:
        return {"webhookSubscriptions": {"pageInfo": {"hasNextPage": False}, "nodes": list(self.known.values())}}

    def create(self, variables: Any) -> Any:
        self.made += 1
        id_ = f"gid://shopify/WebhookSubscription/{self.made}"
        self.known[id_] = {"id": id_, "topic": variables["topic"], "includeFields": [], **variables["given"]}
        return {"webhookSubscriptionCreate": {"webhookSubscription": {"id": id_}, "userErrors": []}}

    def update(self, variables: Any) -> Any:
        self.known[variables["id"]] |= variables["given"]
        return {"webhookSubscriptionUpdate": {"webhookSubscription": {}, "userErrors": []}}


@pytest.fixture
def subscriptions(server: FakeShop) -> Subscriptions:
    return Subscriptions(server)


def codes(found: list[Any]) -> list[str]:
    return [finding.code for finding in found]


def test_webhooks_are_made_once(subscriptions: Subscriptions, link: ShopifyLink) -> None:
    assert codes(link.subscribe(ADDRESS, "")) == ["webhook_made"] * len(TOPICS)
    assert {one["topic"] for one in subscriptions.known.values()} == set(TOPICS)
    assert codes(link.subscribe(ADDRESS, "")) == ["webhooks_ok"]


def test_what_shopify_deleted_or_somebody_changed_is_mended(subscriptions: Subscriptions, link: ShopifyLink) -> None:
    link.subscribe(ADDRESS, "")
    first, second, third, *_ = list(subscriptions.known)
    subscriptions.known.pop(first)
    subscriptions.known[second]["uri"] = "https://alt.example.de/hooks/laden"
    subscriptions.known[third]["includeFields"] = ["id"]
    assert sorted(codes(link.subscribe(ADDRESS, ""))) == ["webhook_made", "webhook_mended", "webhook_mended"]
    assert codes(link.subscribe(ADDRESS, "")) == ["webhooks_ok"]


def test_somebody_elses_webhooks_are_left_alone(subscriptions: Subscriptions, link: ShopifyLink) -> None:
    foreign = {"id": "fremd", "topic": "ORDERS_CREATE", "uri": "https://anders.example", "format": "JSON", "name": None}
    subscriptions.known["fremd"] = dict(foreign)
    link.subscribe(ADDRESS, "")
    assert subscriptions.known["fremd"] == foreign


def test_a_topic_without_permission_is_said_and_the_others_are_made(
    server: FakeShop, subscriptions: Subscriptions, link: ShopifyLink
) -> None:
    def refusing(variables: Any) -> Any:
        if variables["topic"] != "PRODUCTS_UPDATE":
            return subscriptions.create(variables)
        return {"webhookSubscriptionCreate": {"userErrors": [{"message": "You cannot subscribe", "field": None}]}}

    server.operations["WebhookCreate"] = refusing
    found = link.subscribe(ADDRESS, "")
    (fault,) = [finding for finding in found if finding.level is Level.FAULT]
    assert "PRODUCTS_UPDATE" in fault.text.de and fault.remedy
    assert len(subscriptions.known) == len(TOPICS) - 1


def test_without_the_secret_or_https_no_webhook_is_made(subscriptions: Subscriptions, server: FakeShop) -> None:
    by_token = linked(server, client_id=None, client_secret=None, access_token="shpat_x")
    assert codes(by_token.subscribe(ADDRESS, "")) == ["webhook_secret_unknown"]
    real = {"name": "L", "domain": "l.myshopify.com", "client_id": "i", "client_secret": "s"}
    open_ = CONNECTOR.link(ShopifySettings.model_validate(real), SHOP, lambda: NOW)
    assert open_ is not None
    assert codes(open_.subscribe("http://bote.example.de/hooks/l", "")) == ["webhooks_need_https"]
    assert not subscriptions.known
    by_token.close()
    open_.close()


# who has bought


def cart(**changes: Any) -> Snapshot:
    facts = {
        "started_at": START.isoformat(),
        "aliases": ["c1", "checkout:5"],
        "customer_id": "42",
        "email": "Anna@example.com",
        "phone": "0171 39200 12",
        "country": "DE",
    }
    return Snapshot("laden", ObjectType.CART, 'to"ken', START, facts | changes)


def bought(id_: int, **changes: Any) -> dict[str, Any]:
    node = {"id": f"gid://shopify/Order/{id_}", "createdAt": stamp(START + timedelta(minutes=5))}
    return node | {"checkoutToken": None, "cartToken": None, "email": None, "customer": None} | changes


@pytest.mark.parametrize(
    ("found", "order_id"),
    [
        ({"byCart": {"nodes": [bought(1, checkoutToken='to"ken')]}}, "1"),
        ({"byCart": {"nodes": [bought(1, cartToken="c1")]}}, "1"),
        ({"byCart": {"nodes": [bought(1, checkoutToken="anders")]}}, ""),
        ({"byCustomer": {"nodes": [bought(2, customer={"id": "gid://shopify/Customer/42"})]}}, "2"),
        ({"byCustomer": {"nodes": [bought(2, customer={"id": "gid://shopify/Customer/43"})]}}, ""),
        ({"byEmail": {"nodes": [bought(3, email="anna@EXAMPLE.com")]}}, "3"),
        ({"byEmail": {"nodes": [bought(3, email="joanna@example.com")]}}, ""),
        (
            {"byEmail": {"nodes": [bought(3, email="anna@example.com", createdAt=stamp(START - timedelta(hours=1)))]}},
            "",
        ),
        ({"byPhone": {"orders": {"nodes": [bought(4)]}}}, "4"),
        ({"byPhone": None, "byEmail": None}, ""),
        ({}, ""),
    ],
)
def test_who_bought_meanwhile(server: FakeShop, link: ShopifyLink, found: Any, order_id: str) -> None:
    server.operations["Bought"] = lambda _: {"byCart": {"nodes": []}, **found}
    assert link.bought_since(cart(), NOW) == order_id


def test_only_what_the_cart_says_is_asked_and_nothing_breaks_out_of_its_quotes(
    server: FakeShop, link: ShopifyLink
) -> None:
    server.operations["Bought"] = lambda _: {"byCart": {"nodes": []}}
    link.bought_since(cart(), NOW)
    asked = server.asked[-1][1]
    assert asked["cart"] == 'checkout_token:"to\\"ken" OR checkout_token:"c1"'
    assert asked["phone"] == {"phoneNumber": "+491713920012"}
    link.bought_since(cart(phone="", email="", customer_id=""), NOW)
    asked = server.asked[-1][1]
    assert not any(asked[name] for name in ("hasPhone", "hasEmail", "hasCustomer"))


def test_a_shop_that_cannot_be_asked_is_never_taken_for_nobody_bought(server: FakeShop, link: ShopifyLink) -> None:
    server.script += [lambda *_: (502, {}, b"")] * 3
    with pytest.raises(ShopError):
        link.bought_since(cart(), NOW)
    for silent in ({}, {"byCart": None}):
        server.operations["Bought"] = lambda _, silent=silent: silent
        with pytest.raises(ShopError):
            link.bought_since(cart(), NOW)
    with pytest.raises(ShopError):
        link.voucher_state("LB-1")


# doctor

SCOPES = [{"handle": scope} for scope in (*NEEDED, *USEFUL)]
PEOPLE = {
    "customers": {"nodes": [{"id": "1", "firstName": "Anna", "defaultPhoneNumber": {"phoneNumber": "+49"}}]},
    "orders": {"nodes": [{"id": "2", "phone": None, "billingAddress": {"phone": "0171"}}]},
}


def installation(**changes: Any) -> dict[str, Any]:
    plan = {"publicDisplayName": "Basic", "partnerDevelopment": False, "shopifyPlus": False}
    whole = {
        "currentAppInstallation": {"accessScopes": SCOPES},
        "shop": {"name": "Laden", "myshopifyDomain": "l.myshopify.com", "plan": plan},
        "webhookSubscriptions": {"nodes": [{"topic": topic, "uri": ADDRESS} for topic in TOPICS]},
    }
    return whole | changes


def examined(server: FakeShop, link: ShopifyLink, people: Any = PEOPLE, **changes: Any) -> dict[str, Any]:
    server.operations["Installation"] = lambda _: installation(**changes)
    server.operations["PeopleReadable"] = lambda _: people
    found = link.diagnose(NOW)
    assert all(finding.text.de and finding.text.en for finding in found)
    assert all(finding.remedy for finding in found if finding.level is Level.FAULT)
    return {finding.code: finding for finding in found}


def test_a_shop_in_order(server: FakeShop, link: ShopifyLink) -> None:
    found = examined(server, link)
    assert {finding.level for finding in found.values()} == {Level.OK}
    assert set(found) == {"connected", "scopes_ok", "version_ok", "phones_ok", "webhooks_ok", "limits"}
    assert "100" in found["limits"].text.en


def test_a_missing_permission_has_its_remedy(server: FakeShop, link: ShopifyLink) -> None:
    have = [{"handle": "read_orders"}, {"handle": "write_customers"}]
    found = examined(server, link, currentAppInstallation={"accessScopes": have})
    assert found["scope_read_products"].level is Level.FAULT
    assert found["scope_write_discounts"].level is Level.HINT
    assert "scope_read_customers" not in found


@pytest.mark.parametrize(
    "people",
    [
        {"customers": {"nodes": [{"id": "1", "firstName": None}]}, "orders": {"nodes": [{"id": "2"}]}},
        {"customers": {"nodes": []}, "orders": {"nodes": [{"id": "2", "phone": ""}]}},
    ],
)
def test_unreadable_people(server: FakeShop, link: ShopifyLink, people: Any) -> None:
    found = examined(server, link, people)
    assert found["phones_unreadable"].level is Level.FAULT
    assert found["names_unreadable"].level is Level.HINT


def test_people_denied(server: FakeShop, link: ShopifyLink) -> None:
    server.operations["Installation"] = lambda _: installation()
    ok = graphql(installation())
    denied = graphql({"customers": None, "orders": {"nodes": [{"id": "2"}]}}, error("ACCESS_DENIED"))
    server.script += [lambda *_: ok, lambda *_: denied]
    assert "phones_unreadable" in codes(link.diagnose(NOW))


def test_a_shop_without_customers_is_not_judged(server: FakeShop, link: ShopifyLink) -> None:
    found = examined(server, link, {"customers": {"nodes": []}, "orders": {"nodes": []}})
    assert found["people_unknown"].level is Level.HINT
    assert "phones_unreadable" not in found


def test_a_version_that_fell_forward(server: FakeShop, link: ShopifyLink) -> None:
    server.script.append(lambda *_: graphql(installation(), cost=COST, version="2027-10"))
    server.operations["PeopleReadable"] = lambda _: PEOPLE
    (found,) = [finding for finding in link.diagnose(NOW) if finding.code == "version_fell_forward"]
    assert "2027-10" in found.text.de and found.remedy


def test_missing_webhooks_and_another_name(server: FakeShop, link: ShopifyLink) -> None:
    other = {"name": "Laden", "myshopifyDomain": "laden-neu.myshopify.com", "plan": None}
    found = examined(server, link, webhookSubscriptions={"nodes": []}, shop=other)
    assert found["webhooks_missing"].level is Level.HINT
    assert "laden-neu.myshopify.com" in found["other_domain"].text.en


@pytest.mark.parametrize("broken", [502, 302, 404])
def test_a_diagnosis_never_raises(server: FakeShop, link: ShopifyLink, broken: int) -> None:
    server.script += [lambda *_: (broken, {"Location": "https://x.example"}, b"")] * 9
    (found,) = link.diagnose(NOW)
    assert found.level is Level.FAULT


def test_a_removed_app_is_said(server: FakeShop, link: ShopifyLink) -> None:
    server.valid = {"none"}
    server.token_error = "app_not_installed"
    (found,) = link.diagnose(NOW)
    assert found.code == "app_not_installed"


@pytest.mark.parametrize("keys", [{}, {"client_id": "i"}, {"client_secret": "s"}])
def test_without_keys_there_is_no_link(keys: dict[str, str]) -> None:
    settings = ShopifySettings.model_validate({"name": "L", "domain": "l.myshopify.com", **keys})
    assert CONNECTOR.link(settings, SHOP, lambda: NOW) is None


@pytest.mark.parametrize("address", ["https://127.0.0.1:1", "http://10.0.0.1", "http://127.0.0.1.example.com"])
def test_another_address_than_the_simulators_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        ShopifySettings.model_validate({"name": "L", "domain": "l.myshopify.com", "base_url": address})
