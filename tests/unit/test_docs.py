"""The documents keep up with the code, and what code and documents refer to exists."""

import ast
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from pkgutil import resolve_name

import click
import pytest

from integration.cli import main
from integration.domain.automations.vouchers import VoucherStatus
from integration.domain.carts.carts import CartState
from integration.domain.messages.reasons import REASONS
from integration.domain.messages.status import MessageStatus, Outcome
from integration.domain.notifications import NOTIFICATIONS, Notification

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.de.md")
PAGES = (*READMES, "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
DOCS = (*PAGES, *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")))
#: the words of docs/reference/design.md, "Words", that are built
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
    "hold-out",
    "voucher",
    "alert",
    "conversation",
    "service window",
    "quiet hours",
    "appointment",
}
#: the standard terms of the same place, for what works inside
TERMS = {
    "identity resolution",
    "circuit breaker",
    "token bucket",
    "hold",
    "reconciliation",
    "monitor",
    "diagnostics",
    "alert subscription",
    "consent standing",
    "rate limit",
    "daily recipients",
}
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", read(name))


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
    assert sorted(rows) == sorted(commands(main)) and "ladenbote check" in rows


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


def test_the_words_are_those_of_the_design() -> None:
    laid_down = unwrapped(read("docs/reference/design.md").partition("\n## Words\n")[2].partition("\n## ")[0])
    assert {word for word in WORDS | TERMS if not re.search(rf"\b{word}\b", laid_down)} == set()


def test_every_word_is_in_the_glossary() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$", read("docs/glossary.md"), re.MULTILINE)
    words = [word for word, *_ in rows]
    assert not (WORDS | TERMS) - set(words)
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


# ── What is referred to ─────────────────────────────────────────────────────────────────────────────────────

REFERENCE = ROOT / "docs/reference"
PAPERS = {path.stem for path in REFERENCE.glob("*.md")} - {"README"}
#: the short names of papers inside docs/reference, as in `[law] 13`
SHORT = {"wa": "whatsapp", "woo": "woocommerce", "perf": "performance"}
#: a path from the root of the project; `<…>` and `*` stand for something
NAMED = re.compile(r"(?<![\w./<>:-])((?:docs|integration|connectors|jobs|tests|wordpress|benchmarks)/[\w./<>*-]+)")
#: a module's path that begins below the root
CLIPPED = re.compile(r"(?<![\w./<>-])((?:domain|flow|store|web|sandbox|run|settings|cli|loops|sweeps)/[\w/]+\.\w+)")
#: a module or a name in it, below integration/
DOTTED = re.compile(r"(?<![\w./@])((?:flow|store|domain|web|run|cli|sandbox)(?:\.[a-zA-Z_]+)+)\b")
#: a docstring or a comment; other long strings are passed over
REMARK = re.compile(r'^[ \t]*"""(.*?)"""|""".*?"""|#[: ](.*?)$', re.DOTALL | re.MULTILINE)
PAPER = re.compile(rf"(docs/reference/)?(?<![\w/([-])({'|'.join(sorted(PAPERS))})\.md\b", re.IGNORECASE)
PLACE = re.compile(
    r"docs/reference/(\w+)\.md(?:,? sections? (\d+(?:(?:,| and|, and) \d+)*))?(?:, \"([^\"]+)\")?(?:, Never (\d+))?"
)
LINKED = re.compile(r"\]\((?:reference/)?(\w+)\.md\) sections? (\d+)")
ABBREVIATED = re.compile(r"\[(\w+)\] (\d+)")


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return "" if b"\0" in raw else raw.decode("utf-8", "replace")


def unwrapped(text: str) -> str:
    """A text in which no line break parts a reference."""
    return re.sub(r"\s*\n[ \t]*(?:#:?|\*|//)?[ \t]*", " ", text)


def missing_paths(text: str) -> set[str]:
    """Paths of the project that a text names, the ending .py or not, and that lead nowhere."""
    named = {name.rstrip(".") for name in NAMED.findall(text) if "</" not in name}
    globs = {name: re.sub(r"<[^>]*>", "*", name).strip("/") for name in named}
    return {name for name, glob in globs.items() if not any(True for end in ("", ".py") for _ in ROOT.glob(glob + end))}


def sections(paper: str) -> set[str]:
    """The numbers of a paper's sections, its other headings, and the numbers of what must never happen."""
    text = (REFERENCE / f"{paper}.md").read_text(encoding="utf-8")
    never = text.partition("\n## Never\n")[2]
    found = re.findall(r"^## (?:(\d+)\.? )?(.+)$", text, re.MULTILINE)
    return {part for heading in found for part in heading if part} | {
        f"Never {number}" for number in re.findall(r"^(\d+)\. ", never, re.MULTILINE)
    }


def places(text: str) -> Iterator[tuple[str, str]]:
    """Each paper and place in it that a text refers to."""
    for paper, numbers, heading, never in PLACE.findall(unwrapped(text)):
        yield from ((paper, number) for number in re.findall(r"\d+", numbers))
        yield from ((paper, place) for place in (heading, f"Never {never}" if never else "") if place)
    yield from LINKED.findall(unwrapped(text))


def short_places(text: str) -> Iterator[tuple[str, str]]:
    found = ((SHORT.get(name, name), number) for name, number in ABBREVIATED.findall(unwrapped(text)))
    return ((name, number) for name, number in found if name in PAPERS)


def missing_places(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(paper, place) for paper, place in found if paper not in PAPERS or place not in sections(paper)]


def test_every_path_that_is_named_exists() -> None:
    found = {str(path.relative_to(ROOT)): missing_paths(text_of(path)) for path in tracked()}
    assert {name: missing for name, missing in found.items() if missing} == {}


def test_modules_are_named_from_the_root() -> None:
    found = {str(path.relative_to(ROOT)): CLIPPED.findall(text_of(path)) for path in tracked()}
    assert {name: clipped for name, clipped in found.items() if clipped} == {}


def test_papers_are_named_by_their_path() -> None:
    files = [path for path in tracked() if REFERENCE not in path.parents]
    bare = [f"{path.relative_to(ROOT)}: {m[0]}" for path in files for m in PAPER.finditer(text_of(path)) if not m[1]]
    assert bare == []


def test_every_section_that_is_named_exists() -> None:
    found = {str(path.relative_to(ROOT)): missing_places(places(text_of(path))) for path in tracked()}
    papers = {path.name: missing_places(short_places(text_of(path))) for path in REFERENCE.glob("*.md")}
    assert {name: missing for name, missing in (found | papers).items() if missing} == {}


def remarks(source: str) -> str:
    """The docstrings and comments of a module."""
    return " ".join(docstring or comment for docstring, comment in REMARK.findall(source))


def is_known(dotted: str) -> bool:
    """Whether `flow.messages.prepare` names a module of integration/, or `flow.send.claim` something in one."""
    try:
        return resolve_name(f"integration.{dotted}") is not None
    except (ModuleNotFoundError, AttributeError):
        return False


def test_every_module_that_a_remark_names_exists() -> None:
    modules = [path for path in tracked() if path.suffix == ".py"]
    found = {str(path.relative_to(ROOT)): set(DOTTED.findall(remarks(text_of(path)))) for path in modules}
    assert {(name, dotted) for name, named in found.items() for dotted in named if not is_known(dotted)} == set()


def test_what_is_referred_to_is_seen() -> None:
    """The tests above can fail: their instruments find what is there."""
    nowhere = "do" + "cs/nothing.md"
    assert missing_paths(f"see {nowhere}, docs/glossary.md. and tests/unit/test_<name>.py") == {nowhere}
    assert {"4", "16", "1"} <= sections("law") and "99" not in sections("law")
    assert {"How it runs", "Never 11"} <= sections("design") and "Never 12" not in sections("design")
    text = 'docs/reference/law.md\n    #: sections 4, 15 and 98; docs/reference/design.md, "How it runs" or, Never 3'
    assert list(places(text)) == [("law", "4"), ("law", "15"), ("law", "98"), ("design", "How it runs")]
    assert missing_places(places(text)) == [("law", "98")]
    assert list(short_places("as [law] 13 and [wa] 2 say, [perf]")) == [("law", "13"), ("whatsapp", "2")]


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
    assert is_known("flow.messages.prepare") and is_known("flow.send.claim")
    assert not is_known("flow.prepare") and not is_known("flow.send.lend") and not is_known("nouns.carts.carts")
    sample = 'x = """FLOW.a\n"""  #: FLOW.b\n"""Of FLOW.c\n"""'.replace("FLOW", "flow")
    assert DOTTED.findall(remarks(sample)) == ["flow.b", "flow.c"]
    assert DOTTED.findall("see flow.prepare, `domain.text.Text`. The web.") == ["flow.prepare", "domain.text.Text"]
