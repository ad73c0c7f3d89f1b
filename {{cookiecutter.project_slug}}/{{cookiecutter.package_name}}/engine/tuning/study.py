"""The study: the trials of a search, saved so that an interrupted search continues where it stopped."""

import zlib
from dataclasses import replace
from math import nan
from statistics import mean, median
from typing import TYPE_CHECKING

from .cross_validation import Outcome
from .space import Space
from .trial import Trial

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.study import Study as OptunaStudy
    from optuna.trial import FrozenTrial

# The median rule: a trial ends when its mean so far is worse than the median of the complete trials' means on
# as many folds (D. Golovin et al., Google Vizier, KDD 2017), once there are enough complete trials and folds.
MIN_COMPLETE = 5
MIN_FOLDS = 2


class Study:
    """Optuna's study in memory, with each of its steps saved to a file.

    Optuna can work on the file directly, but each trial would then wait some 40 ms for it. So the file is
    written while the next trial is fitted. A trial whose result was not saved when the search was killed is
    run again.
    """

    def __init__(
        self, file: "BaseStorage", name: str, space: Space, folds: int, greater_is_better: bool, seed: int
    ) -> None:
        """Open a study with all its trials in the file; create it if the file does not have it.

        Args:
            file: the result of `open_study_file`.
            name: the name of the study in the file.
            space: what is searched.
            folds: on how many folds a trial is evaluated.
            greater_is_better: the metric's direction.
            seed: the seed of all choices; each depends on it and on the earlier trials, not on interruptions.
        """
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.name, self.space, self.folds = name, space, folds
        self.greater_is_better, self._seed = greater_is_better, seed
        self._sign = 1 if greater_is_better else -1
        direction = optuna.study.StudyDirection(2 if greater_is_better else 1)
        if name not in [study.study_name for study in file.get_all_studies()]:
            file.create_new_study([direction], name)
        self._file, self._id_in_file = file, file.get_study_id_from_name(name)
        self._memory = optuna.storages.InMemoryStorage()
        self.optuna: OptunaStudy = optuna.create_study(
            storage=self._memory, study_name=name, directions=[direction]
        )
        self._id_in_memory = self._memory.get_study_id_from_name(name)
        for trial in file.get_all_trials(self._id_in_file):
            self._memory.create_new_trial(self._id_in_memory, trial)
        self._saved = len(self._frozen())
        self.resumed = self._saved > 0

    def unfinished(self) -> list[Trial]:
        """List the trials that were running when the search was interrupted."""
        return [self._trial(t) for t in self._frozen() if not t.state.is_finished()]

    def finished(self) -> list[Trial]:
        """List the trials that have a result."""
        return [self._trial(t) for t in self._frozen() if t.state.is_finished()]

    def best(self) -> Trial | None:
        """Return the best complete trial, the first of several equal ones; None if there is none."""
        complete = [trial for trial in self.finished() if trial.complete]
        return max(complete, key=lambda trial: self._sign * trial.score, default=None)

    def ask(self) -> Trial:
        """Choose the values of the next trial; those of the first are the current parameters."""
        from optuna.samplers import TPESampler

        number = len(self._frozen())
        self.optuna.sampler = TPESampler(
            seed=zlib.crc32(f"{self._seed} {number}".encode()), multivariate=True, group=True
        )
        if number:
            self.space.suggest(self.optuna.ask())
        else:
            current = self.space.current_suggested()
            self.optuna.enqueue_trial(current)
            self.space.suggest_only(self.optuna.ask(), current)
        return self._trial(self._frozen()[number])

    def tell(self, trial: Trial, outcome: Outcome) -> Trial:
        """Record a trial's result; returns the trial with it."""
        scores, failure = outcome
        pruned = not failure and len(scores) < self.folds
        finished = replace(trial, scores=scores, failure=failure, pruned=pruned)
        _write(self._memory, self._id_in_memory, finished)
        return finished

    def save(self, trial: Trial) -> None:
        """Save a trial to the file: that it is running or, when called again, its result."""
        if trial.number == self._saved:
            self._file.create_new_trial(self._id_in_file, self._frozen()[trial.number])
            self._saved += 1
        if trial.scores or trial.failure:
            _write(self._file, self._id_in_file, trial)

    def limits(self) -> list[float]:
        """Return, for each fold, the mean so far that a trial has to reach.

        Returns:
            NaN for a fold on which any mean is good enough; an empty list if this is so on all folds.
        """
        complete = [trial.scores for trial in self.finished() if trial.complete]
        if len(complete) < MIN_COMPLETE:
            return []
        means = [median(mean(scores[:fold]) for scores in complete) for fold in range(1, self.folds + 1)]
        return [nan if fold < MIN_FOLDS else limit for fold, limit in enumerate(means, 1)]

    def _frozen(self) -> "list[FrozenTrial]":
        return self._memory.get_all_trials(self._id_in_memory, deepcopy=False)

    def _trial(self, frozen: "FrozenTrial") -> Trial:
        """Convert a trial of Optuna."""
        attributes = frozen.user_attrs
        return Trial(
            frozen.number,
            self.space.values(frozen.params) if frozen.number else self.space.current_values(),
            attributes.get("scores", []),
            attributes.get("failure", ""),
            frozen.state.name == "PRUNED",
        )


def _write(storage: "BaseStorage", study_id: int, trial: Trial) -> None:
    """Write a trial's result to a storage of Optuna."""
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
