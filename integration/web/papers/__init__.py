"""Documents to print: proof sheet, access export, certificates."""
