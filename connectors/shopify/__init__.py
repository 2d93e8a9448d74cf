"""Shopify (docs/reference/shopify.md)."""

from connectors.settings import Connector
from connectors.shopify.connector import ShopifyConnector

CONNECTOR: Connector = ShopifyConnector()
