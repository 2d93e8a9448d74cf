"""Findings as they are stored: a dictionary of plain values."""

from collections.abc import Mapping
from typing import Any, Final

from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text

LATER: Final = Text("Versuchen Sie es in ein paar Minuten noch einmal.", "Try again in a few minutes.")


def stored(finding: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    remedy = finding.remedy and [finding.remedy.de, finding.remedy.en]
    text = [finding.text.de, finding.text.en]
    return {"code": finding.code, "level": finding.level, "text": text, "remedy": remedy}


def read(row: Mapping[str, Any]) -> Finding:
    """A stored finding."""
    remedy = Text(*row["remedy"]) if row["remedy"] else None
    return Finding(row["code"], Level(row["level"]), Text(*row["text"]), remedy)


def fault(code: str, de: str, en: str, remedy: Text | None = None) -> Finding:
    """Something that does not work like this."""
    return Finding(code, Level.FAULT, Text(de, en), remedy)


def hint(code: str, de: str, en: str, remedy: Text | None = None) -> Finding:
    """Something that the owner should know."""
    return Finding(code, Level.HINT, Text(de, en), remedy)


def ok(code: str, de: str, en: str) -> Finding:
    """Something that is well."""
    return Finding(code, Level.OK, Text(de, en))
