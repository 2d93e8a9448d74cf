"""Consent: the ledger's rows, where a consent stands, `decide`, opt-outs, wordings, quiet hours, imports, proof."""
