"""Parts of `events.OrderFacts` that a platform fills in one go."""

from typing import TypedDict


class BuyerFacts(TypedDict):
    """Who bought. `phone` is as typed, `country` the one of the address that it stands in."""

    first_name: str
    last_name: str
    email: str
    phone: str
    country: str
    customer_id: str
