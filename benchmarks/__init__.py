"""Benchmarks: `python -m benchmarks` (or `make bench`). docs/benchmarks.md says what is measured and why."""
