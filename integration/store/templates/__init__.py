"""Meta's templates, the owner's texts and files, and messages that wait for their text."""
