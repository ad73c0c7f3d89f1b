import ast
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from penguins.engine import dispatch, start
from penguins.engine.base import console, process
from penguins.engine.base.paths import project_root
from penguins.engine.commands import find
from penguins.engine.tracking import links
from penguins.engine.usage import Help

from tests.engine.conftest import ROOT

PACKAGE = ROOT / "penguins"
CLI = "from penguins.engine import cli; cli.main()"
HOMELESS = "import pathlib; pathlib.Path.home = pathlib.Path('~nobody-here').expanduser"


def test_nothing_is_searched_for_garbage_while_libraries_are_imported() -> None:
    program = """
import gc, sys
from penguins.engine import cli
cli.main()
assert "mlflow" not in sys.modules
before = gc.get_stats()
import mlflow
assert gc.get_stats() == before
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["-OO", "-m", "penguins"], "unset PYTHONOPTIMIZE"),
        (["penguins"], "python -m"),
        (["-c", f"import sys; sys.version_info = (3, 10); {CLI}"], "needs 3.11 or newer"),
        (["-c", f"{HOMELESS}; {CLI}"], "export HOME=/tmp USER=me"),
    ],
)
def test_started_otherwise_is_one_line(command: list[str], said: str) -> None:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_list_of_commands_fits_a_terminal() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "penguins", "--help"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert len(done.stdout.splitlines()) > 20


def test_a_command_with_the_name_of_a_stage_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages/report.py").touch()
    monkeypatch.setattr(dispatch, "CODE", tmp_path)
    monkeypatch.setattr(dispatch.process, "prepare", lambda: None)
    dispatch.run("--help", {"report": "write a page", "gate": "put it through"}, {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:] == [
        "stages: report",
        "",
        "  report  hidden by stages/report.py: rename that stage",
        "  gate    put it through",
    ]


def test_a_user_without_a_name_has_one_for_dvc() -> None:
    unknown = "import getpass, os; getpass.getuser = lambda: os.environ['uid not found']"
    program = f"{unknown}; {CLI}; print(os.environ['USER'])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "unknown"


@pytest.mark.skipif(sys.platform != "linux", reason="libgomp prints this")
@pytest.mark.parametrize("of_user", ["", "ACTIVE"])
def test_threads_that_wait_for_each_other_leave_the_cores_to_others(of_user: str) -> None:
    program = f"{CLI}; import sklearn.utils._openmp_helpers"
    env = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    env |= {"OMP_DISPLAY_ENV": "TRUE"} | ({"OMP_WAIT_POLICY": of_user} if of_user else {})
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert f"OMP_WAIT_POLICY = '{of_user or 'PASSIVE'}'" in done.stderr


def test_dvc_s_index_is_in_the_temporary_folder_where_nothing_else_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", "")
    monkeypatch.delenv("DVC_SITE_CACHE_DIR")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    start.set_environment()
    assert "DVC_SITE_CACHE_DIR" not in os.environ
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    start.set_environment()
    assert os.environ["DVC_SITE_CACHE_DIR"] == str(tmp_path / "dvc")


@pytest.mark.parametrize("name", ["__init__", "__main__", "engine/__init__", "engine/cli", "engine/start"])
def test_an_old_python_can_read_that_it_is_too_old(name: str) -> None:
    """What is imported before it is said, and what Python asks of it then."""
    tree = ast.parse((PACKAGE / f"{name}.py").read_text("utf-8"), feature_version=(3, 6))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    types = [part for node in functions for part in (node.returns, *(a.annotation for a in node.args.args))]
    assert not [part for part in types if isinstance(part, ast.Subscript | ast.BinOp)]  # `list[str]`: 3.9


def test_started_in_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match=r'has no dvc\.yaml: .* cd ".*"'):
        process.run(lambda: None)
    (tmp_path / "dvc.yaml").touch()
    process.run(lambda: None)
    (tmp_path / "penguins").mkdir()  # a trial's own code, and the workspace's is imported
    with pytest.raises(SystemExit, match="unset PYTHONPATH"):
        process.run(lambda: None)


def test_the_root_is_that_of_this_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC_ROOT may be that of another project, whose stage has started this one."""
    trial = tmp_path / "outer" / ".dvc" / "tmp" / "exps" / "tmp1"
    inner = tmp_path / "outer" / "inner"
    for folder in (trial, inner / ".dvc"):
        folder.mkdir(parents=True)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "outer"))
    monkeypatch.chdir(trial)
    assert project_root() == tmp_path / "outer"
    monkeypatch.chdir(inner)
    assert project_root() == ROOT
    monkeypatch.setenv("DVC_ROOT", str(tmp_path / "elsewhere"))
    assert project_root() == ROOT


RUN = "f" * 32
PAGE = f"http://127.0.0.1:5000/#/experiments/2/runs/{RUN}"


