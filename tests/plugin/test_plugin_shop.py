"""Boxes, evidence, carts and recovery links, in a real WordPress with a stand-in for WooCommerce."""

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
from letters import collect
from wp_site import Site

from connectors.woocommerce.consent import consent_of, marketing_consent_of
from connectors.woocommerce.plugin import translate_fact
from integration.domain.shops.ports import ShopContext

BOXES = {"orders_wording": "Updates per WhatsApp", "marketing_wording": "Angebote per WhatsApp"}
AGREE = (
    "$_REQUEST['nonce'] = wp_create_nonce('ladenbote-cart'); "
    "add_filter('wp_doing_ajax', '__return_true'); add_filter('wp_die_ajax_handler', fn () => fn () => null);"
)


@pytest.fixture(autouse=True)
def shop(site: Site, plugin_mailbox: str) -> Iterator[Site]:
    """A paired shop with both boxes, which reports carts."""
    choose(site, **BOXES, purposes=["marketing_offers", "cart_reminder"], carts=True)
    yield site
    assert site.complaints() == []


def choose(site: Site, **settings: Any) -> None:
    given = base64.b64encode(orjson.dumps(settings)).decode()
    site.run(f"update_option('ladenbote_settings', json_decode(base64_decode('{given}'), true));")


def reports(mailbox: str) -> list[dict[str, Any]]:
    return [orjson.loads(base64.b64decode(letter["body"])) for letter in collect(mailbox)]


def as_order(evidence: Any) -> dict[str, Any]:
    return {"meta_data": [{"id": 1, "key": "_ladenbote_consent", "value": evidence}]}


# ── Boxes and evidence ──────────────────────────────────────────────────────────────────────────────────────


def test_the_classic_boxes_are_unticked_and_escaped(site: Site) -> None:
    choose(site, orders_wording='Ja zu <WhatsApp> & "mehr"', marketing_wording="", purposes=[], carts=False)
    page = site.run("ob_start(); do_action('woocommerce_review_order_before_submit'); return ob_get_clean();")
    assert page.count('type="checkbox"') == 1 and "checked" not in page
    assert "Ja zu &lt;WhatsApp&gt; &amp; &quot;mehr&quot;" in page


def test_a_tick_survives_that_woocommerce_draws_the_form_anew(site: Site) -> None:
    page = site.run(
        """$_POST['post_data'] = 'a=b&ladenbote_marketing=1';
        ob_start(); do_action('woocommerce_review_order_before_submit'); return ob_get_clean();"""
    )
    first, second = page.split("</p>")[:2]
    assert "checked" not in first and "checked" in second


def classic(site: Site, posted: str, more: str = "") -> Any:
    return site.run(
        f"""$v = fn ($name) => Ladenbote\\Settings::version_of(Ladenbote\\Settings::get()[$name]);
        $_POST = [{posted}]; {more}
        $order = new WC_Order(); do_action('woocommerce_checkout_create_order', $order, []);
        return $order->get_meta('_ladenbote_consent');"""
    )


SHOWN = "'ladenbote_orders_version' => $v('orders_wording'), 'ladenbote_marketing_version' => $v('marketing_wording')"


def test_the_evidence_is_what_our_reader_reads(site: Site) -> None:
    order = as_order(classic(site, SHOWN + ", 'ladenbote_orders' => '1'"))
    first, second = consent_of(order), marketing_consent_of(order)
    assert first and second
    assert (first["granted"], first["wording"], first["purposes"]) == (
        True,
        BOXES["orders_wording"],
        ["service_updates"],
    )
    assert (second["granted"], second["wording"]) == (False, BOXES["marketing_wording"])
    assert second["purposes"] == ["marketing_offers", "cart_reminder"]
    assert first["phone"] == second["phone"] == "0171 3920012"
    assert first["raw"] == {"ip": "192.0.2.7", "user_agent": "A browser", "locale": "en_US"}
    assert first["source"] == "woocommerce-classic" and len(first["version"]) == 12


def test_the_evidence_holds_what_was_shown_not_what_is_shown_by_now(site: Site) -> None:
    change = (
        "$s = get_option('ladenbote_settings'); $s['orders_wording'] = 'Neu'; update_option('ladenbote_settings', $s);"
    )
    evidence = classic(site, SHOWN + ", 'ladenbote_orders' => '1'", change)
    assert evidence["wording"] == BOXES["orders_wording"]


