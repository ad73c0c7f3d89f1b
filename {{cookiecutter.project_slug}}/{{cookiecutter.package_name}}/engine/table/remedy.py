"""What params.yaml must declare for a table, or a column of it, to be read as what it seems to be.

An error about a file and a doubt about a column carry this as values, which `adopt` writes; the message for
people is made from the same values.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..base.text import repeated

PLAIN = re.compile(r"(?!(true|false|null|yes|no|on|off)$)[A-Za-z_][\w-]*", re.IGNORECASE)
Value = str | int


@dataclass(frozen=True)
class Remedy:
    """What to declare.

    Attributes:
        format: keys of `data.format`; if there are two ways, the likelier is first, and a person may know
            which is meant.
        units: the units for `data.units`, by column.
        date_formats: the formats for `data.date_formats`, by column; if there are several, only a person
            knows which is meant.
        missing: words for `data.missing`.
        drop: columns for `data.columns.drop`.
        ending: the ending of the file's name, which says what the file is.
        otherwise: what a person has to do if nothing can be declared.
    """

    format: tuple[Mapping[str, Value], ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    date_formats: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    ending: str = ""
    otherwise: str = ""

    @property
    def text(self) -> str:
        """What to write, in words."""
        parts = []
        if self.missing:
            parts.append(f"add {' and '.join(map(repr, self.missing))} to data.missing")
        if self.units:
            parts.append(f"write data.units: {written(self.units)}, if that is their unit")
        if self.format:
            first, *others = map(written, self.format)
            parts.append(f"write data.format: {', or '.join([first, *others])}")
            parts[-1] += " if that is what is meant" if others else ""
        for name, (likeliest, *others) in self.date_formats.items():
            only = f" (or {' or '.join(map(repr, others))}: only you know)" if others else ""
            parts.append(f"write data.date_formats: {written({name: likeliest})}{only}")
        if self.ending:
            parts.append(f"its name has to end with {self.ending}")
        return ", and ".join(filter(None, [*parts, self.otherwise]))


class Unreadable(ValueError):
    """A file that cannot be read as a table.

    Attributes:
        what: what is wrong with it.
        remedy: the remedy that lets it be read; None if there is none.
    """

    def __init__(self, what: str, remedy: Remedy | None = None) -> None:
        """Take what is wrong, and its remedy: the message has both."""
        where = " in params.yaml" if remedy and remedy.format else ""
        super().__init__(f"{what}: {remedy.text}{where}" if remedy else what)
        self.what, self.remedy = what, remedy


def written(values: Mapping[str, Value]) -> str:
    """Format values as they may stand in params.yaml, in one line."""
    return f"{{{', '.join(f'{_yaml(key)}: {_yaml(value)}' for key, value in values.items())}}}"


def _yaml(value: Value) -> str:
    text = str(value)
    if isinstance(value, int) or PLAIN.fullmatch(text):
        return text
    if any(sign in text for sign in "\t\n'") and '"' not in text and "\\" not in text:
        return '"' + text.replace("\t", "\\t").replace("\n", "\\n") + '"'
    return "'" + text.replace("'", "''") + "'"


def check_names(names: Sequence[str]) -> None:
    """Check that no two columns have the same name.

    Raises:
        Unreadable: two columns have the same name.
    """
    if twice := sorted(repeated(names)):
        remedy = Remedy(otherwise="give each a name of its own, in the file")
        raise Unreadable(f"it has more than one column {', '.join(twice)}", remedy)
