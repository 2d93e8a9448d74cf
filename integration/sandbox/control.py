"""The control API of the shops and of the story: what customers and owners do."""

from decimal import Decimal
from typing import Any, Final

from starlette.routing import Route

from integration.sandbox.asked import Action, Invalid, posts, text
from integration.sandbox.cast import CUSTOMERS
from integration.sandbox.shopify.stage_shop import ShopifyShop
from integration.sandbox.stage import Stage
from integration.sandbox.story import play
from integration.sandbox.woocommerce.model import LIVE
from integration.sandbox.woocommerce.shop import WooShop

MAX_DUPLICATES: Final = 20
MAX_PAUSE: Final = 10.0
PART: Final = Decimal("5.00")


def routes() -> list[Route]:
    """What there is under /stage for shops."""
    actions: dict[str, Action] = {
        "order": _order, "pay": _pay, "ship": _ship, "cancel": _cancel, "refund": _refund, "deliver": _deliver,
        "leave": _leave, "return": _return, "story": _story,
    }  # fmt: skip
    return posts(actions)


def _shop(stage: Stage, body: dict[str, Any]) -> WooShop | ShopifyShop:
    shop = stage.shops.get(text(body, "shop"))
    if shop is None:
        raise Invalid(f"shop must be one of {', '.join(stage.shops)}")
    return shop


def _found(stage: Stage, body: dict[str, Any]) -> tuple[WooShop | ShopifyShop, Any]:
    shop = _shop(stage, body)
    key = str(body.get("order", ""))
    every: Any = shop.orders
    order = every.get(key) or next((o for o in every if o.number == key), None)
    if order is None:
        raise Invalid("there is no such order")
    return shop, order


def _customer(body: dict[str, Any]) -> str:
    customer = text(body, "customer")
    if customer not in CUSTOMERS:
        raise Invalid(f"customer must be one of {', '.join(CUSTOMERS)}")
    return customer


def _typed(body: dict[str, Any]) -> tuple[bool | None, str | None]:
    """The box and the phone number, as somebody fills in a checkout."""
    consent = body.get("consent")
    if consent not in (True, False, None):
        raise Invalid("consent must be true, false or null")
    return consent, text(body, "phone")[:100] if body.get("phone") is not None else None


async def _order(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    customer, (consent, phone) = _customer(body), _typed(body)
    duplicates = body.get("duplicates", 1)
    if not isinstance(duplicates, int) or not 1 <= duplicates <= MAX_DUPLICATES:
        raise Invalid(f"duplicates must be 1 to {MAX_DUPLICATES}")
    shop = _shop(stage, body)
    order = shop.place_order(customer, None, consent, phone, paid=body.get("paid") is True, duplicates=duplicates)
    return {"order": order.as_json()}


async def _pay(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    _refuse(order, cancelled=True, paid=True)
    shop.pay(order)
    return {"order": order.as_json()}


async def _ship(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    _refuse(order, cancelled=True)
    if len(order.parcels) >= 5:
        raise Invalid("five parcels are enough")
    if isinstance(shop, ShopifyShop) and not order.left():
        raise Invalid("everything is on its way")
    stage.ship(shop, order, text(body, "carrier", "DHL")[:60], text(body, "number", "")[:60])
    return {"order": order.as_json()}


async def _cancel(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    _refuse(order, cancelled=True)
    shop.cancel(order)
    return {"order": order.as_json()}


async def _refund(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    live = order.status in LIVE if isinstance(shop, WooShop) else order.paid and order.refunded < order.total
    if not live:
        raise Invalid("this order cannot be refunded")
    shop.refund(order, min(PART, order.total - order.refunded), "Teil defekt")
    return {"order": order.as_json()}


async def _deliver(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    if not isinstance(shop, ShopifyShop) or not order.parcels or order.parcels[-1].reached("DELIVERED"):
        raise Invalid("nothing of this order is on its way")
    shop.deliver(order)
    return {"order": order.as_json()}


async def _leave(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    consent, phone = _typed(body)
    _shop(stage, body).leave_cart(_customer(body), consent, phone)
    return {}


async def _return(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    order = _shop(stage, body).come_back(_customer(body))
    if order is None:
        raise Invalid("nobody of this name left a cart")
    return {"order": order.as_json()}


def _refuse(order: Any, *, cancelled: bool = False, paid: bool = False) -> None:
    if cancelled and order.cancelled:
        raise Invalid("the order is cancelled")
    if paid and order.paid:
        raise Invalid("the order is paid")


async def _story(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    if stage.story["running"]:
        raise Invalid("the story is being played")
    try:
        pause = min(max(float(body.get("pause", 1.5)), 0.0), MAX_PAUSE)
    except (TypeError, ValueError) as error:
        raise Invalid("pause must be a number of seconds") from error
    return {"steps": await play(stage, pause)}
