"""The process: everything plugged together, started and ended."""
