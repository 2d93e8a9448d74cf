"""WhatsApp numbers: added in the browser, last seen at Meta, paused."""
