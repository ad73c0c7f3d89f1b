"""Descriptions for MLflow's pages: what a run is, what it has measured, and how to make it again."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from ..base.markdown import code, table
from ..base.paths import PACKAGE
from .group_metrics import PREFIX
from .run import Run

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

NOTE = "mlflow.note.content"  # the tag that MLflow shows as the description of a run or an experiment
BASELINE = "baseline."  # the prefix of the metrics of a prediction without skill
LONGEST = 4_500  # characters; MLflow's databases take 5,000
VERDICTS = {True: "passed", False: "**FAILED**", None: "not comparable"}


class Judged(NamedTuple):
    """What register adds to the description of a run.

    Attributes:
        gates: each with `name`, `wanted`, `got` and `passed`.
        champion: the champion whose metrics are shown beside the run's, such as "version 3"; empty if there
            is none.
        champions: its metrics, by name.
        outcome: what became of the model, in a sentence.
    """

    gates: Sequence[Mapping[str, Any]] = ()
    champion: str = ""
    champions: Mapping[str, float] = MappingProxyType({})
    outcome: str = ""


def describe_run(run: Run, judged: Judged | None = None) -> None:
    """Write the description of a model's run, unless a person has written one."""
    recorded = run.recorded()
    before = recorded.data.tags.get(NOTE, "")
    if not before or (before.startswith(_first(recorded)) and before.endswith(_last(recorded))):
        run.client.set_tag(run.id, NOTE, text_of(recorded, judged or Judged()))


def text_of(run: "MlflowRun", judged: Judged) -> str:
    """Describe a model's run in markdown, from what it has recorded."""
    parts = [judged.outcome, _metrics(run.data.metrics, judged), _gates(judged.gates)]
    first, last = _first(run), _last(run)
    text = first
    for part in filter(None, parts):
        if len(text) + len(part) + len(last) < LONGEST:
            text += f"\n\n{part}"
    return f"{text}\n\n{last}"


def describe_validation(run: Run, counts: Mapping[str, Any]) -> None:
    """Write the description of a validation's run."""
    tags = run.recorded().data.tags
    size = f"{counts['rows']} rows x {counts['columns']} columns"
    held = f"{counts['passed']} of {counts['expectations']} expectations hold"
    data = f"Data with the md5 {code(tags.get('data.md5', 'unknown'))}: {size}; {held}."
    run.client.set_tag(run.id, NOTE, f"{data} The artifact {code('validation.html')} is the whole report.")


def of_experiment(name: str, models: str, data: str) -> dict[str, str]:
    """Return the tag with the description of an experiment.

    Args:
        name: the experiment's name.
        models: the name of the experiment of the project's models.
        data: the name of the experiment of their data.
    """
    texts = {
        models: f"The models of {code(models)}: a run for each model, with its metrics and what it was made "
        "from. A search by `tune` has a run, too, and one for each trial.",
        data: f"The data of {code(models)}: a run for each validation and for each comparison by `drift`, "
        "with its report.",
    }
    history = f"The changes of the registered model's aliases: `python -m {PACKAGE} history` lists them."
    return {NOTE: texts.get(name, history)}


def _first(run: "MlflowRun") -> str:
    """Say what kind of run it is, in a sentence."""
    tags, params = run.data.tags, run.data.params
    data = f"{code(params.get('data.path', ''))} (md5 {tags.get('data.md5', 'unknown')[:8]})"
    split = tags.get("split", "")
    return f"{code(tags['model.type'])} predicts {code(params['data.target'])} from {data}. Split: {split}."


def _last(run: "MlflowRun") -> str:
    return f"To make it again and compare: {code(f'python -m {PACKAGE} reproduce {run.info.run_id[:12]}')}"


def _metrics(metrics: Mapping[str, float], judged: Judged) -> str:
    """Put the metrics on all test rows beside the champion's and the baseline's."""
    names = [name for name in metrics if not name.startswith((BASELINE, PREFIX))]
    columns = {"this model": metrics}
    if judged.champion:
        columns[f"{judged.champion}, the champion, on its own test rows"] = judged.champions
    columns["without skill"] = {name: metrics[key] for name in names if (key := BASELINE + name) in metrics}
    rows = [[code(name), *(_number(column.get(name)) for column in columns.values())] for name in names]
    return table(["metric", *columns], rows)


def _gates(gates: Sequence[Mapping[str, Any]]) -> str:
    if not gates:
        return ""
    said = ("name", "wanted", "got")
    rows = [[*(code(gate[key]) for key in said), VERDICTS[gate["passed"]]] for gate in gates]
    return table(["gate", "wanted", "got", "verdict"], rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
