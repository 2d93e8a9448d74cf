"""The companion plugin's zip: complete, translated, the same each time; its PHP is clean and of one version."""

import importlib.util
import re
import subprocess
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from php import WORDPRESS, needed

PLUGIN = WORDPRESS / "ladenbote"
NEWER = r"\?->|\bmatch\s*\(|\benum\s|\breadonly\b|#\[|\bfn\b.*\.\.\.\)|: (static|never|mixed)\b|\w\|\w+ \$|\(\.\.\.\)"


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """wordpress/build.py."""
    spec = importlib.util.spec_from_file_location("plugin_build", WORDPRESS / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_template_has_every_text(build: ModuleType) -> None:
    assert build.TEMPLATE.read_bytes() == build.template(), "run: python wordpress/build.py texts"


def test_the_german_translation_is_complete(build: ModuleType) -> None:
    with build.TEMPLATE.open("rb") as template:
        wanted = {message.id for message in build.read_po(template)}
    found = {message.id: message.string for message in build.translations("de_DE")}
    assert set(found) == wanted
    for text, german in found.items():
        assert german or not text, text
        assert re.findall(r"%[sd]", text) == re.findall(r"%[sd]", german), text


def test_the_zip_is_whole_and_the_same_each_time(build: ModuleType, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        build.build(tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    names = set(zipfile.ZipFile(tmp_path / "one.zip").namelist())
    assert {f"ladenbote/{path.relative_to(PLUGIN)}" for path in PLUGIN.rglob("*") if path.is_file()} <= names
    assert {f"ladenbote/languages/ladenbote-{locale}.mo" for locale in ("de_DE", "de_DE_formal", "de_AT")} <= names


def test_the_version_is_the_same_everywhere() -> None:
    main, readme = (PLUGIN / "ladenbote.php").read_text(), (PLUGIN / "readme.txt").read_text()
    header, constant = re.search(r"\* Version: +(\S+)", main), re.search(r"const VERSION = '([^']+)'", main)
    stable = re.search(r"^Stable tag: (\S+)", readme, re.MULTILINE)
    assert header and constant and stable
    assert header[1] == constant[1] == stable[1]


@pytest.mark.parametrize("file", sorted(WORDPRESS.rglob("*.php")), ids=lambda path: path.name)
def test_every_file_is_clean(file: Path) -> None:
    subprocess.run([needed("php"), "-l", str(file)], check=True, capture_output=True)
    code = re.sub(r"/\*.*?\*/|//[^\n]*|'(?:[^'\\]|\\.)*'", "", file.read_text(), flags=re.DOTALL)
    assert not re.search(NEWER, code), "PHP 7.4 does not know this"
