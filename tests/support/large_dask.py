"""Fit models on a Dask cluster, both to rows that are sent to it and to rows that it reads."""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from large_table import lay_out, set_params  # type: ignore[import-not-found]  # beside it


def main() -> None:
    lay_out(3000)
    import joblib
    from penguins.engine import stage
    from penguins.engine.base import paths
    from penguins.engine.lineage.trained import Trained
    from penguins.engine.split.dataset import Dataset
    from penguins.engine.table.reading import read_whole
    from penguins.engine.table.types import to_types
    from penguins.engine.table.validated import write_validated
    from penguins.params import load_params

    def validate() -> None:
        params = load_params()
        write_validated(to_types(read_whole(params), params.data), params, {})

    def fit(type_: str, sample: float) -> dict[str, Any]:
        set_params(sample=sample, type=type_)
        stage.run("train")
        stage.run("evaluate")
        model = joblib.load(paths.MODEL)
        data, metrics = Dataset(load_params()), json.loads(paths.METRICS.read_text())
        return {
            "kept": type(model.steps[-1][1].estimator_).__module__.split(".")[-1],
            "labels": sorted(map(str, model.classes_)),
            "f1": metrics["f1_macro"],
            "split": str(data.division),
            "learned": len(data.learned.keys),
            "same learned": Trained.read().learned == data.learned.digest,
        }

    set_params()
    validate()
    every = Dataset(load_params())
    found: dict[str, Any] = {"training rows": len(every.train_rows)}
    frame = pd.read_parquet(paths.VALIDATED)
    paths.VALIDATED.unlink()
    paths.VALIDATED.mkdir()
    for number in range(6):
        part = frame.iloc[number * 500 : (number + 1) * 500]
        part.attrs = frame.attrs
        part.to_parquet(paths.VALIDATED / f"part-{number:05}.parquet", index=False)
    for type_, sample in json.loads(sys.argv[2]):
        found[f"{type_} {sample}"] = fit(type_, sample)
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
