"""What is wrong in the settings, as sentences for a shop owner: where, which key, what to do."""

import os
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError as UnreadableVariable

from connectors.registry import CONNECTORS

PREFIX = "LADENBOTE_"
PLATFORMS = " or ".join(f'"{platform}"' for platform in CONNECTORS)
#: kinds of fault of the validation library, in words that say something to a shop owner
SENTENCES = {
    "extra_forbidden": "there is no such key; see settings.example.toml",
    "missing": "is missing; add it (settings.example.toml shows how)",
    "union_tag_not_found": f"platform is missing; write platform = {PLATFORMS}",
    "union_tag_invalid": f"there is no such platform; write platform = {PLATFORMS}",
    "string_pattern_mismatch": "is not written as it must be; settings.example.toml shows how",
    "tuple_type": "is not written as it must be; settings.example.toml shows how",
    "literal_error": "is none of the possible values; settings.example.toml names them",
    "dict_type": "must be a table, like [shops.laden]; settings.example.toml shows how",
    "model_type": "must be a table; settings.example.toml shows how",
}
#: what the library appends to a key for each member of a union
ALTERNATIVE = re.compile(r"tuple\[|literal\[|function-")


def readable(wrong: ValidationError, file: Path, text: str) -> str:
    """A line for each fault."""
    found = {}
    for error in wrong.errors(include_url=False, include_input=False):
        key = ".".join(_path(error["loc"]))  # a union complains once for each member: one sentence is enough
        if not key or key not in found:
            found[key or str(error["msg"])] = _sentence(dict(error), file, text)
    return "\n".join(found.values())


def unreadable(wrong: UnreadableVariable) -> str:
    """An environment variable or secret file that should hold a whole table and does not."""
    field = re.search(r'field "(\w+)"', str(wrong))
    name = PREFIX + field[1].upper() if field else "A variable"
    return f"{name} cannot be read. Set single keys instead, like {PREFIX}SERVER__PORT."


def _sentence(error: dict[str, Any], file: Path, text: str) -> str:
    path = _path(error["loc"])
    message = SENTENCES.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
    if not path and (named := re.match(r"(\w+\.[^:]+?): ?(.*)", message)):
        path, message = named[1].split("."), named[2]
    return sentence(path, message, file, text)


def sentence(path: list[str], message: str, file: Path, text: str) -> str:
    """Where a key stands, its name and what is wrong with it."""
    return f"{_where(path, file, text)}: {'.'.join(path) or 'settings'}: {message}"


def _path(loc: tuple[Any, ...]) -> list[str]:
    return [str(part) for part in loc if part not in CONNECTORS and not ALTERNATIVE.match(str(part))]


def _where(path: list[str], file: Path, text: str) -> str:
    name = "__".join(path)
    variable = PREFIX + name.upper()
    if path and variable in {key.upper() for key in os.environ}:
        return f"environment variable {variable}"
    if path and (file.parent / "secrets" / name).exists():
        return str(file.parent / "secrets" / name)
    line = line_of(text, path)
    return f"{file}, line {line}" if line else str(file)


def line_of(text: str, path: list[str]) -> int | None:
    """The line of a key in a TOML text, else the line of the nearest table that would hold it."""
    table: list[str] = []
    nearest: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            table = here = _split(header[1])
        elif key := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            here = [*table, *_split(key[1])]
        else:
            continue
        if here == path[: len(here)] and (nearest is None or len(here) > nearest[0]):
            nearest = (len(here), number)
    return nearest[1] if nearest else None


def _split(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]
