"""Appointments: entered, moved, cancelled, and reminded of in time."""
