"""The shop platforms. Adding one is one folder and one line here (CONTRIBUTING.md)."""

from connectors.settings import Connector
from connectors.shopify import CONNECTOR as SHOPIFY
from connectors.woocommerce import CONNECTOR as WOOCOMMERCE

CONNECTORS: dict[str, Connector] = {
    "shopify": SHOPIFY,
    "woocommerce": WOOCOMMERCE,
}
