"""Messages, attempts and statuses: queued, claimed, sent, counted and listed."""
