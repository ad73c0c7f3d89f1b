"""How much of a tracking store each user or team uses, and what in it could be archived."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..registry.names import ARCHIVED
from .contents import Contents

if TYPE_CHECKING:
    from mlflow.entities import Run

BY = ("user", "team", "experiment")
DATA, HISTORY = "-data", "-history"  # how the names of the experiments beside the one with the models end
TEAM = "team"  # the tag of a run or, if it has none, of its experiment


def usage(kept: Contents, by: str, bytes_of: Mapping[str, int | None]) -> list[dict[str, Any]]:
    """Add up what each user, team or experiment has, those with the most bytes first.

    Args:
        kept: the records.
        by: one of BY.
        bytes_of: the bytes of the files of each run and logged model by id; None if they are not known.

    Returns:
        Rows with `runs`, `failed`, `versions`, `bytes` (None if not all are known), `hours` of compute (from
        start to end, for runs that have ended), and `last_use` (UTC): the last start or end of a run, or the
        last change of a version. MLflow does not record who loads a model.
    """
    rows: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"runs": 0, "failed": 0, "versions": 0, "bytes": 0, "hours": 0.0, "last_use": 0}
    )
    for run in kept.runs.values():
        row, end = rows[_key(kept, run, by)], run.info.end_time or run.info.start_time
        row["runs"] += 1
        row["failed"] += run.info.status == "FAILED"
        row["hours"] += (end - run.info.start_time) / 3_600_000
        row["bytes"] = _sum(row["bytes"], bytes_of.get(run.info.run_id))
        row["last_use"] = max(row["last_use"], end)
    for model in kept.models:
        if run := kept.runs.get(model.source_run_id):
            row = rows[_key(kept, run, by)]
            row["bytes"] = _sum(row["bytes"], bytes_of.get(model.model_id))
    for version in kept.versions:
        if run := kept.runs.get(version.run_id):
            row = rows[_key(kept, run, by)]
            row["versions"] += 1
            row["last_use"] = max(row["last_use"], version.last_updated_timestamp or 0)
    ordered = sorted(rows.items(), key=lambda item: (-(item[1]["bytes"] or 0), item[0]))
    return [
        {by: name or "(none)", **row, "hours": round(row["hours"], 3), "last_use": _time(row["last_use"])}
        for name, row in ordered
    ]


def archivable(kept: Contents, idle: timedelta, now: datetime) -> list[dict[str, str]]:
    """List what nobody seems to need: versions that were replaced, and experiments that nobody uses.

    Args:
        kept: the records.
        idle: for how long nothing must have happened to them.
        now: the current time, with a time zone.

    Returns:
        Rows with `what`, `name` and `why`. Such a version has no alias, is not its model's newest, and has
        not been changed since. Such an experiment (with those of its data and history) has had no run since,
        and none of its runs has a version with an alias.
    """
    before = (now - idle).timestamp() * 1000
    newest: dict[str, int] = defaultdict(int)
    for version in kept.versions:
        newest[version.name] = max(newest[version.name], int(version.version))
    in_use = {v.run_id for v in kept.versions if kept.aliases.get((v.name, str(v.version)))}
    rows = [
        {
            "what": "version",
            "name": f"{version.name} {version.version}",
            "why": f"no alias, unchanged since {_time(version.last_updated_timestamp)}",
        }
        for version in kept.versions
        if not kept.aliases.get((version.name, str(version.version)))
        and int(version.version) < newest[version.name]
        and ARCHIVED not in version.tags
        and (version.last_updated_timestamp or 0) < before
    ]
    last: dict[str, int] = defaultdict(int)  # by the name of an experiment and those beside it
    for run in kept.runs.values():
        name = _without_kind(kept.experiments[run.info.experiment_id].name)
        still = before + 1 if run.info.run_id in in_use else 0
        last[name] = max(last[name], run.info.end_time or run.info.start_time, int(still))
    rows += [
        {"what": "experiment", "name": name, "why": f"no run since {_time(time)}"}
        for name, time in last.items()
        if time < before
    ]
    return rows


def total(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the numbers of all rows."""
    listed = list(rows)
    added: dict[str, Any] = {
        name: sum(row[name] for row in listed) for name in ("runs", "failed", "versions")
    }
    known = [row["bytes"] for row in listed]
    added["bytes"] = None if None in known else sum(known)
    added["hours"] = round(sum(row["hours"] for row in listed), 3)
    return {**added, "last_use": max((row["last_use"] for row in listed), default="")}


def _key(kept: Contents, run: "Run", by: str) -> str:
    """Return the user, team or experiment that a run belongs to; empty if it does not say."""
    experiment = kept.experiments[run.info.experiment_id]
    if by == "experiment":
        return str(experiment.name)
    if by == "team":
        return str(run.data.tags.get(TEAM) or experiment.tags.get(TEAM, ""))
    return str(run.data.tags.get("user") or run.data.tags.get("mlflow.user", ""))


def _without_kind(name: str) -> str:
    """Return the name of the experiment with the models, given its own or that of its data or history."""
    return name.removesuffix(DATA).removesuffix(HISTORY)


def _sum(known: int | None, more: int | None) -> int | None:
    return None if known is None or more is None else known + more


def _time(milliseconds: int | None) -> str:
    """Format MLflow's time, in milliseconds since 1970, as a time in UTC; empty for none."""
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}" if milliseconds else ""
