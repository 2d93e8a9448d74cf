"""What messages cost, and the limits."""
