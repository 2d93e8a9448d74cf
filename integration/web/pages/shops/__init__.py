"""Shops and numbers side by side, and one shop."""
