"""Which message goes when, who would get it, the rehearsal and the reconciliation."""
