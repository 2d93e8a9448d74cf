"""Prometheus metrics, in a registry of our own (a test or a second process starts from zero)."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

RECEIVED = Counter("ladenbote_received", "Webhook bodies committed", ["channel"], registry=REGISTRY)
REFUSED = Counter("ladenbote_refused", "Webhook requests refused", ["channel", "reason"], registry=REGISTRY)
REPEATED = Counter(
    "ladenbote_repeated", "Webhooks that came before and were not stored again", ["shop"], registry=REGISTRY
)
EVENTS = Counter("ladenbote_events", "Events derived", ["milestone"], registry=REGISTRY)
MESSAGES = Counter("ladenbote_messages", "Messages by the state they entered", ["status"], registry=REGISTRY)
DENIED = Counter("ladenbote_denied", "Messages not sent, by reason", ["reason"], registry=REGISTRY)
SEND_SECONDS = Histogram(
    "ladenbote_send_seconds",
    "Seconds that the Cloud API took to answer",
    registry=REGISTRY,
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 30),
)
IN_FLIGHT = Gauge(
    "ladenbote_in_flight", "Messages on their way to the Cloud API, their outcome not stored yet", registry=REGISTRY
)
PAUSED = Gauge("ladenbote_sender_paused", "1 while a WhatsApp number is paused", ["sender"], registry=REGISTRY)
SHOP_FAILURES = Counter("ladenbote_shop_failures", "Polls that a shop did not answer", ["shop"], registry=REGISTRY)
UNEXPLAINED = Gauge(
    "ladenbote_orders_unexplained",
    "Orders of the last reconciliation that nothing explains",
    ["shop"],
    registry=REGISTRY,
)
JOB_FAILURES = Counter("ladenbote_job_failures", "Sweeps that ended in an error", ["job"], registry=REGISTRY)
ALARMS = Counter("ladenbote_alarms", "Alarms raised for the owner", ["cause"], registry=REGISTRY)
NOTICES = Counter(
    "ladenbote_notices", "Notices to the owner, by how they ended", ["route", "outcome"], registry=REGISTRY
)
UNREADABLE = Counter("ladenbote_ledger_unreadable", "Times a person's ledger rows could not be read", registry=REGISTRY)
LEDGER_BROKEN = Gauge("ladenbote_ledger_broken", "1 while a company's ledger is broken", ["company"], registry=REGISTRY)


def count(counter: Counter, labels: Iterable[str]) -> None:
    """Count what a batch holds, one label each: a label's look-up costs more than adding up."""
    for label, found in Tally(labels).items():
        counter.labels(label).inc(found)
