"""What is done with what is known: the rehearsal over stored orders, and Meta's statuses in bodies of a thousand."""

from collections.abc import Iterator

from benchmarks.figures import Figure
from benchmarks.place import place

NAME = "knowledge"
ORDERS, QUICK = 34_000, 2_000
IN_A_BODY = 1_000


def measure(quick: bool) -> Iterator[Figure]:
    """Orders become messages, are rehearsed, sent, and followed to read."""
    orders = QUICK if quick else ORDERS
    with place() as here:
        child = here.child("knowledge", str(here.home(NAME)))
        child.ask("fill", orders=orders, wait=300)
        told = child.ask("rehearse", wait=120)
        sent = child.ask("send", wait=300)["sent"]
        followed = child.ask("follow", batch=IN_A_BODY, wait=300)
    yield Figure(NAME, "orders", "orders rehearsed", told["orders"])
    yield Figure(NAME, "rehearsal", "CPU per order rehearsed", told["cpu"] / told["orders"] * 1e6, "µs", "≤ 300")
    yield Figure(NAME, "progress", "times that its progress was told", told["steps"])
    yield Figure(NAME, "statuses", "statuses of messages, 1,000 in a body", followed["stored"])
    yield Figure(NAME, "status_cpu", "CPU per status", followed["cpu"] / (3 * sent) * 1e6, "µs", "≤ 300")
    yield Figure(NAME, "status_lost", "statuses lost", 3 * sent - followed["stored"], "", "≤ 0")
    yield Figure(NAME, "unread", "messages whose last status did not count", sent - followed["read"], "", "≤ 0")
