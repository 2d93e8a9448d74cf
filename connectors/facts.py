"""Parts of `events.OrderFacts` that a platform fills in one go."""

from typing import TypedDict


class BuyerFacts(TypedDict):
    """Who bought. `phone` is as typed, `country` and `region` (federal state) are those of the address it stands in."""

    first_name: str
    last_name: str
    email: str
    phone: str
    country: str
    region: str
    customer_id: str
