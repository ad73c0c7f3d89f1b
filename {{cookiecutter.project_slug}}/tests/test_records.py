from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from {{ cookiecutter.package_name }}.tracking import records, store
from {{ cookiecutter.package_name }}.tracking.records import Input

AT_ONCE, ROUNDS = 8, 4


def test_runs_that_log_the_same_new_data_at_once_all_do(shared_project: Path) -> None:
    client = store.connect()
    experiment = store.experiment_id(client, store.EXPERIMENT)
    for number in range(ROUNDS):
        paths = [Path(f"{kind}.csv") for kind in ("raw", "validated")]
        for path in paths:
            path.write_text(str(number), encoding="utf-8")
        ready = Barrier(AT_ONCE)

        def log(run_id: str, paths: list[Path] = paths, ready: Barrier = ready) -> None:
            ready.wait()
            records.log_data(run_id, *(Input(path, "training") for path in paths))

        runs = [client.create_run(experiment).info.run_id for _ in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(log, runs))
        logged = [client.get_run(run_id).inputs.dataset_inputs for run_id in runs]
        assert [len(of_run) for of_run in logged] == [2] * AT_ONCE
        assert len({given.dataset.digest for of_run in logged for given in of_run}) == 1
