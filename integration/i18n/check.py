"""`python -m integration.i18n.check`: fails when de.po misses a text, holds a fuzzy or an unused one.

With `--missing` it prints the missing entries ready to paste into de.po.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from integration.i18n import CATALOG

Id = str | tuple[str, ...] | list[str]
WEB = Path(__file__).parent.parent / "web"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "encoding": "utf-8"}}
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """Every text of the templates and of integration/web."""
    catalog = Catalog(locale="de", charset="utf-8")
    found = extract_from_dir(WEB, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=())
    for file, line, message, _comments, _context in found:
        catalog.add(message, None, [(f"integration/web/{file}", line)])
    return catalog


def problems(wanted: Catalog, have: Catalog) -> list[str]:
    """What keeps de.po from being complete, one line each."""
    lines = [f"missing: {m.id!r} ({m.locations[0][0]})" for m in wanted if m.id and not _translated(have, m.id)]
    lines += [f"fuzzy: {m.id!r}" for m in have if m.id and m.fuzzy]
    lines += [f"unused: {m.id!r}" for m in have if m.id and wanted.get(_key(m.id)) is None]
    lines += [f"placeholders: {m.id!r}: {error}" for m in have if m.id for error in m.check()]
    return lines


def main(arguments: list[str]) -> int:
    """Print the problems; 1 when there are any."""
    wanted = extracted()
    with CATALOG.open("rb") as file:
        have = read_po(file, locale="de")
    if "--missing" in arguments:
        _print_missing(wanted, have)
    found = problems(wanted, have)
    sys.stderr.write("".join(f"{line}\n" for line in found))
    return 1 if found else 0


def _translated(have: Catalog, id_: Id) -> bool:
    known = have.get(_key(id_))
    strings = known.string if known else None
    return all(strings) if isinstance(strings, (tuple, list)) else bool(strings)


def _key(id_: Id) -> str:
    return id_ if isinstance(id_, str) else id_[0]


def _print_missing(wanted: Catalog, have: Catalog) -> None:
    missing = Catalog(locale="de", charset="utf-8")
    for message in wanted:
        if message.id and not _translated(have, message.id):
            missing.add(message.id)
    write_po(sys.stdout.buffer, missing, omit_header=True, width=0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
