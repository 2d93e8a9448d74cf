"""What came in, and taking it in once more."""
