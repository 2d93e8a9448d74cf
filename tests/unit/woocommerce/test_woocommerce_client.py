"""The REST client: what a shop and whatever stands before it may answer."""

import logging
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from bad_shop import Handler, Reply, Server, bad_shop, says
from replays import RECORDED_AT, client, replay
from woo_links import now

from connectors.woocommerce.client import LARGEST, WooCommerceClient
from connectors.woocommerce.troubles import Rejected
from integration.domain.errors import ShopBusy, ShopError, ShopRefused, ShopUnreachable

HTML = b"<!doctype html><title>Wartung</title>"
SECRETS = ("ck_geheim", "cs_geheim", "oauth_")


def client_of(url: str, clock: Callable[[], datetime] = now, **more: float) -> WooCommerceClient:
    return WooCommerceClient(url, "ck_geheim", "cs_geheim", clock=clock, **more)


def asked(server: Server, method: str = "get", timeout: float = 5, clock: Callable[[], datetime] = now) -> ShopError:
    shop = client_of(server.url, clock, timeout=timeout, pause=0)
    arguments: tuple[object, ...] = ("orders", {}) if method in ("post", "put") else ("orders",)
    with pytest.raises(ShopError) as caught:
        getattr(shop, method)(*arguments)
    error = caught.value
    said = f"{error} {error.explanation.de} {error.explanation.en} {error.__cause__!r}"
    assert not any(secret in said for secret in SECRETS)
    assert error.explanation.de != error.explanation.en and error.explanation.en.endswith(".")
    return error


def hangs(handler: Handler) -> None:
    handler.server.gate.wait(10)


