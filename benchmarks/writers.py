"""Files of a table as its users have them."""

from pathlib import Path

import pandas as pd


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


def listed(table: pd.DataFrame, file: Path) -> Path:
    """Write a list of JSON objects."""
    table.to_json(file.with_suffix(".json"), orient="records")
    return file.with_suffix(".json")


def with_row_names(table: pd.DataFrame, file: Path) -> Path:
    """Write as R does, the number of each row before it, under no name."""
    table.to_csv(file.with_suffix(".csv"))
    return file.with_suffix(".csv")


def quoted(table: pd.DataFrame, file: Path) -> Path:
    """Write with spaces, and apostrophes round the names."""
    lines = table.to_csv(index=False, sep=" ", header=False)
    names = " ".join(f"'{name}'" for name in table.columns)
    file.with_suffix(".txt").write_text(f"{names}\n{lines}", encoding="utf-8")
    return file.with_suffix(".txt")


def with_units(table: pd.DataFrame, file: Path) -> Path:
    """Write numbers as people do: 12.8 °C, 3.1 m/s, 10.9 mm."""
    units = {"precipitation": "mm", "temp_max": "°C", "temp_min": "°C", "wind": "m/s"}
    shown = {
        name: table[name].map(lambda number, unit=unit: f"{number} {unit}") for name, unit in units.items()
    }
    return csv(table.assign(**shown), file)
