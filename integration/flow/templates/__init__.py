"""Texts and media between the owner, the store and Meta: chosen, submitted, followed, changed in what waits."""
