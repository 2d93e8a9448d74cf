"""How WordPress reads the parameters of a request, and in which words it refuses them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from integration.sandbox.digits import whole

SITE_ZONE: Final = ZoneInfo("Europe/Berlin")
Check = Callable[[str, Any], Any]


class Refused(Exception):
    """A REST error: status, code and message."""

    def __init__(self, http: int, code: str, message: str, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.http = http
        self.body = {"code": code, "message": message, "data": {"status": http, **(data or {})}}


class BadParam(Exception):
    """One parameter that does not fit."""

    def __init__(self, code: str, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.details = {"code": code, "message": message, "data": data}


def checked(given: Mapping[str, Any], checks: Mapping[str, Check]) -> dict[str, Any]:
    """The known parameters, converted. Raises Refused naming every one that does not fit."""
    found: dict[str, Any] = {}
    bad: dict[str, BadParam] = {}
    for name, check in checks.items():
        if name in given:
            try:
                found[name] = check(name, given[name])
            except BadParam as error:
                bad[name] = error
    if bad:
        raise _invalid(bad)
    return found


def _invalid(bad: Mapping[str, BadParam]) -> Refused:
    params = {name: error.details["message"] for name, error in bad.items()}
    details = {name: error.details for name, error in bad.items()}
    text = f"Invalid parameter(s): {', '.join(bad)}"
    return Refused(400, "rest_invalid_param", text, {"params": params, "details": details})


def integer(low: int | None = None, high: int | None = None) -> Check:
    """A whole number between two bounds."""

    def check(name: str, value: Any) -> int:
        number = value if isinstance(value, int) else whole(str(value))
        if number is None:
            raise BadParam("rest_invalid_type", f"{name} is not of type integer.", {"param": name})
        if low is not None and high is not None and not low <= number <= high:
            text = f"{name} must be between {low} (inclusive) and {high} (inclusive)"
            raise BadParam("rest_out_of_bounds", text)
        if low is not None and number < low:
            raise BadParam("rest_out_of_bounds", f"{name} must be greater than or equal to {low}")
        return number

    return check


def boolean(name: str, value: Any) -> bool:
    """What WordPress takes for true and false."""
    words = {"true": True, "1": True, "false": False, "0": False, "": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() not in words:
        raise BadParam("rest_invalid_type", f"{name} is not of type boolean.", {"param": name})
    return words[str(value).lower()]


def text(_: str, value: Any) -> str:
    """Anything, as text."""
    return str(value)


def parts(value: Any) -> list[str]:
    """A list from commas, or from PHP's brackets."""
    values = value if isinstance(value, list) else str(value).split(",")
    return [str(one).strip() for one in values if str(one).strip()]


def numbers(name: str, value: Any) -> list[int]:
    """A list of ids."""
    found = [whole(one) for one in parts(value)]
    for n, one in enumerate(found):
        if one is None:
            raise BadParam("rest_invalid_type", f"{name}[{n}] is not of type integer.", {"param": f"{name}[{n}]"})
    return [one for one in found if one is not None]


def one_of(allowed: Iterable[str]) -> Check:
    """One value of a set."""
    known = tuple(allowed)

    def check(name: str, value: Any) -> str:
        if value not in known:
            raise BadParam("rest_not_in_enum", f"{name} is not one of {spoken(known)}.")
        return str(value)

    return check


def some_of(allowed: Iterable[str]) -> Check:
    """A list of values of a set."""
    check_one = one_of(allowed)

    def check(name: str, value: Any) -> list[str]:
        return [check_one(f"{name}[{n}]", one) for n, one in enumerate(parts(value))]

    return check


def moment(_: str, value: Any) -> datetime:
    """A date with or without offset; which zone a naive one means depends on `dates_are_gmt`."""
    try:
        return datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadParam("rest_invalid_date", "Invalid date.") from error


def instant(at: datetime, *, gmt: bool) -> datetime | None:
    """The moment meant. None is the trap: an offset together with the flag silently finds nothing (measured)."""
    if at.tzinfo is not None:
        return None if gmt else at
    return at.replace(tzinfo=UTC if gmt else SITE_ZONE)


def spoken(words: Iterable[str]) -> str:
    """`a, b, and c`."""
    *head, last = words
    return f"{', '.join(head)}, and {last}" if head else last
