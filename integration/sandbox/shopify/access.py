"""Who may see what: access scopes, and protected customer data (docs/reference/shopify.md section 1)."""

from typing import Any, Final

from graphql import GraphQLError

from integration.sandbox.shopify.shop import AdminShop

_SHELVES: Final = (
    *("read_assigned_fulfillment_orders", "read_merchant_managed_fulfillment_orders"),
    *("read_third_party_fulfillment_orders", "read_marketplace_fulfillment_orders"),
)
#: any one of these scopes opens the type
TYPES: Final[dict[str, tuple[str, ...]]] = {
    "Order": ("read_orders", "read_marketplace_orders", "read_quick_sale"),
    "AbandonedCheckout": ("read_orders",),
    "Refund": ("read_orders", "read_marketplace_orders"),
    "Fulfillment": ("read_orders", "read_marketplace_orders", *_SHELVES),
    "FulfillmentOrder": _SHELVES,
    "Customer": ("read_customers",),
    "CustomerPhoneNumber": ("read_customers",),
    "Product": ("read_products",),
    "DiscountCodeNode": ("read_discounts",),
    "DiscountCodeBasic": ("read_discounts",),
    "ShopLocale": ("read_locales", "read_markets_home"),
}
MUTATIONS: Final[dict[str, tuple[str, ...]]] = {
    "customerWhatsAppMarketingConsentUpdate": ("write_customers",),
    "discountCodeBasicCreate": ("write_discounts",),
    "discountCodeDeactivate": ("write_discounts",),
    "discountCodeDelete": ("write_discounts",),
}
_PERSONAL: Final = {
    "Customer": {"firstName", "lastName", "email", "phone", "defaultPhoneNumber", "defaultEmailAddress",
                 "defaultAddress"},
    "Order": {"email", "phone", "shippingAddress", "billingAddress"},
    "AbandonedCheckout": {"shippingAddress", "billingAddress"},
}  # fmt: skip


def refuse_without_scope(shop: AdminShop, parent: str, field: str, kind: str) -> None:
    """ACCESS_DENIED when the app has no scope for what this field returns."""
    needed = MUTATIONS.get(field, ()) if parent == "Mutation" else TYPES.get(kind.removesuffix("Connection"), ())
    if not needed or set(needed) & set(shop.app.scopes):
        return
    wanted = " or ".join(f"`{scope}` access scope" for scope in needed)
    raise denied(f"Access denied for {field} field. Required access: {wanted}.", requiredAccess=f"{wanted}.")


def hidden(shop: AdminShop, parent: str, field: str) -> bool:
    """Whether protected customer data stay null; an error when the shop's plan says so."""
    if shop.switches.privacy == "open" or field not in _PERSONAL.get(parent, ()):
        return False
    if shop.switches.privacy == "denied":
        raise denied(f"This app is not approved to use the {field} field. See "
                     "https://shopify.dev/docs/apps/launch/protected-customer-data for more details.")  # fmt: skip
    return True


def denied(message: str, **more: Any) -> GraphQLError:
    """As Shopify says it: a GraphQL error in an answer with status 200."""
    page = "https://shopify.dev/api/usage/access-scopes"
    return GraphQLError(message, extensions={"code": "ACCESS_DENIED", "documentation": page, **more})
