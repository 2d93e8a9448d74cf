"""Requests about personal data, everything stored about one person, its removal, and retention."""
