"""Builds the companion plugin's zip, and its template for translations. `make plugin` calls it.

There is no build step for the code: what lies in `wordpress/ladenbote` runs as it is. Only the translations are
compiled, so that the repository holds no binaries.
"""

import io
import re
import struct
import sys
import zipfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PLUGIN = Path(__file__).parent / "ladenbote"
DOMAIN = "ladenbote"
TEMPLATE = PLUGIN / "languages" / f"{DOMAIN}.pot"
#: which translation serves which of WordPress' languages
LOCALES = dict.fromkeys(("de_DE", "de_DE_formal", "de_AT", "de_CH", "de_CH_informal"), "de_DE")
CALL = re.compile(r"\b(?:__|esc_html__|esc_attr__|_e|esc_html_e)\(\s*'((?:[^'\\]|\\.)*)'\s*,\s*'ladenbote'\s*\)")
COMMENT = re.compile(r"/\* (translators: .*?) \*/")
EPOCH = (2026, 1, 1, 0, 0, 0)


def main() -> None:
    """`build.py texts` writes the template; `build.py <zip>` builds."""
    if sys.argv[1:] == ["texts"]:
        TEMPLATE.write_bytes(template())
    else:
        build(Path(sys.argv[1]))


def template() -> bytes:
    """The template with every text of the plugin."""
    catalog = Catalog(project="Ladenbote", fuzzy=False)
    for path in sorted(PLUGIN.rglob("*.php")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            note = COMMENT.search(lines[number - 2]) if number > 1 else None
            for found in CALL.finditer(line):
                text = re.sub(r"\\(.)", r"\1", found[1])
                place = [(str(path.relative_to(PLUGIN)), number)]
                catalog.add(text, locations=place, auto_comments=[note[1]] if note else [])
    written = io.BytesIO()
    write_po(written, catalog, omit_header=True, width=0, include_lineno=False)
    return b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n' + written.getvalue()


def translations(locale: str) -> Catalog:
    """A language's texts."""
    with (PLUGIN / "languages" / f"{DOMAIN}-{locale}.po").open("rb") as file:
        return read_po(file, locale=locale)


def build(target: Path) -> None:
    """Write the zip; the same sources make the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in PLUGIN.rglob("*") if path.is_file()):
            _add(archive, str(path.relative_to(PLUGIN)), path.read_bytes())
        for locale, source in sorted(LOCALES.items()):
            _add(archive, f"languages/{DOMAIN}-{locale}.mo", compiled(translations(source)))


def compiled(catalog: Catalog) -> bytes:
    """A catalog as WordPress reads it: it wants to know where the (empty) hash table would lie, Babel says nowhere."""
    written = io.BytesIO()
    write_mo(written, catalog)
    content = bytearray(written.getvalue())
    (texts,) = struct.unpack_from("<I", content, 8)
    struct.pack_into("<I", content, 24, 28 + 16 * texts)
    return bytes(content)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(f"{DOMAIN}/{name}", EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


if __name__ == "__main__":
    main()
