"""What the pipeline costs, against a plain script: `make bench`, or `python -m benchmarks --help`.

Sets up a plain script (P1), the same tuned by hand, a floor without validation or records, a project of Kedro
and the project as baked, and runs every case on every table in alternation, several rounds. Prints what each
took as a ratio to P1, and exits with 1 if the project misses a bar, or a process outlives its command by a
minute.
"""

import os
import shutil
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import environment, report
from benchmarks.cases import BARS, CASES, COLD, TABLES, Table
from benchmarks.contestants import CONTESTANTS, Contestant, recorded
from benchmarks.measure import measure
from benchmarks.results import Sample, judge

README = Path(__file__).with_name("README.md")


def main(arguments: Sequence[str]) -> int:
    """Measure, print, judge.

    Returns:
        The exit code: 1 if a bar is missed, or a process had to be stopped.
    """
    chosen = parse(arguments)
    load = os.getloadavg()[0]
    contestants = [CONTESTANTS[name] for name in chosen.who]
    env = {
        each.name: environment.variables(environment.ready(each.own), chosen.threads) for each in contestants
    }
    tables = [TABLES[size] for size in chosen.size]
    cases = [CASES[name] for name in chosen.cases]
    samples = [sample for table in tables for sample in rounds(table, cases, contestants, chosen.rounds, env)]

    bars = [bar for bar in BARS if bar.size in chosen.size and bar.case in cases]
    verdicts = judge(samples, [bar for bar in bars if bar.against in env])
    told = report.machine(libraries(env), chosen.rounds, chosen.threads, load)
    sections = report.sections(samples, verdicts, tables, told)
    print("\n\n".join(sections.values()))
    if chosen.write:
        report.write(README, sections)
    ended = not any(sample.measured.left for sample in samples)
    return 0 if ended and all(verdict.met for verdict in verdicts) else 1


def parse(arguments: Sequence[str]) -> Namespace:
    """Read the command line."""
    parser = ArgumentParser("benchmarks", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="+", choices=TABLES, default=list(TABLES), help="the tables (all)")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES), help="the cases (all)")
    parser.add_argument("--who", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS), help="whom (all)")
    parser.add_argument("--rounds", type=int, default=3, help="how often to measure each (3)")
    parser.add_argument(
        "--threads", type=int, default=1, help="of the numerical libraries, in each process (1)"
    )
    parser.add_argument("--write", action="store_true", help="put the results into benchmarks/README.md")
    return parser.parse_args(arguments)


def libraries(env: dict[str, dict[str, str]]) -> dict[str, str]:
    """Return the versions of Python and of the libraries that matter."""
    ours = environment.versions(env["project"]) if "project" in env else {}
    return {**ours, **(environment.versions(env["kedro"], environment.KEDRO) if "kedro" in env else {})}


def rounds(
    table: Table,
    cases: Sequence[str],
    contestants: Sequence[Contestant],
    number: int,
    env: dict[str, dict[str, str]],
) -> Iterator[Sample]:
    """Measure the cases on one table; each round starts from nothing, and with another contestant.

    Args:
        env: the variables of each contestant.
    """
    data = environment.make_table(table, env[contestants[0].name])
    for index in range(number):
        turn = index % len(contestants)
        order = [*contestants[turn:], *contestants[:turn]]
        folder = environment.BUILD / "rounds" / f"{table.size}-{index + 1}"
        shutil.rmtree(folder, ignore_errors=True)
        for contestant in order:
            contestant.prepare(folder / contestant.name, data, env[contestant.name])
        for case in CASES.values():
            for contestant in order:
                if case in needed(cases) and case in contestant.cases:
                    place = folder / contestant.name
                    sample = one(table, case, contestant, index + 1, place, env[contestant.name])
                    if case in cases:
                        yield sample
        shutil.rmtree(folder)


def needed(cases: Sequence[str]) -> list[str]:
    """Add the case that the others go on from."""
    return list(dict.fromkeys([COLD, *cases]))


def one(
    table: Table, case: str, contestant: Contestant, index: int, folder: Path, env: dict[str, str]
) -> Sample:
    """Measure one case of one contestant, and check that it has done its work.

    Raises:
        SystemExit: a command fails, or the store lacks what the case should have added.
    """
    commands = contestant.commands(case, folder, env)
    before = recorded(folder)
    log = folder.with_name(f"{contestant.name}.log")
    taken = measure(commands, folder, env, log)
    added = tuple(new - old for new, old in zip(recorded(folder), before, strict=True))
    expected = contestant.adds(case)
    if added != expected:
        raise SystemExit(
            f"benchmarks: {contestant.name}, {case}: (runs, versions) added are {added}, not {expected}; "
            f"see {log}"
        )
    print(
        f"{table.size}, round {index}, {case}, {contestant.name}: "
        f"{taken.wall:.1f} s, CPU {taken.cpu:.1f} s, {taken.memory:.0f} MB",
        file=sys.stderr,
    )
    return Sample(table.size, case, contestant.name, index, taken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
