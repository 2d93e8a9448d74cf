"""People: the list, one person, a new one, corrections and withdrawals."""