@pytest.mark.parametrize("posted", ["", "'ladenbote_orders' => '1'", "'ladenbote_orders_version' => 'made-up'"])
def test_no_evidence_of_a_box_that_was_not_shown(site: Site, posted: str) -> None:
    assert classic(site, posted) == ""


@pytest.mark.parametrize("value", ["'yes'", "['1']", "true", "'1 '"])
def test_only_the_boxs_own_value_is_a_tick(site: Site, value: str) -> None:
    assert classic(site, f"{SHOWN}, 'ladenbote_orders' => {value}")["granted"] is False


def test_the_block_boxes_are_voluntary_and_not_remembered(site: Site) -> None:
    fields = site.run("return $GLOBALS['stand_in_fields'];")
    assert [field["id"] for field in fields] == ["ladenbote/whatsapp-optin", "ladenbote/whatsapp-marketing"]
    for field in fields:
        assert (field["type"], field["required"], field["location"]) == ("checkbox", False, "order")


def test_the_block_checkout_keeps_evidence_when_the_order_is_placed(site: Site) -> None:
    ticked = "['_wc_other/ladenbote/whatsapp-optin' => '0', '_wc_other/ladenbote/whatsapp-marketing' => '1']"
    saved = site.run(
        f"""$order = new WC_Order('pending', '', {ticked});
        do_action('woocommerce_store_api_checkout_update_order_meta', $order);
        if ($order->get_meta('_ladenbote_consent') !== '') {{ return 'too early'; }}
        do_action('woocommerce_store_api_checkout_order_processed', $order);
        return WC_Order::$saved['_ladenbote_consent'];"""
    )
    first, second = consent_of(as_order(saved)), marketing_consent_of(as_order(saved))
    assert first and second
    assert (first["granted"], second["granted"], second["phone"]) == (False, True, "")


def test_with_one_box_alone_its_evidence_comes_first(site: Site) -> None:
    choose(site, orders_wording="", marketing_wording="Angebote per WhatsApp", purposes=["marketing_news"], carts=False)
    shown = "'ladenbote_marketing_version' => $v('marketing_wording'), 'ladenbote_marketing' => '1'"
    evidence = consent_of(as_order(classic(site, shown)))
    assert evidence and (evidence["granted"], evidence["purposes"]) == (True, ["marketing_news"])


# ── Carts ───────────────────────────────────────────────────────────────────────────────────────────────────


def visit(site: Site, steps: str) -> None:
    """One request of a visitor; the report leaves at its end."""
    site.run(AGREE + steps)


AGREED = (
    "$_POST = ['agreed' => '1', 'phone' => '0171 <b>39', 'email' => 'anna@example.com', 'first_name' => 'Änna 😀', "
    "'last_name' => ['x'], 'country' => 'DE']; do_action('wc_ajax_ladenbote_cart');"
)


def test_nothing_is_reported_before_the_box_is_ticked(site: Site, plugin_mailbox: str) -> None:
    visit(site, "WC()->cart->add_to_cart(11, 2); $_POST = ['phone' => '0171']; do_action('wc_ajax_ladenbote_cart');")
    assert reports(plugin_mailbox) == []


def test_one_report_leaves_at_the_end_and_our_reader_reads_it(site: Site, plugin_mailbox: str) -> None:
    visit(site, "WC()->cart->add_to_cart(11, 2);" + AGREED + "WC()->cart->add_to_cart(12, 1, 13);")
    (report,) = reports(plugin_mailbox)
    assert (report["event"], report["why"], report["phone"]) == ("cart.updated", "added", "0171 39")
    (cart,) = translate_fact(report, ShopContext("laden", "DE")).snapshots
    assert (cart.facts["status"], cart.facts["total"], cart.facts["first_name"]) == ("open", "37.35", "Änna 😀")
    assert [(i["product_id"], i["variant_id"], i["quantity"]) for i in cart.facts["items"]] == [
        ("11", "11", 2),
        ("12", "13", 1),
    ]
    assert cart.facts["recovery_url"].startswith(site.url)


