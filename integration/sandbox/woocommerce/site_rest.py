"""Routes about the shop itself: the index, versions and features, settings, counts of orders."""

from collections import Counter
from typing import Any, Final

from integration.sandbox.woocommerce.listing import Answer, links
from integration.sandbox.woocommerce.rest import Call, Route

NAMES: Final = {
    "pending": "Pending payment", "processing": "Processing", "on-hold": "On hold", "completed": "Completed",
    "cancelled": "Cancelled", "refunded": "Refunded", "failed": "Failed", "checkout-draft": "Draft",
}  # fmt: skip
PLUGINS: Final = {
    "ast": ("woo-advanced-shipment-tracking/woocommerce-advanced-shipment-tracking.php",
            "Advanced Shipment Tracking for WooCommerce", "3.9.2"),
    "shiptastic": ("shiptastic-for-woocommerce/shiptastic-for-woocommerce.php", "Shiptastic for WooCommerce", "5.1.4"),
}  # fmt: skip
FEATURES: Final = ("analytics", "marketplace", "order_attribution", "site_visibility_badge", "remote_logging",
                   "email_improvements", "blueprint", "point_of_sale")  # fmt: skip


def index(call: Call) -> Answer:
    """What everybody may ask of a WordPress: its name, its time zone, which plugins brought routes."""
    spaces = ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wc/store/v1", "wp/v2"]
    spaces += ["wc-shipment-tracking/v3"] if call.shop.has("ast") else []
    home = call.shop.site
    return Answer({
        "name": call.shop.name, "description": "", "url": home, "home": home, "gmt_offset": "1",
        "timezone_string": "Europe/Berlin", "page_for_posts": 0, "page_on_front": 0, "show_on_front": "posts",
        "namespaces": spaces,
        "authentication": {}, "routes": {}, "site_logo": 0, "site_icon": 0, "site_icon_url": "",
        "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
    })  # fmt: skip


def system_status(call: Call) -> Answer:
    """Versions, features, plugins, and which checkout the shop uses."""
    shop = call.shop
    settings: dict[str, Any] = {
        "api_enabled": False, "force_ssl": False, "currency": "EUR", "currency_symbol": "&euro;",
        "currency_position": "right_space", "thousand_separator": ".", "decimal_separator": ",",
        "number_of_decimals": 2, "geolocation_enabled": False, "HPOS_enabled": True, "HPOS_sync_enabled": False,
    }  # fmt: skip
    if shop.version.modern:
        on = ["fulfillments"] if shop.has("fulfillments") else []
        settings["enabled_features"] = [*FEATURES, *on, "custom_order_tables"]
    return Answer({
        "environment": _environment(call), "database": {"wc_database_version": shop.version.woocommerce},
        "active_plugins": _plugins(call), "inactive_plugins": [], "settings": settings,
        "security": {"secure_connection": shop.site.startswith("https"), "hide_errors": True},
        "pages": [_page("Shop base", 5), _page("Basket", 6), _page("Checkout", 7, shop.block_checkout)],
        "post_type_counts": [],
    })  # fmt: skip


def totals(call: Call) -> Answer:
    """How many orders stand where: names every status that the shop knows."""
    counted = Counter(row.status for row in call.shop.orders)
    names = NAMES | {one: one.capitalize() for one in call.shop.statuses}
    return Answer([{"slug": slug, "name": name, "total": counted[slug]} for slug, name in names.items()])


def general(call: Call) -> Answer:
    """The general settings that matter."""
    return Answer([_setting(call, name) for name in SETTINGS])


def currency(call: Call) -> Answer:
    """The shop's currency."""
    path = "wc/v3/data/currencies"
    body = {"code": "EUR", "name": "Euro", "symbol": "&euro;"}
    return Answer(body | {"_links": links(call.shop.site, f"{path}/EUR", path, allow=("GET",))})


SETTINGS: Final = {
    "woocommerce_store_address": "Musterweg 9", "woocommerce_store_city": "Berlin",
    "woocommerce_default_country": "DE:DE-BE", "woocommerce_store_postcode": "10115",
    "woocommerce_calc_taxes": "yes", "woocommerce_enable_coupons": "yes", "woocommerce_currency": "EUR",
    "woocommerce_currency_pos": "right_space", "woocommerce_price_thousand_sep": ".",
    "woocommerce_price_decimal_sep": ",", "woocommerce_price_num_decimals": "2",
}  # fmt: skip


def _environment(call: Call) -> dict[str, Any]:
    version = call.shop.version
    return {
        "home_url": call.shop.site, "site_url": call.shop.site, "version": version.woocommerce,
        "wp_version": version.wordpress, "wp_multisite": False, "wp_memory_limit": 268435456,
        "wp_debug_mode": False, "wp_cron": True, "language": "de_DE", "external_object_cache": None,
        "server_info": "nginx", "php_version": "8.2.36", "default_timezone": "UTC",
        "remote_post_successful": True, "remote_get_successful": True,
    }  # fmt: skip


def _plugins(call: Call) -> list[dict[str, Any]]:
    rows = [("woocommerce/woocommerce.php", "WooCommerce", call.shop.version.woocommerce)]
    rows += [plugin for feature, plugin in PLUGINS.items() if call.shop.has(feature)]
    return [
        {
            "plugin": file, "name": name, "version": version, "version_latest": version,
            "url": "https://woocommerce.com/", "author_name": "Automattic",
            "author_url": "https://woocommerce.com", "network_activated": False,
        }
        for file, name, version in rows
    ]  # fmt: skip


def _page(name: str, number: int, block: bool = True) -> dict[str, Any]:
    word = "woocommerce_checkout" if name == "Checkout" else ""
    return {
        "page_name": name, "page_id": str(number), "page_set": True, "page_exists": True, "page_visible": True,
        "shortcode": f"[{word}]" if word else "", "block": "woocommerce/checkout" if word else "",
        "shortcode_required": bool(word), "shortcode_present": bool(word) and not block,
        "block_present": bool(word) and block, "block_required": bool(word),
    }  # fmt: skip


def _setting(call: Call, name: str) -> dict[str, Any]:
    path = "wc/v3/settings/general"
    allow = ("GET", "POST", "PUT", "PATCH")
    return {
        "id": name, "label": name, "description": "", "type": "text", "default": "", "value": SETTINGS[name],
        "group_id": "general", "_links": links(call.shop.site, f"{path}/{name}", path, allow=allow),
    }  # fmt: skip


ROUTES = (
    Route("", {"GET": index}, open=True),
    Route("wc/v3/system_status", {"GET": system_status}),
    Route("wc/v3/reports/orders/totals", {"GET": totals}),
    Route("wc/v3/settings/general", {"GET": general}),
    Route("wc/v3/data/currencies/current", {"GET": currency}),
)
