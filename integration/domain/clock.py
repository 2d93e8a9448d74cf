"""The one way to the time: handed in, never read from the machine by a rule."""

from collections.abc import Callable
from datetime import datetime

#: returns now, aware UTC
Clock = Callable[[], datetime]
