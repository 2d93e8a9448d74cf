"""Requests about personal data, export, restriction, erasure and retention."""
