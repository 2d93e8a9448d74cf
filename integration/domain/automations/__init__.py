"""Vouchers and birthdays: their states and dates."""
