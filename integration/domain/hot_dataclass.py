"""For types of which every message makes several."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def lean(cls: type[T]) -> type[T]:
    """A dataclass with slots that mypy keeps frozen. At run time nothing does.

    Python's own frozen dataclasses set each field through a call: 4.6 instead of 0.4 µs for a message, and a tenth of
    the CPU of the whole way from webhook to WhatsApp.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
