"""What an appointment is, and how a typed one is read."""
