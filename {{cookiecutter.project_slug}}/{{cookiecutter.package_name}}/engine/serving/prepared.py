"""The first step of a pipeline, computed on columns: for one row, making a frame takes most of the time.

Numbers usually go through arithmetic, and categories through a table in which each word is looked up: both
are read from the fitted step when a version is loaded. Any other part gets its own columns as a frame. On
rows made for the purpose, the result has to equal the step's own to the bit; otherwise the step is used as it
is.
"""

import warnings
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import kind_and_line
from . import log
from .plain import Plain, Reader
from .words import Words, dense, looked_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Sum = Callable[[NDArray[Any]], NDArray[Any]]

Part = Callable[[Plain], "NDArray[Any]"]
NUMBERS = (0.0, np.nan, -1.5, 2.0, 1e6)  # the numbers that a prepared step is tried with
WORDS = 100  # the most words of a column that it is tried with


def prepared(step: Any, reader: Reader) -> Part | None:
    """Return what computes the same as a fitted step without a frame; None if that is not possible.

    Args:
        step: the first step of a pipeline.
        reader: what reads the rows.
    """
    if type(step).__name__ != "ColumnTransformer" or step.sparse_output_:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about unknown words
            taken = [(inner, list(names)) for _, inner, names in step.transformers_ if inner != "drop"]
            parts = [_part(inner, names, reader) for inner, names in taken if names]
            rows = _tried(reader, parts)
            wanted = step.transform(rows.frame(reader.names, list(reader.expected.roles)))
            is_ = _joined(parts)
            made = is_(rows)
    except Exception as error:  # anybody can write a step; used as it is, it is slower but no less correct
        log.write("not_prepared", error=kind_and_line(error))
        return None
    equal = isinstance(wanted, np.ndarray) and wanted.dtype == made.dtype
    return is_ if equal and np.array_equal(wanted, made, equal_nan=wanted.dtype.kind == "f") else None


def _joined(parts: list[Part]) -> Part:
    return lambda rows: np.concatenate([part(rows) for part in parts], axis=1)


def _part(inner: Any, names: list[str], reader: Reader) -> Part:
    """Return what computes the same as one of the transformers does with its columns."""
    steps = [step for _, step in inner.steps] if hasattr(inner, "steps") else [inner]
    if all(name in reader.names for name in names):
        sums = [_arithmetic(step) for step in steps]
        places = [reader.names.index(name) for name in names]
        if None not in sums:
            return lambda rows: _computed(rows.numbers[:, places], [one for one in sums if one])
    if len(steps) == 2 and _is_ours(steps[0], "Spelling"):
        found = looked_up(inner, steps[0], steps[1], names)
        if found:
            return found
    return lambda rows: dense(inner.transform(rows.frame(reader.names, names)))


def _computed(numbers: "NDArray[Any]", sums: "list[Sum]") -> "NDArray[Any]":
    for one in sums:
        numbers = one(numbers)
    return numbers


def _arithmetic(step: Any) -> "Sum | None":
    """Return what a step computes from n x m numbers; None if that is not known."""
    if _is_ours(getattr(step, "func", None), "as_numbers"):
        return lambda numbers: numbers
    if type(step).__module__.startswith("sklearn."):
        if type(step).__name__ == "SimpleImputer" and not step.add_indicator:
            return lambda numbers: np.where(np.isnan(numbers), step.statistics_, numbers)
        if type(step).__name__ == "StandardScaler" and step.with_mean and step.with_std:
            return lambda numbers: (numbers - step.mean_) / step.scale_
    return None


def _is_ours(thing: Any, name: str) -> bool:
    """Tell whether something comes from the engine's code that the model carries."""
    kind = thing if hasattr(thing, "__qualname__") else type(thing)
    return kind.__qualname__ == name and ".engine.table." in kind.__module__


def _tried(reader: Reader, parts: Sequence[Part]) -> Plain:
    """Make rows with all kinds of cells: usual and unusual numbers, known, new and missing words."""
    known = {name: words for part in parts if isinstance(part, Words) for name, words in part.places.items()}
    roles = reader.expected.roles
    cells = {
        name: [*islice(known.get(name, {}), WORDS), None, "a word that is new"]
        for name in roles
        if name not in reader.names
    }
    rows = max([len(NUMBERS), *map(len, cells.values())])
    numbers = [list(islice(cycle(NUMBERS[at % 5 :] + NUMBERS), rows)) for at in range(len(reader.names))]
    words = {name: list(islice(cycle(of), rows)) for name, of in cells.items()}
    return Plain(np.array(numbers).reshape(len(numbers), rows).T.copy(), words, {}, {})
