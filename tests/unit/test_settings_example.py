"""settings.example.toml and the READMEs explain every setting, and what they show is accepted."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_origin

import pytest
from pydantic import BaseModel

from connectors.registry import CONNECTORS
from connectors.settings import ShopSettings
from connectors.whatsapp.settings import SenderSettings
from integration.settings.sections import CompanySettings
from integration.settings.settings import Settings, load

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.de.md")
SECRETS = re.compile(r"token|secret|consumer_key|client_id")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def uncommented() -> str:
    """The example with every key that is commented out put to work."""
    return re.sub(r"(?m)^# (?=[a-z_]+ = )", "", read("settings.example.toml"))


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key of a settings model, tables of tables left out (they have tests of their own)."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys_of(kind, f"{prefix}{name}.")
        elif get_origin(kind) is not dict:
            yield prefix + name


def explained(table: dict[str, Any], key: str) -> bool:
    here: Any = table
    for part in key.split("."):
        if part not in here:
            return False
        here = here[part]
    return True


def test_every_setting_is_in_the_example() -> None:
    example = tomllib.loads(uncommented())
    missing = [key for key in keys_of(Settings) if not explained(example, key)]
    missing += [key for key in keys_of(CompanySettings) if not explained(_first(example, "companies"), key)]
    missing += [key for key in keys_of(SenderSettings) if not explained(_first(example, "senders"), key)]
    assert not missing


def _first(example: dict[str, Any], table: str) -> dict[str, Any]:
    found: dict[str, Any] = next(iter(example[table].values()))
    return found


@pytest.mark.parametrize("platform", sorted(CONNECTORS))
def test_every_setting_of_a_platform_is_in_the_example(platform: str) -> None:
    shops = tomllib.loads(uncommented())["shops"].values()
    own = {key for shop in shops if shop["platform"] == platform for key in shop}
    assert own, f"settings.example.toml has no {platform} shop"
    anywhere = {key for shop in shops for key in shop}
    common = set(ShopSettings.model_fields)
    fields = set(CONNECTORS[platform].settings.model_fields)
    assert fields - common - {"platform"} <= own
    assert fields <= anywhere


KEY = re.compile(r"(# )?[a-z_\"][\w\"-]* = ")


def test_every_key_of_the_example_has_a_comment() -> None:
    lines = read("settings.example.toml").splitlines()
    keys = [n for n, row in enumerate(lines) if KEY.match(row)]
    assert len(keys) > 50
    assert not [lines[n] for n in keys if not _commented(lines, n)]


def _commented(lines: list[str], n: int) -> bool:
    """A comment stands above, with at most two other keys of the same group between."""
    above = [row for row in lines[:n][::-1] if not row.startswith("[")][:3]
    first = next((row for row in above if not KEY.match(row)), "")
    return first.startswith("#")


def test_the_example_is_accepted_with_secrets_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(read("settings.example.toml"), encoding="utf-8")
    everything = tomllib.loads(uncommented())
    for table in ("alarms", "senders", "shops", "mailboxes"):
        for slug, keys in everything[table].items():
            for key in filter(SECRETS.search, keys if isinstance(keys, dict) else ()):
                monkeypatch.setenv(f"LADENBOTE_{table}__{slug}__{key}".upper(), keys[key])
    settings = load(file)
    assert settings.sender_of("laden") == settings.sender_of("tee") == "nummer"
    tee = everything["shops"]["tee"]
    assert settings.shops["tee"].secrets() == [tee["webhook_secret"], tee["client_secret"]]


def test_the_example_is_accepted_with_every_key_put_to_work(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(uncommented(), encoding="utf-8")
    assert set(load(file).shops) == {"laden", "tee"}


def test_the_examples_defaults_are_the_codes(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(uncommented(), encoding="utf-8")
    shown, default = load(file), Settings()
    assert (shown.database, shown.log) == (default.database, default.log)
    assert (shown.server.host, shown.server.port) == (default.server.host, default.server.port)
    assert shown.companies["musterladen"].policy == CompanySettings(name="x").policy
    sender = {name: field.default for name, field in SenderSettings.model_fields.items()}
    number = shown.senders["nummer"].model_dump()
    for name in ("base_url", "auth_header", "auth_prefix", "messages_path", "health_path"):
        assert number[name] == sender[name]


def test_no_secret_stands_open_in_the_example() -> None:
    shown = tomllib.loads(read("settings.example.toml"))
    tables = [*shown["senders"].values(), *shown["shops"].values(), *shown["mailboxes"].values()]
    assert not [key for table in tables for key in table if SECRETS.search(key)]


@pytest.mark.parametrize("name", READMES)
def test_the_readmes_settings_are_accepted(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main_block, partner = re.findall(r"^```toml\n(.*?)^```", read(name), re.MULTILINE | re.DOTALL)
    names = re.findall(r"^secrets/(\w+)", read(name), re.MULTILINE)
    assert len(names) == 3
    for secret in names:
        monkeypatch.setenv(f"LADENBOTE_{secret}".upper(), "one-long-word-that-nobody-guesses")
    file = tmp_path / "settings.toml"
    file.write_text(main_block, encoding="utf-8")
    assert load(file).sender_of("laden") == "nummer"
    file.write_text(main_block.partition("[senders")[0] + partner, encoding="utf-8")
    number = load(file).senders["nummer"]
    assert number.url(number.messages_path) == "https://waba-v2.360dialog.io/messages"
    assert number.url(number.templates_path) == "https://waba-v2.360dialog.io/v1/configs/templates"
    assert number.webhook_header


def test_helpers_see_what_they_should() -> None:
    """The tests above can fail: their instruments find what is there."""

    class Part(BaseModel):
        inner: int = 0

    class Whole(BaseModel):
        part: Part = Part()
        tables: dict[str, Part] = {}
        plain: int | None = None

    assert sorted(keys_of(Whole)) == ["part.inner", "plain"]
    assert not explained({"a": {"b": 1}}, "a.c") and explained({"a": {"b": 1}}, "a.b")
    assert _commented(["# why", "a = 1", "b = 2"], 2) and not _commented(["# why", "", "b = 2"], 2)
