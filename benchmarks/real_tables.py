"""Real tables of many shapes, from packages that carry them, written as their users would have them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.writers import (
    csv,
    german,
    lines,
    listed,
    parquet,
    quoted,
    tabs,
    with_row_names,
    with_units,
    workbook,
)

# read for their data alone, so installed without what they need; openpyxl writes and reads the workbook
PACKAGES = ("vega_datasets==0.9.0", "plotly==7.1.0", "lifelines==0.30.3", "statsmodels==0.15.0")
WORKBOOKS = ("openpyxl", "et_xmlfile")
VEGA, PLOTLY = "vega_datasets/_data", "plotly/package_data/datasets"
LIFELINES, STATSMODELS = "lifelines/datasets", "statsmodels/datasets"


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
        rare: whether classes of fewer than ten rows are left out.
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
    rare: bool = False

    def read(self, packages: Path) -> pd.DataFrame:
        """Read the table as it is in its package, only empty cells being missing."""
        file = packages / self.source
        if file.suffix == ".json":
            return pd.read_json(file, convert_dates=False)
        return pd.read_csv(
            file, sep=self.separator, quotechar=self.quote, keep_default_na=False, na_values=[""]
        )

    def clean(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return what a plain script would use: without the rows that are left out."""
        if not self.rare:
            return table
        return table[table.groupby(self.target)[self.target].transform("size") >= FEW]

    def command(self, raw: Path) -> list[str]:
        """Return the arguments of `adopt`."""
        lists = [("--drop", self.left_out), ("--group", self.groups)]
        given = [word for option, names in lists if names for word in (option, *names)]
        return [str(raw), "--target", self.target, *given, *self.options]


FEW = 10  # rows of a class
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
    Real(
        "star98",
        "products of its columns",
        R,
        "PR50M",
        f"{STATSMODELS}/star98/star98.csv",
        write=with_row_names,
    ),
    Real("affairs_pt", "601 rows", R, "naffairs", f"{STATSMODELS}/fair/fair_pt.csv", left_out=("constant",)),
    Real("co2", "20010131 as date", R, "co2", f"{STATSMODELS}/co2/co2.csv", ("--time", "none")),
    Real("macro", "quarters", R, "unemp", f"{STATSMODELS}/macrodata/macrodata.csv", ("--time", "none")),
    Real(
        "spector",
        "32 rows, spaces and quotes",
        C,
        "GRADE",
        f"{STATSMODELS}/spector/spector.csv",
        separator=" ",
        quote="'",
        write=quoted,
    ),
    Real("actg", "2,139 rows, row numbers", C, "cens", f"{LIFELINES}/ACTG175.csv", left_out=("days",)),
    Real(
        "senators",
        "rare classes, names, dates",
        C,
        "reason",
        f"{LIFELINES}/canadian_senators.csv",
        ("--rare", "leave-out", "--unlabelled", "leave-out", "--group", "none", "--time", "none"),
        left_out=("Term (yyyy.mm.dd)",),
        rare=True,
    ),
    Real(
        "regimes",
        "words with hundreds of values",
        C,
        "democracy",
        f"{LIFELINES}/dd.csv",
        groups=("ctryname",),
        left_out=("regime", "leaderspellreg"),
    ),
    Real("recur", "rows of one patient", R, "TIME1", f"{LIFELINES}/recur.csv", groups=("ID",)),
    Real(
        "lymph",
        "dates as 31-12-1990",
        C,
        "censdead",
        f"{LIFELINES}/lymph_node.csv",
        ("--group", "none", "--time", "none"),
        left_out=("survtime", "deathdate", "rectime", "recdate", "censrec"),
    ),
    Real("carshare", "248 places", R, "car_hours", f"{PLOTLY}/carshare.csv.gz"),
    Real("temps", "8,759 hours", R, "temp", f"{VEGA}/seattle-temps.csv", ("--time", "none")),
    Real(
        "stocks",
        "dates as Jan 1 2000",
        R,
        "price",
        f"{VEGA}/stocks.csv",
        ("--group", "none", "--time", "none"),
    ),
    Real("barley", "120 rows, JSON", R, "yield", f"{VEGA}/barley.json", ("--group", "none"), listed),
)
