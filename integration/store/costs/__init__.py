"""What messages cost, by day, category and company."""
