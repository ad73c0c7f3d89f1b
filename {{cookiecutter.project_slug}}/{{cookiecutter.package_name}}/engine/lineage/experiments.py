"""DVC's experiments in git: each is a commit at `refs/exps/BASELINE/NAME`."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..base import git
from ..base.errors import UserError
from ..base.paths import EVALUATION, METRICS
from ..base.yaml import nearest

REF = re.compile(r"(?P<commit>\w+) refs/exps/(?P<first>\w{2})/(?P<rest>\w{38,})/(?P<name>.+)")


@dataclass(frozen=True)
class Experiment:
    """One experiment.

    Attributes:
        name: its name, which is unique only among the experiments of one baseline.
        commit: the commit with everything that the experiment changed.
        baseline: the commit that the experiment started from.
    """

    name: str
    commit: str
    baseline: str

    @cached_property
    def run_id(self) -> str:
        """The id of the MLflow run of its model and metrics; renaming the experiment does not change it."""
        return run_id_at(self.commit)


def metrics_at(revision: str) -> dict[str, Any]:
    """Return the content of reports/metrics.json at a revision of git; empty if there is none."""
    return _content_at(revision, METRICS)


def run_id_at(revision: str) -> str:
    """Return the id of the MLflow run whose metrics a revision of git has; empty if it has none."""
    # before 1.1, the run was named in the metrics
    named = _content_at(revision, EVALUATION) or metrics_at(revision)
    return str(named.get("run_id", ""))


def _content_at(revision: str, path: Path) -> dict[str, Any]:
    # ./ because the project may be a folder of a larger repository
    text = git.text("show", f"{revision}:./{path.as_posix()}")
    content: dict[str, Any] = json.loads(text) if text else {}
    return content


def all_experiments() -> list[Experiment]:
    """List the experiments of every baseline, the oldest first."""
    listed = git.text(
        "for-each-ref", "--sort=committerdate", "--format=%(objectname) %(refname)", "refs/exps"
    )
    refs = (REF.fullmatch(line) for line in (listed or "").splitlines())
    return [Experiment(ref["name"], ref["commit"], ref["first"] + ref["rest"]) for ref in refs if ref]


def experiment_named(name: str) -> Experiment:
    """Return the experiment with a name, or whose commit begins with these (at least 7) digits.

    If experiments of several baselines have the name, the one that started from HEAD is meant.

    Raises:
        UserError: there is no such experiment, or there are several and not exactly one of them started from
            HEAD.
    """
    known = all_experiments()
    named = [e for e in known if e.name == name or (len(name) >= 7 and e.commit.startswith(name))]
    if not named:
        hint = nearest(name, [e.name for e in known]) if known else "there are none yet: `dvc exp run`"
        raise UserError(f"{name}: no such experiment; {hint}")
    head = git.text("rev-parse", "HEAD")
    of_head = [e for e in named if e.baseline == head]
    if len(named) > 1 and len(of_head) != 1:
        commits = ", ".join(f"{e.commit[:7]} (from {e.baseline[:7]})" for e in named)
        raise UserError(f"{name}: {len(named)} experiments have this name; give a commit instead: {commits}")
    return (of_head or named)[0]
