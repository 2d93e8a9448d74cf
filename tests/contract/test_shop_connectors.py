"""What every registry entry must do."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.registry import CONNECTORS
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, diff
from integration.domain.shops.facts import OrderFacts, ShipmentFacts
from integration.domain.shops.ports import Translation, Verdict

SECRET = 'geheim-&-"quoted"'
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=12,
)


def test_every_entry_has_samples_here(sampled: set[str]) -> None:
    assert sampled == set(CONNECTORS)


def test_names_itself_as_in_the_registry(platform: Any) -> None:
    assert platform.connector.platform == platform.name
    assert platform.connector.label
    assert platform.connector.settings.model_fields["platform"].default == platform.name


def test_right_signature_is_verified(platform: Any) -> None:
    verdict = platform.connector.verify(platform.headers(platform.order), platform.order, [SECRET])
    assert verdict is Verdict.VERIFIED


def test_both_secrets_count_during_a_rotation(platform: Any) -> None:
    headers = platform.headers(platform.order, "alt")
    assert platform.connector.verify(headers, platform.order, ["neu", "alt"]) is Verdict.VERIFIED


@pytest.mark.parametrize("secrets", [["falsch"], [], [""]])
def test_wrong_or_no_secret_is_unsigned(platform: Any, secrets: list[str]) -> None:
    headers = platform.headers(platform.order)
    assert platform.connector.verify(headers, platform.order, secrets) is Verdict.UNSIGNED


def test_an_empty_secret_verifies_nothing(platform: Any) -> None:
    headers = platform.headers(platform.order, "")
    assert platform.connector.verify(headers, platform.order, ["", SECRET]) is Verdict.UNSIGNED


@pytest.mark.parametrize("signature", ["", "ä€", "AAAA", " "])
def test_bad_signature_is_unsigned(platform: Any, signature: str) -> None:
    headers = platform.headers(platform.order) | {platform.signature: signature}
    assert platform.connector.verify(headers, platform.order, [SECRET]) is Verdict.UNSIGNED


def test_missing_signature_is_unsigned(platform: Any) -> None:
    headers = platform.headers(platform.order)
    del headers[platform.signature]
    assert platform.connector.verify(headers, platform.order, [SECRET]) is Verdict.UNSIGNED


def test_one_changed_byte_is_unsigned(platform: Any) -> None:
    headers = platform.headers(platform.order)
    assert platform.connector.verify(headers, platform.order + b" ", [SECRET]) is Verdict.UNSIGNED


def test_ping_is_recognised_only_without_the_platforms_headers(platform: Any) -> None:
    if platform.ping is None:
        assert platform.connector.verify({}, b"webhook_id=25", [SECRET]) is Verdict.UNSIGNED
        return
    assert platform.connector.verify({}, platform.ping, [SECRET]) is Verdict.PING
    headers = {platform.topic_header: platform.order_topic}
    assert platform.connector.verify(headers, platform.ping, [SECRET]) is Verdict.UNSIGNED
    assert platform.connector.verify({}, platform.ping + b"&x=1", [SECRET]) is Verdict.UNSIGNED


def test_topic_and_kept_headers(platform: Any) -> None:
    headers = platform.headers(b"{}") | {"cookie": "geheim", "authorization": "Bearer geheim"}
    assert platform.connector.topic(headers) == platform.order_topic
    assert platform.connector.topic({}) == ""
    kept = platform.connector.kept_headers(headers)
    assert kept == {platform.topic_header: platform.order_topic}


def test_a_repetition_is_known_by_more_than_what_anybody_may_write(platform: Any) -> None:
    ids = {"x-shopify-webhook-id": "b1", "x-wc-webhook-delivery-id": "b1"}
    first, other = platform.headers(b"{}") | ids, platform.headers(b"[]") | ids
    connector = platform.connector
    assert connector.delivery(first) == connector.delivery(dict(first))
    assert not connector.delivery(first) or connector.delivery(first) != connector.delivery(other)
    assert connector.delivery({}) == ""


def test_an_order_and_its_parcels(platform: Any) -> None:
    order, *parcels = platform.translate(platform.order).snapshots
    assert order.object_type is ObjectType.ORDER
    assert set(order.facts) == set(OrderFacts.__annotations__)
    assert parcels
    assert all(set(parcel.facts) == set(ShipmentFacts.__annotations__) for parcel in parcels)
    assert all(parcel.facts["order_id"] == order.object_id for parcel in parcels)


def test_facts_survive_storage_as_json(platform: Any) -> None:
    for snapshot in platform.translate(platform.order).snapshots:
        assert orjson.loads(orjson.dumps(snapshot.facts)) == snapshot.facts
        assert all(type(value) in (str, bool, int, list, dict, type(None)) for value in snapshot.facts.values())


def test_webhook_and_poll_give_equal_snapshots(platform: Any, shop: Any) -> None:
    pushed, polled = platform.translate(platform.order).snapshots, platform.poll(shop).snapshots
    assert pushed == polled
    assert [one.content_hash for one in pushed] == [one.content_hash for one in polled]
    assert all(not diff(old, new) for old, new in zip(pushed, polled, strict=True))


def test_every_field_null(platform: Any) -> None:
    order = orjson.loads(platform.order)
    for name in order:
        body = orjson.dumps(order | {name: None})
        assert isinstance(_translated_or_malformed(platform, body), Translation | Malformed)


def test_every_field_of_another_type(platform: Any) -> None:
    order = orjson.loads(platform.order)
    for name in order:
        odds: tuple[Any, ...] = ([], {}, [None], [{}], "x", 1.5, True, -1, {"a": [1]}, ["x"])
        for odd in odds:
            body = orjson.dumps(order | {name: odd})
            assert isinstance(_translated_or_malformed(platform, body), Translation | Malformed)


def test_an_order_of_nulls_but_id_and_time(platform: Any) -> None:
    order = orjson.loads(platform.order)
    needed = {"id", "admin_graphql_api_id", "status", "updated_at", "date_modified_gmt"}
    bare = {name: value if name in needed else None for name, value in order.items()}
    (snapshot,) = platform.translate(orjson.dumps(bare)).snapshots
    assert snapshot.facts["phone"] == ""
    assert snapshot.facts["consent"] is None
    assert snapshot.facts["country"] == "DE"


NO_ORDERS = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b"{}",
    b'{"id":null}',
    b'{"id":"x"}',
    b'{"id":1}',
]


@pytest.mark.parametrize("body", NO_ORDERS)
def test_a_body_that_is_no_order_is_malformed(platform: Any, body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        platform.translate(body)
    assert str(caught.value)


def test_malformed_tells_no_personal_data(platform: Any) -> None:
    order = {name: value for name, value in orjson.loads(platform.order).items() if "id" not in name}
    with pytest.raises(Malformed) as caught:
        platform.translate(orjson.dumps(order))
    assert "example.com" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_topics_without_snapshot(platform: Any) -> None:
    topic, body = platform.deleted
    assert platform.translate(body, topic) == Translation(note="gone", gone=str(orjson.loads(body)["id"]))
    assert platform.translate(b"{}", platform.thin) == Translation(note="thin")
    assert platform.translate(b"{}", platform.other) == Translation(note="no_notification")
    for unknown in ("", "x", "/", ".", "orders/exploded", "order.exploded", "nonsense/update"):
        assert platform.translate(b"{}", unknown or "?") == Translation(note="unknown_topic")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON)
def test_random_json_raises_nothing_but_malformed(platform: Any, body: Any) -> None:
    if _fits(body):
        _translated_or_malformed(platform, orjson.dumps(body))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_order_with_a_random_part_raises_nothing_but_malformed(platform: Any, data: st.DataObject) -> None:
    order = orjson.loads(platform.order)
    name, value = data.draw(st.sampled_from(sorted(order))), data.draw(JSON)
    if _fits(value):
        _translated_or_malformed(platform, orjson.dumps(order | {name: value}))


def test_settings_refuse_what_they_do_not_know(platform: Any) -> None:
    address = {"shopify": {"domain": "a.myshopify.com"}, "woocommerce": {"url": "https://a.example"}}
    given_ = {"name": "Laden", "webhook_secret": "neu", **address[platform.name]}
    model = platform.connector.settings
    assert model.model_validate(given_ | {"previous_webhook_secret": "alt"}).secrets() == ["neu", "alt"]
    assert model.model_validate(given_).secrets() == ["neu"]
    assert "neu" not in repr(model.model_validate(given_))
    for wrong in ({"farbe": "rot"}, {"webhook_secret": ""}, {"country": "Deutschland"}, {"address": "ihr"}):
        with pytest.raises(ValidationError):
            model.model_validate(given_ | wrong)


def _translated_or_malformed(platform: Any, body: bytes) -> Translation | Malformed:
    try:
        found: Translation = platform.translate(body)
    except Malformed as error:
        return error
    return found


def _fits(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True
