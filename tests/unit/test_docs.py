"""The documents keep up with the code, and the table of notifications is complete in every language."""

import ast
import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_origin

import click
import pytest
from kinds import ORDER, SHIPMENT, subject
from pydantic import BaseModel

from connectors.registry import CONNECTORS
from connectors.settings import ShopSettings
from connectors.whatsapp.settings import SenderSettings
from integration.cli import main
from integration.domain.automations.vouchers import VoucherStatus
from integration.domain.carts.carts import CartState
from integration.domain.consent import ledger
from integration.domain.consent.consent import ConsentType, Flag, Purpose, Source
from integration.domain.messages.reasons import REASONS
from integration.domain.messages.status import MessageStatus, Outcome
from integration.domain.notifications import NOTIFICATIONS, Notification
from integration.domain.shops.facts import OrderFacts, ShipmentFacts
from integration.domain.templates.parts import PLACEHOLDER
from integration.domain.templates.templates import EXAMPLES, all_templates
from integration.settings.sections import CompanySettings
from integration.settings.settings import Settings, load

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.de.md")
PAGES = (*READMES, "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
DOCS = (*PAGES, *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
#: the words that DESIGN lays down for code and screens
WORDS = {
    "company",
    "shop",
    "sender",
    "connector",
    "snapshot",
    "event",
    "order",
    "shipment",
    "cart",
    "contact",
    "consent",
    "purpose",
    "wording",
    "opt-in",
    "double opt-in",
    "opt-out",
    "suppression",
    "decision",
    "notification",
    "template",
    "message",
    "attempt",
    "status",
    "campaign",
    "segment",
    "voucher",
    "conversation",
    "service window",
    "quiet hours",
}
SECRETS = re.compile(r"token|secret|consumer_key|client_id")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", read(name))


# ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── Commands, targets, words, codes, states ─────────────────────────────────────────────────────────────────


def commands(group: click.Group, path: str = "ladenbote") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        elif not command.hidden:
            yield f"{path} {name}"


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_in_the_readme(name: str) -> None:
    rows = re.findall(r"^\| `(ladenbote [^`]+)` \|", read(name), re.MULTILINE)
    assert sorted(rows) == sorted(commands(main))


def test_every_command_says_what_it_does() -> None:
    silent = [command for command in _all(main) if not (command.help or "").strip()]
    assert not silent


def _all(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from _all(command)


def test_every_target_is_in_contributing() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE)
    rows = re.findall(r"^\| `make ([a-z-]+)` \|", read("CONTRIBUTING.md"), re.MULTILINE)
    assert "demo" in targets
    assert sorted(rows) == sorted(targets)


def test_every_word_is_in_the_glossary() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", read("docs/glossary.md"), re.MULTILINE)
    words = [word for word, *_ in rows]
    assert not WORDS - set(words)
    assert len(words) == len(set(words)) + 3  # three more heads of tables
    assert all(german and len(meaning) > 20 for word, german, meaning in rows if word not in ("Word", "---"))


def test_every_reason_code_is_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", read("docs/reasons.md"), re.MULTILINE)
    assert sorted(rows) == sorted(REASONS)


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    for code, sentence in REASONS.items():
        assert sentence.de.endswith(".") and sentence.en.endswith("."), code
        assert sentence.de != sentence.en, code


def test_every_reason_code_in_the_code_has_a_sentence() -> None:
    used = {code for file in _sources("integration", "connectors", "jobs") for code in _codes(file)}
    assert {"quiet_hours", "withdrawn", "order_unknown", "uncertain", "thin"} <= used
    assert sorted(used - set(REASONS) - {"message"}) == []


def _sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        found = (ROOT / folder).rglob("*.py")
        yield from (path for path in found if "sandbox" not in path.parts and "web" not in path.parts)


#: where a reason code stands in a call: its position, or its keyword
CALLS = {"Deny": 0, "Defer": 0, "end": 1, "Translated": 2, "Heard": 3, "_again": 2, "Move": 2}


def _codes(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from filter(None, map(_text, _reasons_of(node)))
        elif isinstance(node, ast.Tuple) and len(node.elts) == 3 and _is_status(node.elts[0]):
            yield from filter(None, [_text(node.elts[1])])


def _reasons_of(call: ast.Call) -> Iterator[ast.expr]:
    position = CALLS.get(ast.unparse(call.func).rpartition(".")[2])
    if position is not None and len(call.args) > position:
        yield call.args[position]
    yield from (keyword.value for keyword in call.keywords if keyword.arg in ("reason", "note"))


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_status(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node).startswith("MessageStatus.")


def test_every_state_is_described() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", read("docs/states.md"), re.MULTILINE)
    assert sorted(rows) == sorted([*MessageStatus, *Outcome, *CartState, *VoucherStatus])


# ── The ledger's page ───────────────────────────────────────────────────────────────────────────────────────


def published() -> tuple[dict[str, Any], dict[str, Any], str]:
    """The page's own program, its example row, and the hash that it claims."""
    page = read("docs/ledger.md")
    program: dict[str, Any] = {}
    exec(re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0], program)  # noqa: S102 - our page
    row = json.loads(re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[0])
    return program, row, re.findall(r"Its hash is `(\w+)`", page)[0]


def as_stored(row: dict[str, Any]) -> dict[str, Any]:
    """A row as our code has it: with times instead of microseconds."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    times = {name: epoch + timedelta(microseconds=row[name]) for name in ("occurred_at", "recorded_at")}
    return row | times


def test_the_ledgers_fields_are_described_in_order() -> None:
    page = read("docs/ledger.md")
    header = page.partition("## The header")[2].partition("## The hash")[0]
    assert re.findall(r"^\| `(\w+)` \|", header, re.MULTILINE) == list(ledger.FIELDS)
    for name in (*ConsentType, *Source, *Flag):
        assert re.search(rf"\b{name}\b", header), name


def test_the_published_example_is_right() -> None:
    program, row, claimed = published()
    assert tuple(program["FIELDS"]) == ledger.FIELDS
    assert list(row) == list(ledger.FIELDS)
    assert program["row_hash"](row, ledger.GENESIS) == claimed
    assert ledger.row_hash(as_stored(row), ledger.GENESIS) == claimed
    text = re.findall(r'The text of the example is "(.*?)"', read("docs/ledger.md"), re.DOTALL)[0]
    assert ledger.wording_hash(text) == hashlib.sha256(text.encode()).hexdigest() == row["wording_hash"]


@pytest.mark.parametrize("purposes", [["b", "a"], ['back_in_stock:Grün "x" \\ \x1f\t/ 😀 \x7f'], []])
def test_the_published_program_agrees_with_ours(purposes: list[str]) -> None:
    program, example, _ = published()
    rows: list[dict[str, Any]] = []
    previous = ledger.GENESIS
    for seq in (1, 2, 3):
        payload = bytes([seq])
        row = example | {"seq": seq, "purposes": purposes, "payload_hash": ledger.payload_hash(payload)}
        row |= {"payload": payload, "prev_hash": previous, "hash": ledger.row_hash(as_stored(row), previous)}
        previous = row["hash"]
        rows.append(row)
    assert program["first_break"](rows) is None
    assert ledger.first_break([as_stored(row) for row in rows]) is None
    for broken in (rows[1:], [rows[0], rows[2]], [rows[0], rows[1] | {"type": "withdrawn"}, rows[2]]):
        found = program["first_break"](broken)
        assert found is not None
        assert found == ledger.first_break([as_stored(row) for row in broken])


# ── The pages ───────────────────────────────────────────────────────────────────────────────────────────────


def headings(name: str) -> list[int]:
    return [len(mark) for mark in re.findall(r"^(#+) ", prose(name), re.MULTILINE)]


def test_the_readmes_have_the_same_parts() -> None:
    english, german = READMES
    assert headings(english) == headings(german)
    for mark in (r"^\| ", r"^```", r"^- "):
        assert len(re.findall(mark, read(english), re.MULTILINE)) == len(re.findall(mark, read(german), re.MULTILINE))


@pytest.mark.parametrize("name", READMES)
def test_the_readme_names_every_kind_and_when_it_is_too_late(name: str) -> None:
    rows = re.findall(r"^  \| `(\w+)` \| (.*?) \| (\d+) \w+ \|$", read(name), re.MULTILINE)
    language = "de" if name.endswith(".de.md") else "en"
    assert rows == [(n.kind, n.when.in_(language), _hours(n)) for n in NOTIFICATIONS]


def _hours(notification: Notification) -> str:
    return str(int(notification.expires_after.total_seconds() // 3600))


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(name)):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        page = ((ROOT / name).parent / path).resolve() if path else ROOT / name
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), target


def anchors(page: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("name", DOCS)
def test_named_files_exist(name: str) -> None:
    """A file named in backticks with a folder of ours exists; `<…>` stands for something."""
    for named in re.findall(r"`((?:integration|connectors|jobs|tests|docs)/[\w./<>-]+)`", prose(name)):
        if "<" not in named:
            assert (ROOT / named).exists(), named


@pytest.mark.parametrize("name", [name for name in DOCS if name != "docs/benchmarks.md"])
def test_pages_are_calm(name: str) -> None:
    loud = r"\b(blazing|powerful|seamless|best-in-class|cutting-edge|revolutionary|effortless)\b"
    assert not re.findall(loud, read(name))
    assert "img.shields.io" not in read(name)


def tracked() -> list[Path]:
    """What belongs to the project: tracked, or new and not ignored."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout: nothing says which files belong to the project")
    command = [git, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_registry_host_and_no_path_of_a_machine() -> None:
    hosts = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.", "conda" + ".anaconda", "index" + "-url =")
    machine = re.compile(r"(?:^|[\s\"'`(=:])(?:/(?:home|root|Users|work)/|[A-Z]:\\Users)", re.MULTILINE)
    found = []
    for path in tracked():
        raw = path.read_bytes()
        if b"\0" in raw:
            continue
        content = raw.decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {host}" for host in hosts if host in content]
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in machine.finditer(content)]
    assert not found


# ── The table of notifications ──────────────────────────────────────────────────────────────────────────────

LANGUAGES = {("de", "du"), ("de", "sie"), ("en", "")}
FORMAL = re.compile(r"\b(Ihre?[nmrs]?|Ihnen|Sie)\b")
FAMILIAR = re.compile(r"\b(du|dich|dir|deine?[nmrs]?)\b", re.IGNORECASE)
BODIES = [(n, key) for n in NOTIFICATIONS for key in sorted(LANGUAGES)]
each_body = pytest.mark.parametrize(("entry", "key"), BODIES, ids=[f"{n.kind}-{'-'.join(k)}" for n, k in BODIES])
each_kind = pytest.mark.parametrize("entry", NOTIFICATIONS, ids=[n.kind for n in NOTIFICATIONS])


def test_the_samples_have_every_fact() -> None:
    assert set(ORDER) == set(OrderFacts.__annotations__)
    assert set(SHIPMENT) == set(ShipmentFacts.__annotations__)


def test_every_kind_is_there_once() -> None:
    kinds = [entry.kind for entry in NOTIFICATIONS]
    assert len(kinds) == len(set(kinds))


@each_kind
def test_has_every_text(entry: Notification) -> None:
    assert set(entry.bodies) == LANGUAGES
    assert len(set(entry.bodies.values())) == len(LANGUAGES)
    assert entry.title.de and entry.title.en and entry.title.de != entry.title.en
    assert re.fullmatch(r"[a-z0-9_]{1,32}", entry.kind)
    assert entry.purpose in Purpose


@each_kind
def test_has_a_rule(entry: Notification) -> None:
    assert not entry.on & entry.void_on
    assert entry.when.de and entry.when.en and entry.when.de != entry.when.en
    assert timedelta(minutes=1) <= entry.expires_after <= timedelta(days=7)
    assert entry.unless(subject(entry)) == ""
    assert entry.version >= 1


@each_body
def test_placeholders_are_the_variables(entry: Notification, key: tuple[str, str]) -> None:
    named = PLACEHOLDER.findall(entry.bodies[key])
    assert len(named) == len(set(named))
    assert set(named) == set(entry.variables(subject(entry, key[0])))
    assert set(named) <= set(EXAMPLES)
    assert all(value for value in entry.variables(subject(entry, key[0])).values())


@each_body
def test_meta_would_take_it(entry: Notification, key: tuple[str, str]) -> None:
    body = entry.bodies[key]
    assert len(body) <= 1024
    assert not body.startswith("{{") and not body.endswith("}}")
    assert not re.search(r"\}\}\W*\{\{", body)
    assert "{" not in PLACEHOLDER.sub("", body) and "}" not in PLACEHOLDER.sub("", body)
    assert not re.search(r"\n{3,}| {5,}|\t", body)
    words = re.findall(r"\w+", PLACEHOLDER.sub("", body))
    assert len(words) >= 3 * len(PLACEHOLDER.findall(body))


@each_body
def test_says_who_writes_and_how_to_stop(entry: Notification, key: tuple[str, str]) -> None:
    body = entry.bodies[key]
    assert "{{shop}}" in body
    assert re.search(r"(Antworten Sie|Antworte|Reply)\b.* STOP\b", body)
    assert body.rindex("STOP") > body.rindex("}}")


@each_body
def test_addresses_people_in_one_way(entry: Notification, key: tuple[str, str]) -> None:
    body = entry.bodies[key]
    if key == ("de", "du"):
        assert FAMILIAR.search(body) and not FORMAL.search(body)
    elif key == ("de", "sie"):
        assert FORMAL.search(body) and not FAMILIAR.search(body)
    else:
        assert not re.search(r"\b(und|der|die|Bestellung)\b", body)


def test_templates_have_names_that_meta_takes() -> None:
    names = [(template.name, template.language) for template in all_templates()]
    assert len(names) == len(set(names)) == len(BODIES)
    assert all(re.fullmatch(r"lb_[a-z0-9_]{1,500}_v\d+", name) for name, _ in names)


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
    assert sorted(commands(main))[0] == "ladenbote check"
    assert _commented(["# why", "a = 1", "b = 2"], 2) and not _commented(["# why", "", "b = 2"], 2)
