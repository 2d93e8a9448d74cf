"""What customers ask for in a chat, and the sentences that answer them."""
