"""Everything that `adopt` will write, decided before anything is written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.files import write_text
from ..base.paths import EXPECTATIONS, PARAMS, PIPELINE
from ..params import Params
from . import choosing, parameters, suite, texts, writing
from .decisions import Decisions
from .wishes import Wishes


@dataclass(frozen=True)
class Plan:
    """What will be written.

    Attributes:
        table: where the table will be.
        texts: the new content of each file, by path.
        old: the project's current table.
        suite: where the expectations will be.
        created: the files that do not exist yet.
        was_tracked: DVC's file about the current table; None if there is none.
        model: the model that was chosen, and why; empty if there was nothing to compare.
    """

    table: Path
    texts: dict[Path, str]
    old: Path
    suite: Path
    created: tuple[Path, ...]
    was_tracked: Path | None
    model: str = ""


def tracked(table: Path) -> Path:
    """Return DVC's file about a table."""
    return table.with_name(f"{table.name}.dvc")


def plan(decisions: Decisions, wishes: Wishes, params: Params, origin: Path) -> Plan:
    """Decide what will be written.

    Args:
        decisions: the decisions about the table.
        wishes: the user's wishes.
        params: the current parameters.
        origin: the user's file or folder.
    """
    file, old = decisions.source.data.path, params.data.path
    inside = origin.is_file() and origin.resolve().parent == writing.RAW.resolve()
    same_file = inside and file.is_symlink() and file.suffix == origin.suffix
    table = writing.RAW / (origin.name if same_file else file.name)
    to = Path("expectations") / f"{wishes.name}.yaml"
    path = table.as_posix()
    models = (params.register_.name, wishes.name)
    values = parameters.values_for(decisions, wishes, path)
    model, why = choosing.choose(values, decisions)
    values |= model
    contents = {
        PARAMS: parameters.written(values),
        PIPELINE: texts.pipeline(to, isinstance(values.get(("model", "threshold")), str)),
        to: suite.text_of(
            suite.suite(decisions.table, decisions.roles, decisions.source.data, wishes.time or None)
        ),
        writing.RAW / "README.md": texts.of_data(origin.name, path, decisions),
    }
    readme = texts.readme(old.as_posix(), path, to, models, decisions)
    contents |= {texts.README: readme} if readme else {}
    created = [path for path in (table, tracked(table), *contents) if not path.exists()]
    was_tracked = tracked(old) if tracked(old).is_file() else None
    return Plan(table, contents, old, to, tuple(created), was_tracked, why)


def carry_out(plan: Plan, source: Path) -> dict[str, Any]:
    """Write all of it, or nothing.

    Args:
        plan: what to write.
        source: the table's file.

    Returns:
        What was done, for a summary.
    """
    gone = [EXPECTATIONS] if plan.suite != EXPECTATIONS else []
    leaves = plan.old != plan.table and tracked(plan.old).is_file() and writing.is_cached(tracked(plan.old))
    about = [tracked(plan.old), tracked(plan.table), writing.IGNORED]
    copied = False
    try:
        with writing.undone_if_it_fails([*plan.texts, *gone, *about]):
            copied = writing.put(source, plan.table)
            for path, text in plan.texts.items():
                write_text(path, text)
            writing.track(plan.table)
            for path in gone:
                path.unlink(missing_ok=True)
            if leaves:
                writing.take_out(plan.old, tracked(plan.old))
    except BaseException:
        if copied and plan.table != plan.old:
            plan.table.unlink(missing_ok=True)
        raise
    return {
        "table": f"{plan.table}, tracked by DVC",
        "expectations": plan.suite,
        **({"taken out": f"{plan.old}"} if leaves else {}),
        "also": ", ".join(str(path) for path in plan.texts if path != plan.suite),
    }
