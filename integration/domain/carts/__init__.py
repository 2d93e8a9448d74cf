"""Carts: what one is, when it counts as left alone, who is reminded and who is held out by chance."""
