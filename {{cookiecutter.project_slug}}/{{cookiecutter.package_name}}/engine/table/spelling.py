"""Categories as they were spelled when a model was fitted, whatever type pandas has read them as since.

`1.0` in a table may be 1.0, 1 or True in another one, depending on the other cells. This is the same
category, unless the table had both `1` and `1.0`: then these are two, and only text can distinguish them.

A saved model carries this module, so it imports only modules of the project that the model carries, too.
"""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin

from .cells import same_value

UNKNOWN = -1  # the number of a word that did not occur when this was fitted


class Spelling(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Makes every column text, spelled as it was when this was fitted.

    Attributes:
        spellings_: for each column, the word for each number and for true and false, if there was only one.
        words_: for each column, all words that occurred, sorted; only if they are numbered.
    """

    def __init__(self, missing: str = "missing", numbered: bool = False) -> None:
        """Take the word for an empty cell, which is a category of its own.

        Args:
            missing: the word.
            numbered: whether each word is replaced by its place among the sorted words, or by -1 if it is
                new. A following `OrdinalEncoder` gives the same codes, without looking at each cell's text,
                which takes ten seconds for 1.6 million rows x 8 columns.
        """
        self.missing = missing
        self.numbered = numbered

    def fit(self, X: pd.DataFrame, y: Any = None) -> "Spelling":
        """Remember how the categories of n rows are spelled."""
        self.n_features_in_, self.feature_names_in_ = X.shape[1], np.array(X.columns, dtype=object)
        self.spellings_ = [spellings(X.iloc[:, at]) for at in range(X.shape[1])]
        if self.numbered:
            self.words_ = [self._occurring(X.iloc[:, at], at) for at in range(X.shape[1])]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the words of n rows as objects, or their numbers as int32."""
        columns = [self._column(X.iloc[:, at], at) for at in range(X.shape[1])]
        kind = "int32" if self.numbered else object
        return pd.DataFrame(dict(enumerate(columns)), index=X.index, dtype=kind).set_axis(X.columns, axis=1)

    def _column(self, column: "pd.Series[Any]", at: int) -> "np.ndarray[Any, Any]":
        codes, words = self._words(column, at)
        if not self.numbered:
            return np.array(words, dtype=object).take(codes)
        places = {word: place for place, word in enumerate(self.words_[at])}
        return np.array([places.get(word, UNKNOWN) for word in words], dtype="int32").take(codes)

    def _words(self, column: "pd.Series[Any]", at: int) -> "tuple[np.ndarray[Any, Any], list[str]]":
        """Return the number of each cell's word, -1 for an empty cell; and the words by number."""
        known = self.spellings_[at]
        codes, values = pd.factorize(column)
        texts = [str(value) for value in values]
        words = [known.get(same_value(text) or text, text) or self.missing for text in texts]
        return codes, [*words, self.missing]

    def _occurring(self, column: "pd.Series[Any]", at: int) -> list[str]:
        codes, words = self._words(column, at)
        return sorted({*(words if (codes < 0).any() else words[:-1])})


def spellings(column: "pd.Series[Any]") -> dict[str, str]:
    """Return the word for each number and for true and false, if there is only one for it."""
    words: dict[str, set[str]] = {}
    for value in column.dropna().unique():
        word = str(value)
        if (same := same_value(word)) is not None:
            words.setdefault(same, set()).add(word)
    return {same: spelled.pop() for same, spelled in words.items() if len(spelled) == 1}
