"""Who agreed to what: totals, wordings, imports, links to opt in by, the ledger and its proof."""
