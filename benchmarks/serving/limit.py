"""How quick the pipeline itself is: `python limit.py MODEL ROWS SECONDS`, in the project's environment.

Prints the milliseconds of a call: of the whole pipeline with a frame that is there, and of its last step with
a row of numbers that the steps before have made.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import mlflow
import pandas as pd


def taken(call: Callable[[], object], seconds: float) -> float:
    """Return the median milliseconds of a call."""
    call()
    times, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * median(times)


def main(model: str, rows: str, seconds: float) -> None:
    """Measure both."""
    pipeline = mlflow.sklearn.load_model(model)
    frame = pd.DataFrame(json.loads(Path(rows).read_text(encoding="utf-8")))
    numbers, last = pipeline[:-1].transform(frame), pipeline[-1]
    print(
        json.dumps(
            {
                "pipeline.predict, a frame": taken(lambda: pipeline.predict(frame), seconds),
                "its last step, NumPy": taken(lambda: last.predict(numbers), seconds),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
