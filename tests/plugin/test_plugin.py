"""The companion plugin in a real WordPress: its page, pairing, reports, and privacy tools."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import orjson
import pytest
from letters import META, TOKEN, ask, at, collect, post
from php import WORDPRESS
from wp_site import PAGE, PASSWORD, Site, hidden_fields

from connectors.woocommerce.pairing import Code, PairingFailed, connect, exchange, read_code
from integration.domain.signing import sign, signed_at

now = partial(datetime.now, UTC)


@pytest.fixture(autouse=True)
def unpaired(site: Site) -> Iterator[None]:
    """Each test begins with a shop that knows no Ladenbote, and ends without a complaint of PHP's."""
    site.run(
        """global $wpdb; $wpdb->query('TRUNCATE ' . Ladenbote\\Letters::table());
        foreach (['connection', 'addresses', 'code', 'settings'] as $name) { delete_option("ladenbote_$name"); }"""
    )
    yield
    assert site.complaints() == []


@pytest.fixture
def owner(site: Site) -> httpx.Client:
    """The owner, signed in."""
    return site.sign_in()


def new_code(owner: httpx.Client) -> str:
    fields = hidden_fields(owner.get(PAGE).text, "ladenbote_pair")
    page = owner.post(PAGE, data=fields).text
    found = re.search(r'class="ladenbote-code"[^>]*>([^<]+)<', page)
    assert found, page
    return found[1]


def test_the_page_speaks_german_to_a_german_owner(site: Site, owner: httpx.Client) -> None:
    site.run("update_user_meta(1, 'locale', 'de_DE');")
    site.run("$d = WP_LANG_DIR; @mkdir($d, 0777, true); touch($d . '/de_DE.mo');")
    try:
        assert "Kopplungscode anzeigen" in owner.get(PAGE).text
    finally:
        site.run("delete_user_meta(1, 'locale');")


def test_nobody_else_sees_the_page_or_gets_a_code(site: Site) -> None:
    assert httpx.get(site.url + PAGE, timeout=60).status_code == 302
    assert httpx.post(site.url + PAGE, data={"action": "ladenbote_pair"}, timeout=60).status_code == 302
    site.run(f"wp_insert_user(['user_login' => 'staff', 'user_pass' => '{PASSWORD}', 'role' => 'editor']);")
    staff = site.sign_in("staff")
    assert staff.get(PAGE).status_code == 403
    assert staff.post("/wp-admin/admin-post.php", data={"action": "ladenbote_disconnect"}).status_code == 403
    assert site.run("return get_option('ladenbote_code');") is False


def test_a_foreign_form_makes_no_code(site: Site, owner: httpx.Client) -> None:
    assert owner.post(PAGE, data={"action": "ladenbote_pair"}).status_code == 403
    assert owner.post(PAGE, data={"action": "ladenbote_pair", "_wpnonce": "0123456789"}).status_code == 403
    assert owner.post("/wp-admin/admin-post.php", data={"action": "ladenbote_disconnect"}).status_code == 403
    assert site.run("return get_option('ladenbote_code');") is False


def test_a_code_is_exchanged_once(site: Site, owner: httpx.Client) -> None:
    code = read_code(new_code(owner), site.url)
    with httpx.Client(timeout=30) as http:
        granted = exchange(http, code)
        assert granted.mailbox.startswith(site.url) and len(granted.token) == len(granted.secret) == 64
        assert granted.token != granted.secret
        with pytest.raises(PairingFailed, match="make a new one"):
            exchange(http, code)
        assert connect(http, code, granted, "laden", "", now) is False
    assert ask(granted.mailbox, token=granted.token).json()["letters"] == []
    page = owner.get(PAGE).text
    assert "Connected. Ladenbote fetches everything" in page and "to=meta/nummer" in page
    assert granted.token not in page and granted.secret not in page


def test_a_code_ends_after_an_hour_and_a_new_one_voids_it(site: Site, owner: httpx.Client) -> None:
    first, second = read_code(new_code(owner), site.url), read_code(new_code(owner), site.url)
    with httpx.Client(timeout=30) as http:
        with pytest.raises(PairingFailed):
            exchange(http, first)
        site.run("$c = get_option('ladenbote_code'); $c['until'] = time() - 1; update_option('ladenbote_code', $c);")
        with pytest.raises(PairingFailed):
            exchange(http, second)
        with pytest.raises(PairingFailed):
            exchange(http, Code(second.url, ""))


