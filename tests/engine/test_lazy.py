import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from penguins.engine.base import lazy
from scipy._lib import _array_api, _docscrape

from tests.engine.conftest import ROOT


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that cannot be executed twice without being noticed."""
    (tmp_path / "slow_library.py").write_text("import sys\nsys.executed = True\nNAME = 'slow'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delattr(sys, "executed", raising=False)
    monkeypatch.delitem(sys.modules, "slow_library", raising=False)
    return "slow_library"


def test_a_module_is_executed_when_it_is_used(library: str) -> None:
    with lazy.modules(library):
        module = __import__(library)
    assert not hasattr(sys, "executed")
    assert module.NAME == "slow"
    assert hasattr(sys, "executed")


def test_other_modules_and_later_imports_are_as_ever(library: str) -> None:
    with lazy.modules("another"), pytest.raises(ModuleNotFoundError):
        __import__("another")
    __import__(library)
    assert hasattr(sys, "executed")


def test_a_module_that_a_library_can_do_without_is_not_there(library: str) -> None:
    with lazy.without(library, "json"):
        with pytest.raises(ModuleNotFoundError):
            __import__(library)
        assert __import__("json").loads("1") == 1  # it was imported already
    __import__(library)
    assert hasattr(sys, "executed")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package in a package; each notes that it is executed, and the inner one needs a name of the outer."""
    inner = tmp_path / "slow_package/inner"
    inner.mkdir(parents=True)
    note = "import sys\nsys.executed = [*getattr(sys, 'executed', []), __name__]\n"
    (inner.parent / "__init__.py").write_text(f"{note}NAME = 'slow'\nfrom slow_package import inner\n")
    (inner / "__init__.py").write_text(f"{note}from slow_package import NAME as ABOVE\n")
    (inner / "part.py").write_text("PART = 'quick'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delattr(sys, "executed", raising=False)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    for name in ("slow_package", "slow_package.inner", "slow_package.inner.part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    lazy.packages("slow_package", "slow_package.inner")
    return "slow_package"


def test_a_package_is_executed_when_a_name_is_used_and_what_is_in_it_can_be_imported_before(
    package: str,
) -> None:
    part, inner = import_module(f"{package}.inner.part"), import_module(f"{package}.inner")
    assert part.PART == "quick"
    assert not hasattr(inner, "__wrapped__")
    assert not hasattr(sys, "executed")
    assert inner.ABOVE == "slow"
    assert sys.executed == ["slow_package", "slow_package.inner"]  # type: ignore[attr-defined]
    assert (type(inner), inner.part) == (ModuleType, part)


def test_a_package_that_cannot_be_executed_is_tried_again(package: str, tmp_path: Path) -> None:
    file = tmp_path / "slow_package/__init__.py"
    whole = file.read_text()
    file.write_text("raise ValueError('not now')")
    outer = import_module(package)
    with pytest.raises(ValueError, match="not now"):
        _ = outer.NAME
    file.write_text(whole + "# with another length than before\n")
    assert outer.NAME == "slow"


def test_a_package_is_left_for_later_once(package: str) -> None:
    finders = [*sys.meta_path]
    lazy.packages("slow_package", "slow_package.inner")
    assert finders == sys.meta_path


@pytest.mark.slow
def test_skops_and_mlflow_are_imported_without_what_no_stage_needs() -> None:
    program = """
import sys
from penguins.engine.base import process
from penguins.engine.tracking.models import import_skops
process.prepare_libraries()
import_skops()
assert "skops.io" in sys.modules and not {"dask", "pytest"} & set(sys.modules)
import mlflow.sklearn, mlflow.store.tracking.sqlalchemy_workspace_store
assert not {"mlflow.genai.evaluation", "fastapi"} & set(sys.modules)
assert mlflow.genai.make_judge.__module__.startswith("mlflow.genai.")
import dask, pytest
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


@pytest.mark.slow
def test_expectations_that_need_a_deferred_library_have_it() -> None:
    program = """
import pandas as pd
from penguins.engine.validation.running import check
from penguins.engine.validation.suite import _build, great_expectations
great_expectations()
import sys
assert not {"altair.vegalite", "jsonschema.validators"} & set(sys.modules)
suite = [
    {"type": "expect_column_values_to_match_json_schema", "column": "a", "json_schema": {"type": "object"}},
    {
        "type": "expect_column_kl_divergence_to_be_less_than",
        "column": "b",
        "partition_object": {"values": ["x", "y"], "weights": [0.5, 0.5]},
        "threshold": 0.1,
    },
]
table = pd.DataFrame({"a": ["{}", "[]"], "b": ["x", "y"]})
print([(result.failed, result.note) for result in check(table, table, [_build(entry) for entry in suite])])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.splitlines()[-1] == "[(1, ''), (0, '')]"


def test_scipy_takes_no_documentation_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def function() -> None:
        """Do nothing.

        Notes
        -----
        A note.
        """

    written, whole = function.__doc__, _docscrape.FunctionDoc
    with lazy.documentation():
        monkeypatch.setattr(_array_api, "FunctionDoc", _docscrape.FunctionDoc)
        _array_api.xp_capabilities()(function)
    assert function.__doc__ == written
    assert _docscrape.FunctionDoc is whole
    monkeypatch.undo()
    _array_api.xp_capabilities()(function)
    assert function.__doc__ != written
