"""Cost caps and the forecast of what waits."""
