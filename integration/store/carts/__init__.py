"""Carts and purchases, what their reminders brought, and the owner's settings for them."""
