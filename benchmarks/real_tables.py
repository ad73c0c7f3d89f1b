"""Real tables of many shapes, from packages that carry them, written as their users would have them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

# read for their data alone, so installed without what they need; openpyxl writes and reads the workbook
PACKAGES = ("vega_datasets==0.9.0", "plotly==7.1.0", "lifelines==0.30.3", "statsmodels==0.15.0")
WORKBOOKS = ("openpyxl", "et_xmlfile")
VEGA, PLOTLY = "vega_datasets/_data", "plotly/package_data/datasets"
LIFELINES, STATSMODELS = "lifelines/datasets", "statsmodels/datasets"


def csv(table: pd.DataFrame, file: Path) -> Path:
    """Write the commonest file."""
    table.to_csv(file.with_suffix(".csv"), index=False)
    return file.with_suffix(".csv")


def german(table: pd.DataFrame, file: Path) -> Path:
    """Write as a German spreadsheet does: semicolons, decimal commas, Windows' encoding."""
    table.to_csv(file.with_suffix(".csv"), index=False, sep=";", decimal=",", encoding="cp1252")
    return file.with_suffix(".csv")


def tabs(table: pd.DataFrame, file: Path) -> Path:
    """Write with tabs, a byte order mark, and a question mark for what is missing."""
    table.to_csv(file.with_suffix(".tsv"), index=False, sep="\t", encoding="utf-8-sig", na_rep="?")
    return file.with_suffix(".tsv")


def workbook(table: pd.DataFrame, file: Path) -> Path:
    """Write an Excel workbook."""
    table.to_excel(file.with_suffix(".xlsx"), index=False)
    return file.with_suffix(".xlsx")


def parquet(table: pd.DataFrame, file: Path) -> Path:
    """Write typed columns."""
    table.to_parquet(file.with_suffix(".parquet"))
    return file.with_suffix(".parquet")


def lines(table: pd.DataFrame, file: Path) -> Path:
    """Write a JSON object for each row."""
    table.to_json(file.with_suffix(".jsonl"), orient="records", lines=True)
    return file.with_suffix(".jsonl")


def with_units(table: pd.DataFrame, file: Path) -> Path:
    """Write numbers as people do: 12.8 °C, 3.1 m/s, 10.9 mm."""
    units = {"precipitation": "mm", "temp_max": "°C", "temp_min": "°C", "wind": "m/s"}
    shown = {
        name: table[name].map(lambda number, unit=unit: f"{number} {unit}") for name, unit in units.items()
    }
    return csv(table.assign(**shown), file)


@dataclass(frozen=True)
class Real:
    """A table, and how a user adopts it.

    Attributes:
        name: of the table.
        shape: what is special about it.
        task: classification or regression.
        target: to predict.
        source: its file in a package.
        options: of `adopt`: what only a person knows.
        write: as a user has it.
        separator: of `source`, if that is CSV.
        quote: what stands round its cells.
        left_out: columns that a person would not use, for they tell the target or number the rows.
        groups: columns whose values stay on one side of the split.
    """

    name: str
    shape: str
    task: str
    target: str
    source: str
    options: tuple[str, ...] = ()
    write: Callable[[pd.DataFrame, Path], Path] = csv
    separator: str = ","
    quote: str = '"'
    left_out: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def read(self, packages: Path) -> pd.DataFrame:
        """Read the table as it is in its package, only empty cells being missing."""
        file = packages / self.source
        if file.suffix == ".json":
            return pd.read_json(file, convert_dates=False)
        return pd.read_csv(
            file, sep=self.separator, quotechar=self.quote, keep_default_na=False, na_values=[""]
        )

    def command(self, raw: Path) -> list[str]:
        """Return the arguments of `adopt`."""
        lists = [("--drop", self.left_out), ("--group", self.groups)]
        given = [word for option, names in lists if names for word in (option, *names)]
        return [str(raw), "--target", self.target, *given, *self.options]


C, R = "classification", "regression"
TABLES = (
    Real("tips", "small, categories", R, "tip", f"{PLOTLY}/tips.csv.gz"),
    Real(
        "cars",
        "semicolons, decimal commas, missing",
        R,
        "Miles_per_Gallon",
        f"{VEGA}/cars.json",
        ("--time", "none"),
        german,
    ),
    Real("weather", "dates, five classes", C, "weather", f"{VEGA}/seattle-weather.csv", ("--time", "none")),
    Real(
        "weather_units",
        "numbers with units",
        C,
        "weather",
        f"{VEGA}/seattle-weather.csv",
        ("--time", "none"),
        with_units,
    ),
    Real(
        "weather_time",
        "dates, split by time",
        R,
        "temp_max",
        f"{VEGA}/seattle-weather.csv",
        ("--time", "date"),
    ),
    Real("gbsg2", "workbook", C, "cens", f"{LIFELINES}/gbsg2.csv", write=workbook, left_out=("time",)),
    Real("rossi", "imbalance, 0/1 columns", C, "arrest", f"{LIFELINES}/rossi.csv", left_out=("week",)),
    Real("transplant", "parquet, 1:5", C, "death", f"{LIFELINES}/kidney_transplant.csv", write=parquet),
    Real("lung", "missing as ?, tabs", C, "status", f"{LIFELINES}/lung.csv", write=tabs),
    Real(
        "gapminder",
        "groups, JSON lines",
        R,
        "lifeExp",
        f"{PLOTLY}/gapminder.csv.gz",
        write=lines,
        left_out=("iso_alpha", "iso_num"),
        groups=("country",),
    ),
    Real("grunfeld", "panel of firms", R, "invest", f"{STATSMODELS}/grunfeld/grunfeld.csv", groups=("firm",)),
    Real("airports", "ids, names as text", R, "longitude", f"{VEGA}/airports.csv"),
    Real("affairs", "6,366 rows of codes", R, "affairs", f"{STATSMODELS}/fair/fair.csv"),
    Real("randhie", "20,190 rows, most of them 0", R, "mdvis", f"{STATSMODELS}/randhie/randhie.csv"),
    Real(
        "election",
        "944 voters, tabs and quotes",
        C,
        "vote",
        f"{STATSMODELS}/anes96/anes96.csv",
        options=("--time", "none"),
        separator="\t",
        quote="'",
    ),
    Real(
        "modechoice",
        "rows of one person",
        C,
        "choice",
        f"{STATSMODELS}/modechoice/modechoice.csv",
        separator=";",
        groups=("individual",),
    ),
)
