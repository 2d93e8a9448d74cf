"""Appointments, and what was sent about them."""
