"""Python imports this first in every process that tests start at another time (see `moment`)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import moment

sys.path.pop(0)
moment.follow()
