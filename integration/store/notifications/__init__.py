"""The owner's settings of kinds, follow-ups, and what reconciliation and rehearsal compare."""
