"""What is measured: the tables, the cases, and the bars that the project must meet."""

from dataclasses import dataclass

COLD = "cold, all four stages"
PARAMETER = "one model parameter changed"
UNCHANGED = "nothing changed"
TRIALS = "8 trials, each kept as an experiment"
TUNE = "8 trials searched by tune"

# in the order in which they are measured: each goes on from what the one before has left
CASES = {"cold": COLD, "parameter": PARAMETER, "unchanged": UNCHANGED, "trials": TRIALS, "tune": TUNE}

LEARNING_RATE = 0.1  # the template's own default
CHANGED_LEARNING_RATE = 0.08
LEARNING_RATES = (0.03, 0.06, 0.12, 0.24)  # the trials: all pairs of these two
MAX_LEAF_NODES = (15, 63)

WALL, MEMORY = "time", "peak memory"  # as ratios to P1
PEAK = "peak memory, MB"


@dataclass(frozen=True)
class Table:
    """A classification table with a target of 0 and 1.

    Attributes:
        kind: `parquet`, of float64 columns; or `csv`, of numbers and text, half of them with missing values.
    """

    size: str
    rows: int
    columns: int
    kind: str = "parquet"

    def __str__(self) -> str:
        """Name it as its heading in the results does."""
        return f"{self.size}: {self.rows:,} rows x {self.columns} columns, {self.kind}"


TABLES = {
    "small": Table("small", 569, 30),  # scikit-learn's breast cancer
    "medium": Table("medium", 100_000, 20),
    "medium-csv": Table("medium-csv", 100_000, 20, "csv"),
    "large": Table("large", 2_000_000, 20),
    "large-csv": Table("large-csv", 2_000_000, 20, "csv"),
    "huge": Table("huge", 10_000_000, 20),
    "huge-csv": Table("huge-csv", 10_000_000, 20, "csv"),
}


@dataclass(frozen=True)
class Bar:
    """The most that the project may have: of P1's, or as it is.

    Attributes:
        measure: WALL or MEMORY, both as ratios to P1; or PEAK, in MB.
    """

    size: str
    case: str
    measure: str
    limit: float


BARS = (
    Bar("small", COLD, WALL, 1.00),
    Bar("small", PARAMETER, WALL, 0.85),
    Bar("small", UNCHANGED, WALL, 0.10),
    Bar("small", TRIALS, WALL, 1.60),
    Bar("small", TUNE, WALL, 0.35),
    Bar("large", COLD, WALL, 0.90),
    Bar("large", COLD, MEMORY, 0.65),
    Bar("large", PARAMETER, WALL, 0.85),
    Bar("large", PARAMETER, MEMORY, 0.75),
    Bar("large-csv", COLD, WALL, 1.05),
    Bar("large-csv", COLD, MEMORY, 0.75),
    Bar("huge", COLD, PEAK, 12 * 2**30 / 1e6),
    Bar("huge-csv", COLD, PEAK, 12 * 2**30 / 1e6),
)
