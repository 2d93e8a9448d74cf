"""The shop, its goods, vouchers, webhooks, bulk operations and the app, as GraphQL shows them."""

from typing import Any, Final

from integration.sandbox.shopify.call import (
    Args,
    Call,
    Fields,
    always,
    amount,
    attribute,
    coin,
    gid,
    legacy,
    moment,
    shown,
)
from integration.sandbox.shopify.paging import listed
from integration.sandbox.shopify.records import Bulk, Discount, Product, Variant
from integration.sandbox.shopify.shop import AdminShop


def version(handle: str, call: Call) -> dict[str, Any]:
    """An ApiVersion."""
    return {"handle": handle, "displayName": handle, "supported": handle in call.shop.versions}


def _scopes(shop: AdminShop) -> list[dict[str, str]]:
    return [{"handle": scope, "description": scope} for scope in shop.app.scopes]


SHOP: Final[Fields] = {
    "id": always("gid://shopify/Shop/90001"), "name": attribute("name"), "myshopifyDomain": attribute("domain"),
    "email": always("laden@example.com"), "contactEmail": always("laden@example.com"),
    "ianaTimezone": always("Europe/Berlin"), "timezoneOffsetMinutes": always(60), "currencyCode": always("EUR"),
    "enabledPresentmentCurrencies": always(["EUR", "CHF"]), "taxesIncluded": always(True),
    "url": lambda s, _, __: f"https://{s.domain}",
    "primaryDomain": lambda s, _, __: {"id": "gid://shopify/Domain/1", "host": s.domain, "url": f"https://{s.domain}"},
    "shopAddress": always({"id": "gid://shopify/ShopAddress/1", "countryCodeV2": "DE", "city": "Köln",
                           "company": "Laden Beispiel"}),
    "plan": lambda s, _, __: {"publicDisplayName": s.plan.name, "displayName": s.plan.name,
                              "shopifyPlus": s.plan.plus, "partnerDevelopment": False},
    "marketingSmsConsentEnabledAtCheckout": always(False), "transactionalSmsDisabled": always(False),
    "customerAccountsV2": always({"customerAccountsVersion": "NEW_CUSTOMER_ACCOUNTS"}),
}  # fmt: skip

INSTALLATION: Final[Fields] = {
    "id": always("gid://shopify/AppInstallation/1"), "accessScopes": lambda s, _, __: _scopes(s),
    "app": lambda s, _, __: s,
}  # fmt: skip

APP: Final[Fields] = {
    "id": always("gid://shopify/App/1"), "title": always("Ladenbote"), "apiKey": lambda s, _, __: s.app.client_id,
    "webhookApiVersion": lambda s, _, __: s.app.webhook_version, "requestedAccessScopes": lambda s, _, __: _scopes(s),
}  # fmt: skip


def _picture(product: Product, _: Call, __: Args) -> dict[str, Any]:
    image = {"url": f"https://cdn.example.com/{product.variants[0].sku}.jpg", "altText": product.title}
    return {"__typename": "MediaImage", "id": f"gid://shopify/MediaImage/{product.id}", "alt": product.title,
            "image": image, "preview": {"image": image}}  # fmt: skip


def _range(product: Product, _: Call, __: Args) -> dict[str, Any]:
    prices = [variant.price for variant in product.variants]
    return {"minVariantPrice": coin(min(prices), "EUR"), "maxVariantPrice": coin(max(prices), "EUR")}


def _handle(product: Product, _: Call, __: Args) -> str:
    return product.variants[0].sku.lower()


def _page(product: Product, call: Call, _: Args) -> str | None:
    handle = product.variants[0].sku.lower()
    return f"https://{call.shop.domain}/products/{handle}" if product.status == "ACTIVE" else None


PRODUCT: Final[Fields] = {
    "id": gid("Product"), "legacyResourceId": legacy, "handle": _handle, "title": attribute("title"),
    "status": attribute("status"), "vendor": lambda p, call, __: call.shop.name, "productType": always("Tee"),
    "category": always(None),
    "description": always(""), "createdAt": moment("created"), "updatedAt": moment("updated"),
    "onlineStoreUrl": _page, "tags": attribute("tags"),
    "totalInventory": lambda p, _, __: sum(variant.stock for variant in p.variants),
    "tracksInventory": always(True), "featuredMedia": _picture, "priceRangeV2": _range,
    "variants": lambda p, call, args: listed(p.variants, args, everything=call.everything),
}  # fmt: skip


