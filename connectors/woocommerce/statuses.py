"""Which order statuses a shop is asked for (docs/reference/woocommerce.md section 2).

WooCommerce's own list "any" holds drafts, so the statuses are named; a shop's own ones are learned from it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.reading import rows, text
from connectors.woocommerce.carts import DRAFT
from connectors.woocommerce.client import Answer, Params, WooCommerceClient
from connectors.woocommerce.keyset import BEHIND
from connectors.woocommerce.orders import STATUSES, UNFINISHED
from connectors.woocommerce.troubles import Rejected
from integration.domain.errors import ShopRefused

CORE: Final = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
NO_ORDERS: Final = UNFINISHED | {DRAFT, "any", "trash"}
#: how often a shop is asked for its own statuses
ASKED_EVERY: Final = timedelta(hours=1)
SLUG: Final = re.compile(r"[a-z0-9_-]{1,40}")
MOST: Final = 40


def refreshed(client: WooCommerceClient, cursor: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The cursor with the shop's statuses as they were within the hour.

    With a new status the cursor goes back to the last time of asking: orders may have been in it since.
    """
    asked = datetime.fromisoformat(cursor["asked"]) if "asked" in cursor else None
    if asked and now - asked < ASKED_EVERY:
        return dict(cursor)
    own, known = _own(client), cursor.get("own", [])
    fresh = {**cursor, "own": own, "asked": now.isoformat()}
    if asked and set(own) - set(known):
        back = min((asked - BEHIND).strftime("%Y-%m-%dT%H:%M:%S"), cursor["after"])
        return {"after": back, "own": own, "asked": now.isoformat()}
    return fresh


def _own(client: WooCommerceClient) -> list[str]:
    """The shop's own statuses; none where the key may not see reports."""
    try:
        found = rows(client.get("reports/orders/totals").body)
    except ShopRefused as error:
        if error.code in ("wrong_key", "clock", "moved", "certificate"):
            raise
        return []
    slugs = {text(row.get("slug"), 40).removeprefix("wc-") for row in found}
    return sorted(slug for slug in slugs if SLUG.fullmatch(slug) and slug not in {*CORE, *NO_ORDERS, *STATUSES})[:MOST]


def asked_for(client: WooCommerceClient, params: Params, statuses: Sequence[str]) -> Answer:
    """The orders in these statuses. One status that the shop does not know would fail all: then it is left out."""
    try:
        return client.get("orders", {**params, "status": list(statuses)})
    except Rejected as error:
        allowed = set(SLUG.findall(error.detail))
        known = [one for one in statuses if one in allowed]
        if error.reason != "rest_invalid_param" or not known or len(known) == len(statuses):
            raise
        return client.get("orders", {**params, "status": known})
