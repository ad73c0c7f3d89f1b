"""The same answer as `answers` gives for plain rows, in a fraction of the time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..judging.prediction import PROBABILITY, predicts_the_likeliest
from ..scoring.expected import Expected
from ..table.cells import as_words
from .bodies import Records
from .plain import NotPlainError, Plain, Reader
from .prepared import prepared

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from sklearn.pipeline import Pipeline

    # rows, and what `Quick.predict` returns for them
    Predicted = tuple[Plain, list[Any], NDArray[Any] | None]


class Quick:
    """Predicts rows that are plain."""

    def __init__(self, pipeline: "Pipeline", expected: Expected) -> None:
        """Read from a fitted pipeline what would otherwise have to be found out at each request.

        Args:
            pipeline: the model.
            expected: what rows have to be like.
        """
        from sklearn.base import is_classifier

        self._reader = Reader.of(expected)
        self._features = self._reader and prepared(pipeline.steps[0][1], self._reader)
        self._model = pipeline
        if self._features:
            self._model = pipeline.steps[1][1] if len(pipeline.steps) == 2 else pipeline[1:]
        self._classes: list[str] | None = None
        if is_classifier(pipeline):
            self._classes = as_words(pipeline.classes_).tolist()
        self._likeliest = self._classes is not None and predicts_the_likeliest(pipeline)
        self.gives_probabilities = self._classes is not None and hasattr(pipeline, "predict_proba")

    def read(self, records: Records, strict: bool) -> Plain:
        """Make columns from n rows.

        Raises:
            NotPlainError: a row is not plain, or the model takes columns that cannot be plain.
        """
        if self._reader is None:
            raise NotPlainError
        return self._reader.read(records, strict)

    def predict(self, rows: Plain) -> "tuple[list[Any], NDArray[Any] | None]":
        """Predict n rows.

        Returns:
            n labels or numbers, and n x k probabilities, if the model gives them.

        Raises:
            NotPlainError: a row is not plain, or the model's number for it is not finite.
        """
        taken = self._features(rows) if self._features else self.frame(rows)
        if self._classes is None:
            return _finite(self._model.predict(taken)).tolist(), None
        if not self.gives_probabilities:
            return as_words(self._model.predict(taken)).tolist(), None
        probabilities = _finite(self._model.predict_proba(taken))
        if self._likeliest:
            return [self._classes[at] for at in probabilities.argmax(axis=1).tolist()], probabilities
        return as_words(self._model.predict(taken)).tolist(), probabilities

    def frame(self, rows: Plain) -> "pd.DataFrame":
        """Return n rows x the columns that the model takes."""
        assert self._reader
        return rows.frame(self._reader.names, list(self._reader.expected.roles))

    def objects(self, labels: list[Any], probabilities: "NDArray[Any] | None") -> list[dict[str, Any]]:
        """Return an object for each of n predictions."""
        if probabilities is None:
            return [{"prediction": label} for label in labels]
        assert self._classes is not None
        return [
            {"prediction": label, "probabilities": dict(zip(self._classes, row, strict=True))}
            for label, row in zip(labels, probabilities.tolist(), strict=True)
        ]

    def together(self, answers: "Sequence[Predicted]") -> "tuple[pd.DataFrame, pd.DataFrame]":
        """Make two frames from several answers: rows x the columns that the model takes, and predictions."""
        rows = Plain.together([rows for rows, _, _ in answers])
        labels = [label for _, some, _ in answers for label in some]
        given = [some for _, _, some in answers if some is not None]
        return self.frame(rows), self.predicted(labels, np.concatenate(given) if given else None)

    def predicted(self, labels: list[Any], probabilities: "NDArray[Any] | None") -> "pd.DataFrame":
        """Return n predictions as `Predictor.predict` does."""
        import pandas as pd

        table = pd.DataFrame({"predicted": labels})
        if probabilities is None:
            return table
        assert self._classes is not None
        names = [f"{PROBABILITY}{name}" for name in self._classes]
        return table.join(pd.DataFrame(probabilities, columns=names))


def _finite(numbers: "NDArray[Any]") -> "NDArray[Any]":
    if not np.isfinite(numbers).all():
        raise NotPlainError
    return numbers
