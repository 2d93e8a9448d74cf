"""Where bodies come in: shops, Meta, and the companion plugin."""
