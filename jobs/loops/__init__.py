"""What runs on and on: the loops that send, react, prepare, poll and read mailboxes."""
