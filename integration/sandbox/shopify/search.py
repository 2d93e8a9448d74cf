"""Shopify's search syntax as it behaves (docs/reference/shopify.md section 5).

Quoted dates count by the second, the time of an unquoted date is ignored, a customer's `updated_at` matches the whole
day, and an unknown field filters nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

Test = Callable[[Any], bool]
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<bracket>[()])|(?P<word>AND|OR|NOT)(?=[\s(]|$)|(?P<minus>-)?(?P<field>[a-z_.]+):\s*(?P<op>>=|<=|>|<)?\s*
    (?P<value>'[^']*'|"[^"]*"|[^\s()]+)|(?P<free>'[^']*'|"[^"]*"|[^\s()]+))""",
    re.VERBOSE,
)
SECOND: Final = timedelta(seconds=1)
DAY: Final = timedelta(days=1)
#: since this version `>` leaves out the whole second (changelog 2026-10-19); before, only the very moment
WHOLE_SECONDS: Final = "2026-10"


@dataclass(frozen=True, slots=True)
class Field:
    """One search field: how it compares, and where its value stands."""

    kind: Literal["time", "day", "id", "text", "list", "flag"]
    get: Callable[[Any], Any]


@dataclass(slots=True)
class Query:
    """A parsed query: what matches, and what Shopify warns about in `extensions.search`."""

    matches: Test
    warnings: list[dict[str, str]] = field(default_factory=list)


def parse(text: str, fields: Mapping[str, Field], version: str) -> Query:
    """Never fails: what cannot be understood filters nothing and is warned about."""
    parser = _Parser(list(_TOKEN.finditer(text.strip())), fields, version)
    return Query(parser.either(), parser.warnings)


class _Parser:
    def __init__(self, tokens: list[re.Match[str]], fields: Mapping[str, Field], version: str) -> None:
        self._tokens = tokens
        self._fields = fields
        self._version = version
        self.warnings: list[dict[str, str]] = []

    def either(self) -> Test:
        """Terms joined by OR."""
        tests = [self._both()]
        while self._next("word", "OR"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests: list[Test] = []
        while self._tokens and not self._at("word", "OR") and not self._at("bracket", ")"):
            self._next("word", "AND")
            if self._tokens:
                tests.append(self._term())
        return lambda record: all(test(record) for test in tests)

    def _term(self) -> Test:
        if self._next("word", "NOT"):
            return _inverted(self._term())
        if self._next("bracket", "("):
            inner = self.either()
            self._next("bracket", ")")
            return inner
        token = self._tokens.pop(0)
        if token["field"] is None:
            return self._ignored(token["free"] or token[0].strip(), "The sandbox knows no free text search.")
        test = self._clause(token["field"], token["op"] or "", token["value"])
        return _inverted(test) if token["minus"] else test

    def _clause(self, name: str, operator: str, value: str) -> Test:
        known = self._fields.get(name)
        if known is None:
            return self._ignored(name, "Invalid search field for this query.")
        quoted = value[0] in "'\""
        plain = value[1:-1] if quoted else value
        if known.kind in ("time", "day"):
            return self._time(name, known, operator, plain, quoted)
        if known.kind == "id":
            return _compared(known, operator, plain)
        if known.kind == "flag":
            return lambda record: bool(known.get(record)) is (plain.lower() == "true")
        wanted = plain.lower()
        if known.kind == "list":
            return lambda record: wanted in [str(one).lower() for one in known.get(record)]
        return lambda record: str(known.get(record) or "").lower() == wanted

    def _time(self, name: str, known: Field, operator: str, value: str, quoted: bool) -> Test:
        text = value if quoted else value.partition("T")[0]
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return self._ignored(name, "Invalid timestamp.")
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
        span = SECOND if "T" in text else DAY
        if known.kind == "day":
            moment, span = moment.replace(hour=0, minute=0, second=0, microsecond=0), DAY
        if span == SECOND and operator == ">" and self._version < WHOLE_SECONDS:
            span = timedelta()
        return _within(known, operator, moment, moment + span)

    def _ignored(self, name: str, message: str) -> Test:
        self.warnings.append({"field": name, "message": message})
        return lambda record: True

    def _at(self, group: str, text: str) -> bool:
        return bool(self._tokens) and self._tokens[0][group] == text

    def _next(self, group: str, text: str) -> bool:
        found = self._at(group, text)
        if found:
            self._tokens.pop(0)
        return found


def _inverted(test: Test) -> Test:
    return lambda record: not test(record)


def _within(known: Field, operator: str, begin: datetime, end: datetime) -> Test:
    get = known.get
    tests: dict[str, Test] = {
        ">=": lambda record: get(record) >= begin,
        ">": lambda record: get(record) >= end if end > begin else get(record) > begin,
        "<": lambda record: get(record) < begin,
        "<=": lambda record: get(record) < end,
        "": lambda record: begin <= get(record) < end,
    }
    test = tests[operator]
    return lambda record: get(record) is not None and test(record)


def _compared(known: Field, operator: str, value: str) -> Test:
    digits = value.rpartition("/")[2]
    if not digits.isdecimal():
        return lambda record: False
    number, get = int(digits), known.get
    tests: dict[str, Test] = {
        ">=": lambda record: get(record) >= number,
        ">": lambda record: get(record) > number,
        "<": lambda record: get(record) < number,
        "<=": lambda record: get(record) <= number,
        "": lambda record: get(record) == number,
    }
    test = tests[operator]
    return lambda record: get(record) is not None and test(record)