def test_a_foreign_page_cannot_agree(site: Site, plugin_mailbox: str) -> None:
    site.run("WC()->cart->add_to_cart(11);")
    answer = httpx.post(
        f"{site.url}/?wc-ajax=ladenbote_cart", data={"agreed": "1", "email": "a@example.com"}, timeout=60
    )
    assert answer.status_code == 200 and reports(plugin_mailbox) == []


def test_taking_the_tick_back_ends_the_reports(site: Site, plugin_mailbox: str) -> None:
    taken_back = "$_POST = []; do_action('wc_ajax_ladenbote_cart'); WC()->cart->add_to_cart(12);"
    visit(site, "WC()->cart->add_to_cart(11);" + AGREED + taken_back)
    (report,) = reports(plugin_mailbox)
    assert (report["event"], report["why"]) == ("cart.emptied", "withdrawn")
    assert not {"email", "phone", "first_name"} & set(report)


def test_an_order_ends_the_cart_and_knows_it(site: Site, plugin_mailbox: str) -> None:
    named = site.run(
        AGREE + "WC()->cart->add_to_cart(11);" + AGREED + "$order = new WC_Order();"
        "do_action('woocommerce_checkout_create_order', $order, []);"
        "do_action('woocommerce_checkout_order_processed', 77);"
        "WC()->cart->empty_cart(); WC()->cart->add_to_cart(12); return $order->get_meta('_ladenbote_cart');"
    )
    (report,) = reports(plugin_mailbox)
    assert (report["event"], report["order_id"], report["cart_key"]) == ("cart.ordered", 77, named)


def test_an_emptied_cart_is_reported_as_such(site: Site, plugin_mailbox: str) -> None:
    visit(site, "WC()->cart->add_to_cart(11);" + AGREED + "WC()->cart->empty_cart();")
    (report,) = reports(plugin_mailbox)
    assert (report["event"], report["items"], report["recovery_url"]) == ("cart.emptied", [], "")


def test_switched_off_means_off(site: Site, plugin_mailbox: str) -> None:
    choose(site, **BOXES, purposes=["marketing_offers"], carts=False)
    visit(site, "WC()->cart->add_to_cart(11);" + AGREED)
    assert reports(plugin_mailbox) == []


# ── Recovery links ──────────────────────────────────────────────────────────────────────────────────────────


def follow(site: Site, link: str, change: str = "") -> Any:
    """Where a link leads, and the cart afterwards."""
    return site.run(
        f"""parse_str(parse_url('{link}', PHP_URL_QUERY), $_GET); {change} $to = '';
        add_filter('wp_redirect', function ($url) use (&$to) {{ throw new Exception($url); }});
        WC()->cart->add_to_cart(50);
        try {{ Ladenbote\\Recovery::follow(); }} catch (Exception $led) {{ $to = $led->getMessage(); }}
        $line = fn ($l) => [$l['product_id'], $l['variation_id'], $l['quantity'], $l['variation']];
        return [$to, array_map($line, WC()->cart->get_cart()), WC()->cart->coupons];"""
    )


def link(site: Site) -> str:
    lines = "WC()->cart->add_to_cart(11, 2); WC()->cart->add_to_cart(12, 1, 13, ['attribute_farbe' => 'grün']);"
    made: str = site.run(lines + "return Ladenbote\\Recovery::link(WC()->cart);")
    return made


def test_a_link_brings_the_cart_back_with_a_voucher(site: Site, plugin_mailbox: str) -> None:
    made = link(site)
    to, cart, vouchers = follow(site, made + "&ladenbote_voucher=DANKE10&utm_source=wa&other=1")
    assert to == f"{site.url}/checkout/?utm_source=wa"
    assert cart == [[11, 0, 2, []], [12, 13, 1, {"attribute_farbe": "grün"}]]
    assert vouchers == ["danke10"]
    assert reports(plugin_mailbox) == []


@pytest.mark.parametrize("change", ["$_GET['ladenbote_cart'] .= 'a';", "$_GET['ladenbote_cart'] = 'x.y';"])
def test_an_altered_link_leads_to_the_cart_as_it_is(site: Site, change: str) -> None:
    to, cart, _ = follow(site, link(site), change)
    assert (to, cart) == (f"{site.url}/cart/", [[50, 0, 1, []]])


