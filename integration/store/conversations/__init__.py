"""What customers wrote, what the owner's phone answered, and answers about orders."""
