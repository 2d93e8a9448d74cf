"""Two weeks of trade in both shops, with every fault that happens: nothing lost, nothing twice, nobody bothered.

LADENBOTE_TRADE=full runs 2,000 orders and 1,500 carts, LADENBOTE_TRADE_SEED another play (CONTRIBUTING.md).
"""

import os
from collections import Counter

from trade import two_weeks
from trade_checks import complaints

from integration.store.db import Database

FULL = os.environ.get("LADENBOTE_TRADE") == "full"
ORDERS, CARTS, PEOPLE = (2000, 1500, 500) if FULL else (200, 150, 60)
KILLS = 20
SEED = int(os.environ.get("LADENBOTE_TRADE_SEED", "1"))
#: a play in which these do not happen proves nothing
EXPECTED = {"order_confirmation", "payment_received", "shipping_notice", "tracking_corrected", "delivered", ""}
EXPECTED |= {"refund_notice", "order_cancelled", "review_request", "abandoned_cart"}


def test_two_weeks_of_trade(database_url: str, keys: Database) -> None:
    seed = SEED + (not database_url.startswith("sqlite"))
    with two_weeks(database_url, keys, PEOPLE, seed) as trade:
        trade.run(ORDERS, CARTS, KILLS)
        found = complaints(trade)
    kinds = Counter(one.kind for one in trade.phones.shown)
    assert not found, f"LADENBOTE_TRADE_SEED={SEED}, {len(found)} complaints:\n" + "\n".join(found[:40])
    assert trade.kills == KILLS
    assert kinds.keys() >= EXPECTED, kinds
