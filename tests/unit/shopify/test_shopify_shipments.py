"""Shopify fulfilments as parcels."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.shopify import CONNECTOR
from integration.domain.errors import Malformed
from integration.domain.shops.events import Milestone, ObjectType, Snapshot, diff
from integration.domain.shops.ports import ShopContext

DATA = Path(__file__).parents[2] / "data/shopify"
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SHOP = ShopContext("laden", "DE")
PARCEL: dict[str, Any] = orjson.loads((DATA / "fulfillment.json").read_bytes())


def parcel(**changes: Any) -> Snapshot:
    (found,) = CONNECTOR.translate("fulfillments/update", orjson.dumps(PARCEL | changes), SHOP, NOW).snapshots
    return found


def milestones(old: Snapshot | None, new: Snapshot) -> list[Milestone]:
    return [occurrence.milestone for occurrence in diff(old, new)]


def test_the_whole_parcel() -> None:
    snapshot = parcel()
    assert (snapshot.object_type, snapshot.object_id) == (ObjectType.SHIPMENT, "6100000000000000123")
    assert snapshot.version == datetime(2026, 11, 23, 14, 12, tzinfo=UTC)
    assert snapshot.facts == {
        "order_id": "5600000000000000789",
        "number": "00340434161094042557",
        "aliases": ["00340434161094042558"],
        "carrier": "DHL",
        "url": "https://www.dhl.de/verfolgen?piececode=00340434161094042557",
        "shipped_at": "2026-11-23T14:10:00+00:00",
        "delivered_at": None,
        "out_for_delivery_at": None,
        "promised_on": "",
    }
    assert milestones(None, snapshot) == [Milestone.SHIPPED]


def test_the_order_carries_the_same_parcel() -> None:
    order = (DATA / "order.json").read_bytes()
    _, inside = CONNECTOR.translate("orders/fulfilled", order, SHOP, NOW).snapshots
    assert inside == parcel()


@pytest.mark.parametrize("status", ["cancelled", "error", "failure", "CANCELLED"])
def test_a_cancelled_parcel_never_ships(status: str) -> None:
    snapshot = parcel(status=status, shipment_status="delivered")
    assert snapshot.facts["number"] == ""
    assert snapshot.facts["aliases"] == []
    assert milestones(None, snapshot) == [Milestone.PARCEL_CREATED]
    assert milestones(parcel(), snapshot) == []


def test_a_number_that_comes_later() -> None:
    before = parcel(tracking_number=None, tracking_numbers=[], tracking_url=None)
    assert before.facts["number"] == ""
    assert milestones(None, before) == [Milestone.PARCEL_CREATED]
    assert milestones(before, parcel()) == [Milestone.SHIPPED]


def test_a_corrected_number() -> None:
    corrected = parcel(tracking_number="1Z", tracking_numbers=["1Z"])
    assert milestones(parcel(), corrected) == [Milestone.TRACKING_CORRECTED]


def test_delivered() -> None:
    snapshot = parcel(shipment_status="delivered", updated_at="2026-11-25T10:00:00+01:00")
    assert snapshot.facts["delivered_at"] == "2026-11-25T09:00:00+00:00"
    assert milestones(parcel(), snapshot) == [Milestone.DELIVERED]


def test_without_link_the_carriers_page() -> None:
    assert parcel(tracking_url=None, tracking_company="DPD").facts["url"].startswith("https://tracking.dpd.de/")
    assert parcel(tracking_url=None, tracking_company="Radkurier").facts["url"] == ""


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://x", "//x", "https://x y", "https://" + "x" * 2000, 7])
def test_no_other_links_than_web_links(link: object) -> None:
    assert parcel(tracking_url=link, tracking_company=None).facts["url"] == ""


@pytest.mark.parametrize("missing", [{"order_id": None}, {"admin_graphql_api_id": None, "id": None}])
def test_without_ids_it_is_malformed(missing: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parcel(**missing)
    with pytest.raises(Malformed):
        parcel(updated_at=None, created_at=None)
