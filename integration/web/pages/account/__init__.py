"""Signing in and out, and the dashboard's language."""
