"""How far long work has come, on a terminal and in a log."""

import os
import pty
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base import progress
from penguins.engine.fitting.iterations import iterations
from penguins.engine.judging import prediction
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a minute be a tenth of a second."""
    monkeypatch.setattr(progress, "SHORT", 0.0)
    monkeypatch.setattr(progress, "TICK", 0.002)
    monkeypatch.setattr(progress, "FIRST", 0.05)
    monkeypatch.setattr(progress, "MOST", 0.5)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_log_has_a_line_ever_less_often(quick: None, capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []

    def written(count: int) -> bool:
        lines.extend(capfd.readouterr().err.splitlines())
        return len(lines) >= count

    begun = time.monotonic()
    with progress.working("fitting 1,000 rows"):
        wait_for(lambda: written(1))
        progress.tell(lambda: "iteration 7 of at most 200")
        wait_for(lambda: written(4))
    assert time.monotonic() - begun >= 0.4
    assert lines[0] == "fitting 1,000 rows (0 s)"
    assert lines[-1] == "fitting 1,000 rows: iteration 7 of at most 200 (0 s)"


def test_short_work_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "Log", lambda: pytest.fail("it was shown"))
    with progress.counting("copied {:,} files") as count:
        count(1)


def test_a_notebook_is_no_terminal(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class OfANotebook(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", stream := OfANotebook())
    with progress.working("fitting"):
        wait_for(lambda: stream.getvalue() != "")
    assert stream.getvalue().startswith("fitting (0 s)\n")


def test_within_other_work_the_inner_one_is_shown(quick: None, capfd: pytest.CaptureFixture[str]) -> None:
    with progress.working("outer") as work:
        progress.tell(lambda: "detail")
        with suppress(KeyError), progress.counting("inner {}") as count:
            count(3)
            assert work.text() == "inner 3"
            raise KeyError
        assert work.text() == "outer: detail"
    progress.tell(lambda: "of nothing")  # no work is under way
    assert capfd.readouterr().err == ""


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[bytearray]:
    """Let standard error be a terminal; yield what it shows."""
    shown, (ours, theirs) = bytearray(), pty.openpty()

    def read() -> None:
        try:
            while part := os.read(ours, 4096):
                shown.extend(part)
        except OSError:  # the other end is closed
            return

    reader = Thread(target=read)
    reader.start()
    with os.fdopen(theirs, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        yield shown
        monkeypatch.undo()
    reader.join()
    os.close(ours)


def test_a_terminal_shows_the_latest_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    with terminal(monkeypatch) as shown, progress.counting("predicting [bold] {:,} rows") as count:
        wait_for(lambda: b"predicting [bold] 0 rows" in shown)  # no markup
        count(2000)
        wait_for(lambda: b"predicting [bold] 2,000 rows" in shown)
    assert shown.endswith((b"\x1b[2K", b"\x1b[?25h"))  # the line is cleared, the cursor is back
    assert b"s)" not in shown


def test_a_fit_says_in_which_iteration_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_pipeline(HistGradientBoostingClassifier(max_iter=5))
    assert iterations(model) == ""
    model.fit(np.arange(40.0).reshape(-1, 1), np.arange(40) % 2)
    assert iterations(model) == "iteration 5 of at most 5"
    assert iterations(make_pipeline(RandomForestClassifier())) == ""


def test_many_rows_are_predicted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pd.DataFrame({"x": np.arange(25.0)})
    names = pd.Series(np.where(rows["x"] % 3 == 0, "large", "a small one"))
    model: Any = HistGradientBoostingClassifier(min_samples_leaf=1).fit(rows, names.to_numpy(dtype="str"))
    whole, dummy = (
        prediction.predict(model, rows, names),
        DummyClassifier(strategy="stratified", random_state=0),
    )
    lengths: list[int] = []
    monkeypatch.setattr(prediction, "ROWS", 10)
    pd.testing.assert_frame_equal(prediction.predict(model, rows, names), whole)

    def tell(part: pd.DataFrame) -> Any:
        lengths.append(len(part))
        return part["x"].tolist()

    told = prediction.in_parts(tell, rows)
    assert (told.tolist(), lengths) == (rows["x"].tolist(), [10, 10, 5])
    assert set(prediction.predict(dummy.fit(rows, names), rows, names)["predicted"]) <= set(names)
