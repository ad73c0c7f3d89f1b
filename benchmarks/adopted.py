"""What comes of real tables with no edit: `make bench-adopt`, or `python -m benchmarks.adopted [TABLE …]`.

For each table: bake a project, `adopt`, `dvc repro`; then a plain scikit-learn script fits gradient boosting
on the same split. Prints both metrics, and exits with 1 if a table does not come to a registered model, or
its metric is more than 0.02 below the script's (of RMSE: 2 % above).
"""

import json
import shutil
import subprocess
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import environment
from benchmarks.real_tables import PACKAGES, TABLES, WORKBOOKS, Real
from scripts import demo

BELOW = 0.02


@dataclass(frozen=True)
class Outcome:
    """What came of a table: the decision of `register` with its reasons, or what the failed command said."""

    table: Real
    rows: int
    decision: str
    project: float | None = None
    plain: float | None = None

    @property
    def behind(self) -> float:
        """How far the project's metric is behind the script's."""
        if self.project is None or self.plain is None:
            return float("inf")
        if self.table.task == "regression":
            return self.project / self.plain - 1
        return self.plain - self.project

    @property
    def met(self) -> bool:
        return self.decision == "registered" and self.behind <= BELOW

    @property
    def margin(self) -> str:
        """How far the project's metric is behind, as the table shows it."""
        if self.project is None:
            return ""
        return f"{self.behind:+.1%}" if self.table.task == "regression" else f"{self.behind:+.3f}"


def main(arguments: Sequence[str]) -> int:
    """Try the tables; return the exit code."""
    parser = ArgumentParser("adopted", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(t.name for t in TABLES)}")
    parser.add_argument("--programs", type=Path, help="of an environment that has the project's requirements")
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.tables) - {table.name for table in TABLES}:
        parser.error(f"no such table: {', '.join(sorted(unknown))}")
    packages, workbooks = fetched("packages", PACKAGES), fetched("workbooks", WORKBOOKS)
    sys.path.append(str(workbooks))
    env = environment.variables(chosen.programs or environment.ready(), 1) | {"PYTHONPATH": str(workbooks)}
    outcomes = []
    for table in TABLES:
        if not chosen.tables or table.name in chosen.tables:
            outcomes.append(tried(table, packages, env))
            print(row(outcomes[-1]), file=sys.stderr, flush=True)
    print("\n".join([*HEAD, *map(row, outcomes)]))
    return 0 if all(outcome.met for outcome in outcomes) else 1


def fetched(name: str, packages: Sequence[str]) -> Path:
    """Install packages, without what they need, into a folder; return it."""
    folder = environment.BUILD / name
    if not folder.exists():
        command = [*demo.UV, "pip", "install", "--quiet", "--no-deps", "--target", str(folder), *packages]
        subprocess.run(command, check=True)
    return folder


def tried(table: Real, packages: Path, env: dict[str, str]) -> Outcome:
    """Take a table from its file to a registered model, and to the plain script."""
    folder = environment.BUILD / "adopted" / table.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    clean = table.read(packages)
    raw, known = table.write(clean, folder / table.name), folder / "clean.parquet"
    table.clean(clean).to_parquet(known)
    package = demo.default_slug()
    project = baked(folder / package, table.task)
    try:
        environment.run(["python", "-m", package, "adopt", *table.command(raw)], project, env)
        environment.run(["git", "add", "--all"], project, env)
        environment.run(["git", "commit", "--quiet", "--message", "Adopt"], project, env)
        environment.run(["dvc", "repro"], project, env)
        metric = "rmse" if table.task == "regression" else "f1_macro"
        score = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))[metric]
        decision = json.loads((project / "reports" / "registration.json").read_text(encoding="utf-8"))
        sides = environment.run(["python", environment.SCRIPTS / "sides.py", package], project, env)
        (folder / "sides.json").write_text(sides, encoding="utf-8")
        left_out = [*table.left_out, *table.groups]
        given = [known, folder / "sides.json", table.task, table.target, *left_out]
        script = environment.SCRIPTS / "plain.py"
        plain = environment.run(["python", script, *map(str, given)], folder, env)
    except SystemExit as failure:
        return Outcome(table, len(clean), f"failed: {str(failure)[-2000:]}")
    decided = "; ".join([decision["decision"], *decision["reasons"]])
    return Outcome(table, len(clean), decided, score, json.loads(plain)["score"])


def baked(project: Path, task: str) -> Path:
    """Bake a project of a task, with a first commit."""
    config = project.with_name("cookiecutter.yaml")
    config.write_text(f"default_context:\n  task: {task}\n", encoding="utf-8")
    options = ["--no-input", f"--config-file={config}", f"--output-dir={project.parent}"]
    command = [sys.executable, "-m", "cookiecutter", *options, str(demo.TEMPLATE)]
    subprocess.run(command, check=True, capture_output=True, cwd=demo.TEMPLATE)
    demo.make_first_commit(project)
    return project


HEAD = (
    "| table | shape | task | rows | decision | metric | project | plain script | behind |",
    "|---|---|---|---|---|---|---|---|---|",
)


def row(outcome: Outcome) -> str:
    """Write a line of the table."""
    table = outcome.table
    metric = "RMSE" if table.task == "regression" else "F1 macro"
    scores = ["" if score is None else f"{score:.4g}" for score in (outcome.project, outcome.plain)]
    cells = [table.name, table.shape, table.task, f"{outcome.rows:,}", outcome.decision, metric, *scores]
    return f"| {' | '.join([*cells, outcome.margin])} |".replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
