"""The benchmark runs, and judges correctly; what it measures is no test's business."""

import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks import __main__ as bench
from benchmarks import environment, report
from benchmarks.adopted import Outcome
from benchmarks.breakdown import imported
from benchmarks.cases import BARS, BEYOND, CASES, COLD, MEMORY, PEAK, TABLES, WALL, Bar
from benchmarks.contestants import CONTESTANTS
from benchmarks.measure import Measured
from benchmarks.real_tables import TABLES as REAL
from benchmarks.results import Sample, judge, ratio
from tests.support.baked import TEMPLATE


def sample(contestant: str, wall: float, memory: float = 100.0, number: int = 1) -> Sample:
    return Sample("small", COLD, contestant, number, Measured(wall, wall, memory))


def bar(limit: float, measure: str = WALL) -> Bar:
    return Bar("small", COLD, measure, limit)


@pytest.mark.parametrize(("wall", "met"), [(9.0, True), (10.0, True), (10.04, True), (10.1, False)])
def test_a_bar_is_met_up_to_its_last_digit(wall: float, met: bool) -> None:
    (verdict,) = judge([sample("P1", 10), sample("project", wall)], [bar(1.0)])
    assert verdict.met is met


def test_memory_has_bars_of_its_own() -> None:
    samples = [sample("P1", 10, memory=1000), sample("project", 5, memory=900)]
    assert [verdict.met for verdict in judge(samples, [bar(0.75), bar(0.75, MEMORY)])] == [True, False]


def test_a_peak_is_held_as_it_is() -> None:
    """Whatever P1 takes, or if it was not measured."""
    samples = [sample("project", 5, memory=900)]
    assert [verdict.met for verdict in judge(samples, [bar(899, PEAK), bar(900, PEAK)])] == [False, True]


def test_another_contestant_can_be_the_measure() -> None:
    samples = [sample("P1", 10), sample("kedro", 8), sample("tuned", 7), sample("project", 8.1)]
    bars = [Bar("small", COLD, WALL, 1.00, "kedro"), Bar("small", COLD, BEYOND, 0.10, "tuned")]
    kedro, tuned = judge(samples, bars)
    assert kedro.ratio is not None
    assert tuned.ratio is not None
    assert (round(kedro.ratio.median, 2), kedro.met) == (1.01, False)
    assert (round(tuned.ratio.median, 2), tuned.met) == (0.11, False)


def test_what_was_not_measured_is_missed() -> None:
    (verdict,) = judge([sample("P1", 10)], [bar(1.0)])
    assert verdict.ratio is None
    assert not verdict.met


def test_each_round_is_compared_with_its_own_p1() -> None:
    """A slow minute slows both: the ratios are 0.5, 0.5 and 0.6, whatever the seconds."""
    walls = {"P1": (10, 100, 10), "project": (5, 50, 6)}
    samples = [sample(name, wall, number=i) for name, of in walls.items() for i, wall in enumerate(of)]
    found = ratio(samples, "small", COLD, "project")
    assert found is not None
    assert (found.median, found.least, found.greatest) == (0.5, 0.5, 0.6)


