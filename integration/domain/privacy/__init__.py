"""What data protection law wants said: the notice, and what an access export explains."""
