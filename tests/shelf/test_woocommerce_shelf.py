"""The shelf's genuine WooCommerce deliveries, and every order in its recordings of the REST API."""

import os
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.woocommerce import CONNECTOR
from integration.domain.shops.events import Milestone, ObjectType, Snapshot, diff
from integration.domain.shops.ports import ShopContext, Translation, Verdict

SHELF = Path(os.environ.get("LADENBOTE_SHELF") or Path(__file__).parents[3] / "shared/data") / "woocommerce"
WEBHOOKS, CASSETTES = SHELF / "webhooks", SHELF / "cassettes"
SECRET = 'geheim-&-"quoted"'
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SHOP = ShopContext("laden", "DE")
INDEX: list[dict[str, Any]] = orjson.loads((WEBHOOKS / "index.json").read_bytes()) if SHELF.is_dir() else []
SIGNED = [row for row in INDEX if row["signed_with"] == "webhook"]
OURS = {"checkout-draft": "open", "on-hold": "on_hold"}
pytestmark = pytest.mark.skipif(not SHELF.is_dir(), reason="no data shelf here")


def request(name: str) -> tuple[dict[str, str], bytes]:
    headers = orjson.loads((WEBHOOKS / f"{name}.headers.json").read_bytes())["headers"]
    return {key.lower(): value for key, value in headers.items()}, (WEBHOOKS / f"{name}.body").read_bytes()


def received(name: str) -> Translation:
    headers, body = request(name)
    assert CONNECTOR.verify(headers, body, [SECRET]) is Verdict.VERIFIED
    return CONNECTOR.translate(CONNECTOR.topic(headers), body, SHOP, NOW)


def order(name: str) -> Snapshot:
    return received(name).snapshots[0]


def test_the_shelf_has_its_deliveries() -> None:
    assert len(SIGNED) == 28
    assert len(INDEX) == 32


def test_the_ping() -> None:
    headers, body = request("01_ping")
    assert CONNECTOR.verify(headers, body, [SECRET]) is Verdict.PING


@pytest.mark.parametrize("name", [row["name"] for row in INDEX if "companion" in row["name"]])
def test_companion_deliveries_are_not_woocommerces(name: str) -> None:
    assert CONNECTOR.verify(*request(name), [SECRET]) is Verdict.UNSIGNED


@pytest.mark.parametrize("row", SIGNED, ids=lambda row: row["name"])
def test_every_signed_delivery(row: dict[str, Any]) -> None:
    found = received(row["name"])
    if row["topic"].startswith("order.") and row["status"]:
        assert found.snapshots[0].object_id == str(row["resource_id"])
        assert found.snapshots[0].facts["status"] == OURS.get(row["status"], row["status"])
    else:
        kind = row["topic"].partition(".")[0]
        assert found.note == {"order": "gone", "action": "thin", "product": "thin"}.get(kind, "no_notification")


def milestones(*names: str) -> list[list[Milestone]]:
    seen: list[Snapshot | None] = [None, *(order(name) for name in names)]
    return [[o.milestone for o in diff(old, new)] for old, new in pairwise(seen) if new]


def test_story_a_one_order_step_by_step() -> None:
    steps = (
        "03_order.created_pending",
        "04_order.updated_pending",
        "05_order.updated_on-hold",
        "06_order.updated_processing",
        "07_order.updated_completed",
        "08_order.updated_partial_refund",
    )
    assert milestones(*steps) == [
        [Milestone.PLACED],
        [],
        [Milestone.AWAITING_PAYMENT],
        [Milestone.PROCESSING, Milestone.PAID],
        [Milestone.COMPLETED],
        [Milestone.REFUNDED],
    ]


def test_story_b_coalesced_states_are_not_lost() -> None:
    first, second = milestones("09_order.created_completed_coalesced", "10_order.updated_completed_coalesced")
    assert set(first) == {Milestone.PLACED, Milestone.PAID, Milestone.COMPLETED}
    assert second == []


def test_story_c_updated_before_created() -> None:
    steps = ("11_order.updated_checkout-draft", "12_order.updated_placed", "13_order.created_placed")
    assert milestones(*steps[1:]) == [[Milestone.PLACED, Milestone.AWAITING_PAYMENT], []]
    draft, placed, _ = (order(name) for name in steps)
    assert (draft.object_type, draft.object_id) == (ObjectType.CART, placed.facts["cart_id"])
    assert received(steps[1]).snapshots[-1].facts["status"] == "ordered"
    assert placed.facts["consent"]["granted"] is True
    assert placed.facts["placed_at"] == placed.facts["consent"]["at"]


def test_a_shared_delivery_id_hides_no_order() -> None:
    both = ("28_order.updated_same_delivery_id_a", "29_order.updated_same_delivery_id_b")
    assert [order(name).object_id for name in both] == ["1559", "1560"]


def recorded_orders() -> list[dict[str, Any]]:
    """Every order object in every recorded answer."""
    texts = re.findall(r"^      string: (.*(?:\n        .*)*)", _all_cassettes(), re.MULTILINE)
    found = [_json(text) for text in texts]
    rows = [row for page in found for row in (page if isinstance(page, list) else [page])]
    return [
        row
        for row in rows
        if isinstance(row, dict) and "date_modified_gmt" in row and "total" in row and "billing" in row
    ]


def _all_cassettes() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(CASSETTES.glob("*.yaml")))


def _json(text: str) -> Any:
    yaml = pytest.importorskip("yaml")
    return orjson.loads(yaml.safe_load(text) or "null") if text[:1] in "'\"[{" else None


def test_every_recorded_order_translates() -> None:
    orders = recorded_orders()
    assert len(orders) > 50
    for row in orders:
        snapshot = CONNECTOR.translate("order.updated", orjson.dumps(row), SHOP, NOW).snapshots[0]
        assert snapshot.object_id == str(row["id"])
        assert snapshot.facts["total"] == row.get("total", "")
        shipping_only = row.get("shipping", {}).get("phone") and not row["billing"].get("phone")
        assert not (shipping_only and snapshot.facts["phone"])
