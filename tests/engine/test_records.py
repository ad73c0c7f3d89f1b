from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pandas as pd
from mlflow.entities import Metric
from penguins.engine.tracking import records, store
from penguins.engine.tracking.datasets import Input, log_data
from penguins.engine.tracking.group_metrics import group_metrics
from penguins.engine.tracking.run import Run
from penguins.params import load_params

AT_ONCE, ROUNDS = 8, 4


def test_runs_that_log_the_same_new_data_at_once_all_do(shared_project: Path) -> None:
    client = store.connect()
    experiment = store.experiment_id(client, store.experiment_name())
    for number in range(ROUNDS):
        paths = [Path(f"{kind}.csv") for kind in ("raw", "validated")]
        for path in paths:
            path.write_text(str(number), encoding="utf-8")
        ready = Barrier(AT_ONCE)

        def log(run_id: str, paths: list[Path] = paths, ready: Barrier = ready) -> None:
            ready.wait()
            log_data(Run(client, run_id), *(Input(path, "training") for path in paths))

        runs = [client.create_run(experiment).info.run_id for _ in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(log, runs))
        logged = [client.get_run(run_id).inputs.dataset_inputs for run_id in runs]
        assert [len(of_run) for of_run in logged] == [2] * AT_ONCE
        assert len({given.dataset.digest for of_run in logged for given in of_run}) == 1


def test_no_two_groups_become_one(shared_project: Path) -> None:
    long = "a tariff whose name goes on and on " * 4
    groups = [f"{long}1", f"{long}2", "ä/" * 60 + "1", "ä/" * 60 + "2", "a/b", "a_x2f_b", ".", "red"]
    columns = ["tariff", f"{long}1", f"{long}2"]
    table = pd.DataFrame([{"column": c, "group": g, "accuracy": 0.5} for c in columns for g in groups])
    table.to_csv("groups.csv", index=False)
    values = group_metrics(Path("groups.csv"))
    assert len(values) == len(table)
    assert "within.tariff.red.accuracy" in values
    client = store.connect()
    run = client.create_run(store.experiment_id(client, store.experiment_name()))
    client.log_batch(run.info.run_id, [Metric(name, value, 0, 0) for name, value in values.items()])
    assert client.get_run(run.info.run_id).data.metrics == values


def test_a_unit_may_be_of_a_column_of_any_name(shared_project: Path) -> None:
    params = load_params()
    data = params.data.model_copy(update={"units": {"price (€)": "€"}})
    client = store.connect()
    run = client.create_run(store.experiment_id(client, store.experiment_name())).info.run_id
    records.log_params(Run(client, run), params.model_copy(update={"data": data}))
    logged = client.get_run(run).data.params
    assert logged["data.path"] == "data/raw/table.csv"
    assert [name for name in logged if "units" in name] == []
