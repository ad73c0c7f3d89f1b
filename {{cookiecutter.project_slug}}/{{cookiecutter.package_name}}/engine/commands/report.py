"""Write a page about what a change does to the data and to the model, for a pull request.

Compares what the last `dvc repro` wrote with what another commit has, and puts the model through the gates.
Nothing is trained. Writes the page as markdown, and beside it as HTML, which includes the pictures.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError, first_line
from ..base.files import write_text
from ..base.markdown import code
from ..base.paths import PACKAGE, PLOTS, REPORT, VALIDATION_FAILED_PAGE
from ..lineage.staleness import stale
from ..pages import parts as html_parts
from ..project import load_params
from ..registry.lookup import runs_beginning_with
from ..reporting import choice_page, html, revision, sections
from ..reporting.choice import of_last_runs
from ..tracking import address, store
from ..tracking.links import MLFLOW_UI, run_url
from . import gate

if TYPE_CHECKING:
    from mlflow.entities import Run

QUALITY, PICTURES = "Quality against latency", "Pictures"  # the headings of sections with a picture


def add_arguments(parser: ArgumentParser) -> None:
    """Add what to compare with, and where to write."""
    parser.add_argument(
        "--against",
        metavar="REV",
        help="a commit or branch (default: where this branch left the main one)",
    )
    parser.add_argument("--output", type=Path, default=REPORT, metavar="FILE", help=f"default: {REPORT}")


def main(arguments: Namespace) -> None:
    """Run the command."""
    output: Path = arguments.output
    current = revision.in_workspace()
    choice, why_not = of_last_runs(load_params(), current.run_id)
    head, parts = report(revision.base(arguments.against), current)
    parts |= {QUALITY: choice_page.markdown(choice) if choice else why_not, PICTURES: pictures()}
    shown = {PICTURES: html_parts.pictures(sorted(PLOTS.glob("*.png")))}
    if choice:
        shown[QUALITY] = choice_page.picture(choice, current.run_id)
    page = output.with_suffix(".html")
    write_text(output, head + "".join(f"\n### {name}\n\n{text}\n" for name, text in parts.items()))
    write_text(page, html.page(f"{store.experiment_name()}: report", head, parts, shown))
    print(f"{output}, {page}")


def report(base: revision.Base, now: revision.Results) -> tuple[str, dict[str, str]]:
    """Return what changed as markdown: the head, and the sections by their headings."""
    was = revision.at(base.commit)
    params = load_params()
    evaluate, rules = params.evaluate, params.register_
    gates, why_not = judged_gates()
    runs = runs_in_store(now.run_id) if now.run_id else []
    metrics = dict.fromkeys(
        [evaluate.primary_metric, *rules.max_group_gap, *rules.group_thresholds, *rules.max_spread]
    )
    parts = {
        "Metrics": sections.metrics(was, now, evaluate.primary_metric),
        "Gates": sections.gates(gates) if gates is not None else why_not,
        "Parameters that changed": sections.params(was, now),
        "Data": sections.data(was, now),
        "Groups": sections.groups(was, now, list(metrics)),
        "Reproduce": reproduction(now.run_id, runs),
    }
    link = run_link(now.run_id, runs) if now.run_id else ""
    head = f"## {store.experiment_name()}: {title(gates)}\n\n{subtitle(base, link, params.model.type)}\n"
    return head, parts


def judged_gates() -> tuple[list[dict[str, Any]] | None, str]:
    """Return the gates with their verdicts; or None, and why they could not be judged."""
    outdated = f"{sections.FAILED} Not judged, and the metrics are out of date: "
    if VALIDATION_FAILED_PAGE.exists():
        page = code(VALIDATION_FAILED_PAGE.name)
        return (
            None,
            f"{outdated}the data failed validation; the log names the rows, {page} shows their cells.",
        )
    if changed := stale():
        return None, f"{outdated}{code(', '.join(changed))} changed. `dvc repro` runs the pipeline."
    try:
        return gate.verdict()["gates"], ""
    except UserError as error:
        return None, f"{sections.FAILED} Not judged: {code(first_line(error))}"


def title(gates: list[dict[str, Any]] | None) -> str:
    """Summarize the verdicts in a few words."""
    if gates is None:
        return "gates not judged"
    if failed := sum(gate["passed"] is False for gate in gates):
        return f"{sections.FAILED} {failed} of {len(gates)} gates failed"
    if unclear := sum(gate["passed"] is None for gate in gates):
        return f"{sections.UNCLEAR} {unclear} of {len(gates)} gates not comparable"
    return f"{sections.PASSED} all {len(gates)} gates passed" if gates else "no gates"


def subtitle(base: revision.Base, link: str, model_type: str) -> str:
    """Name the model's type, its run, and the commit that it is compared with."""
    against = f"compared with {code(base.commit[:7])} ({base.name})" if base.commit else "the first commit"
    return " · ".join([code(model_type), *([link] if link else []), against])


def runs_in_store(run_id: str) -> "list[Run] | None":
    """Return a list with the run of an id, empty if there is none; None if the store does not answer."""
    try:
        with store.opened() as client:
            return runs_beginning_with(client, run_id)
    except UserError:
        return None


def run_link(run_id: str, runs: "list[Run] | None") -> str:
    """Link to the page of a run, if the store has the run."""
    name = f"run {code(run_id[:8])}"
    if runs is None:
        return f"{name} (the tracking store cannot be reached)"
    if not runs:
        return f"{name} (not in this tracking store)"
    url = run_url(address.tracking_uri(), runs[0].info.experiment_id, run_id)
    where = f" (`python -m {PACKAGE} ui` where it ran)" if url.startswith(MLFLOW_UI) else ""
    return f"[{name}](<{url}>){where}"


def reproduction(run_id: str, runs: "list[Run] | None") -> str:
    """Give the commands that make the run again: from its record, or else from its commit."""
    if not run_id:
        return "Nothing has been evaluated yet: `dvc repro`."
    if runs == []:
        again = "git checkout COMMIT && dvc pull data && dvc repro --force"
        why = "This tracking store does not have the run; the commit with these results makes it again:"
        return f"{why}\n\n```sh\n{again}\n```"
    return f"```sh\npython -m {PACKAGE} reproduce {run_id[:8]}\n```"


def pictures() -> str:
    """Say where the plots are: a comment on a pull request cannot include them."""
    names = ", ".join(code(path.stem) for path in sorted(PLOTS.glob("*.png")))
    page = code(REPORT.with_suffix(".html").name)
    return f"{names}: in {page}, and in `plots/` of the run's artifacts." if names else "None yet."
