"""Carts: kept as snapshots come, reminded of, held out, and credited with the orders that they became."""
