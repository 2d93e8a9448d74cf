"""A WhatsApp Cloud API that lives in memory: sending, limits, errors, templates, media, webhooks."""
