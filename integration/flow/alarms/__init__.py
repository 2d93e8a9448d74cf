"""Alarms: the monitor raises and clears them, notices tell the owner."""
