"""Who comes when."""
