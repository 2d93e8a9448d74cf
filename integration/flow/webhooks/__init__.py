"""Bodies as they come in: verified, routed to react or answer, from web, plugin or mailbox."""
