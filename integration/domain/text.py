"""A sentence in both languages of the house."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in German and in English."""

    de: str
    en: str

    def in_(self, language: str) -> str:
        """The sentence in `language`; every language but German reads English."""
        return self.de if language.startswith("de") else self.en


def language_of(*locales: str) -> Language:
    """The language of the first locale that says something ("de-AT" is German, "fr" reads English)."""
    for locale in locales:
        if locale:
            return "de" if locale.lower().startswith("de") else "en"
    return "en"
