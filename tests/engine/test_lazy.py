import subprocess
import sys
from pathlib import Path

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


@pytest.mark.slow
def test_skops_is_imported_without_dask_and_pytest() -> None:
    program = """
import sys
from penguins.engine.tracking.models import import_skops
import_skops()
assert "skops.io" in sys.modules and not {"dask", "pytest"} & set(sys.modules)
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
