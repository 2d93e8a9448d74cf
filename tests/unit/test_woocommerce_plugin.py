"""What the companion plugin reports."""

import orjson
import pytest

from connectors.registry import CONNECTORS
from integration.domain.errors import Malformed
from integration.domain.ports import PrivacyRequest, ShopContext, Translation

WOO = CONNECTORS["woocommerce"]


def translated(**fact: object) -> Translation:
    from datetime import UTC, datetime

    at = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    return WOO.translate("plugin", orjson.dumps(fact), ShopContext("laden", "DE"), at)


@pytest.mark.parametrize(("event", "kind"), [("privacy.export", "export"), ("privacy.erase", "erase")])
def test_a_privacy_request_keeps_whose_it_is(event: str, kind: str) -> None:
    found = translated(event=event, email="anna@example.com", id="r-1")
    assert found.privacy == (PrivacyRequest(kind, "anna@example.com", "r-1"),)
    assert found.note == "privacy_request"


def test_a_ping_and_what_a_newer_plugin_may_report() -> None:
    assert translated(event="ping", id="1").note == "ping"
    assert translated(event="coupon.guessed", id="1").note == "unknown_topic"


@pytest.mark.parametrize("fact", [{}, {"event": 5}, {"event": "privacy.erase"}, {"event": "privacy.export", "id": "1"}])
def test_what_is_no_fact(fact: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        translated(**fact)
