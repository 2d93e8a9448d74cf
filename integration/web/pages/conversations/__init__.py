"""What customers sent: their attachments."""
