"""Consents given and taken back, by whatever way; imports, proof, totals, and the copy that the shop sees."""
