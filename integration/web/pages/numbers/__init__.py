"""WhatsApp numbers: one number, a new one, its profile."""
