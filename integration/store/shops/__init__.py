"""Shops: their snapshots, events, streams, products and prices, pairing and mailboxes."""
