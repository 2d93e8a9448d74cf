"""Messages: the list, one message with its reasons, what did not arrive, and what rests."""
