"""Alarms, and which of them were told by which route."""
