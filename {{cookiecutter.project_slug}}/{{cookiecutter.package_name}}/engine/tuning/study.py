"""The study: what has been tried, kept so that a search goes on where it was ended."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import nan
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from ..base.errors import UserError, first_line, refusal
from .cross_validation import Outcome
from .space import Key, Space

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.study import Study as OptunaStudy
    from optuna.trial import FrozenTrial

# The median rule: a trial ends when its mean so far is worse than the median of the complete ones'
# (D. Golovin et al., Google Vizier, KDD 2017), once there are enough of these, and of its own folds.
MIN_COMPLETE = 5
MIN_FOLDS = 2


@dataclass(frozen=True)
class Trial:
    """One trial.

    Attributes:
        number: from 0, which is the parameters of now.
        values: what is set in params.yaml.
        scores: the metric on each fold that was judged.
        failure: why it failed; empty if it did not.
        pruned: whether it was not worth being judged on all folds.
    """

    number: int
    values: dict[Key, Any]
    scores: list[float] = field(default_factory=list)
    failure: str = ""
    pruned: bool = False

    @property
    def named(self) -> dict[str, Any]:
        """The values by the names that DVC and MLflow give them."""
        return {".".join(path): value for path, value in self.values.items()}

    @property
    def complete(self) -> bool:
        """Whether it has been judged on all folds."""
        return bool(self.scores) and not self.failure and not self.pruned

    @property
    def score(self) -> float:
        """The mean over the folds that were judged."""
        return mean(self.scores)


class Study:
    """Optuna's study in memory, and each of its steps in a file.

    Optuna would ask and tell in the file, too, but a trial would wait some 40 ms for it. So it is written
    while the next trial is fitted; one whose result was not written when the search was killed is run again.
    """

    def __init__(
        self, file: "BaseStorage", name: str, space: Space, folds: int, greater_is_better: bool, seed: int
    ) -> None:
        """Open a study, with all that has been tried in it.

        Args:
            file: that has it, or will.
            name: its name there.
            space: what is searched.
            folds: how many a trial is judged on.
            greater_is_better: the metric's direction.
            seed: of all choices; the next one depends on it and on the trials before, not on interruptions.
        """
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.name, self.space, self.folds = name, space, folds
        self._sign, self._seed = 1 if greater_is_better else -1, seed
        direction = optuna.study.StudyDirection(2 if greater_is_better else 1)
        if name not in [study.study_name for study in file.get_all_studies()]:
            file.create_new_study([direction], name)
        self._file, self._in_file = file, file.get_study_id_from_name(name)
        self._memory = optuna.storages.InMemoryStorage()
        self.optuna: OptunaStudy = optuna.create_study(
            storage=self._memory, study_name=name, directions=[direction]
        )
        self._in_memory = self._memory.get_study_id_from_name(name)
        for trial in file.get_all_trials(self._in_file):
            self._memory.create_new_trial(self._in_memory, trial)
        self._kept = len(self._frozen())
        self.goes_on = self._kept > 0

    def unfinished(self) -> list[Trial]:
        """List the trials that were running when the search was ended."""
        return [self._trial(t) for t in self._frozen() if not t.state.is_finished()]

    def finished(self) -> list[Trial]:
        """List the trials that have been told."""
        return [self._trial(t) for t in self._frozen() if t.state.is_finished()]

    def best(self) -> Trial | None:
        """Return the best of the complete trials, of equals the first; None if there is none."""
        complete = [trial for trial in self.finished() if trial.complete]
        return max(complete, key=lambda trial: self._sign * trial.score, default=None)

    def ask(self) -> Trial:
        """Choose the values of the next trial."""
        from optuna.samplers import TPESampler

        number = len(self._frozen())
        self.optuna.sampler = TPESampler(
            seed=zlib.crc32(f"{self._seed} {number}".encode()), multivariate=True, group=True
        )
        if number:
            self.space.suggest(self.optuna.ask())
        else:
            inside = self.space.present_suggested()
            self.optuna.enqueue_trial(inside)
            self.space.suggest_only(self.optuna.ask(), inside)
        return self._trial(self._frozen()[number])

    def tell(self, trial: Trial, outcome: Outcome) -> Trial:
        """Take a trial's result; returns the trial with it."""
        scores, failure = outcome
        told = replace(trial, scores=scores, failure=failure, pruned=not failure and len(scores) < self.folds)
        self._write(self._memory, self._in_memory, told)
        return told

    def keep(self, trial: Trial) -> None:
        """Put a trial into the file: first that it is running, then its result."""
        if trial.number == self._kept:
            self._file.create_new_trial(self._in_file, self._frozen()[trial.number])
            self._kept += 1
        if trial.scores or trial.failure:
            self._write(self._file, self._in_file, trial)

    def limits(self) -> list[float]:
        """Return for each fold the mean so far that a trial has to reach; NaN where any will do."""
        complete = [trial.scores for trial in self.finished() if trial.complete]
        if len(complete) < MIN_COMPLETE:
            return []
        means = [median(mean(scores[:fold]) for scores in complete) for fold in range(1, self.folds + 1)]
        return [nan if fold < MIN_FOLDS else limit for fold, limit in enumerate(means, 1)]

    def _frozen(self) -> "list[FrozenTrial]":
        return self._memory.get_all_trials(self._in_memory, deepcopy=False)

    def _trial(self, frozen: "FrozenTrial") -> Trial:
        """Read what Optuna keeps of a trial."""
        kept = frozen.user_attrs
        values = self.space.values(frozen.params) if frozen.number else self.space.present()
        return Trial(
            frozen.number,
            values,
            kept.get("scores", []),
            kept.get("failure", ""),
            frozen.state.name == "PRUNED",
        )

    def _write(self, storage: "BaseStorage", study_id: int, trial: Trial) -> None:
        """Write a trial's result."""
        from optuna.trial import TrialState

        trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, trial.number)
        storage.set_trial_user_attr(trial_id, "scores", trial.scores)
        if trial.failure:
            storage.set_trial_user_attr(trial_id, "failure", trial.failure)
            storage.set_trial_state_values(trial_id, TrialState.FAIL)
        elif trial.pruned:
            storage.set_trial_intermediate_value(trial_id, len(trial.scores), trial.score)
            storage.set_trial_state_values(trial_id, TrialState.PRUNED, [trial.score])
        else:
            storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [trial.score])


@contextmanager
def opened_studies(path: Path, lock: Path) -> "Iterator[BaseStorage]":
    """Open the file of studies, for one process at a time.

    Raises:
        UserError: another search is under way; the file is none of Optuna's.
    """
    from optuna.storages import RDBStorage

    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0):
            try:
                file = RDBStorage(f"sqlite:///{path.as_posix()}")
            except Exception as error:  # sqlite's, SQLAlchemy's, alembic's or Optuna's
                refused, reason = refusal(error), first_line(error)
                how = refused if ";" in refused else f"cannot be used ({reason}); delete it to start over"
                raise UserError(f"{path}: {how}") from None
            yield file
    except Timeout:
        raise UserError(f"{path}: another search is under way in this project; wait until it ends") from None
