"""Findings as they are stored: a dictionary of plain values."""

from collections.abc import Mapping
from typing import Any

from integration.domain.ports import Finding, Level
from integration.domain.text import Text


def stored(finding: Finding) -> dict[str, Any]:
    """A finding as JSON."""
    remedy = finding.remedy and [finding.remedy.de, finding.remedy.en]
    text = [finding.text.de, finding.text.en]
    return {"code": finding.code, "level": finding.level, "text": text, "remedy": remedy}


def read(row: Mapping[str, Any]) -> Finding:
    """A stored finding."""
    remedy = Text(*row["remedy"]) if row["remedy"] else None
    return Finding(row["code"], Level(row["level"]), Text(*row["text"]), remedy)
