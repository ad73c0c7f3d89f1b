"""What dvc.yaml says that a stage is made of, and what DVC makes of that."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy, copytree
from typing import Any

import pytest
from dvc.repo import Repo
from penguins.engine.base import git
from penguins.engine.base.paths import PACKAGE
from penguins.engine.base.yaml import read_yaml
from penguins.engine.lineage.imports import own_modules
from penguins.engine.lineage.pipeline import dependencies, parameters
from penguins.engine.lineage.undeclared import undeclared
from penguins.params import Params
from ruamel.yaml import YAML

from tests.engine.conftest import ROOT

# blocks of params.yaml: without one of them, a change of it would leave an old result in its place
NEEDED = {
    "validate": {"data"},
    "train": {"data", "split", "features", "model"},
    "evaluate": {"data", "split", "evaluate"},
    "register": {"register"},  # which always runs: it names only what those before it do not
}
STAGES: dict[str, Any] = read_yaml(ROOT / "dvc.yaml")["stages"]
ALL = ("validate", "train", "evaluate")
OF_MODELS = ALL[1:]

# which stages run again after a change, room by room; those after them do if what they write differs
DECIDES: dict[str, tuple[str, ...]] = {
    "features.py": OF_MODELS,
    "gates.py": ("register",),
    "metrics.py": ("evaluate",),
    "models.py": OF_MODELS,
    "params.py": ALL,
    "plots.py": ("evaluate",),
    **{f"stages/{stage}.py": (stage,) for stage in (*ALL, "register")},
    "engine/params.py": ALL,
    "engine/blocks": ALL,
    "engine/table": ALL,
    "engine/validation": ("validate",),
    "engine/split": OF_MODELS,
    "engine/fitting": OF_MODELS,
    "engine/judging": ("evaluate",),
}
# what only records, says or starts: a change of it makes no result another one
ROOMS = (
    *("base", "lineage", "tracking", "registry", "registration", "tuning", "reproduction", "reporting"),
    *("drift", "adoption", "scoring", "accounts", "backup", "diagnosis", "imaging", "load_test"),
    *("overview", "rollout", "serving", "storage"),
    *("pages", "hosting", "sharing", "commands", "cli", "dispatch", "usage", "start"),
    *("stage", "runs", "project"),
)
DECIDES_NOTHING = [
    *("__init__.py", "__main__.py", "stages/__init__.py", "engine/__init__.py"),
    *(
        f"engine/{room}" if (ROOT / PACKAGE / "engine" / room).is_dir() else f"engine/{room}.py"
        for room in ROOMS
    ),
]


def rooms() -> Iterator[str]:
    """Name every file of the user's and of the engine's own folder, and every room of the engine."""
    package = ROOT / PACKAGE
    for path in [*package.iterdir(), *(package / "stages").iterdir(), *(package / "engine").iterdir()]:
        if path.suffix == ".py" or (path.is_dir() and path.name not in ("__pycache__", "stages", "engine")):
            yield path.relative_to(package).as_posix()


def test_of_every_room_it_is_said_what_it_decides() -> None:
    assert sorted(rooms()) == sorted([*DECIDES, *DECIDES_NOTHING])


def test_a_stage_depends_on_all_code_of_the_users_that_decides_what_it_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    assert undeclared() == {}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_every_room_that_its_code_imports(stage: str) -> None:
    """By the imports in its files; the register stage begins with the room that only it starts."""
    engine = f"{PACKAGE}.engine."
    deps = dependencies(stage, ROOT)
    first = [name.replace("/", ".") for path in deps if (name := path.removesuffix(".py")) != path]
    outside = [f"{engine}{room}" for room in ROOMS]
    if stage == "register":
        outside.remove(f"{engine}registration")
        first.append(f"{engine}registration.decide")
    found = {name.removeprefix(engine) for name in own_modules(first, outside) if name.startswith(engine)}
    imported = {name.split(".")[0] for name in found} - {"registration"}
    folder = f"{PACKAGE}/engine/"
    listed = {path.removeprefix(folder) for path in deps if path.startswith(folder)}
    assert {room.removesuffix(".py") for room in listed} == imported


@pytest.mark.parametrize("stage", NEEDED)
def test_a_stage_depends_on_its_parameters_and_the_libraries(stage: str) -> None:
    assert NEEDED[stage] <= set(STAGES[stage]["params"])
    assert stage == "register" or "requirements.txt" in STAGES[stage]["deps"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_parameters_that_there_are(stage: str) -> None:
    blocks = {name.split(".")[0] for name in STAGES[stage]["params"]}
    assert blocks <= {field.alias or name for name, field in Params.model_fields.items()}


def test_the_stage_that_always_runs_depends_on_what_made_the_results_that_it_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    own, read = STAGES["register"], STAGES["evaluate"]
    assert set(dependencies("register")) == {*own["deps"], *read["deps"]}
    assert set(parameters("register")) == {*own["params"], *read["params"]}
    assert dependencies("evaluate") == read["deps"]


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repo]:
    """Provide a repository whose stages depend on code as the project's do, have run, and do nothing."""
    folder = tmp_path_factory.mktemp("pipeline")
    copytree(ROOT / PACKAGE, folder / PACKAGE, ignore=lambda *_: ["__pycache__"])
    for name in (".dvcignore", "params.yaml", "requirements.txt"):
        copy(ROOT / name, folder)
    made = {
        name: {
            "cmd": "echo",
            "deps": [path for path in stage["deps"] if (folder / path).exists() and "data/" not in path],
            "params": stage["params"],
        }
        for name, stage in STAGES.items()
    }
    YAML().dump({"stages": made}, folder / "dvc.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        git.output("init", "--quiet")
        with Repo.init() as repo:
            repo.reproduce()
            yield repo


@pytest.mark.parametrize("room", [*DECIDES, *DECIDES_NOTHING])
def test_a_change_in_a_room_runs_the_stages_that_it_decides_and_no_other(repo: Repo, room: str) -> None:
    path = Path(repo.root_dir, PACKAGE, room)
    file = path if path.is_file() else max(path.rglob("*.py"))  # the last one, never `__init__`
    before = file.read_bytes()
    assert repo.status() == {}
    file.write_bytes(before + b"# another line\n")
    try:
        assert set(repo.status()) == set(DECIDES.get(room, ()))
    finally:
        file.write_bytes(before)
