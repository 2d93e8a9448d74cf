"""Signs of life: what runs on and on beats, its last beats stand in rows, and what has stopped is found from them.

A loop that hangs or whose thread ended beats no more, although its process lives; a process that vanished without
stopping leaves its rows behind.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from uuid import uuid4

from integration.domain.text import Text

#: seconds within which a loop beats that is well
PERIOD = 60
#: so many periods without a beat are more than a long turn
MISSED = 5
#: who writes the rows: while it is well, its process lives
HEART = "heart"

#: what runs, by the part of its name before a colon
LOOPS: Mapping[str, Text] = {
    "reactor": Text("das Lesen der Meldungen von Shops und Meta", "reading what shops and Meta report"),
    "sender": Text("das Senden von Nachrichten", "sending messages"),
    "preparer": Text("das Vorbereiten von Nachrichten", "preparing messages"),
    "poller": Text("das Nachfragen bei den Shops", "asking the shops for news"),
    "mailboxes": Text("das Abholen aus den Postfächern", "fetching from the mailboxes"),
    "listener": Text("das Hören auf andere Prozesse", "listening to other processes"),
    "intake": Text("die Annahme von Meldungen", "taking in reports"),
    "live": Text("das Auffrischen offener Seiten", "refreshing open pages"),
    "schedule": Text("die Hintergrundaufgaben", "the background jobs"),
    HEART: Text("die Überwachung der Teile", "watching over the parts"),
}


def loop_name(name: str, language: str) -> str:
    """What people call a loop: of a number's it is `sender:<number>`."""
    kind, _, about = name.partition(":")
    words = LOOPS[kind].in_(language) if kind in LOOPS else kind
    return f"{words} ({about})" if about else words


@dataclass(slots=True)
class Pulse:
    """The last beat of one loop, in memory."""

    name: str
    period: int = PERIOD
    seconds: Callable[[], float] = monotonic
    resting: bool = False
    last: float = field(init=False)

    def __post_init__(self) -> None:
        self.last = self.seconds()

    def beat(self) -> None:
        """It is at work."""
        self.last, self.resting = self.seconds(), False

    def rest(self) -> None:
        """It has nothing to do, however long; whoever brings work makes it beat."""
        self.resting = True

    def age(self) -> float:
        """Seconds since the last beat."""
        return 0.0 if self.resting else self.seconds() - self.last


class Pulses:
    """What runs in this process; safe from any thread."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self.process = uuid4().hex
        self._seconds = seconds
        self._known: dict[str, Pulse] = {}

    def begin(self, name: str, period: int = PERIOD) -> Pulse:
        """Watch over a loop from now on. One that replaces another takes over its name."""
        pulse = self._known[name] = Pulse(name, period, self._seconds)
        return pulse

    def end(self, pulse: Pulse) -> None:
        """It has ended in order."""
        if self._known.get(pulse.name) is pulse:
            del self._known[pulse.name]

    def beats(self, now: datetime) -> "list[Heartbeat]":
        """The last beat of everything that runs."""
        found = list(self._known.values())
        return [Heartbeat(p.name, self.process, now - timedelta(seconds=p.age()), p.period) for p in found]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When a loop of a process beat last. `period` is within how many seconds it does so while it is well."""

    name: str
    process: str
    at: datetime
    period: int

    @property
    def kind(self) -> str:
        """Which loop it is, whatever number it serves."""
        return self.name.partition(":")[0]

    def is_late(self, now: datetime) -> bool:
        """Whether it should have beaten several times since."""
        return now - self.at > timedelta(seconds=self.period * MISSED)


def stopped(beats: Iterable[Heartbeat], own: str, now: datetime) -> dict[str, datetime]:
    """Which loops stand still, and since when: in a living process, or nowhere left since theirs vanished.

    `own` is the process that asks, which therefore lives. While its heart stands still, nobody knows about the rest of
    it.
    """
    known = list(beats)
    living = {beat.process for beat in known if beat.name == HEART and not beat.is_late(now)}
    well = {beat.kind for beat in known if beat.process in living and not beat.is_late(now)}
    found: dict[str, datetime] = {}
    for beat in known:
        hangs = beat.process in living or (beat.process == own and beat.name == HEART)
        vanished = beat.process not in living | {own} and beat.kind not in well
        if beat.is_late(now) and (hangs or vanished):
            found[beat.name] = min(beat.at, found.get(beat.name, beat.at))
    return found
