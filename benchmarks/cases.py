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

WALL, MEMORY = "time", "peak memory"  # as ratios to P1, or another contestant
BEYOND = "time beyond"  # another contestant's, of P1's
PEAK = "peak memory, MB"


@dataclass(frozen=True)
class Table:
    """A classification table with a target of 0 and 1.

    Attributes:
        kind: `parquet`, of float64 columns; or `csv`, of numbers and text, half of them with missing values.
            The small one has numbers only.
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
    "small-csv": Table("small-csv", 569, 30, "csv"),  # the same, so without text and gaps
    "medium": Table("medium", 100_000, 20),
    "medium-csv": Table("medium-csv", 100_000, 20, "csv"),
    "large": Table("large", 2_000_000, 20),
    "large-csv": Table("large-csv", 2_000_000, 20, "csv"),
    "huge": Table("huge", 10_000_000, 20),
    "huge-csv": Table("huge-csv", 10_000_000, 20, "csv"),
}


@dataclass(frozen=True)
class Bar:
    """The most that the project may have: of another's, or as it is.

    Attributes:
        measure: WALL or MEMORY, both as ratios; BEYOND; or PEAK, in MB.
        against: the contestant that it is compared with.
    """

    size: str
    case: str
    measure: str
    limit: float
    against: str = "P1"


BARS = (
    Bar("small", COLD, WALL, 1.00),
    Bar("small", PARAMETER, WALL, 0.85),
    Bar("small", UNCHANGED, WALL, 0.10),
    Bar("small", TRIALS, WALL, 1.60),
    Bar("small", TUNE, WALL, 0.35),
    Bar("small-csv", COLD, WALL, 0.75),
    Bar("small-csv", COLD, MEMORY, 0.90),
    Bar("small-csv", PARAMETER, WALL, 0.55),
    Bar("small-csv", UNCHANGED, WALL, 0.07),
    Bar("small-csv", TRIALS, WALL, 0.85),
    Bar("medium-csv", COLD, WALL, 0.90),
    Bar("medium-csv", PARAMETER, WALL, 0.70),
    *(Bar(size, COLD, BEYOND, 0.10, "tuned") for size in ("small-csv", "medium-csv")),
    *(
        Bar(size, case, WALL, 1.00, "kedro")
        for size in ("small-csv", "medium-csv")
        for case in (COLD, PARAMETER, UNCHANGED, TRIALS)
    ),
    Bar("large", COLD, WALL, 0.90),
    Bar("large", COLD, MEMORY, 0.65),
    Bar("large", PARAMETER, WALL, 0.85),
    Bar("large", PARAMETER, MEMORY, 0.75),
    Bar("large-csv", COLD, WALL, 1.05),
    Bar("large-csv", COLD, MEMORY, 0.75),
    Bar("huge", COLD, PEAK, 12 * 2**30 / 1e6),
    Bar("huge-csv", COLD, PEAK, 12 * 2**30 / 1e6),
)
