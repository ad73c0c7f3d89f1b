"""The version that answers: loaded, tried with its own example, replaced when the registry names another."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..base.errors import UserError, kind_and_line
from ..params import Data
from ..registry.registry import Registry
from ..tracking import store
from ..tracking.local_store import local_database
from . import log, metrics, watched
from .limits import Limits
from .served import INSIDE, Inside
from .settings import Settings
from .version import Version, load, tried

if TYPE_CHECKING:
    from mlflow import MlflowClient

AGAIN = 60.0  # seconds after which a version that could not be loaded is tried once more


class Live:
    """The version that answers now, and the thread that looks for another one."""

    def __init__(
        self, settings: Settings, data: Data, inside: Inside | None = None, limits: Limits | None = None
    ) -> None:
        """Take what to serve.

        Args:
            settings: of the server.
            data: how cells are written if the model does not say so.
            inside: an image's version.
            limits: those that Prometheus is given; None: the defaults.
        """
        self.settings, self.data, self.inside = settings, data, inside
        self.limits = limits or Limits()
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
                raise UserError(
                    f"--model {INSIDE}: this is not an image with a model inside; `image` makes one"
                )
            self.take(
                tried(self.inside.predictor(), self.inside.record, self.data, None, self.settings.private)
            )
            return
        with _store() as client:
            self.take(load(client, self.settings, self.data))
        if self.settings.model.startswith("@"):
            threading.Thread(target=self._watch, daemon=True, name="watch the alias").start()

    def start_at_last(self) -> None:
        """Load the version as soon as the store has it, and watch the alias.

        Raises:
            Exception: the store did not have it before `stop` was called.
        """
        while True:
            try:
                return self.start()
            except Exception as error:  # of any kind: the next attempt may succeed
                log.write("not_loaded", error=kind_and_line(error))
                if self._stop.wait(self.settings.poll):
                    raise

    def take(self, version: Version) -> None:
        """Make a version the one that answers from now on."""
        former, self.version = self.version, version
        metrics.took_over(self.settings.name, version, former)
        watched.took_over(version)
        self.limits.publish(version)

    def stop(self) -> None:
        """Stop watching the alias."""
        self._stop.set()

    def _watch(self) -> None:
        while not self._stop.wait(self.settings.poll):
            try:
                self.look()
            except Exception as error:  # of any kind: the current version goes on answering
                metrics.RELOADS.labels(metrics.FAILED).inc()
                log.write("reload_failed", error=kind_and_line(error))

    def look(self) -> None:
        """Replace the version, if the alias names another one that can be loaded.

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
    """Connect to the store; unlike other commands, the server does not create a missing local one.

    Raises:
        UserError: there is none, or it does not answer.
    """
    database = local_database(store.tracking_uri())
    if database and not database.exists():
        raise UserError(f"{database}: there is no tracking store; `dvc repro` creates it")
    with store.opened() as client:
        yield client
