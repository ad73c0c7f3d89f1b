"""Eight queued trials on four workers, on a store that does not exist yet, again and again.

    python benchmarks/fresh_store.py PROJECT [--rounds 10]

PROJECT is a baked project whose pipeline has run once and is committed, with its environment's programs
on the PATH. Each round works on a copy of it without a store, so that four processes come to make one at
the same time. Exits with 1 if in any round a trial fails, or a run is missing, twice, incomplete or in the
Default experiment.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TRIALS, WORKERS = 8, 4
PARAMETER = "model.hist_gradient_boosting.max_iter"
LOOK = """
import json, mlflow
mlflow.set_tracking_uri("sqlite:///mlflow.db")
client = mlflow.MlflowClient()
names = {e.experiment_id: e.name for e in client.search_experiments()}
print(json.dumps([
    [names[r.info.experiment_id], r.info.status, r.data.params.get("PARAMETER"), "accuracy" in r.data.metrics,
     sorted(file.path for file in client.list_artifacts(r.info.run_id))]
    for r in client.search_runs(list(names))
]))
""".replace("PARAMETER", PARAMETER)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    arguments = parser.parse_args()
    failed = 0
    for number in range(1, arguments.rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            project = Path(folder) / "project"
            without = shutil.ignore_patterns("mlflow.db", "mlruns", ".venv")
            shutil.copytree(arguments.project, project, symlinks=True, ignore=without)
            start = time.monotonic()
            problems = play(project)
            print(
                f"round {number}: {time.monotonic() - start:.0f} s, {'; '.join(problems) or 'all well'}",
                flush=True,
            )
        failed += bool(problems)
    print(f"{arguments.rounds - failed} of {arguments.rounds} rounds without a fault")
    sys.exit(failed > 0)


def play(project: Path) -> list[str]:
    """Run one round in a project without a store; returns what is wrong with what it left."""
    values = [str(20 + 5 * trial) for trial in range(TRIALS)]
    for value in values:
        run(project, "dvc", "exp", "run", "--queue", "--name", f"trial-{value}", "-S", f"{PARAMETER}={value}")
    # the workers keep a pipe open
    subprocess.run(
        ["dvc", "queue", "start", "--jobs", str(WORKERS)], cwd=project, stdout=subprocess.DEVNULL, check=True
    )
    while any(word in (said := run(project, "dvc", "queue", "status")) for word in ("Queued", "Running")):
        time.sleep(1)
    run(project, "dvc", "queue", "stop")
    runs = json.loads(run(project, "python", "-c", LOOK).splitlines()[-1])
    complete = {"groups.csv", "params.yaml", "plots"}
    wrong = {
        f"{said.count('Success')} of {TRIALS} trials succeeded": said.count("Success") != TRIALS,
        f"{len(runs)} runs": len(runs) != TRIALS,
        "other parameters": sorted(str(parameter) for _, _, parameter, _, _ in runs) != values,
        "not FINISHED": any(status != "FINISHED" for _, status, *_ in runs),
        "in the Default experiment": any(experiment == "Default" for experiment, *_ in runs),
        "without metrics": not all(measured for *_, measured, _ in runs),
        "without artifacts": not all(complete <= set(files) for *_, files in runs),
    }
    problems = [problem for problem, found in wrong.items() if found]
    for name in re.findall(r"^\w{7} +(\S+) .* Failed$", said, re.MULTILINE):
        logged = run(project, "dvc", "queue", "logs", name).strip().splitlines()
        problems.append(f"{name} ended with: {' | '.join(logged[-8:])}")
    return problems


def run(project: Path, *command: str) -> str:
    return subprocess.run(command, cwd=project, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
