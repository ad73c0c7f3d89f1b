"""Make a table: `python make_table.py SIZE ROWS COLUMNS OUTPUT`. Runs in the project's environment."""

import sys
from pathlib import Path

from sklearn.datasets import load_breast_cancer, make_classification


def main(size: str, rows: int, columns: int, output: Path) -> None:
    """Write scikit-learn's breast cancer data for the small size, else a synthetic table."""
    import pandas as pd

    if size == "small":
        frame = load_breast_cancer(as_frame=True).frame
        frame.columns = [*(name.replace(" ", "_") for name in frame.columns[:-1]), "target"]
    else:
        values, target = make_classification(
            rows, columns, n_informative=10, n_redundant=4, class_sep=1.5, flip_y=0.02, random_state=0
        )
        frame = pd.DataFrame(values, columns=[f"x{number}" for number in range(columns)])
        frame["target"] = target
    # a size's rows may be fewer than the source's: the tests' table
    frame = frame.head(rows)
    frame.to_parquet(output, index=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
