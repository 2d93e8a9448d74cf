"""The pretend Shopify's Admin API: tokens, points, pages, search, scopes and mutations, as Shopify behaves."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from admin_shop import Town, town

from integration.sandbox.shopify import orders, people, seed
from integration.sandbox.shopify.engine import Engine, Request
from integration.sandbox.shopify.orders import Basket
from integration.sandbox.shopify.people import Person
from integration.sandbox.shopify.records import Money, Tracking
from integration.sandbox.shopify.shop import AdminShop, Fault, Plan

LIGHT = """
query Light($first: Int!, $after: String, $query: String!, $reverse: Boolean) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT, reverse: $reverse) {
    pageInfo { hasNextPage endCursor }
    nodes { id name updatedAt customer { id } }
  }
}
"""


def ask(shop: AdminShop, text: str, /, **variables: Any) -> dict[str, Any]:
    """Straight at the engine, without HTTP."""
    return Engine().answer(shop, Request(text, variables))


def data(shop: AdminShop, text: str, /, **variables: Any) -> Any:
    answer = ask(shop, text, **variables)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


def rich() -> AdminShop:
    """A shop that does not run out of points."""
    return AdminShop(plan=Plan(bucket=10**9))


def searched(shop: AdminShop, query: str, version: str = "2026-10") -> list[str]:
    asked = Request(LIGHT, {"first": 250, "query": query}, version=version)
    nodes = Engine().answer(shop, asked)["data"]["orders"]["nodes"]
    return [node["name"] for node in nodes]


def dated(*moments: str) -> AdminShop:
    shop = rich()
    for moment in moments:
        orders.new_order(shop, None, Basket()).updated = datetime.fromisoformat(moment)
    return shop


# ---- search ----


def test_a_quoted_date_counts_by_the_second() -> None:
    shop = dated("2026-11-23T08:59:59.900+00:00", "2026-11-23T09:00:00.500+00:00", "2026-11-23T09:00:01.100+00:00")
    assert searched(shop, "updated_at:>='2026-11-23T09:00:00Z'") == ["#1002", "#1003"]
    assert searched(shop, "updated_at:<'2026-11-23T09:00:00Z'") == ["#1001"]
    assert searched(shop, "updated_at:'2026-11-23T09:00:00Z'") == ["#1002"]
    assert searched(shop, "updated_at:>='2026-11-23T10:00:00+01:00'") == ["#1002", "#1003"]


def test_the_time_of_an_unquoted_date_is_ignored() -> None:
    shop = dated("2026-11-22T23:59:59+00:00", "2026-11-23T08:00:00+00:00", "2026-11-23T20:00:00+00:00")
    assert searched(shop, "updated_at:>=2026-11-23T19:00:00Z") == ["#1002", "#1003"]
    assert searched(shop, "updated_at:>2026-11-23T19:00:00Z") == []


def test_an_exclusive_comparison_drops_the_whole_second_since_2026_10() -> None:
    shop = dated("2026-11-23T09:00:00.500+00:00", "2026-11-23T09:00:01+00:00")
    query = "updated_at:>'2026-11-23T09:00:00Z'"
    assert searched(shop, query) == ["#1002"]
    assert searched(shop, query, "2026-07") == ["#1001", "#1002"]


def test_a_customers_day_matches_whole() -> None:
    shop = rich()
    for hour in (1, 13):
        people.join(shop, Person(email=f"{hour}@example.com")).updated = datetime(2026, 11, 23, hour, tzinfo=UTC)
    query = "query Q($q: String) { customers(first: 9, query: $q) { nodes { id } } }"
    assert len(data(shop, query, q="updated_at:>='2026-11-23T12:00:00Z'")["customers"]["nodes"]) == 2
    assert data(shop, query, q="updated_at:>'2026-11-23T12:00:00Z'")["customers"]["nodes"] == []


def test_terms_are_joined_inverted_and_bracketed() -> None:
    shop = rich()
    anna = people.join(shop, Person())
    orders.place(shop, anna, Basket(test=True))
    orders.place(shop, anna, Basket(paid=False))
    orders.place(shop, None, Basket(source="pos"))
    assert searched(shop, f"customer_id:{anna.id}") == ["#1001", "#1002"]
    assert searched(shop, f"customer_id:{anna.id} AND -test:true") == ["#1002"]
    assert searched(shop, "NOT financial_status:paid") == ["#1002"]
    assert searched(shop, "(name:'#1001' OR name:'#1003') source_name:pos") == ["#1003"]
    token = next(iter(shop.orders.values())).checkout_token
    assert searched(shop, f"checkout_token:{token}") == ["#1001"]


def test_what_cannot_be_understood_filters_nothing_and_is_warned_about() -> None:
    shop = dated("2026-11-23T09:00:00+00:00")
    answer = ask(shop, LIGHT, first=5, query="whatsapp:yes updated_at:>='gestern'")
    assert len(answer["data"]["orders"]["nodes"]) == 1
    (warned,) = answer["extensions"]["search"]
    assert [row["field"] for row in warned["warnings"]] == ["whatsapp", "updated_at"]


# ---- pages ----


def test_pages_bring_everything_once_though_orders_move() -> None:
    shop = rich()
    seed.many(shop, 25)
    seen: list[str] = []
    after = None
    while True:
        page = data(shop, LIGHT, first=10, after=after, query="")["orders"]
        seen += [node["name"] for node in page["nodes"]]
        orders.cancel(shop, next(iter(shop.orders.values())))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    # the one that was cancelled on the way has moved to the end, and comes again
    assert seen == [f"#{1001 + n}" for n in range(25)] + ["#1001"]


def test_pages_run_backwards_and_in_reverse() -> None:
    shop = rich()
    seed.many(shop, 5)
    page = data(shop, LIGHT, first=2, query="", reverse=True)["orders"]
    assert [node["name"] for node in page["nodes"]] == ["#1005", "#1004"]
    page = data(shop, LIGHT, first=9, query="", reverse=True, after=page["pageInfo"]["endCursor"])["orders"]
    assert [node["name"] for node in page["nodes"]] == ["#1003", "#1002", "#1001"]
    last = data(shop, "{ orders(last: 2, sortKey: ID) { nodes { name } pageInfo { hasPreviousPage } } }")["orders"]
    assert [node["name"] for node in last["nodes"]] == ["#1004", "#1005"]
    assert last["pageInfo"]["hasPreviousPage"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "you must provide one of first or last"),
        ("first: 251", "first cannot exceed 250"),
        ('first: 1, after: "garbage"', "Invalid cursor"),
        ('first: 1, after: "CURSOR"', "Invalid cursor for current pagination sort"),
    ],
)
def test_senseless_pages_are_refused(arguments: str, says: str) -> None:
    shop = rich()
    seed.many(shop, 2)
    cursor = data(shop, LIGHT, first=1, query="")["orders"]["pageInfo"]["endCursor"]
    answer = ask(shop, f"{{ orders({arguments}) {{ nodes {{ id }} }} }}".replace("CURSOR", cursor).replace("()", ""))
    assert says in answer["errors"][0]["message"]
    assert answer["data"] is None


# ---- points ----


def test_points_are_asked_for_and_given_back() -> None:
    shop = AdminShop()
    seed.many(shop, 3)
    cost = ask(shop, LIGHT, first=50, query="")["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (102, 8)
    points = cost["throttleStatus"]
    assert (points["maximumAvailable"], points["restoreRate"]) == (2000, 100)
    assert 1992 <= points["currentlyAvailable"] < 2000, "they flow back by the moment"


def test_a_greedy_query_is_refused_every_time() -> None:
    shop = AdminShop()
    query = "{ orders(first: 10) { nodes { id lineItems(first: 100) { nodes { id } } } } }"
    answer = ask(shop, query)
    assert codes(answer) == ["MAX_COST_EXCEEDED"]
    assert answer["errors"][0]["extensions"]["cost"] == 1032
    assert "data" not in answer
    assert shop.bucket.available() == 2000


def test_an_empty_bucket_throttles_until_it_has_filled() -> None:
    shop = AdminShop(plan=Plan(bucket=150, restore=50))
    seed.many(shop, 50)
    assert "data" in ask(shop, LIGHT, first=50, query="")
    answer = ask(shop, LIGHT, first=50, query="")
    assert codes(answer) == ["THROTTLED"]
    cost = answer["extensions"]["cost"]
    assert cost["actualQueryCost"] is None
    wait = (cost["requestedQueryCost"] - cost["throttleStatus"]["currentlyAvailable"]) / 50
    shop.clock.move(timedelta(seconds=wait))
    assert "data" in ask(shop, LIGHT, first=50, query="")


# ---- scopes and privacy ----

PERSON = "{ orders(first: 1) { nodes { id email customer { id firstName defaultPhoneNumber { phoneNumber } } } } }"


def one_order() -> AdminShop:
    shop = rich()
    orders.place(shop, people.join(shop, Person()))
    return shop


def test_a_missing_scope_denies_the_type_and_nothing_else() -> None:
    shop = one_order()
    shop.app.scopes.remove("read_customers")
    answer = ask(shop, PERSON)
    assert codes(answer) == ["ACCESS_DENIED"]
    assert answer["errors"][0]["path"] == ["orders", "nodes", 0, "customer"]
    assert answer["data"]["orders"]["nodes"][0]["customer"] is None
    shop.app.scopes.remove("read_orders")
    assert ask(shop, PERSON)["data"] is None


def test_protected_customer_data_are_null_or_denied() -> None:
    shop = one_order()
    shop.switches.privacy = "null"
    node = data(shop, PERSON)["orders"]["nodes"][0]
    assert (node["email"], node["customer"]["firstName"], node["customer"]["defaultPhoneNumber"]) == (None,) * 3
    shop.switches.privacy = "denied"
    assert codes(ask(shop, PERSON)) == ["ACCESS_DENIED"] * 3


# ---- what orders look like ----


def test_an_order_through_its_life() -> None:
    shop = one_order()
    (order,) = shop.orders.values()
    query = """{ orders(first: 1) { nodes { displayFinancialStatus displayFulfillmentStatus cancelledAt
      fulfillments(first: 5) { displayStatus deliveredAt trackingInfo(first: 3) { company number }
        events(first: 5) { nodes { status } } }
      fulfillmentOrders(first: 1) { nodes { status lineItems(first: 5) { nodes { remainingQuantity } } } }
      refunds(first: 5) { totalRefundedSet { shopMoney { amount } } } } } }"""

    def now() -> Any:
        return data(shop, query)["orders"]["nodes"][0]

    assert (now()["displayFinancialStatus"], now()["displayFulfillmentStatus"]) == ("PAID", "UNFULFILLED")
    parcel = orders.pack(shop, order, part=[(0, 2)])
    assert now()["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"
    assert now()["fulfillments"][0]["trackingInfo"] == []
    orders.track(shop, order, parcel, [Tracking(None, "A1", None), Tracking("DHL", "A2", "https://dhl.example/A2")])
    orders.report(shop, order, parcel, "OUT_FOR_DELIVERY")
    orders.report(shop, order, parcel, "DELIVERED")
    shown = now()["fulfillments"][0]
    assert [row["company"] for row in shown["trackingInfo"]] == [None, "DHL"]
    assert (shown["displayStatus"], bool(shown["deliveredAt"])) == ("DELIVERED", True)
    assert [row["remainingQuantity"] for row in now()["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"]] == [0, 1]
    orders.pack(shop, order)
    assert now()["displayFulfillmentStatus"] == "FULFILLED"
    assert now()["fulfillmentOrders"]["nodes"][0]["status"] == "CLOSED"
    orders.refund(shop, order, Decimal("5.00"))
    assert now()["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert now()["refunds"][0]["totalRefundedSet"]["shopMoney"]["amount"] == "5.0"
    orders.refund(shop, order)
    orders.cancel(shop, order)
    assert (now()["displayFinancialStatus"], bool(now()["cancelledAt"])) == ("REFUNDED", True)


def test_two_currencies_a_till_and_a_counter() -> None:
    shop = rich()
    order = orders.place(shop, None, Basket(money=Money("EUR", "CHF", Decimal("0.95")), source="pos", pickup=True))
    query = """{ orders(first: 1) { nodes { customer { id } sourceName shippingAddress { city }
      totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
      fulfillmentOrders(first: 1) { nodes { status deliveryMethod { methodType } } } } } }"""
    node = data(shop, query)["orders"]["nodes"][0]
    assert node["totalPriceSet"] == {
        "shopMoney": {"amount": "24.3", "currencyCode": "EUR"},
        "presentmentMoney": {"amount": "23.08", "currencyCode": "CHF"},
    }
    assert (node["customer"], node["sourceName"], node["shippingAddress"]) == (None, "pos", None)
    assert node["fulfillmentOrders"]["nodes"][0] == {"status": "OPEN", "deliveryMethod": {"methodType": "PICK_UP"}}
    orders.make_ready(shop, order)
    ready = data(shop, query)["orders"]["nodes"][0]["fulfillmentOrders"]["nodes"][0]
    assert ready["status"] == "IN_PROGRESS"


def test_a_checkout_is_abandoned_and_completed_elsewhere() -> None:
    shop = rich()
    checkout = people.start_checkout(shop, people.join(shop, Person()))
    query = "{ abandonedCheckouts(first: 5, sortKey: CREATED_AT) { nodes { completedAt abandonedCheckoutUrl } } }"
    (node,) = data(shop, query)["abandonedCheckouts"]["nodes"]
    assert node["completedAt"] is None
    assert checkout.token in node["abandonedCheckoutUrl"]
    people.buy(shop, checkout)
    assert data(shop, query)["abandonedCheckouts"]["nodes"][0]["completedAt"]
    assert searched(shop, f"checkout_token:{checkout.token}") == ["#1001"]


def test_merging_and_erasing_customers() -> None:
    shop = rich()
    kept, gone = people.join(shop, Person()), people.join(shop, Person("Ben", email="ben@example.com"))
    order = orders.place(shop, gone)
    people.merge(shop, kept, gone)
    assert order.customer is kept
    assert data(shop, "query Q($id: ID!) { customer(id: $id) { id } }", id=f"gid://shopify/Customer/{gone.id}") == {
        "customer": None
    }
    people.redact(shop, kept)
    node = data(shop, PERSON)["orders"]["nodes"][0]
    assert (node["email"], node["customer"]["firstName"], node["customer"]["defaultPhoneNumber"]) == (None,) * 3


# ---- mutations ----

VOUCHER = """mutation V($d: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $d) {
  codeDiscountNode { id codeDiscount { ... on DiscountCodeBasic { status usageLimit } } }
  userErrors { field code message } } }"""
LOOKED_UP = """query L($c: String!) { codeDiscountNodeByCode(code: $c) { id codeDiscount {
  ... on DiscountCodeBasic { status asyncUsageCount } } } }"""


def terms(**more: Any) -> dict[str, Any]:
    return {
        "title": "Danke", "code": "DANKE-7F3K", "startsAt": "2026-11-01T00:00:00Z", "usageLimit": 1,
        "customerGets": {"value": {"percentage": 0.1}, "items": {"all": True}}, **more,
    }  # fmt: skip


def test_a_voucher_is_made_once_found_in_any_case_redeemed_and_removed() -> None:
    shop = rich()
    made = data(shop, VOUCHER, d=terms())["discountCodeBasicCreate"]["codeDiscountNode"]
    assert made["codeDiscount"] == {"status": "ACTIVE", "usageLimit": 1}
    again = data(shop, VOUCHER, d=terms(code="danke-7f3k"))["discountCodeBasicCreate"]
    assert [error["code"] for error in again["userErrors"]] == ["TAKEN"]
    orders.place(shop, None, Basket(codes=("danke-7F3K",)))
    found = data(shop, LOOKED_UP, c="Danke-7f3k")["codeDiscountNodeByCode"]
    assert (found["id"], found["codeDiscount"]["asyncUsageCount"]) == (made["id"], 1)
    off = "mutation O($id: ID!) { discountCodeDeactivate(id: $id) { userErrors { code } } }"
    data(shop, off, id=made["id"])
    assert data(shop, LOOKED_UP, c="DANKE-7F3K")["codeDiscountNodeByCode"]["codeDiscount"]["status"] == "EXPIRED"
    remove = "mutation R($id: ID!) { discountCodeDelete(id: $id) { deletedCodeDiscountId userErrors { code } } }"
    assert data(shop, remove, id=made["id"])["discountCodeDelete"]["deletedCodeDiscountId"] == made["id"]
    assert data(shop, LOOKED_UP, c="DANKE-7F3K") == {"codeDiscountNodeByCode": None}
    assert data(shop, remove, id=made["id"])["discountCodeDelete"]["userErrors"] == [{"code": "INVALID"}]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"code": ""}, "BLANK"),
        ({"endsAt": "2026-10-01T00:00:00Z"}, "END_DATE_BEFORE_START_DATE"),
        ({"customerGets": {"value": {"percentage": 10.0}, "items": {"all": True}}}, "VALUE_OUTSIDE_RANGE"),
        ({"context": {"customers": {"add": ["gid://shopify/Customer/1"]}}}, "INVALID"),
    ],
)
def test_a_wrong_voucher_is_a_user_error(wrong: dict[str, Any], code: str) -> None:
    made = data(rich(), VOUCHER, d=terms(**wrong))["discountCodeBasicCreate"]
    assert made["codeDiscountNode"] is None
    assert [error["code"] for error in made["userErrors"]] == [code]


def test_consent_belongs_to_the_default_phone() -> None:
    shop = rich()
    anna, ben = people.join(shop, Person()), people.join(shop, Person("Ben", phone=None))
    query = """mutation C($input: CustomerWhatsAppMarketingConsentUpdateInput!) {
      customerWhatsAppMarketingConsentUpdate(input: $input) {
        customerPhoneNumber { phoneNumber whatsAppMarketingConsent { state optInLevel } } userErrors { code } } }"""

    def agree(customer: Any) -> Any:
        given = {"state": "SUBSCRIBED", "optInLevel": "CONFIRMED_OPT_IN", "updatedAt": "2026-11-01T00:00:00Z"}
        who = {"customerId": f"gid://shopify/Customer/{customer.id}", "whatsAppMarketingConsent": given}
        return data(shop, query, input=who)["customerWhatsAppMarketingConsentUpdate"]

    assert agree(anna)["customerPhoneNumber"] == {
        "phoneNumber": "+491713920011",
        "whatsAppMarketingConsent": {"state": "SUBSCRIBED", "optInLevel": "CONFIRMED_OPT_IN"},
    }
    assert agree(ben) == {"customerPhoneNumber": None, "userErrors": [{"code": "MISSING_ARGUMENT"}]}
    people.change_phone(shop, anna, "+491713920099")
    assert anna.whatsapp.state == "NEVER_SUBSCRIBED"


def test_a_metafield_is_only_written_over_what_was_read() -> None:
    shop = rich()
    owner = f"gid://shopify/Customer/{people.join(shop, Person()).id}"
    query = """mutation M($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
      metafields { value compareDigest } userErrors { code elementIndex } } }"""

    def write(value: str, **more: Any) -> Any:
        row = {"ownerId": owner, "namespace": "ladenbote", "key": "consent", "type": "json", "value": value, **more}
        return data(shop, query, m=[row])["metafieldsSet"]

    digest = write('{"a":1}', compareDigest=None)["metafields"][0]["compareDigest"]
    assert write('{"a":2}', compareDigest=None)["userErrors"] == [{"code": "STALE_OBJECT", "elementIndex": 0}]
    assert write('{"a":2}', compareDigest=digest)["metafields"][0]["value"] == '{"a":2}'
    assert write('{"a":3}', compareDigest=digest)["userErrors"][0]["code"] == "STALE_OBJECT"
    assert write("{")["userErrors"][0]["code"] == "INVALID_VALUE"


def test_bulk_operations_run_and_leave_a_file() -> None:
    shop = rich()
    seed.many(shop, 3)
    shop.switches.bulk_seconds = 60
    run = """mutation B($q: String!) { bulkOperationRunQuery(query: $q) {
      bulkOperation { id status } userErrors { code } } }"""
    query = "{ orders { edges { node { id lineItems { edges { node { id sku } } } } } } }"
    made = data(shop, run, q=query)["bulkOperationRunQuery"]["bulkOperation"]
    assert made["status"] == "RUNNING"
    state = "query S($id: ID!) { bulkOperation(id: $id) { status url objectCount fileSize } }"
    assert data(shop, state, id=made["id"])["bulkOperation"]["url"] is None
    for _ in range(4):
        data(shop, run, q=query)
    assert data(shop, run, q=query)["bulkOperationRunQuery"]["userErrors"] == [{"code": "OPERATION_IN_PROGRESS"}]
    shop.clock.move(timedelta(seconds=61))
    done = data(shop, state, id=made["id"])["bulkOperation"]
    assert (done["status"], done["url"]) == ("COMPLETED", f"/bulk/{made['id'].rpartition('/')[2]}.jsonl")
    for wrong in ("{ shop { name } }", "{ orders { edges { node { nonsense } } } }"):
        assert data(shop, run, q=wrong)["bulkOperationRunQuery"]["userErrors"] == [{"code": "INVALID"}]


# ---- over HTTP ----


@pytest.fixture
def served() -> Any:
    with town([AdminShop()]) as running:
        yield running


def grant(served: Town, **form: str) -> httpx.Response:
    given = {
        "grant_type": "client_credentials", "client_id": "sandbox-client",
        "client_secret": "sandbox-shopify-client-secret", **form,
    }  # fmt: skip
    return httpx.post(f"{served.url()}/admin/oauth/access_token", data=given, trust_env=False, timeout=60)


def test_tokens_end_after_a_day(served: Town) -> None:
    answer = grant(served).json()
    assert answer["expires_in"] == 86399
    assert "read_orders" in answer["scope"].split(",")
    name = "{ shop { name } }"
    assert served.ask(name, token=answer["access_token"]).json()["data"] == {"shop": {"name": "Teeladen Beispiel"}}
    served.shops[0].clock.move(timedelta(seconds=86399))
    late = served.ask(name, token=answer["access_token"])
    assert (late.status_code, "data" in late.json()) == (401, False)
    assert served.ask(name).status_code == 200, "a permanent token never ends"


def test_tokens_are_refused_with_a_reason(served: Town) -> None:
    shop = served.shops[0]
    assert grant(served, client_secret="falsch").status_code == 401
    shop.app.permitted = False
    assert grant(served).json()["error"] == "shop_not_permitted"
    shop.app.permitted = True
    served.do(lambda: people.uninstall(shop))
    assert grant(served).json()["error"] == "app_not_installed"
    assert served.ask("{ shop { name } }").status_code == 401


def test_an_unknown_version_falls_forward_and_says_so(served: Town) -> None:
    def version(asked: str) -> tuple[int, str | None]:
        answer = httpx.post(
            f"{served.url()}/admin/api/{asked}/graphql.json",
            json={"query": "{ shop { name } }"},
            headers={"X-Shopify-Access-Token": "shpat_permanent"},
            trust_env=False,
        )
        return answer.status_code, answer.headers.get("X-Shopify-API-Version")

    served.shops[0].versions = ("2026-10", "2027-01")
    assert version("2026-07") == (200, "2026-10")
    assert version("2027-01") == (200, "2027-01")
    served.shops[0].switches.fall_forward = False
    assert version("2026-07") == (404, None)


def test_a_bulk_file_is_fetched(served: Town) -> None:
    shop = served.shops[0]
    seed.many(shop, 2)
    run = 'mutation { bulkOperationRunQuery(query: "{ orders { nodes { id name lineItems { nodes { id } } } } }") {'
    bulk = served.ask(run + " bulkOperation { url } } }").json()["data"]["bulkOperationRunQuery"]["bulkOperation"]
    rows = httpx.get(bulk["url"], trust_env=False, timeout=60).text.splitlines()
    assert sum('"__parentId"' in row for row in rows) == sum(len(order.lines) for order in shop.orders.values())
    assert re.match(r'\{"id": "gid://shopify/Order/\d+", "name": "#1001"\}$', rows[0])


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (Fault("status", status=429, retry_after="2.0"), 429, "application/json"),
        (Fault("html", status=502), 502, "text/html; charset=utf-8"),
        (Fault("redirect", location="http://127.0.0.1:9/"), 302, None),
        (Fault("garbage"), 200, "application/json"),
        (Fault("slow", seconds=0.01), 200, "application/json"),
    ],
)
def test_faults_come_once_and_when_told(served: Town, fault: Fault, status: int, kind: str | None) -> None:
    fault.skip = 1
    served.shops[0].faults.append(fault)
    assert served.ask("{ shop { name } }").status_code == 200
    broken = served.ask("{ shop { name } }")
    assert (broken.status_code, broken.headers.get("content-type")) == (status, kind)
    assert served.ask("{ shop { name } }").json()["data"]


def test_a_hanging_and_a_breaking_connection(served: Town) -> None:
    shop = served.shops[0]
    shop.faults += [Fault("reset"), Fault("hang")]
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        served.ask("{ shop { name } }")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{served.url()}/admin/api/2026-10/graphql.json", json={}, timeout=0.1, trust_env=False)
    assert served.ask("{ shop { name } }").status_code == 200


@pytest.mark.parametrize("body", [b"", b"[]", b'{"query": 1}', b"{", b'{"query": "{ shop { nonsense } }"}'])
def test_a_senseless_body_is_answered(served: Town, body: bytes) -> None:
    answer = httpx.post(
        f"{served.url()}/admin/api/2026-10/graphql.json",
        content=body,
        headers={"X-Shopify-Access-Token": "shpat_permanent"},
        trust_env=False,
    )
    assert answer.status_code in (200, 400)
    assert answer.json()["errors"]
