"""A Shopify shop that lives in memory: its Admin API, its webhooks, and what its owner and customers do."""