@pytest.mark.parametrize("columns", [None, 20, 60, 80, 200])
def test_what_can_be_copied_is_in_one_line(
    columns: int | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At any width of a terminal (None: there is none), and without a frame."""
    monkeypatch.setenv("COLUMNS", str(columns or 20))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: columns is not None)
    command, path = "python -m something --with 'a long argument'", "/a folder/" + "deep/" * 30
    console.summary("found", {"run": RUN, "page": PAGE, "do": command, "score": 0.123456})
    console.table("all", [{"run": RUN, "page": PAGE}, {"run": RUN[::-1], "page": path}])
    lines = capsys.readouterr().out.splitlines()
    for text in (RUN, PAGE, command, path, "0.1235"):
        assert any(text in line for line in lines)
    assert "".join(lines).isascii()
    if columns is None:
        assert lines[:2] == ["found", f"  run: {RUN}"]
        assert lines[5:] == [
            "all",
            f"  run{' ' * 31}page",
            f"  {RUN}  {PAGE}",
            f"  {RUN}  {path}",
        ]


def test_a_long_text_pads_no_other_row(capsys: pytest.CaptureFixture[str]) -> None:
    console.table("gates", [{"got": "it is", "verdict": "passed"}, {"got": "x" * 160, "verdict": "failed"}])
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  got    verdict",
        "  it is  passed",
        f"  {'x' * 160}  failed",
    ]


def test_a_table_on_a_narrow_terminal_breaks_between_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    rows = [{"gate": "f1 against the baseline", "wanted": "run `dvc repro -f` first", "verdict": "passed"}]
    console.table("gates", rows)
    assert capsys.readouterr().out.splitlines() == [
        "gates",
        "  gate           wanted          verdict",
        "  f1 against     run             passed",
        "  the baseline   `dvc repro -f`",
        "                 first",
    ]
    monkeypatch.setenv("COLUMNS", "30")  # the command in backticks has no room
    console.table("gates", rows)
    assert "  wanted: run `dvc repro -f` first" in capsys.readouterr().out.splitlines()


def test_a_sentence_on_a_narrow_terminal_breaks_between_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    findings = "python 3.11.7, mlflow 3.17.2; run `dvc repro -f` first"
    console.sentence(findings, "ok  engine  ")
    assert capsys.readouterr().out == f"ok  engine  {findings}\n"  # a file, or a pipe, has no width
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    console.sentence(findings, "ok  engine  ")
    console.table("compare: 1 of 2 runs is better; @champion is not", [])
    links.print_url(PAGE)
    assert capsys.readouterr().out.splitlines() == [
        "ok  engine  python 3.11.7, mlflow",
        "            3.17.2; run `dvc repro -f`",
        "            first",
        "compare: 1 of 2 runs is better;",
        "@champion is not",
        PAGE,
        "  (while `python -m penguins ui` runs)",
    ]


def test_a_link_to_a_server_is_good_at_any_time(capsys: pytest.CaptureFixture[str]) -> None:
    page = links.run_url("https://ada:pw@mlflow.example.com", "2", RUN)
    links.print_url(page)
    assert capsys.readouterr().out == f"https://mlflow.example.com/#/experiments/2/runs/{RUN}\n"


def test_commands_for_ci_are_listed_last(capsys: pytest.CaptureFixture[str]) -> None:
    dispatch.run("--help", {"comment": "post", "gate": "ask"}, {}, ("comment",))
    assert capsys.readouterr().out.splitlines()[-5:] == [
        "  gate     ask",
        "",
        "for CI jobs:",
        "",
        "  comment  post",
    ]


def test_a_run_is_found_without_what_does_not_apply() -> None:
    match = {"run": "1", "restored_from": "", "experiments": [], "commits": ["a", "b"], "page": "u"}
    assert find.lines(match) == {"run": "1", "commits": "a, b", "page": "u"}
    assert find.lines({"restored_from": "2"}) == {"restored from": "2"}


def test_an_empty_table_has_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    console.table("nothing", [])
    assert capsys.readouterr().out == "nothing\n"


def test_help_wraps_no_command() -> None:
    command = "`dvc exp run --queue --set-param 'a=choice(1,2)'`"
    paragraph = f"It is like {command} but for what\nis cross-validated."
    shown = Help("prog", width=60)._fill_text(f"{paragraph}\n\nMore.", 60, "")
    assert command in shown
    assert "cross-validated" in shown
    assert shown.endswith("\n\nMore.")


def run(program: str) -> str:
    """Run a program as a stage runs, and return what it says on stderr."""
    lines = [
        "import warnings",
        "from penguins.engine.base import process",
        "def main():",
        *(f"    {line}" for line in program.splitlines()),
        "process.prepare()",
        "process.run(main)",
    ]
    command = [sys.executable, "-c", "\n".join(lines)]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stderr


def test_a_warning_is_one_line_and_said_once() -> None:
    program = """\
for steps in range(3):
    warnings.warn(f"did not converge in {steps} steps:\\n  try more", stacklevel=1)
warnings.warn("Hint: Inferred schema contains integer column(s).", stacklevel=1)
warnings.warn_explicit("old", DeprecationWarning, "library.py", 1)
compile(r"'\\w'", "library.py", "exec")
warnings.warn("something else", RuntimeWarning, stacklevel=1)"""
    assert run(program) == "warning: did not converge in 0 steps: try more\nwarning: something else\n"


def test_a_model_of_another_version_says_which_and_what_to_do() -> None:
    program = """\
import pickle, sklearn, sklearn.base
from sklearn.dummy import DummyClassifier, DummyRegressor
here, sklearn.base.__version__ = sklearn.__version__, "1.0"
old = pickle.dumps([DummyClassifier(), DummyRegressor()])
sklearn.base.__version__ = here
pickle.loads(old)"""
    (line,) = run(program).splitlines()
    assert line.startswith("warning: a model was made with scikit-learn 1.0, and ")
    assert "`dvc repro -f train`" in line
