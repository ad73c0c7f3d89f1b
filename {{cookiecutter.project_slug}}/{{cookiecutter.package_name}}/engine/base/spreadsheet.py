"""CSV files that a person may open in a spreadsheet, which then runs none of their texts as a formula.

A label, a group or a column may be called `=cmd|...`. In the file, a text that a spreadsheet would take for a
formula begins with an apostrophe, as OWASP recommends
(https://owasp.org/www-community/attacks/CSV_Injection). `read_back` removes it again.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FORMULA = re.compile("'*[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")  # the last four: = + - @ of full width
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def inert(text: str) -> str:
    """Write a text so that a spreadsheet only shows it; `-1` stays as it is: it is a number there, too."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def original(text: str) -> str:
    """Return the text that `inert` was given."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def write_csv(table: "pd.DataFrame", path: Path) -> None:
    """Write a table of numbers and texts, with pyarrow: it takes a tenth of pandas' time."""
    import pandas as pd
    from pyarrow import Table, csv

    changed = {}
    for name in table.columns:
        if not pd.api.types.is_numeric_dtype(table[name]):
            texts = {text: inert(text) for text in table[name].unique() if isinstance(text, str)}
            if written := {text: new for text, new in texts.items() if new != text}:
                changed[name] = table[name].replace(written)
    csv.write_csv(Table.from_pandas(table.assign(**changed), preserve_index=False), path)


def read_back(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Return the texts of a column as they were before `write_csv` wrote them."""
    return texts.replace({text: original(text) for text in texts.unique() if original(text) != text})
