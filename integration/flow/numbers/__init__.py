"""WhatsApp numbers: connected, set up and tried out."""
