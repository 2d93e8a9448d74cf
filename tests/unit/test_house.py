"""The house: layers down, nouns across, and every room says what it is for."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[2]
LAYERS = ("integration/domain", "integration/store", "integration/flow", "integration/web/pages")
#: folders of the store that no noun owns
SHARED = {"tables", "migrations"}


def packages() -> list[Path]:
    found = (path.parent for room in ("integration", "connectors", "jobs") for path in (ROOT / room).rglob("*.py"))
    return sorted(set(found))


def nouns_of(layer: str) -> set[str]:
    folders = (path for path in (ROOT / layer).iterdir() if path.is_dir() and any(path.glob("*.py")))
    return {path.name for path in folders} - SHARED


def listed_nouns() -> set[str]:
    """The nouns of the table in CONTRIBUTING.md."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("| Noun |")[2].partition("\n\n")[0]
    return {noun.strip() for cell in re.findall(r"^\| ([a-z, ]+) \|", table, re.MULTILINE) for noun in cell.split(",")}


def test_every_room_says_what_it_is_for() -> None:
    rooms = [path for path in packages() if path.name != "versions"]
    sources = {room.relative_to(ROOT): (room / "__init__.py") for room in rooms}
    assert len(sources) > 60
    silent = [str(room) for room, file in sources.items() if not file.is_file() or not _docstring(file)]
    assert silent == []


def _docstring(file: Path) -> str:
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


def test_every_noun_is_in_the_table() -> None:
    built = {noun for layer in LAYERS for noun in nouns_of(layer)}
    assert {"carts", "consent", "webhooks"} <= built
    assert built == listed_nouns()


def test_what_all_nouns_share_knows_none_of_them() -> None:
    """import-linter holds the order of the nouns; this holds what lies below them all."""
    shared = [path for layer in LAYERS[:2] for path in (ROOT / layer).glob("*.py")]
    shared += [ROOT / "integration/flow" / name for name in ("world.py", "ports.py", "receive.py")]
    assert len(shared) > 15
    known = [f"{path.name}: {name}" for path in shared for name in _imports(path) if _noun(path, name)]
    assert known == []


def _imports(file: Path) -> list[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]


def _noun(file: Path, module: str) -> bool:
    layer = file.parent.relative_to(ROOT)
    above = f"{layer.as_posix().replace('/', '.')}."
    return module.startswith(above) and module.removeprefix(above).partition(".")[0] in nouns_of(str(layer))


def test_no_import_runs_in_a_circle() -> None:
    """Of modules, those imported for their types only among them: whoever reads one need not know the other first."""
    graph = grimp.build_graph("integration", "connectors", "jobs", cache_dir=None)
    imported = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert len(imported) > 600
    TopologicalSorter(imported).prepare()


def test_one_module_queues_messages() -> None:
    """Whoever stored a message by itself would decide by itself in which state it begins."""
    callers = [path for path in _production() if "integration.store.messages.messages.add" in _called(path)]
    assert [str(path.relative_to(ROOT)) for path in callers] == ["integration/flow/messages/queue.py"]


def _production() -> list[Path]:
    return sorted(path for room in packages() for path in room.glob("*.py"))


def _called(file: Path) -> set[str]:
    """The full names of what a module uses of others, `package.module.function`."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return {f"{names.get(node.value.id)}.{node.attr}" for node in uses} | set(names.values())


def test_nobody_asks_the_web_by_the_standard_library() -> None:
    """import-linter holds the packages (pyproject.toml) and sees no modules within `urllib` and `http`."""
    found = {
        path.name for path in _production() for name in _modules(path) if name in ("urllib.request", "http.client")
    }
    assert found == set()


def _modules(file: Path) -> set[str]:
    """What a module imports, `package.module`, and `package.module.name` where it takes a name out of it."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {
        name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module
        for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    }
