"""Files by their recorded md5: from git, DVC's cache, the workspace, DVC's remote, or an import's source."""

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


def inputs_of(project: Path, recipe: Recipe) -> dict[str, str]:
    """List what a run's pipeline reads and does not make.

    Args:
        project: the project with the code and the params of the run.
        recipe: the run's recipe.

    Returns:
        The md5 of each file or folder by its path in the project: as the run recorded it or, if it did not,
        as a `.dvc` file of the commit has it.

    Raises:
        UserError: the data's md5 is not known.
    """
    made, data = made_by(stages(project)), data_path(project).as_posix()
    paths = {data, *dependencies(project=project)}
    md5s = {path: _tracked_md5(project / f"{path}.dvc") for path in paths}
    md5s |= {**recipe.dependencies, **({data: recipe.data_md5} if recipe.data_md5 else {})}
    if not md5s[data]:
        raise UserError(f"{data}: the run has not recorded its md5, and DVC does not track it")
    return {path: md5 for path, md5 in md5s.items() if md5 and path not in made}


def provide(scratch: Scratch, root: Path, inputs: Mapping[str, str]) -> list[str]:
    """Put each recorded file into the copy of the project, unless it is there already.

    Files are copied, never linked: what the copy's pipeline does must not reach DVC's cache.

    Args:
        scratch: the copy.
        root: the project's root.
        inputs: the result of `inputs_of`.

    Returns:
        The files and folders that exist in the copy, but not as they were recorded.

    Raises:
        UserError: a file cannot be found; names it, and where it was looked for.
    """
    from dvc.config import Config

    config = Config(str(root / ".dvc"))
    cache = Path(config["cache"].get("dir") or root / ".dvc" / "cache") / "files" / "md5"
    missing = {}
    other = []
    for path, md5 in inputs.items():
        if path_md5(scratch.project / path) == md5:
            continue
        if md5.endswith(".dir"):  # a folder of code: only git can have it
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
    """Get files from the remote by their md5, or else from where they were imported from.

    This is done in an empty DVC repository with the project's remotes, so that the project's cache stays as
    it is.

    Raises:
        UserError: a file is in neither place, and the copy has no file of its name.
    """
    folder = scratch.folder / "fetched"
    (folder / ".dvc").mkdir(parents=True)
    sections = {"core": {**config["core"], "no_scm": True}}
    sections |= {f"'remote \"{name}\"'": settings for name, settings in config["remote"].items()}
    # DVC would write it as ASCII, but reads it in the locale's encoding, which `write_text` uses
    text = "".join(_section(name, settings) for name, settings in sections.items())
    (folder / ".dvc" / "config").write_text(text)
    for number, md5 in enumerate(missing.values()):
        entry = f"outs:\n- md5: '{md5}'\n  hash: md5\n  path: '{number}'\n"
        write_text(folder / f"{number}.dvc", entry)
    _, printed = scratch.run(*dvc.command("pull"), cwd=folder)
    reasons = [
        f" (dvc pull: {error})" for error in dvc.printed_errors(printed) if "Checkout failed" not in error
    ]
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
    """Get a file from where it was imported from, if the copy has a `.dvc` file of an import.

    Returns:
        Why that failed, for a message; empty if it did not, or if the file was not imported.
    """
    try:
        with imported_from(Path(path), root=scratch.project) as source:
            if source:
                source[0].get_file(source[1], str(to))
    except Exception as error:  # each kind of source has errors of its own
        return [f" (where it was imported from: {kind_and_line(error)})"]
    return []


def _section(name: str, settings: Mapping[str, Any]) -> str:
    """Format a section of DVC's configuration; each value is quoted with a quote that it does not contain."""
    quotes = {key: "'" if '"' in str(value) else '"' for key, value in settings.items()}
    return f"[{name}]\n" + "".join(f"{key} = {quotes[key]}{settings[key]}{quotes[key]}\n" for key in settings)


def _tracked_md5(entry: Path) -> str:
    """Return the md5 in a `.dvc` file; empty if there is no such file, or if it is of a folder."""
    md5 = str(read_yaml(entry)["outs"][0].get("md5", "")) if entry.is_file() else ""
    return "" if md5.endswith(".dir") else md5


def _copy(source: Path, scratch: Scratch, path: str) -> None:
    """Copy a file to its path in the copy of the project.

    Raises:
        UserError: the path is outside the copy.
    """
    target = scratch.project / path
    if not target.resolve().is_relative_to(scratch.folder):
        raise UserError(f"{path}: is outside the project, and has changed since: its md5 differs")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
