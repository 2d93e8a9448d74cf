"""Whether and what: rules without I/O and without a clock, one package per noun."""
