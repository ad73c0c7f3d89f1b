"""What an answer of the server costs, beside others' of the same model: `make bench-serve`.

Starts MLflow's own server, BentoML, MLServer and `serve` of the project one after the other, each on one core
with one worker, and sends them the same rows from another core. Exits with 1 if the project misses a bar.
"""

import json
import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import environment, report
from benchmarks.serving import models
from benchmarks.serving.running import running
from benchmarks.serving.servers import MODEL, SERVERS, Server, Started
from benchmarks.serving.tables import ONE, Results, tables, verdicts, write

README = Path(__file__).parent.with_name("README.md")
FOLDER = environment.BUILD / "serving"
LIMIT = Path(__file__).with_name("limit.py")
PORT = 5871
WIDE = "1 row of 600 columns"
CASES = {"example": {ONE: 1, "100 rows": 100, "10,000 rows": 10_000}, "wide": {WIDE: 1}}
MAKE = {"example": models.example, "wide": models.wide}
Environments = dict[str, dict[str, str]]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, judge.

    Returns:
        The exit code: 1 if a bar is missed.
    """
    chosen, load = parse(arguments), os.getloadavg()[0]
    env = {
        name: environment.variables(environment.ready(server.own, MODEL), 1)
        for name, server in SERVERS.items()
    }
    for name in CASES:
        project = models.removed(FOLDER / name) / "project"
        MAKE[name](project, env["project"])
    server_core, client_core = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, {client_core})
    results = Results()
    for index in range(chosen.rounds):
        for name, cases in CASES.items():
            one_round(name, cases, index, chosen.seconds, server_core, env, results)
    own = {f"{name} server": environment.versions(env[name], [name]) for name in ("bentoml", "mlserver")}
    versions = environment.versions(env["project"], ["mlflow", "scikit-learn", "pandas"])
    versions |= {name.split()[0]: found[name.split()[0]] for name, found in own.items()}
    told = report.machine(versions, chosen.rounds, 1, load)
    text = f"{told}\n\n{tables(results)}"
    print(text)
    if chosen.write:
        write(README, text)
    return 0 if all(met for *_, met in verdicts(results)) else 1


def parse(arguments: Sequence[str]) -> Namespace:
    """Read the command line."""
    parser = ArgumentParser("bench-serve", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often to measure each (3)")
    parser.add_argument("--seconds", type=float, default=4, help="for which to send requests (4)")
    parser.add_argument("--write", action="store_true", help="put the results into benchmarks/README.md")
    return parser.parse_args(arguments)


def one_round(
    name: str,
    cases: dict[str, int],
    index: int,
    seconds: float,
    core: int,
    env: Environments,
    results: Results,
) -> None:
    """Measure all servers with one project, each round in another order, and the pipeline alone."""
    project = FOLDER / name / "project"
    rows = {case: models.rows(project, count, env["project"]) for case, count in cases.items()}
    servers = [*SERVERS.values()]
    turn = index % len(servers)
    predicted: dict[str, set[str]] = {}
    for server in [*servers[turn:], *servers[:turn]]:
        folder = models.removed(FOLDER / name / "servers" / server.name)
        start = Started(project, models.package(project), models.version(project), folder, PORT)
        one_server(server, start, rows, seconds, core, env[server.name], results, predicted)
    for case, labels in predicted.items():
        if len(labels) > 1:
            raise SystemExit(f"benchmarks: {case}: the servers do not predict the same: {labels}")
    for case in cases:
        if case in (ONE, WIDE):
            limit(case, start, rows[case], seconds, core, env["project"], results)


def limit(
    case: str,
    start: Started,
    rows: list[dict[str, Any]],
    seconds: float,
    core: int,
    env: dict[str, str],
    results: Results,
) -> None:
    """Measure what the pipeline alone takes."""
    file = start.folder / "rows.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    command: list[str | Path] = ["taskset", "--cpu-list", str(core), "python", LIMIT, start.model, file]
    for what, taken in json.loads(environment.run([*command, str(seconds)], start.project, env)).items():
        results.limits.setdefault((case, what), []).append(taken)


def one_server(
    server: Server,
    start: Started,
    rows: dict[str, list[dict[str, Any]]],
    seconds: float,
    core: int,
    env: dict[str, str],
    results: Results,
    predicted: dict[str, set[str]],
) -> None:
    """Start a server, and measure it in all cases."""
    command, cwd = server.command(start)
    log = FOLDER / f"{server.name}.log"
    with running(command, cwd, env, start.port, server.ready, log, core) as it:
        results.seconds.setdefault(server.name, []).append(it.seconds)
        for case, records in rows.items():
            body = json.dumps(server.body(records)).encode()
            taken, said = it.ask(server.route, body, seconds)
            results.taken.setdefault((case, server.name), []).append(taken)
            predicted.setdefault(case, set()).add(" ".join(labels(json.loads(said))))
            print(f"{case}, {server.name}: {taken}", file=sys.stderr)
        if ONE in rows:
            results.memory.setdefault(server.name, []).append(it.memory())


def labels(said: Any) -> list[str]:
    """Return the predictions in an answer, whichever server's it is."""
    if isinstance(said, dict) and "outputs" in said:
        return [str(label) for label in said["outputs"][0]["data"]]
    listed = said["predictions"] if isinstance(said, dict) else said
    return [str(row["prediction"] if isinstance(row, dict) else row) for row in listed]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
