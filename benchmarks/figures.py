"""What a case returns: figures, some with a goal."""

import operator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

_COMPARE = {"≤": operator.le, "≥": operator.ge, "<": operator.lt}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `goal` is like "≤ 0.9"; without one it is only reported."""

    case: str
    key: str
    says: str
    value: float
    unit: str = ""
    goal: str = ""

    @property
    def passed(self) -> bool | None:
        """Whether the goal is met, None without a goal."""
        if not self.goal:
            return None
        sign, limit = self.goal.split()
        return bool(_COMPARE[sign](self.value, float(limit)))

    def as_json(self) -> dict[str, Any]:
        """For results.json."""
        return asdict(self) | {"value": round(self.value, 4), "passed": self.passed}


def middle(values: list[float]) -> float:
    """The median: one disturbed round does not count."""
    return float(median(values))


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
