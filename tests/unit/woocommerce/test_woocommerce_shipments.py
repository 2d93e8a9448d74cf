"""Parcels of WooCommerce's shipment plugins."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.woocommerce import CONNECTOR
from integration.domain.shops.events import Milestone, Snapshot, diff
from integration.domain.shops.ports import ShopContext

DATA = Path(__file__).parents[2] / "data/woocommerce"
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SHOP = ShopContext("laden", "DE")
ORDER: dict[str, Any] = orjson.loads((DATA / "20_order.updated_ast.body").read_bytes())
SHIPTASTIC: dict[str, Any] = orjson.loads((DATA / "21_order.updated_shiptastic.body").read_bytes())
DHL_PAGE = "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=00340434161094042557"


def parcels(order: dict[str, Any]) -> list[Snapshot]:
    return list(CONNECTOR.translate("order.updated", orjson.dumps(order), SHOP, NOW).snapshots[1:])


def tracked(**changes: Any) -> Snapshot:
    row = {"tracking_provider": "DHL Germany", "tracking_number": "123", "tracking_id": "abc"} | changes
    meta = [{"key": "_wc_shipment_tracking_items", "value": [row]}]
    (found,) = parcels(ORDER | {"meta_data": meta})
    return found


def shiptastic(**changes: Any) -> list[Snapshot]:
    return parcels(SHIPTASTIC | {"shipments": [SHIPTASTIC["shipments"][0] | changes]})


def test_advanced_shipment_tracking_as_recorded() -> None:
    dhl, courier = parcels(ORDER)
    assert dhl.object_id == "1593:bf12d6eef23d729a952fe7356c953ee4"
    assert dhl.version == datetime(2026, 11, 23, 18, 9, 21, tzinfo=UTC)
    assert dhl.facts == {
        "order_id": "1593",
        "number": "00340434161094042557",
        "aliases": [],
        "carrier": "DHL",
        "url": DHL_PAGE,
        "shipped_at": None,
        "delivered_at": None,
        "out_for_delivery_at": None,
        "promised_on": "",
    }
    assert (courier.facts["carrier"], courier.facts["url"]) == ("Radkurier", "https://kurier.example/RK-77")
    assert courier.facts["shipped_at"] == "2026-11-23T18:09:21+00:00"
    assert [o.milestone for one in (dhl, courier) for o in diff(None, one)] == [Milestone.SHIPPED] * 2


@pytest.mark.parametrize(
    ("date_shipped", "shipped_at"),
    [
        ("1795392000", None),
        (1795392000, None),
        (1795457300, "2026-11-23T18:08:20+00:00"),
        (1795543700, "2026-11-23T18:09:21+00:00"),
        ("1795132800", "2026-11-20T00:00:00+00:00"),
        ("", None),
        (None, None),
        ("gestern", None),
        (-5, None),
        (True, None),
        (10**15, None),
        (1.5, None),
    ],
)
def test_date_shipped(date_shipped: object, shipped_at: str | None) -> None:
    assert tracked(date_shipped=date_shipped).facts["shipped_at"] == shipped_at


def test_a_day_without_time_ships_when_the_order_was_modified() -> None:
    (shipped,) = diff(None, tracked(date_shipped="1795392000"))
    assert shipped.at == datetime(2026, 11, 23, 18, 9, 21, tzinfo=UTC)


def test_without_tracking_id_the_number_names_the_parcel() -> None:
    assert tracked(tracking_id="").object_id == "1593:123"


def test_slug_custom_provider_and_link() -> None:
    assert tracked(tracking_provider="dpd-de").facts["carrier"] == "DPD"
    own = tracked(
        custom_tracking_provider="Radkurier",
        custom_tracking_link="https://k.example/?n=%1$s",
        tracking_number="A/1 2",
    )
    assert (own.facts["carrier"], own.facts["url"]) == ("Radkurier", "https://k.example/?n=A%2F1%202")


@pytest.mark.parametrize("link", ["javascript:%1$s", "", None, 7, "ftp://x/%1$s"])
def test_no_other_links_than_web_links(link: object) -> None:
    assert tracked(tracking_provider="Radkurier", custom_tracking_link=link).facts["url"] == ""


def test_shiptastic_as_recorded() -> None:
    (one,) = parcels(SHIPTASTIC)
    assert one.object_id == "1594:4"
    assert (one.facts["number"], one.facts["url"]) == ("00340434161094042557", DHL_PAGE)
    assert one.facts["carrier"] == "DHL"
    assert one.facts["shipped_at"] == "2026-11-23T18:09:25+00:00"
    assert one.facts["delivered_at"] == "2026-11-23T18:09:28+00:00"
    assert [o.milestone for o in diff(None, one)] == [Milestone.SHIPPED, Milestone.DELIVERED]


def test_a_printed_label_is_not_on_its_way() -> None:
    (label,) = shiptastic(status="processing", date_sent_gmt=None)
    (sent,) = shiptastic(status="shipped")
    assert label.facts["number"] == ""
    assert [o.milestone for o in diff(None, label)] == [Milestone.PARCEL_CREATED]
    assert [o.milestone for o in diff(label, sent)] == [Milestone.SHIPPED]


def test_a_return_is_no_parcel_for_the_customer() -> None:
    assert shiptastic(type="return") == []


def test_a_number_that_two_plugins_know_is_one_parcel() -> None:
    both = SHIPTASTIC | {"meta_data": ORDER["meta_data"]}
    assert [one.facts["number"] for one in parcels(both)] == ["00340434161094042557", "RK-77"]


def test_core_fulfilment_alone_is_no_parcel() -> None:
    assert parcels(orjson.loads((DATA / "19_order.updated_fulfillment.body").read_bytes())) == []


@pytest.mark.parametrize("odd", [None, "x", {}, [None], [[]], [{}], [{"id": "x"}], [{"id": True}]])
def test_odd_shapes_make_no_parcel(odd: object) -> None:
    meta = [{"key": "_wc_shipment_tracking_items", "value": odd}]
    assert parcels(ORDER | {"meta_data": meta, "shipments": odd}) == []
