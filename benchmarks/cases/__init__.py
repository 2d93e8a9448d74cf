"""One module per case: each measures and returns figures."""