def test_a_shop_whose_clock_is_wrong_is_connected_all_the_same(site: Site, owner: httpx.Client) -> None:
    """As seen from the shop, Ladenbote's clock is 20 minutes ahead; from then on the shop signs by that clock."""
    code = read_code(new_code(owner), site.url)
    with httpx.Client(timeout=30) as http:
        granted = exchange(http, code)
        connect(http, code, granted, "laden", "", lambda: now() + timedelta(minutes=20))
    assert ask(granted.mailbox, timedelta(minutes=20), granted.token).status_code == 200
    site.run("Ladenbote\\Worker::report_surely(['event' => 'ping']);")
    (letter,) = ask(granted.mailbox, timedelta(minutes=20), granted.token).json()["letters"]
    signed = signed_at(letter["headers"], base64.b64decode(letter["body"]), [granted.secret])
    assert signed and abs(signed - now() - timedelta(minutes=20)) < timedelta(minutes=1)


def test_disconnecting_voids_the_token(site: Site, owner: httpx.Client) -> None:
    code = read_code(new_code(owner), site.url)
    with httpx.Client(timeout=30) as http:
        granted = exchange(http, code)
        connect(http, code, granted, "laden", "", now)
    fields = hidden_fields(owner.get(PAGE).text, "ladenbote_disconnect")
    assert owner.post("/wp-admin/admin-post.php", data=fields).status_code == 302
    assert ask(granted.mailbox, token=granted.token).status_code == 401
    assert httpx.post(at(granted.mailbox, "meta/nummer"), content=b"{}", timeout=60).status_code == 404


def test_an_unpaired_shop_keeps_and_gives_nothing(site: Site) -> None:
    assert ask(site.mailbox, token="").status_code == 401
    assert site.run("return Ladenbote\\Worker::report_surely(['event' => 'ping']);") is False
    assert site.run("Ladenbote\\Worker::report(['event' => 'ping']); return Ladenbote\\Letters::count();") == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"done": 5, "addresses": 7}', b'{"done": [[], {}, null]}'])
def test_nonsense_from_somebody_with_the_token(site: Site, plugin_mailbox: str, body: bytes) -> None:
    assert httpx.post(site.mailbox, content=body, headers=sign(TOKEN, body, now()), timeout=60).status_code in (
        200,
        401,
    )


def test_a_flood_is_bounded_by_address(site: Site, plugin_mailbox: str) -> None:
    """Counting 500 by hand would be slow: 499 are written at once."""
    collect(plugin_mailbox)
    site.run(
        """global $wpdb; $rows = implode(',', array_fill(0, 499, "('hooks/tee', " . time() . ", 1, '[]', 'eA==')"));
        $columns = '(address, received_at, size, headers, body)';
        $wpdb->query('INSERT INTO ' . Ladenbote\\Letters::table() . " $columns VALUES $rows");"""
    )
    shopify = {"x-shopify-hmac-sha256": "junk"}
    assert [post(plugin_mailbox, "hooks/tee", b"x", shopify) for _ in range(3)] == [200, 503, 503]
    assert post(plugin_mailbox, "meta/nummer", b"x", META) == 200
    answer = ask(plugin_mailbox, token=TOKEN).json()
    assert (len(answer["letters"]), answer["waiting"]) == (100, 401)
    site.run("global $wpdb; $wpdb->query('UPDATE ' . Ladenbote\\Letters::table() . ' SET received_at = 5');")
    assert post(plugin_mailbox, "hooks/tee", b"x", shopify) == 200
    assert len(collect(plugin_mailbox)) == 1


def test_the_whole_is_bounded_in_bytes(site: Site, plugin_mailbox: str) -> None:
    collect(plugin_mailbox)
    site.run(
        """global $wpdb; $wpdb->insert(Ladenbote\\Letters::table(),
        ['address' => 'x', 'received_at' => time(), 'size' => 63999999, 'headers' => '[]', 'body' => '']);"""
    )
    assert [post(plugin_mailbox, body=b"12"), post(plugin_mailbox, body=b"1")] == [503, 200]


