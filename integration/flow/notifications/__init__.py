"""Which message a fact calls for, follow-ups, the owner's settings, reconciliation and rehearsal."""
