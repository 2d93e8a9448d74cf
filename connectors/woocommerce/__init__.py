"""WooCommerce (docs/reference/woocommerce.md)."""

from connectors.settings import Connector
from connectors.woocommerce.connector import WooCommerceConnector

CONNECTOR: Connector = WooCommerceConnector()
