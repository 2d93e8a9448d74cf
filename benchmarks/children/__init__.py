"""The processes that the cases start, so that each one's CPU is counted by itself."""