def _product_of(variant: Variant, call: Call, _: Args) -> Product | None:
    return next((product for product in call.shop.shelf if variant in product.variants), None)


VARIANT: Final[Fields] = {
    "id": gid("ProductVariant"), "legacyResourceId": legacy, "title": attribute("title"),
    "displayName": attribute("title"), "sku": attribute("sku"), "price": lambda v, _, __: amount(v.price),
    "inventoryQuantity": attribute("stock"), "availableForSale": lambda v, _, __: v.stock > 0,
    "inventoryItem": lambda v, _, __: {"id": f"gid://shopify/InventoryItem/{v.id + 1}", "sku": v.sku, "tracked": True},
    "updatedAt": lambda v, call, args: shown(product.updated) if (product := _product_of(v, call, args)) else None,
    "product": _product_of, "image": always(None),
}  # fmt: skip


def discount_status(discount: Discount, call: Call, _: Args) -> str:
    """ACTIVE, EXPIRED or SCHEDULED."""
    now = call.shop.now()
    if discount.inactive or (discount.ends and discount.ends <= now):
        return "EXPIRED"
    return "SCHEDULED" if discount.starts > now else "ACTIVE"


def _code(discount: Discount) -> dict[str, Any]:
    return {"id": f"gid://shopify/DiscountRedeemCode/{discount.id + 1}", "code": discount.code,
            "asyncUsageCount": discount.used}  # fmt: skip


DISCOUNT: Final[Fields] = {
    "title": attribute("title"), "status": discount_status, "startsAt": moment("starts"), "endsAt": moment("ends"),
    "usageLimit": attribute("limit"), "appliesOncePerCustomer": attribute("once_each"),
    "asyncUsageCount": attribute("used"), "createdAt": moment("created"), "updatedAt": moment("updated"),
    "summary": attribute("title"),
    "codes": lambda d, _, __: {"nodes": [_code(d)], "edges": [{"cursor": "1", "node": _code(d)}],
                               "pageInfo": {"hasNextPage": False, "hasPreviousPage": False}},
}  # fmt: skip
VOUCHER: Final[Fields] = {"id": gid("DiscountCodeNode"), "codeDiscount": lambda d, _, __: d}

SUBSCRIPTION: Final[Fields] = {
    "id": gid("WebhookSubscription"), "legacyResourceId": legacy,
    "topic": lambda s, _, __: s.topic.replace("/", "_").upper(), "uri": attribute("uri"),
    "callbackUrl": attribute("uri"), "format": always("JSON"), "includeFields": attribute("include"),
    "filter": attribute("filter"), "name": attribute("name"), "metafieldNamespaces": always([]),
    "apiVersion": lambda _, call, __: version(call.shop.app.webhook_version, call),
    "createdAt": moment("created"), "updatedAt": moment("updated"),
}  # fmt: skip


def bulk_status(bulk: Bulk, call: Call, _: Args) -> str:
    """RUNNING until its time has come."""
    if bulk.cancelled:
        return "CANCELED"
    return "COMPLETED" if call.shop.now() >= bulk.done_at else "RUNNING"


def _bulk_url(bulk: Bulk, call: Call, args: Args) -> str | None:
    ready = bulk_status(bulk, call, args) == "COMPLETED" and bulk.rows
    return f"{call.base_url}/bulk/{bulk.id}.jsonl" if ready else None


def _bulk_size(bulk: Bulk, call: Call, args: Args) -> str | None:
    ready = bulk_status(bulk, call, args) == "COMPLETED"
    return str(sum(len(row) + 1 for row in bulk.rows)) if ready else None


BULK: Final[Fields] = {
    "id": gid("BulkOperation"), "status": bulk_status, "errorCode": always(None), "createdAt": moment("created"),
    "completedAt": lambda b, call, args: shown(b.done_at) if bulk_status(b, call, args) == "COMPLETED" else None,
    "objectCount": lambda b, _, __: str(len(b.rows)), "rootObjectCount": lambda b, _, __: str(b.roots),
    "fileSize": _bulk_size, "url": _bulk_url, "partialDataUrl": always(None), "query": attribute("query"),
    "type": always("QUERY"),
}  # fmt: skip

FIELDS: Final[dict[str, Fields]] = {
    "Shop": SHOP, "AppInstallation": INSTALLATION, "App": APP, "Product": PRODUCT, "ProductVariant": VARIANT,
    "DiscountCodeBasic": DISCOUNT, "DiscountCodeNode": VOUCHER, "WebhookSubscription": SUBSCRIPTION,
    "BulkOperation": BULK,
}  # fmt: skip
