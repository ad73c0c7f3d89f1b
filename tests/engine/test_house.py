"""The border and the rooms: who may import whom, and that the user's half is short and plain."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.engine.conftest import ROOT

PACKAGE = ROOT / "penguins"
ENGINE = PACKAGE / "engine"
# from the entry down: what is further down imports nothing that is further up, nor beside it
FLOORS = (
    ("cli",),
    ("dispatch",),
    ("sharing",),
    ("stage",),
    ("commands",),
    ("imaging", "load_test"),
    ("serving", "rollout", "registration", "hosting", "accounts", "adoption", "overview"),
    ("tuning", "reproduction", "reporting", "backup", "diagnosis"),
    ("registry",),
    ("runs",),
    ("tracking",),
    ("judging",),
    ("fitting", "validation", "drift"),
    ("scoring",),
    ("split",),
    ("table",),
    ("lineage",),
    ("storage",),
    ("project",),
    ("params",),
    ("blocks",),
    ("base", "pages", "start", "usage"),
)
FLOOR = {room: floor for floor, rooms in enumerate(reversed(FLOORS)) for room in rooms}
THEIRS = (
    "stages",
    "gates",
    "models",
    "metrics",
    "plots",
    "features",
    "params",
    "engine",
)  # from the top down
LIBRARIES = {  # which rooms may import them when they run
    "mlflow": {"accounts", "tracking", "registry", "registration", "runs"},
    "great_expectations": {"validation"},
    "pyspark": {"validation"},
    "dask": {"fitting"},
    "locust": {"load_test"},
    "distributed": {"fitting", "tuning"},
    "dvc": {"lineage", "storage", "diagnosis", "tuning", "commands", "reproduction"},
}
TRICKS = ("TYPE_CHECKING", "thread", "lazy", "gc", "begin_to_hash", "let_go", "import_skops", "sys.path")
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
OURS = [name for name in MODULES if name.startswith("engine/")]
YOURS = [name for name in MODULES if not name.startswith("engine/")]


def imports(module: Path, types: bool = False) -> Iterator[tuple[int, list[str]]]:
    """List what a module imports: how many dots it begins with, and the names on the way."""
    waiting: list[ast.AST] = [ast.parse(module.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING" and not types:
            waiting += node.orelse
            continue
        if isinstance(node, ast.ImportFrom):
            way = node.module.split(".") if node.module else []
            yield from ((node.level, [*way, alias.name]) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((0, alias.name.split(".")) for alias in node.names)
        waiting += ast.iter_child_nodes(node)


@pytest.mark.parametrize("name", OURS)
def test_a_room_imports_only_what_is_below(name: str) -> None:
    module = PACKAGE / name
    inside = module.relative_to(ENGINE)
    mine = inside.parts[0].removesuffix(".py")
    for dots, way in imports(module, types=True):
        if dots == 0:
            assert way[0] != "penguins", f"{name} imports {way} by its whole name"
            continue
        assert dots <= len(inside.parts), f"{name} imports {way}, which is outside of the engine"
        room = [*inside.parts[: len(inside.parts) - dots], *way][0]
        if room not in (mine, "__version__") and mine != "__init__":
            assert FLOOR[room] < FLOOR[mine], f"{name} imports {room}"


@pytest.mark.parametrize("name", OURS)
def test_a_library_is_imported_in_its_rooms_only(name: str) -> None:
    room = name.split("/")[1].removesuffix(".py")
    found = {way[0] for dots, way in imports(PACKAGE / name) if dots == 0}
    for library, rooms in LIBRARIES.items():
        assert library not in found or room in rooms


@pytest.mark.parametrize("name", YOURS)
def test_your_half_imports_at_the_top_and_downwards(name: str) -> None:
    module = PACKAGE / name
    tree = ast.parse(module.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    inner = [node for function in functions for node in ast.walk(function)]
    assert not [node for node in inner if isinstance(node, ast.Import | ast.ImportFrom)]
    inside = Path(name)
    mine = inside.parts[0].removesuffix(".py")
    for dots, way in imports(module):
        if dots and not mine.startswith("__"):
            other = [*inside.parts[: len(inside.parts) - dots], *way][0]
            assert THEIRS.index(mine) < THEIRS.index(other)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_your_half_is_a_dozen_short_files(baked: Bake, task: str) -> None:
    package = baked(task=task).path / "penguins"
    texts = {name: (package / name).read_text(encoding="utf-8") for name in YOURS}
    lines = {name: len(text.splitlines()) for name, text in texts.items()}
    assert len(lines) <= 14
    assert sum(lines.values()) <= 650
    assert max(lines.values()) <= 110
    assert max(count for name, count in lines.items() if name.startswith("stages/")) <= 45
    for name, text in texts.items():
        assert not [trick for trick in TRICKS if trick in text], name


def test_each_room_says_what_it_holds() -> None:
    rooms = {path.name for path in ENGINE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms <= FLOOR.keys()
    for room in rooms:
        tree = ast.parse((ENGINE / room / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(tree)
        assert len(tree.body) == 1, "a room's __init__ does nothing"
    text = (ENGINE / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)/`", text, re.M)) == rooms
    order = re.split(r"\W+", text[text.index("`cli ->") : text.index("`. They are")])
    assert rooms <= set(order)


def test_the_engine_is_the_same_whatever_is_answered() -> None:
    for path in ENGINE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "penguins" not in text.replace("expectations/penguins.yaml", ""), path
