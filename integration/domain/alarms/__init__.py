"""What needs the owner: causes, and the sentences that tell of them."""
