"""What a module is made of, on modules of a project of its own."""

from pathlib import Path

import pytest
from penguins.engine.lineage import imports
from penguins.engine.lineage.imports import PACKAGE, own_modules

FILES = {
    f"{PACKAGE}/__init__.py": "",
    f"{PACKAGE}/features.py": "import numpy as np\nfrom .geo import distance\nfrom .geo.zones import Zone\n",
    f"{PACKAGE}/geo/__init__.py": "",
    f"{PACKAGE}/geo/distance.py": f"def far():\n    from {PACKAGE}.lazy import late\n    return late\n",
    f"{PACKAGE}/geo/zones.py": "from .. import engine\nfrom . import distance as d\nclass Zone: ...\n",
    f"{PACKAGE}/geo/Zone.py": "",
    f"{PACKAGE}/lazy.py": "try:\n    import helpers.text\nexcept ImportError:\n    import other\n",
    f"{PACKAGE}/engine/__init__.py": "from . import deep\n",
    f"{PACKAGE}/engine/deep.py": "from ....too.many import dots\n",
    f"{PACKAGE}/mine.py": "from importlib import import_module\nimport_module('.named', __package__)\n",
    f"{PACKAGE}/named.py": "",
    f"{PACKAGE}/typed.py": "if TYPE_CHECKING:\n    from . import named\nelse:\n    from . import lazy\n",
    f"{PACKAGE}/broken.py": "from . import named\ndef\n",
    "helpers/text.py": "import json\n",  # a folder without an __init__
    "other.py": f"import {PACKAGE}.named\n",
}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    return tmp_path


def found(*names: str, outside: tuple[str, ...] = ()) -> set[str]:
    """Return the files of what is found, without the package's own `__init__`, which always counts."""
    files = {path.relative_to(imports.ROOT).as_posix() for path in own_modules(names, outside).values()}
    assert f"{PACKAGE}/__init__.py" in files
    return {name.removeprefix(f"{PACKAGE}/") for name in files} - {"__init__.py"}


def test_what_is_imported_is_followed_wherever_it_is(root: Path) -> None:
    geo = {"geo/__init__.py", "geo/distance.py", "geo/zones.py"}
    deep = {"engine/__init__.py", "engine/deep.py"}
    assert found(f"{PACKAGE}.features") == {
        "features.py",
        *geo,
        *deep,
        "lazy.py",
        "helpers/text.py",
        "other.py",
        "named.py",
    }
    assert own_modules([f"{PACKAGE}.geo.distance"])["helpers.text"] == root / "helpers/text.py"


def test_what_is_outside_is_neither_named_nor_followed() -> None:
    assert found(f"{PACKAGE}.geo.zones", outside=(f"{PACKAGE}.engine", f"{PACKAGE}.lazy")) == {
        "geo/__init__.py",
        "geo/zones.py",
        "geo/distance.py",
    }


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("mine.Mine", {"mine.py", "named.py"}),  # a class, and a module that only a text names
        ("typed", {"typed.py", "lazy.py", "helpers/text.py", "other.py", "named.py"}),
        ("broken", {"broken.py"}),
        ("none.at.all", set()),
    ],
)
def test_a_name_is_made_of_its_module_and_what_that_imports(name: str, files: set[str]) -> None:
    if name == "typed":
        (imports.ROOT / f"{PACKAGE}/named.py").unlink()
        files = files - {"named.py"}
    assert found(f"{PACKAGE}.{name}") == files


def test_a_library_is_made_of_nothing() -> None:
    assert own_modules(["sklearn.linear_model.Ridge", "json", "", "../other.py"]) == {}


def test_an_edit_is_seen(root: Path) -> None:
    assert found(f"{PACKAGE}.named") == {"named.py"}
    (root / PACKAGE / "named.py").write_text("from . import mine\n", encoding="utf-8")
    assert found(f"{PACKAGE}.named") == {"named.py", "mine.py"}
