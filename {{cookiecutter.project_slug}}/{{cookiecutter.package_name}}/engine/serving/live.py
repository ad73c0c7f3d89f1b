"""The version that answers: loaded, tried with its own example, exchanged when the registry names another."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError, kind_and_line
from ..params import Data
from ..registry.predictor import Predictor
from ..registry.registry import Registry
from ..scoring.expected import Expected
from ..scoring.records import score
from ..tracking import store
from ..tracking.local_store import local_database
from . import log, metrics
from .quick import Quick
from .served import INSIDE, Inside
from .settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

AGAIN = 60.0  # seconds after which a version that could not be loaded is tried once more


@dataclass(frozen=True)
class Version:
    """A version that has answered for its own example.

    Attributes:
        number: in the registry.
        predictor: the model.
        expected: what rows have to be like.
        known: what it knows of its columns.
        example: a row, as a client would send it.
        about: what `/model` says.
        quick: answers most requests; None: all are answered the general way.
    """

    number: str
    predictor: Predictor
    expected: Expected
    known: dict[str, Any]
    example: dict[str, Any]
    about: dict[str, Any]
    quick: Quick | None = None

    def predict(self, rows: "pd.DataFrame") -> "pd.DataFrame":
        """Predict n rows; see `Predictor.predict`."""
        return self.predictor.predict(rows)


class Live:
    """The version that answers now, and the thread that looks for another one."""

    def __init__(self, settings: Settings, data: Data, inside: Inside | None = None) -> None:
        """Take what to serve, how cells are written where a model does not say, and an image's version."""
        self.settings, self.data, self.inside = settings, data, inside
        self.version: Version | None = None
        metrics.reset()
        self._stop = threading.Event()
        self._refused, self._again = "", 0.0  # the version that could not be loaded, and when to try it again

    def start(self) -> None:
        """Load the version, and watch the alias.

        Raises:
            UserError: there is no such version, it cannot be loaded, or the store does not answer.
        """
        if self.settings.model == INSIDE:
            if self.inside is None:
                raise UserError(f"--model {INSIDE}: this is no image with a model inside; `image` makes one")
            self.take(tried(self.inside.predictor(), self.inside.record, self.data))
            return
        with _store() as client:
            self.take(load(client, self.settings, self.data))
        if self.settings.model.startswith("@"):
            threading.Thread(target=self._watch, daemon=True, name="watch the alias").start()

    def start_at_last(self) -> None:
        """Load the version as soon as the store has it, and watch the alias.

        Raises:
            Exception: it has not, and `stop` was called.
        """
        while True:
            try:
                return self.start()
            except Exception as error:  # whatever it is, it may be over soon
                log.write("not_loaded", error=kind_and_line(error))
                if self._stop.wait(self.settings.poll):
                    raise

    def take(self, version: Version) -> None:
        """Let a version answer from now on."""
        former, self.version = self.version, version
        metrics.took_over(self.settings.name, version, former)

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(self.settings.poll):
            try:
                self.look()
            except Exception as error:  # whatever it is, the version that answers goes on
                metrics.RELOADS.labels(metrics.FAILED).inc()
                log.write("reload_failed", error=kind_and_line(error))

    def look(self) -> None:
        """Exchange the version, if the alias names another one that can be loaded.

        Raises:
            UserError: the store does not answer, or the version cannot be loaded.
        """
        with _store() as client:
            named = Registry(client, self.settings.name).find(self.settings.model)
            number = "" if named is None else str(named.version)
            if not number or (self.version and number == self.version.number):
                return
            if number == self._refused and time.monotonic() < self._again:
                return
            self._refused, self._again = number, time.monotonic() + AGAIN
            self.take(load(client, self.settings, self.data))
        self._refused = ""
        metrics.RELOADS.labels(metrics.LOADED).inc()
        log.write("reloaded", version=number)


@contextmanager
def _store() -> "Iterator[MlflowClient]":
    """Connect to the store; unlike other commands, the server creates none where a local one is missing.

    Raises:
        UserError: there is none, or it does not answer.
    """
    database = local_database(store.tracking_uri())
    if database and not database.exists():
        raise UserError(f"{database}: there is no tracking store; `dvc repro` creates it")
    with store.opened() as client:
        yield client


def load(client: "MlflowClient", settings: Settings, data: Data) -> Version:
    """Load a version, and let it answer for its own example.

    Raises:
        UserError: there is no such version, or it fails.
    """
    predictor = Predictor.find(client, settings.name, settings.model)
    alias = settings.model if settings.model.startswith("@") else None
    return tried(predictor, recorded(client, predictor), data, alias)


def recorded(client: "MlflowClient", predictor: Predictor) -> dict[str, Any]:
    """Return what the model's run says of it: the data's md5 and the metrics."""
    run = client.get_run(predictor.identity["run"]) if "run" in predictor.identity else None
    metrics = run.data.metrics if run else {}
    return {
        "data_md5": run.data.tags.get("data.md5") if run else None,
        "metrics": {name: value if isfinite(value) else None for name, value in metrics.items()},
    }


def tried(predictor: Predictor, record: Mapping[str, Any], data: Data, alias: str | None = None) -> Version:
    """Load a version, and let it answer for its own example.

    Args:
        predictor: the model.
        record: what `/model` says beside what the model knows.
        data: how cells are written where the model does not say.
        alias: by which it was found.

    Raises:
        UserError: it fails.
    """
    known = predictor.known
    expected = Expected.of(known, data)
    example = {column["name"]: column.get("example") for column in known["inputs"]}
    example |= {column["name"]: "" for column in known["inputs"] if column["role"] == "text"}
    scored = score([example], expected, predictor.predict, allow_missing=True)
    if len(scored.predictions) != 1:
        raise UserError(f"{predictor.named}: does not answer for its own example: {scored.rejected[0]}")
    identity = dict(predictor.identity)
    about = {
        **identity,
        "alias": alias,
        **record,
        "columns": known["inputs"],
        "target": known["target"],
        "threshold": known.get("threshold"),
        "example": example,
    }
    quick = Quick(predictor.pipeline, expected)
    return Version(identity["version"], predictor, expected, known, example, about, quick)
