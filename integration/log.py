"""Logging with structlog: one line per fact, secrets and phone numbers masked before anything is written."""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

SECRET = re.compile(r"token|secret|password|authorization|signature|api[-_]?key|consumer_key", re.IGNORECASE)
#: digits with what people put between them, not part of an id or a time of ours
DIGITS = re.compile(r"(?<![A-Za-z0-9-])(?:\+|\()?\d[\d ()/.\-]{5,}\d(?![A-Za-z0-9-])")
NO_PHONE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,3}(?:\.\d{1,3}){3}$")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
TOKEN = re.compile(r"\b(?:EAA|shp[a-z]{2}_|ck_|cs_)\w{6,}")

#: where our packages stand, and how the files in them begin
HOUSE = f"{Path(__file__).parents[1]}/"
OURS = tuple(f"{HOUSE}{package}/" for package in ("integration", "connectors", "jobs"))

#: what Python brings with it, and what has no file
LIBRARIES = (f"{Path(logging.__file__).parents[1]}/", "<")


def configure(level: str = "info", json: bool = False, stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's loggers to write masked lines to `stream` (stderr)."""
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    keep = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[keep, renderer], foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "urllib3", "apscheduler", "alembic", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def mask(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last processor before writing: no secret, phone number or e-mail address gets past it."""
    return {masked_text(key): "***" if SECRET.search(key) else masked_value(value) for key, value in line.items()}


def masked_value(value: Any) -> Any:
    """A value with everything that looks personal replaced, in nested values too."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if masked_text(str(value)) == str(value) else masked_text(str(value))
    if isinstance(value, Mapping):
        return mask(None, "", {str(key): nested for key, nested in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [masked_value(item) for item in value]
    if isinstance(value, bytes):
        return masked_text(value.decode(errors="replace"))
    return masked_text(str(value))


def masked_text(text: str) -> str:
    """A text without tokens, e-mail addresses and phone numbers; ids and times of ours stay."""
    return TOKEN.sub("***", EMAIL.sub("***@***", DIGITS.sub(_masked_digits, text)))


def _masked_digits(found: re.Match[str]) -> str:
    digits = sum(character.isdigit() for character in found[0])
    if not 8 <= digits <= 16 or NO_PHONE.match(found[0]):
        return found[0]
    return f"{found[0][:3]}…{found[0][-2:]}"


def get(name: str) -> Any:
    """A logger."""
    return structlog.get_logger(name)


def brief(error: BaseException) -> str:
    """An exception as its kind and our innermost place, without its text: database and HTTP errors quote personal data.

    The whole way to it, libraries included, goes to the log at level debug.
    """
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    kind = type(error).__name__
    get("traceback").debug("traceback", error=kind, places=[f"{_named(file)}:{line}" for file, line in places])
    ours = [place for place in places if not _is_foreign(place[0])] or places
    return f"{kind} ({_named(ours[-1][0])}:{ours[-1][1]})" if ours else kind


def _is_foreign(file: str) -> bool:
    """Whether a library's or Python's own; ours may stand among them, installed."""
    return not file.startswith(OURS) and (file.startswith(LIBRARIES) or "-packages/" in file)


def _named(file: str) -> str:
    """A file of ours from the folder above its package, another one by its name."""
    return file.removeprefix(HOUSE) if file.startswith(OURS) else file.rsplit("/", 1)[-1]
