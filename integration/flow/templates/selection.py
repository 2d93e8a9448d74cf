"""The texts that serve, kept for a moment: react asks for every message, and texts change by the week.

What a decision needs to know of a template (approved, whose category) is read anew each time; only the choice between
versions may be a few seconds old, and an older version that Meta has approved is right, too.
"""

from collections.abc import Mapping
from time import monotonic

from integration.domain.templates.selection import Listed, OwnText, Slot, best, candidates, versions
from integration.domain.templates.templates import Template, all_templates
from integration.store.db import Database
from integration.store.templates import templates

SECONDS = 10.0
_LIBRARY = {(t.name, t.language): t.body for t in all_templates()}


class Catalogue:
    """Which text serves where."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._until = 0.0
        self._texts: list[OwnText] = []
        self._own: dict[tuple[str, str], str] = {}
        self._listed: dict[str, Listed] = {}
        self._serving: dict[tuple[str, Slot], list[Template]] = {}

    def template(self, account: str, slot: Slot, variables: Mapping[str, str]) -> Template:
        """The version that a message with these variables uses now, from this account of Meta's."""
        return best(self.candidates(account, slot), variables)

    def candidates(self, account: str, slot: Slot) -> list[Template]:
        """The versions that messages may use now, best first."""
        self._look_again()
        found = self._serving.get((account, slot))
        if found is None:
            listed = self._read(account)
            found = self._serving[account, slot] = candidates(versions(slot, self._texts, listed), listed)
        return found

    def body(self, account: str, name: str, language: str) -> str:
        """The text behind Meta's name of it, as Meta has it: somebody may have changed it there; "" for an unknown."""
        self._look_again()
        listed = self._read(account).get((name, language))
        if listed and listed.body:
            return listed.body
        return _LIBRARY.get((name, language)) or self._own.get((name, language), "")

    def forget(self) -> None:
        """Look again, because something has changed."""
        self._until, self._listed, self._serving = 0.0, {}, {}

    def _look_again(self) -> None:
        if monotonic() >= self._until:
            self.forget()
            self._until = monotonic() + SECONDS

    def _read(self, account: str) -> Listed:
        listed = self._listed.get(account)
        if listed is None:
            with self._database.read() as connection:
                listed = self._listed[account] = templates.usable(connection, account)
                self._texts = templates.texts(connection)
            self._own = {(t.name, t.language): t.body or "" for t in self._texts}
        return listed
