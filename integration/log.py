"""Logging with structlog: one line per fact, secrets and phone numbers masked before anything is written."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

SECRET = re.compile(r"token|secret|password|authorization|signature|api[-_]?key|consumer_key", re.IGNORECASE)
#: an international number in running text; ids of ours contain letters or dashes and stay readable
PHONE = re.compile(r"(?<![\w.:-])\+?[1-9]\d{8,14}(?![\w:-]|\.\d)")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
TOKEN = re.compile(r"\b(?:EAA|shpat_|shpss_|ck_|cs_)\w{6,}")


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
    for key, value in line.items():
        line[key] = "***" if SECRET.search(key) else masked_value(value)
    return line


def masked_value(value: Any) -> Any:
    """A value with everything that looks personal replaced, in nested values too."""
    if isinstance(value, str):
        return TOKEN.sub("***", EMAIL.sub("***@***", PHONE.sub(lambda m: f"{m[0][:3]}…{m[0][-2:]}", value)))
    if isinstance(value, dict):
        return mask(None, "", dict(value))
    if isinstance(value, (list, tuple)):
        return [masked_value(item) for item in value]
    return value


def get(name: str) -> Any:
    """A logger."""
    return structlog.get_logger(name)


def brief(error: BaseException) -> str:
    """An exception as its kind and place, without its text: database and HTTP errors quote personal data."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f" ({place.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{place.tb_lineno})" if place else ""
    return f"{type(error).__name__}{where}"
