"""Sweeps of more than a call: each asks what is due and does it; jobs/schedule.py says how often."""