def test_every_bar_is_of_a_table_and_a_case() -> None:
    assert {bar.size for bar in BARS} <= set(TABLES)
    assert {bar.case for bar in BARS} <= set(CASES.values())
    assert all(bar.case in CONTESTANTS[bar.against].cases for bar in BARS)


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is installed for what is not really measured."""
    monkeypatch.setattr(environment, "ready", lambda _: Path("bin"))
    monkeypatch.setattr(environment, "variables", lambda *_: {})
    monkeypatch.setattr(environment, "versions", lambda *_: {"Python": "3"})


@pytest.mark.usefixtures("no_environment")
@pytest.mark.parametrize(("wall", "code", "verdict"), [(9.0, 0, "met"), (11.0, 1, "MISSED")])
def test_a_missed_bar_is_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wall: float, code: int, verdict: str
) -> None:
    monkeypatch.setattr(bench, "rounds", lambda *_: [sample("P1", 10), sample("project", wall)])
    assert bench.main(["--size", "small", "--cases", "cold"]) == code
    assert f"| <= 1.00 | {verdict}" in capsys.readouterr().out


@pytest.mark.usefixtures("no_environment")
def test_a_process_that_had_to_be_stopped_is_told_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    left = Sample("small", COLD, "project", 1, Measured(9, 9, 100, ("dvc exp queue-worker",)))
    monkeypatch.setattr(bench, "rounds", lambda *_: [sample("P1", 10), left])
    assert bench.main(["--size", "small", "--cases", "cold"]) == 1
    out = capsys.readouterr().out
    assert "| <= 1.00 | met" in out
    assert "| project | 1     | `dvc exp queue-worker` |" in out


@pytest.mark.parametrize(
    ("added", "said"), [((1, 1), ""), ((1, 0), r"P0, cold: .* are \(1, 0\), not \(1, 1\)")]
)
def test_who_does_not_do_the_work_is_not_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, added: tuple[int, int], said: str
) -> None:
    counts = iter([(3, 2), (3 + added[0], 2 + added[1])])
    monkeypatch.setattr(bench, "recorded", lambda _: next(counts))
    monkeypatch.setattr(bench, "measure", lambda *_: Measured(1, 1, 100))
    lazy: Any = SimpleNamespace(name="P0", commands=lambda *_: [], adds=lambda _: (1, 1))
    with pytest.raises(SystemExit, match=said) if said else nullcontext():
        assert bench.one(TABLES["small"], "cold", lazy, 1, tmp_path, {}).contestant == "P0"


def test_results_are_written_between_the_marks_of_the_readme_and_each_table_has_its_own(
    tmp_path: Path,
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(bench.README.read_text("utf-8"), "utf-8")
    for size, text in (("medium", "earlier"), ("small", "small's \\1"), ("medium", "later")):
        report.write(readme, {size: f"### {TABLES[size]}\n\n{text}\n\n#### The bars"})
    content = readme.read_text("utf-8")
    assert "earlier" not in content
    results = content.split(report.BEGIN)[1].split(report.END)[0]
    assert f"\n\n### {TABLES['small']}\n\nsmall's \\1\n\n#### The bars\n\n" in results
    assert f"\n\n### {TABLES['medium']}\n\nlater\n\n#### The bars\n\n" in results
    assert results.index("small's") < results.index("later")
    assert content.split(report.END)[1] == bench.README.read_text("utf-8").split(report.END)[1]


def test_imports_are_summed_up_by_package() -> None:
    log = (
        "import time: self [us] | cumulative | imported package\n"
        "import time:   1000000 |    1000000 |     a.b\n"
        "a line of the stage's own\n"
        "import time:    500000 |    1500000 |   a\n"
        "import time:    250000 |    1750000 | c\n"
    )
    assert dict(imported(log)) == {"a": 1.5, "c": 0.25}


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's accounts")
def test_a_process_that_outlives_its_parent_is_counted(tmp_path: Path) -> None:
    """In a process of its own, which becomes the foster parent of orphans."""
    worker = (
        "import time; m = bytearray(200_000_000); end = time.process_time() + 1\n"
        "while time.process_time() < end: pass"
    )
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {worker!r}])"
    code = (
        "import os, sys, pathlib; from benchmarks.measure import measure; "
        f"m = measure([[sys.executable, '-c', {parent!r}]], pathlib.Path(), os.environ, "
        f"pathlib.Path({str(tmp_path / 'log')!r})); print(m.cpu)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TEMPLATE, check=True, capture_output=True, text=True
    )
    assert 1 <= float(done.stdout) < 3


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's accounts")
@pytest.mark.parametrize("deaf", ["", "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "])
def test_a_process_that_does_not_end_is_stopped(tmp_path: Path, deaf: str) -> None:
    """Politely first, then not."""
    worker = f"{deaf}import time; time.sleep(600)"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {worker!r}])"
    code = (
        "import os, sys, pathlib, psutil; from benchmarks import measure; measure.PATIENCE = 1; "
        f"m = measure.measure([[sys.executable, '-c', {parent!r}]], pathlib.Path(), os.environ, "
        f"pathlib.Path({str(tmp_path / 'log')!r})); print(*m.left); "
        "assert not psutil.Process().children(recursive=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TEMPLATE, check=True, capture_output=True, text=True, timeout=60
    )
    (command,) = done.stdout.splitlines()
    assert "time.sleep(600)" in command


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's accounts")
def test_runs_every_contestant(tmp_path: Path, environment: Path, shims: Path | None) -> None:
    """Really, on few rows, started in no time: each does its work, or the program would have stopped."""
    code = (
        "import os, pathlib, sys; from benchmarks import __main__ as bench, cases, environment; "
        f"environment.BUILD = pathlib.Path({str(tmp_path)!r}); "
        f"environment.ready = lambda own: pathlib.Path({str(shims or environment)!r}); "
        "plain, start = environment.variables, ('OPENBLAS', 'MPL'); "  # what decides how a program starts
        "kept = {n: v for n, v in os.environ.items() if n == 'OMP_WAIT_POLICY'}; "
        "environment.variables = lambda *a: "
        "{n: v for n, v in (plain(*a) | kept).items() if not n.startswith(start)}; "
        "bench.TABLES['small'] = cases.Table('small', 300, 30); "
        "bench.BARS = [cases.Bar('small', cases.COLD, cases.WALL, 1e9)]; "  # met by anybody
        "sys.exit(bench.main(['--size', 'small', '--cases', 'cold', 'unchanged', '--rounds', '1', '--who', "
        "'read', 'floor', 'P1', 'tuned', 'project']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TEMPLATE, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for contestant in ("read", "floor", "P1", "tuned", "project"):
        assert f"| {contestant} " in done.stdout
    assert "### The bars" in done.stdout, done.stderr


@pytest.mark.servers  # not that it needs one: it has an environment of its own
@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's accounts")
def test_kedro_does_its_work(tmp_path: Path) -> None:
    """With the trials, each in a run of its own."""
    code = (
        "import sys; from benchmarks import __main__ as bench, cases; "
        "bench.TABLES['small'] = cases.Table('small', 300, 30); bench.BARS = []; "
        "sys.exit(bench.main(['--size', 'small', '--cases', 'cold', '--rounds', '1', '--who', 'kedro']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TEMPLATE, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| kedro " in done.stdout
    assert re.search(r"kedro [\d.]+, kedro-datasets [\d.]+, kedro-mlflow [\d.]+", done.stdout)


@pytest.mark.parametrize(
    ("task", "project", "decision", "met"),
    [
        ("classification", 0.785, "registered", True),
        ("classification", 0.775, "registered", False),
        ("classification", 0.9, "rejected; no skill", False),
        ("regression", 0.81, "registered", True),
        ("regression", 0.82, "registered", False),
    ],
)
def test_a_real_table_counts_if_it_comes_close_and_is_registered(
    task: str, project: float, decision: str, met: bool
) -> None:
    table = next(table for table in REAL if table.task == task)
    assert Outcome(table, 100, decision, project, 0.8).met is met
    assert not Outcome(table, 100, "failed: adopt").met
