"""The CSV files that a person may open in a spreadsheet, in which no text is a formula.

A label, a group or a column may be called `=cmd|...`. In the file, a text that a spreadsheet would take for a
formula begins with an apostrophe, as OWASP has it (https://owasp.org/www-community/attacks/CSV_Injection).
What reads the file takes that away again: each text comes back as it was.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FORMULA = re.compile("'*[=+\\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")  # the last four: = + - @ of full width
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def inert(text: str) -> str:
    """Write a text so that a spreadsheet shows it and does nothing else; `-1` is a number there, too."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def original(text: str) -> str:
    """Return the text of which `inert` made this one."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def write_csv(table: "pd.DataFrame", path: Path) -> None:
    """Write a table of numbers and texts: by pyarrow, in a tenth of the time that pandas takes."""
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
    """Return a column of a file of `write_csv` with the texts as they were."""
    return texts.replace({text: original(text) for text in texts.unique() if original(text) != text})
