"""The command `ladenbote`.

Exit codes: 0 all well, 1 something to put right (said in plain words), 2 wrong usage, 3 the address is taken.

Commands import what they need when they run: `--help` and `version` answer at once.
"""

from integration.cli import evidence, messages, practice, setup
from integration.cli.base import main

__all__ = ["evidence", "main", "messages", "practice", "setup"]
