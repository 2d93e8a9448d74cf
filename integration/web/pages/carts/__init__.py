"""Carts: the list, one cart with its story, and the settings of reminders."""
