"""What needs the owner, and by which routes it is told."""
