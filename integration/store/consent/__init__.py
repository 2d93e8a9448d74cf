"""The consent ledger with its checks and checkpoints, totals, proof, opt-in links and imports."""
