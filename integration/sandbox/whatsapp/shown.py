"""What a phone shows of a message: asked for by the app, filled from a template, and kept in the chat."""

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Shown:
    """Texts, `media` as {type, source}, `offer` with its end as ISO time, and `cards` of the same shape."""

    body: str
    header: str = ""
    footer: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    media: dict[str, str] = field(default_factory=dict)
    offer: dict[str, str] = field(default_factory=dict)
    cards: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """These fields alone, whatever more a subclass has."""
        return {one.name: getattr(self, one.name) for one in fields(Shown)}
