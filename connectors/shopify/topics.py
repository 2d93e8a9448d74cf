"""Shopify's webhook topics, sorted by what their body is worth to us.

Resources as in the Admin API 2026-10's `WebhookSubscriptionTopic`, the compliance topics included.
"""

from typing import Final

ORDER: Final = frozenset(
    f"orders/{what}" for what in ("create", "paid", "updated", "cancelled", "fulfilled", "partially_fulfilled")
)
FULFILLMENT: Final = frozenset({"fulfillments/create", "fulfillments/update"})
DELETED: Final = "orders/delete"

CHECKOUT: Final = frozenset({"checkouts/create", "checkouts/update"})
#: the connection itself changed: the shop must be examined
CONNECTION: Final = {"app/uninstalled": "app_uninstalled", "app/scopes_update": "scopes_changed"}

ORDER_HINTS: Final = frozenset(
    {"orders/link_requested", "orders/risk_assessment_changed", "orders/shopify_protect_eligibility_changed"}
)
RESOURCES: Final = frozenset(
    """
    app app_purchases_one_time app_subscriptions audit_events bulk_operations carts channels checkouts
    collection_listings collection_publications collections companies company_contact_roles company_contacts
    company_locations customer customer_account_settings customer_groups customer_payment_methods customers
    customers_email_marketing_consent customers_marketing_consent delivery_promise_settings discounts disputes
    domains draft_orders finance_app_staff_member finance_kyc_information fulfillment_holds fulfillment_orders
    inventory_items inventory_levels inventory_shipments inventory_transfers locales locations markets
    metafield_definitions metaobjects payment_schedules payment_terms product_feeds product_listings
    product_publications products profiles returns reverse_deliveries reverse_fulfillment_orders
    scheduled_product_listings segments selling_plan_groups shipping_addresses shop
    subscription_billing_attempts
    subscription_billing_cycle_edits subscription_billing_cycles subscription_contracts tax_services
    tender_transactions themes variants
    """.split()  # noqa: SIM905
)


def is_shopifys(topic: str) -> bool:
    """Whether Shopify has topics of this kind (`products/update`, `customer.tags_added`)."""
    resource, separator, what = topic.replace(".", "/", 1).partition("/")
    return bool(separator and what) and (resource in RESOURCES or topic in ORDER_HINTS)
