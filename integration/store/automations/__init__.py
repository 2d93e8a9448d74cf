"""Alerts asked for, birthdays and vouchers."""
