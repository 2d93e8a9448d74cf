"""The words of a message as its customer read them: free text, Ladenbote's template, or the owner's own version."""

from typing import Any

from sqlalchemy import Connection, Row

from integration.domain.templates.parts import PLACEHOLDER
from integration.domain.templates.templates import all_templates, rendered
from integration.store.templates import templates

_LIBRARY = {(t.name, t.language): t.body for t in all_templates()}


class Words:
    """Looks each text up once; belongs to one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = dict(_LIBRARY)

    def of(self, message: Row[Any]) -> str | None:
        """A message's words; None when the text is unknown here, or its variables were deleted."""
        if message.text:
            return str(message.text)
        body = self._body(message.template, message.language) if message.template else ""
        lost = PLACEHOLDER.search(body) and not message.variables
        return rendered(body, message.variables) if body and not lost else None

    def _body(self, name: str, language: str) -> str:
        if (name, language) not in self._known:
            self._known[name, language] = templates.words_of(self._connection, name, language)
        return self._known[name, language]