@pytest.mark.parametrize("given", ["[]", "['x']", "str_repeat('a', 100000)", "'....'", "'.'", "''"])
def test_nonsense_leads_there_too(site: Site, given: str) -> None:
    to, cart, _ = follow(site, link(site), f"$_GET['ladenbote_cart'] = {given};")
    assert (to, cart) == (f"{site.url}/cart/", [[50, 0, 1, []]])


def test_a_link_ends_after_seven_days(site: Site) -> None:
    made = link(site)
    late = "Ladenbote\\Connection::update(['ahead' => %d]);"
    assert follow(site, made, late % (7 * 86_400 - 60))[0] == f"{site.url}/checkout/"
    assert follow(site, made, late % (7 * 86_400 + 60))[0] == f"{site.url}/cart/"


def test_another_shops_link_is_not_ours(site: Site) -> None:
    made = link(site)
    site.run("delete_option('ladenbote_key');")
    assert follow(site, made)[0] == f"{site.url}/cart/"


def test_what_is_sold_out_is_left_out(site: Site) -> None:
    made = site.run(
        """$lines = (object) []; $cart = new class extends WC_Cart { public function get_cart() { return array_map(
        fn ($id) => ['product_id' => $id, 'variation_id' => 0, 'quantity' => 1, 'variation' => []], [99, 11]); } };
        return Ladenbote\\Recovery::link($cart);"""
    )
    to, cart, _ = follow(site, made)
    assert (to, cart) == (f"{site.url}/checkout/", [[11, 0, 1, []]])


def test_a_draft_gets_a_link_that_changes_only_with_the_cart(site: Site) -> None:
    first, same, changed, placed = site.run(
        """$hook = 'woocommerce_store_api_checkout_update_order_meta'; $meta = '_ladenbote_recovery_url';
        $draft = new WC_Order('checkout-draft'); $order = new WC_Order('pending'); WC()->cart->add_to_cart(11);
        do_action($hook, $draft); $first = WC_Order::$saved[$meta]; WC_Order::$saved = [];
        do_action($hook, $draft); $same = WC_Order::$saved; WC()->cart->add_to_cart(12);
        do_action($hook, $draft); $changed = WC_Order::$saved[$meta];
        do_action($hook, $order); return [$first, $same, $changed, $order->get_meta($meta)];"""
    )
    assert first.startswith(site.url) and same == [] and changed not in ("", first) and placed == ""


# ── Privacy ─────────────────────────────────────────────────────────────────────────────────────────────────

EVIDENCE = (
    "['granted' => true, 'wording' => '<i>Ja</i>', 'at' => '2026-11-24T10:00:00+00:00', 'ip' => '192.0.2.7', "
    "'phone' => '0171', 'user_agent' => 'B', 'page' => 'p', 'purposes' => ['service_updates'], "
    "'marketing' => ['granted' => false, 'wording' => 'Angebote']]"
)


def test_an_export_gives_the_evidence_out(site: Site) -> None:
    found = site.run(
        f"""$order = new WC_Order('processing', '', ['_ladenbote_consent' => {EVIDENCE}]);
        $GLOBALS['stand_in_orders'] = [$order, new WC_Order()];
        return Ladenbote\\Privacy::export('anna@example.com', 1);"""
    )
    order, request = found["data"]
    rows = {row["name"]: row["value"] for row in order["data"]}
    assert (rows["granted"], rows["wording"], rows["phone"]) == ("yes", "&lt;i&gt;Ja&lt;/i&gt;", "0171")
    assert (rows["marketing granted"], rows["purposes"]) == ("no", "service_updates")
    assert "passed on to Ladenbote" in request["data"][0]["value"] and found["done"] is True


def test_erasure_takes_the_person_out_and_leaves_the_proof(site: Site) -> None:
    done, left = site.run(
        f"""$GLOBALS['stand_in_orders'] = [new WC_Order('processing', '', ['_ladenbote_consent' => {EVIDENCE}])];
        return [Ladenbote\\Privacy::erase('anna@example.com', 1), WC_Order::$saved['_ladenbote_consent']];"""
    )
    assert (done["items_removed"], done["items_retained"], done["done"]) == (True, True, True)
    assert {name: left[name] for name in ("ip", "phone", "user_agent", "page")} == dict.fromkeys(
        ("ip", "phone", "user_agent", "page"), ""
    )
    assert (left["granted"], left["wording"], left["at"]) == (True, "<i>Ja</i>", "2026-11-24T10:00:00+00:00")