def test_the_choices_are_stored_through_a_sieve(site: Site, owner: httpx.Client) -> None:
    page = owner.get(PAGE).text
    fields = hidden_fields(page, "option_page")
    assert 'value="marketing_news" /' in page
    name = "ladenbote_settings"
    given = {
        f"{name}[orders_wording]": "  Ja zu <script>alert(1)</script>WhatsApp & mehr  ",
        f"{name}[marketing_wording]": "x" * 5000,
        f"{name}[purposes][]": ["marketing_news", "everything", "*"],
        f"{name}[carts]": "1",
        f"{name}[other]": "1",
    }
    assert owner.post("/wp-admin/options.php", data=fields | given).status_code == 302
    stored = site.run("return get_option('ladenbote_settings');")
    assert stored["orders_wording"] == "Ja zu WhatsApp & mehr"
    assert len(stored["marketing_wording"]) == 1000
    assert (stored["purposes"], stored["carts"]) == (["marketing_news"], True)
    assert set(stored) == {"orders_wording", "marketing_wording", "purposes", "carts"}
    assert "Ja zu WhatsApp &amp; mehr" in owner.get(PAGE).text


def test_privacy_requests_are_passed_on(site: Site, plugin_mailbox: str) -> None:
    for kind in ("exporter", "eraser"):
        site.run(
            f"""$all = apply_filters('wp_privacy_personal_data_{kind}s', []);
            return call_user_func($all['ladenbote']['callback'], 'anna@example.com', 1);"""
        )
    bodies = [orjson.loads(base64.b64decode(letter["body"])) for letter in collect(plugin_mailbox)]
    assert [(body["event"], body["email"]) for body in bodies] == [
        ("privacy.export", "anna@example.com"),
        ("privacy.erase", "anna@example.com"),
    ]
    assert len({body["id"] for body in bodies}) == 2


@pytest.mark.parametrize(
    "address",
    ["", "http://bote.example/plugin/laden", "ftp://127.0.0.1/plugin/laden", "http://127.0.0.1.evil.example/x"],
)
def test_data_are_not_asked_for_where_others_could_read_along(site: Site, plugin_mailbox: str, address: str) -> None:
    site.run(f"Ladenbote\\Connection::update(['facts_to' => '{address}']);")
    assert site.run("return Ladenbote\\Worker::ask(['event' => 'privacy.export', 'email' => 'a@b.example']);") is None


def test_an_answer_that_is_not_signed_by_ladenbote_is_none(site: Site, plugin_mailbox: str) -> None:
    """Whoever answers in Ladenbote's place neither fills the export nor calls anything erased."""
    forged = (
        "add_filter('pre_http_request', fn() => ['response' => ['code' => 200], 'headers' => ['x-ladenbote-timestamp' "
        "=> (string) time(), 'x-ladenbote-signature' => 'v1=' . str_repeat('0', 64)], 'body' => "
        '\'{"messages":["all gone"],"removed":true,"items":[]}\']);'
        "Ladenbote\\Connection::update(['facts_to' => 'https://bote.example/plugin/laden']);"
    )
    done = site.run(forged + "return Ladenbote\\Privacy::erase('anna@example.com', 1);")
    assert done["items_removed"] is False and "all gone" not in str(done["messages"])


def test_uninstalling_leaves_nothing(site: Site, plugin_mailbox: str, owner: httpx.Client) -> None:
    new_code(owner)
    site.run(
        "Ladenbote\\Connection::key(); Ladenbote\\Settings::version_of('x'); update_option('ladenbote_settings', []);"
    )
    left = site.run(
        """define('WP_UNINSTALL_PLUGIN', 'x'); require WP_PLUGIN_DIR . '/ladenbote/uninstall.php';
        global $wpdb;
        return [
            $wpdb->get_col("SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE '%ladenbote%'"),
            $wpdb->get_col("SHOW TABLES LIKE '%ladenbote%'"),
        ];"""
    )
    assert left == [[], []]


def test_no_file_runs_by_itself(site: Site) -> None:
    files = [path.relative_to(WORDPRESS / "ladenbote") for path in (WORDPRESS / "ladenbote").rglob("*.php")]
    assert len(files) > 10
    for file in files:
        source = (WORDPRESS / "ladenbote" / file).read_text()
        assert "defined( 'ABSPATH' ) || exit" in source or "defined( 'WP_UNINSTALL_PLUGIN' ) || exit" in source, file
