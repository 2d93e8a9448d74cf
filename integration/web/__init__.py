"""HTTP in, HTML out: the dashboard, strangers' pages, webhooks, and what stands around them."""
