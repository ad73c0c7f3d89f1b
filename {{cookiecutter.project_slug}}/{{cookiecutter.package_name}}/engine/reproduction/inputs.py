"""Files by their recorded md5: from git, DVC's cache, the workspace, or DVC's remote."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import dvc
from ..base.errors import UserError, kind_and_line
from ..base.files import write_text
from ..base.hashing import file_md5, path_md5
from ..base.yaml import read_yaml
from ..lineage.pipeline import data_path, dependencies, made_by, stages
from ..lineage.sources import imported_from
from ..tracking.recipes import Recipe
from .scratch import Scratch

if TYPE_CHECKING:
    from dvc.config import Config


def wanted(project: Path, recipe: Recipe) -> dict[str, str]:
    """List the md5, by path, of what the pipeline reads and does not make.

    As the run recorded it, or else as a `.dvc` file of the recorded commit says.

    Args:
        project: with the code and the params of the run.
        recipe: of the run.

    Raises:
        UserError: the data's md5 is not known.
    """
    made, data = made_by(stages(project)), data_path(project).as_posix()
    named = {data, *dependencies(project=project)}
    md5s = {path: _tracked_md5(project / f"{path}.dvc") for path in named}
    md5s |= {**recipe.dependencies, **({data: recipe.data_md5} if recipe.data_md5 else {})}
    if not md5s[data]:
        raise UserError(f"{data}: the run has not recorded its md5, and DVC does not track it")
    return {path: md5 for path, md5 in md5s.items() if md5 and path not in made}


def provide(scratch: Scratch, root: Path, wanted: Mapping[str, str]) -> list[str]:
    """Put each file that was recorded into the copy of the project, unless it is there already.

    Copies, never links: nothing that the copy's pipeline does may reach DVC's cache.

    Args:
        scratch: the copy.
        root: the project's root.
        wanted: the md5 of each file, by its path in the project.

    Returns:
        The files and folders that are there, but not as they were recorded.

    Raises:
        UserError: a file is nowhere; names it, and where it was looked for.
    """
    from dvc.config import Config

    config = Config(str(root / ".dvc"))
    cache = Path(config["cache"].get("dir") or root / ".dvc" / "cache") / "files" / "md5"
    missing = {}
    other = []
    for path, md5 in wanted.items():
        if path_md5(scratch.project / path) == md5:
            continue
        if md5.endswith(".dir"):  # code, which git has or has not
            other.append(path)
            continue
        source = next((s for s in (cache / md5[:2] / md5[2:], root / path) if file_md5(s) == md5), None)
        if source is None:
            missing[path] = md5
        else:
            _copy(source, scratch, path)
    if missing:
        _fetch(scratch, config, missing)
    return [*other, *(path for path in missing if file_md5(scratch.project / path) != missing[path])]


def _fetch(scratch: Scratch, config: "Config", missing: Mapping[str, str]) -> None:
    """Get files from the remote, by their md5 alone, whatever the project names them today.

    In an empty DVC repository that has the project's remotes, so that the project's own cache stays as it is.

    Raises:
        UserError: one is not there, and there is none of its name in the copy.
    """
    folder = scratch.folder / "fetched"
    (folder / ".dvc").mkdir(parents=True)
    sections = {"core": {**config["core"], "no_scm": True}}
    sections |= {f"'remote \"{name}\"'": settings for name, settings in config["remote"].items()}
    # DVC would write it as ASCII, but reads it in the encoding of the locale, as is written here
    text = "".join(_section(name, settings) for name, settings in sections.items())
    (folder / ".dvc" / "config").write_text(text)
    for number, md5 in enumerate(missing.values()):
        entry = f"outs:\n- md5: '{md5}'\n  hash: md5\n  path: '{number}'\n"
        write_text(folder / f"{number}.dvc", entry)
    _, said = scratch.run(*dvc.command("pull"), cwd=folder)
    errors = (error for error in dvc.printed_errors(said) if "Checkout failed" not in error)
    reasons = [f" (dvc pull: {error})" for error in errors]
    for number, (path, md5) in enumerate(missing.items()):
        fetched = folder / str(number)
        if file_md5(fetched) != md5:
            reasons += _import(scratch, path, fetched)
        if file_md5(fetched) == md5:
            _copy(fetched, scratch, path)
        elif not (scratch.project / path).exists():
            raise UserError(
                f"{path}: its recorded md5 {md5} is neither in DVC's cache nor in the workspace or the remote"
                f"{reasons[-1] if reasons else ''}; run `dvc push` where it still is"
            )


def _import(scratch: Scratch, path: str, to: Path) -> list[str]:
    """Get a file from where it was imported from, if the copy's `.dvc` file says so; returns why not."""
    try:
        with imported_from(Path(path), root=scratch.project) as source:
            if source:
                source[0].get_file(source[1], str(to))
    except Exception as error:  # each kind of source has errors of its own
        return [f" (where it was imported from: {kind_and_line(error)})"]
    return []


def _section(name: str, settings: Mapping[str, Any]) -> str:
    """Write a section of DVC's configuration, every value in quotes that it does not hold."""
    quoted = {key: "'" if '"' in str(value) else '"' for key, value in settings.items()}
    return f"[{name}]\n" + "".join(f"{key} = {quoted[key]}{settings[key]}{quoted[key]}\n" for key in settings)


def _tracked_md5(entry: Path) -> str:
    """Return the md5 in a `.dvc` file; empty if there is none, or for a folder."""
    md5 = str(read_yaml(entry)["outs"][0].get("md5", "")) if entry.is_file() else ""
    return "" if md5.endswith(".dir") else md5


def _copy(source: Path, scratch: Scratch, path: str) -> None:
    """Copy a file to its path in the copy of the project.

    Raises:
        UserError: the path leads out of the copy.
    """
    target = scratch.project / path
    if not target.resolve().is_relative_to(scratch.folder):
        raise UserError(f"{path}: is outside the project and not what it was: its md5 is another one")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
