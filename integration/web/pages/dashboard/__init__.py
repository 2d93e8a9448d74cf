"""The first page, and the figures over time."""
