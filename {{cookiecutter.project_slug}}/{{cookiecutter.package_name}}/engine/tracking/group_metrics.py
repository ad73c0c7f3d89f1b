"""The metrics of each group of rows, under names that MLflow accepts."""

import csv
import hashlib
import re
from pathlib import Path

from ..base.spreadsheet import original

PREFIX = "within."  # the beginning of the name of a group's metric
LONGEST_PART = 80  # characters of a part of a metric's name; MLflow accepts 250 for the whole name


def group_metrics(path: Path) -> dict[str, float]:
    """Read the metrics in reports/groups.csv, as `within.COLUMN.VALUE.METRIC`; none if there is no file.

    MLflow's page draws a section for each path with a slash, above the metrics of all rows. Names without a
    slash are sorted, and "within" comes after the usual names of metrics.
    """
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    metrics: dict[str, float] = {}
    for row in rows:
        parts = [name_part(original(row.pop(key))) for key in ("column", "group")]
        values = {name: float(value) for name, value in row.items() if value}
        metrics |= {PREFIX + ".".join([*parts, name_part(name)]): value for name, value in values.items()}
    return metrics


def name_part(text: str) -> str:
    """Return a text as a part of a metric's name; two texts never give the same name.

    A character that MLflow does not accept becomes its code point, and so does an underscore that begins what
    looks like a code point. A text that is too long is cut off, and a dot and a hash follow.
    """
    coded = re.sub(r"[^\w \-]|_(?=x[0-9a-f]+_)", lambda match: f"_x{ord(match[0]):x}_", text)
    if len(coded) <= LONGEST_PART:
        return coded
    digest = hashlib.md5(text.encode(errors="surrogatepass")).hexdigest()[:12]
    return f"{coded[: LONGEST_PART - 13]}.{digest}"
