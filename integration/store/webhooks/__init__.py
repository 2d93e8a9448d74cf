"""The inbox of raw bodies."""
