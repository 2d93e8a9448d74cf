"""One message: its states, its parts, Meta's errors, what rests, and the reasons in words."""