def breaks_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"[1,")


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(LARGEST // 2**20 + 8):
        handler.wfile.write(b" " * 2**20)


def woo(status: int, code: str, message: str = "Nein.", **headers: str) -> Reply:
    return says(status, f'{{"code":"{code}","message":"{message}","data":{{"status":{status}}}}}'.encode(), **headers)


BAD: list[tuple[Reply, type[ShopError], str]] = [
    (says(500, HTML), ShopUnreachable, "shop_error"),
    (woo(500, "internal_server_error"), ShopUnreachable, "shop_error"),
    (says(502, b""), ShopUnreachable, "shop_error"),
    (says(503, HTML, Retry_After="600"), ShopUnreachable, "maintenance"),
    (says(200, HTML), ShopUnreachable, "no_json"),
    (says(200, b""), ShopUnreachable, "no_json"),
    (says(200, b"<b>Warning</b>: x in y.php[]"), ShopUnreachable, "no_json"),
    (says(204, b""), ShopUnreachable, "no_json"),
    (breaks_off, ShopUnreachable, "cut_off"),
    (says(200, b"x" * 40, Content_Encoding="gzip"), ShopUnreachable, "cut_off"),
    (endless, ShopUnreachable, "too_large"),
    (says(429, b"", Retry_After="7"), ShopBusy, "limited"),
    (says(403, HTML), ShopRefused, "firewall"),
    (says(401, HTML), ShopRefused, "firewall"),
    (says(404, HTML), ShopRefused, "no_rest"),
    (woo(401, "woocommerce_rest_authentication_error"), ShopRefused, "wrong_key"),
    (woo(401, "woocommerce_rest_cannot_view"), ShopRefused, "keys_not_seen"),
    (woo(403, "woocommerce_rest_cannot_view"), ShopRefused, "keys_not_seen"),
    (woo(401, "rest_not_logged_in"), ShopRefused, "forbidden"),
    (woo(403, "rest_forbidden"), ShopRefused, "forbidden"),
    (woo(404, "rest_no_route"), ShopRefused, "absent"),
    (woo(400, "rest_invalid_param"), Rejected, "rejected"),
]


@pytest.mark.parametrize(("reply", "kind", "code"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_every_bad_answer_is_a_sentence(reply: Reply, kind: type[ShopError], code: str) -> None:
    with bad_shop(reply) as server:
        error = asked(server)
    assert (type(error), error.code) == (kind, code)


def test_a_shop_that_hangs_times_out_and_is_not_asked_twice() -> None:
    with bad_shop(hangs) as server:
        assert asked(server, timeout=0.2).code == "timeout"
        assert len(server.seen) == 1


def test_a_failed_connection_is_tried_twice_for_reading_only() -> None:
    with bad_shop(breaks_off, says(200, b"[]")) as server:
        shop = client_of(server.url, pause=0)
        assert shop.get("orders").body == []
    with bad_shop(breaks_off, says(200, b"{}")) as server:
        assert asked(server, "post").code == "cut_off"
        assert len(server.seen) == 1


def test_nobody_listens() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        shop = client_of(f"http://127.0.0.1:{held.getsockname()[1]}", pause=0)
        with pytest.raises(ShopUnreachable) as caught:
            shop.get("orders")
    assert caught.value.code == "no_connection"
    assert not any(secret in f"{caught.value!r} {caught.value.__cause__!r}" for secret in SECRETS)


@pytest.mark.parametrize("host", ["gibt-es-nicht.invalid", "a..b", "x" * 70 + ".invalid"])
def test_a_host_that_does_not_exist(host: str) -> None:
    with pytest.raises(ShopError) as caught:
        client_of(f"https://{host}", pause=0).get("orders")
    assert caught.value.code == "no_connection"


def test_a_redirect_is_not_followed_and_tells_no_secret() -> None:
    to = "https://www.neu.example/wp-json/wc/v3/orders?oauth_consumer_key=ck_geheim"
    with bad_shop(says(301, b"", Location=to)) as server:
        error = asked(server, "post")
        assert error.code == "moved" and "https://www.neu.example" in error.explanation.de
        assert len(server.seen) == 1


@pytest.mark.parametrize(("to", "code"), [("", "moved"), ("/anders", "moved"), ("https://[kaputt", "no_connection")])
def test_a_redirect_to_nowhere(to: str, code: str) -> None:
    with bad_shop(says(302, b"", Location=to)) as server:
        assert asked(server).code == code


@pytest.mark.parametrize(
    ("said", "wait"),
    [("7", 7), ("", 30), ("morgen", 30), ("999999", 3600), ("-3", 30), ("Wed, 21 Oct 2015 07:28:00 GMT", 30)],
)
def test_how_long_a_shop_asks_us_to_wait(said: str, wait: float) -> None:
    with bad_shop(says(429, b"", Retry_After=said)) as server:
        assert asked(server).wait == wait
    with bad_shop(says(503, b"", Retry_After=said)) as server:
        assert 0 < asked(server).wait <= 60


def test_a_date_to_wait_for() -> None:
    until = format_datetime(RECORDED_AT + timedelta(seconds=100), usegmt=True)
    with bad_shop(says(429, b"", Retry_After=until)) as server:
        assert asked(server, clock=lambda: RECORDED_AT).wait == 100


def test_a_clock_off_by_twenty_minutes_is_named() -> None:
    late = format_datetime(now() - timedelta(minutes=20), usegmt=True)

    def refuses(handler: Handler) -> None:
        handler.date_time_string = lambda timestamp=None: late  # type: ignore[method-assign]
        woo(401, "woocommerce_rest_authentication_error", "Ungueltiger Zeitstempel.")(handler)

    with bad_shop(refuses) as server:
        assert asked(server).code == "clock"


def test_a_key_that_has_read_and_may_not_write_is_read_only() -> None:
    no = woo(401, "woocommerce_rest_authentication_error", "Der Schluessel darf nicht schreiben.")
    with bad_shop(says(200, b"[]"), no) as server:
        shop = client_of(server.url)
        shop.get("orders")
        for write in (lambda: shop.post("coupons", {}), lambda: shop.put("x", {}), lambda: shop.delete("x")):
            with pytest.raises(ShopRefused) as caught:
                write()
            assert caught.value.code == "read_only_key"


def test_a_byte_order_mark_does_no_harm() -> None:
    with bad_shop(says(200, b'\xef\xbb\xbf\n{"id":1}\n')) as server:
        assert client_of(server.url).get("orders/1").body == {"id": 1}


def test_parameters_are_joined_and_ours_stay_untouched() -> None:
    params: dict[str, object] = {"status": ["pending", "failed"], "exclude": [1, 2], "force": True, "x": None}
    with bad_shop(says(200, b"[]")) as server:
        client_of(server.url).get("orders", params)  # type: ignore[arg-type]
        path = server.seen[0][1]
    assert "status=pending%2Cfailed" in path and "exclude=1%2C2" in path and "force=true" in path
    assert "x=" not in path
    assert params["status"] == ["pending", "failed"] and len(params) == 4


def test_the_signature_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with bad_shop(says(200, b"[]", Link="<http://x/?consumer_secret=cs_geheim>; rel=next")) as server:
        answer = client_of(server.url).get("orders")
    assert not any(secret in caplog.text for secret in SECRETS)
    assert "cs_geheim" not in repr(answer)


# ── Recordings ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cassette", "code"),
    [("auth_401_unknown_key", "wrong_key"), ("auth_401_wrong_secret", "wrong_key"), ("auth_401_timestamp", "clock")],
)
def test_recorded_refusals(cassette: str, code: str) -> None:
    with replay(cassette) as shop, pytest.raises(ShopRefused) as caught:
        shop.get("orders", {"per_page": 1})
    assert caught.value.code == code


def test_recorded_read_only_key() -> None:
    with replay("auth_read_key") as shop:
        assert shop.get("orders", {"per_page": 1, "_fields": "id,status"}).body
        writes: list[Callable[[], object]] = [
            lambda: shop.post("coupons", {}),
            lambda: shop.put("orders/1569", {}),
            lambda: shop.delete("orders/1569"),
        ]
        for write in writes[:2]:
            with pytest.raises(ShopRefused) as caught:
                write()
            assert caught.value.code == "read_only_key"


def test_recorded_absence_and_the_shops_clock() -> None:
    with replay("wc893_missing_features") as shop:
        fields = "environment.version,environment.wp_version,environment.php_version,settings.currency,"
        fields += "settings.HPOS_enabled,settings.enabled_features,active_plugins"
        answer = shop.get("system_status", {"_fields": fields})
        assert answer.body["environment"]["version"] == "8.9.3"
        assert abs(answer.at - RECORDED_AT) < timedelta(minutes=10)
        assert shop.find("orders/20/fulfillments") is None


def test_an_unknown_request_would_fail() -> None:
    with replay("customers") as shop, pytest.raises(Exception, match="no recorded interaction"):
        shop.get("unbekannt")
    assert client("https://a.example").secure
