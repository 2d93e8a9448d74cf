"""Merging: what a person would say in one message becomes one.

While a confirmation waits, it takes in that the money has come; while a shipping notice waits, it takes the corrected
number. The later kind then makes no message of its own.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from integration.domain.notifications import BY_KIND, SubjectType
from integration.flow.messages.drafts import Draft
from integration.store.messages import queued
from integration.store.messages.messages import Message


def merge(connection: Connection, fresh: Mapping[str, Draft]) -> set[str]:
    """The keys of drafts that another message tells. One made at the same moment has the same facts in it already; one
    that waits is worded anew."""
    tellers = {key: item for key, item in fresh.items() if BY_KIND[item.message.kind].told_by}
    if not tellers:
        return set()
    kinds = {kind for item in tellers.values() for kind in BY_KIND[item.message.kind].told_by}
    waiting = queued.waiting_about(connection, {d.message.order_key or "" for d in tellers.values()}, kinds)
    merged: set[str] = set()
    for key, item in tellers.items():
        beside = [o.message for name, o in fresh.items() if name not in merged and name != key and not o.reason]
        if _telling(item, beside) or _reworded(connection, item, _telling(item, waiting)):
            merged.add(key)
    return merged


def _telling(item: Draft, others: Iterable[Message]) -> list[Message]:
    told_by = BY_KIND[item.message.kind].told_by
    return [other for other in others if other.kind in told_by and _same_subject(item.message, other)]


def _same_subject(item: Message, other: Message) -> bool:
    if BY_KIND[other.kind].subject_type is SubjectType.SHIPMENT:
        return (item.order_key, item.object_id) == (other.order_key, other.object_id)
    return item.order_key == other.order_key


def _reworded(connection: Connection, item: Draft, waiting: Iterable[Message]) -> bool:
    words = [(other, BY_KIND[other.kind].variables(item.subject)) for other in waiting]
    return any(queued.reword(connection, other, variables) for other, variables in words)
