"""Shops: polled, examined, and asked for what a preview shows."""
