"""A WhatsApp number: what Meta says of it, and what is in order with number, token and webhooks."""
