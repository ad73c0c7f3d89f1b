"""The MLflow runs whose metrics are in git or in a workspace."""

import re
from pathlib import Path

from ..base import git
from ..base.errors import UserError
from ..base.paths import EVALUATION, METRICS, RUN, project_root

NAMING = (EVALUATION, METRICS)  # the files that name a run; before 1.1, the metrics did
RUN_ID = re.compile(r'"run_id": "(\w+)"')


def committed_run_ids() -> set[str]:
    """Return the ids of the runs whose metrics git has: in branches, tags, experiments, stashes and reflogs.

    DVC keeps queued and failed experiments in reflogs, as git keeps stashes. Metrics are read as text,
    whatever .gitattributes says, and in whichever folder of the repository the project was.

    Raises:
        UserError: there is no git repository, or the clone is shallow.
    """
    everywhere = ("--all", "--reflog", "-m", "-p", "--text", "--no-ext-diff", "--no-textconv", "--format=")
    paths = [path for file in NAMING for path in (file.as_posix(), f":(top,glob)**/{file.as_posix()}")]
    try:
        history = git.ask("-c", "log.showRoot=true", "log", *everywhere, "--", *paths)
    except git.GitError as error:
        raise UserError(f"git does not show every commit: {error}") from None
    if git.text("rev-parse", "--is-shallow-repository") != "false":
        raise UserError("git does not show every commit: the clone is shallow; run `git fetch --unshallow`")
    return set(RUN_ID.findall(git.decoded(history)))


def workspace_run_ids() -> set[str]:
    """Return the ids of the runs whose results are in this workspace, in other worktrees, or staged."""
    listed = git.text("worktree", "list", "--porcelain", cwd=project_root()) or ""
    inside = git.text("rev-parse", "--show-prefix", cwd=project_root()) or ""
    trees = [Path(line[9:]) / inside for line in listed.splitlines() if line.startswith("worktree ")]
    files = [root / path for root in (project_root(), *trees) for path in (*NAMING, RUN)]
    texts = [file.read_text("utf-8") for file in files if file.exists()]
    texts += [git.text("show", f":./{path.as_posix()}", cwd=project_root()) or "" for path in NAMING]
    return {run_id for text in texts for run_id in RUN_ID.findall(text)}
