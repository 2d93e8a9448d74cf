"""Requests about personal data: access, correction, restriction and erasure, from whatever side they come."""
