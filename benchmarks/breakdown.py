"""Where the project's seconds go, stage by stage and import by import: `make profile`.

Runs the pipeline as `dvc repro` does, then each stage's command alone, first without a store and then again
with one, and once more with `python -X importtime`. What `dvc repro` takes beyond its stages is DVC's own.
"""

import re
import shutil
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks import environment, project
from benchmarks.cases import TABLES
from benchmarks.measure import Measured, measure
from benchmarks.report import markdown

TOP = 12  # packages that are listed for each stage
IMPORT = re.compile(r"import time: +(\d+) \| +(\d+) \|( +)(\S+)$", re.MULTILINE)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = ArgumentParser("benchmarks.breakdown", description=__doc__)
    parser.add_argument("--size", choices=TABLES, default="small", help="the table (small)")
    parser.add_argument("--threads", type=int, default=1, help="of the numerical libraries (1)")
    chosen = parser.parse_args(arguments)
    env = environment.variables(environment.ready(), chosen.threads)
    data = environment.make_table(TABLES[chosen.size], env)
    folder = environment.BUILD / "breakdown"
    shutil.rmtree(folder, ignore_errors=True)
    whole, alone = folder / "whole", folder / "alone"
    for each in (whole, alone):
        project.prepare(each, data, env)

    def taken(command: str, cwd: Path, log: str = "log") -> Measured:
        print(f"{command}, in {cwd.name}", file=sys.stderr)
        return measure([command.split()], cwd, env, folder / log)

    stages = {name: stage["cmd"] for name, stage in YAML().load(whole / "dvc.yaml")["stages"].items()}
    repro = [taken("dvc repro", whole) for _ in range(2)]
    env["DVC_ROOT"] = str(alone)
    cold = {}
    for name, command in stages.items():
        cold[name] = taken(command, alone)
        if name == "train":  # as DVC has by then, from which later stages see that the model was fitted
            shutil.copy(whole / "dvc.lock", alone)
    again = {name: taken(command, alone) for name, command in stages.items()}
    for name, command in stages.items():
        taken(command.replace("python", "python -X importtime", 1), alone, name)
    imports = {name: dict(imported((folder / name).read_text())) for name in stages}

    rows = [
        [name, *_columns(cold[name]), *_columns(again[name]), f"{sum(imports[name].values()):.2f}"]
        for name in stages
    ]
    rows.append(["dvc repro", *_columns(repro[0]), *_columns(repro[1]), ""])
    own = repro[0].wall - sum(one.wall for one in cold.values())
    header = ["", "cold, s", "CPU", "MB", "again, s", "CPU", "MB", "imports, s"]
    print(f"{TABLES[chosen.size]}; `dvc repro` again runs register only\n\n{markdown(header, rows)}")
    print(f"\nDVC's own: {own:.2f} s of a cold `dvc repro`\n\nImports by top-level package, s:\n")
    for name, packages in imports.items():
        most = Counter(packages).most_common(TOP)
        print(f"- {name}: {', '.join(f'{package} {seconds:.2f}' for package, seconds in most)}")


def imported(log: str) -> Iterator[tuple[str, float]]:
    """Sum up what `-X importtime` has written, by top-level package.

    Returns:
        Each package with the seconds that its own modules took, without those that they import.
    """
    seconds: Counter[str] = Counter()
    for own, _, _, module in IMPORT.findall(log):
        seconds[module.split(".")[0]] += int(own)
    return ((package, microseconds / 1e6) for package, microseconds in seconds.items())


def _columns(taken: Measured) -> list[str]:
    return [f"{taken.wall:.2f}", f"{taken.cpu:.2f}", f"{taken.memory:.0f}"]


if __name__ == "__main__":
    main(sys.argv[1:])
