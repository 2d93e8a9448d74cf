"""The dashboard's words: English is the source, `de.po` the German. Nothing is compiled to disk."""

from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("de", "en")
CATALOG = Path(__file__).parent / "de.po"


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for translation that is translated later."""
    return message


def translator(language: str) -> NullTranslations:
    """The translations into `language`; every language but German reads English."""
    return _GERMAN if language.startswith("de") else _ENGLISH


def negotiated(accept_language: str, default: str) -> str:
    """The language of ours that a browser asks for first."""
    wanted = [_preference(part) for part in accept_language.split(",") if part.strip()]
    for _, language in sorted(wanted, key=lambda choice: -choice[0]):
        if language in LANGUAGES:
            return language
    return default


def _preference(part: str) -> tuple[float, str]:
    tag, _, quality = part.partition(";q=")
    try:
        weight = float(quality) if quality else 1.0
    except ValueError:
        weight = 0.0
    return weight, tag.strip().lower().partition("-")[0]


def _load(path: Path) -> GNUTranslations:
    with path.open("rb") as file:
        catalog = read_po(file, locale="de")
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


_ENGLISH = NullTranslations()
_GERMAN = _load(CATALOG)
