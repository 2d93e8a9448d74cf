"""Contacts: written, found by their identities, merged and listed."""
