"""Texts: Meta's state, the owner's versions, previews and files."""
