"""Texts that Meta approves: their names and versions, what stands around them, and what to mend before Meta looks."""
