"""The folder from which an image is built: the same bytes each time that it is written for a version."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import UserError
from ..base.files import write, write_text
from ..base.paths import CODE, IMAGE
from ..base.settings import FILE
from ..serving.served import FOLDER, Served

RECIPES = Path("deploy/serving")  # in the project, whose people may edit them
DOCKERFILE, IGNORED = "Dockerfile", ".dockerignore"
APP = "app"  # the folder that the image has at its root under the same name
LEFT_OUT = (
    "__pycache__",
    "README.md",
    "registered_model_meta",
)  # MLflow writes the last when it reads a model
TIME = 315_532_800  # the time of all files: 1980, so that layers with the same content are identical
PROJECT = '[project]\nname = "{name}"\n'
STORE = (
    '\n[tool.engine]\ntracking_uri = "{uri}"\npatience = {patience}\n'  # only if the image reads the registry
)
NOT_IN_ARGUMENTS = re.compile(r"[^\w .:/@+-]")


@dataclass(frozen=True)
class Context:
    """What an image is built from.

    Attributes:
        served: what the image serves.
        requirements: the requirements with hashes.
        model: the folder of the version that is put into the image; None if the server asks the registry.
        project: the settings that the server reads: `name` and, without a model, `uri` and `patience`.
        arguments: the values of the Dockerfile's ARGs.
    """

    served: Served
    requirements: str
    model: Path | None
    project: Mapping[str, object]
    arguments: Mapping[str, str]

    def write(self, to: Path) -> None:
        """Write the build context into a folder.

        Raises:
            UserError: something else is there, or the project has no Dockerfile.
            OSError: the folder cannot be written.
        """
        check_place(to)
        write(to, self._write)

    def _write(self, to: Path) -> None:
        package = to / APP / CODE.name
        shutil.copytree(CODE / "engine", package / "engine", ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name in ("__init__.py", "__main__.py"):
            shutil.copyfile(CODE / name, package / name)
        if self.model:
            shutil.copytree(self.model, to / APP / FOLDER, ignore=shutil.ignore_patterns(*LEFT_OUT))
        self.served.write(to / APP)
        template = PROJECT if self.model else PROJECT + STORE
        write_text(to / APP / FILE, template.format(**self.project))
        write_text(to / "requirements.txt", self.requirements)
        write_text(to / DOCKERFILE, filled(recipe(DOCKERFILE), self.arguments))
        write_text(to / IGNORED, recipe(IGNORED))
        for path in sorted(to.rglob("*"), reverse=True):  # a folder comes after its content
            path.chmod(0o755 if path.is_dir() else 0o644)
            os.utime(path, (TIME, TIME))


def check_place(to: Path) -> None:
    """Check that a build context can be written to a folder.

    Raises:
        UserError: something else is there, or the folder above it cannot be written to.
    """
    if to.exists() and not (to / APP / IMAGE).is_file():
        raise UserError(f"{to}: exists, and is not a build context; name another folder by --output")
    above = next(folder for folder in to.absolute().parents if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        wrong = "cannot be written to" if above.is_dir() else "is a file"
        raise UserError(f"{to}: {above} {wrong}; name another folder by --output")


def recipe(name: str) -> str:
    """Return the text of a file in the project's deploy/serving/.

    Raises:
        UserError: there is none.
    """
    try:
        return (RECIPES / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(
            f"{RECIPES / name}: no such file: this project was made with `serving: none`; "
            """`cruft update --variables-to-update '{"serving": "container"}'` adds it"""
        ) from None


def filled(dockerfile: str, arguments: Mapping[str, str]) -> str:
    """Return a Dockerfile with values for its ARGs; a value without such an ARG is ignored."""
    for name, value in arguments.items():
        line = f'ARG {name}="{NOT_IN_ARGUMENTS.sub("-", value)}"'
        dockerfile = re.sub(rf"^ARG {name}=.*$", line, dockerfile, flags=re.MULTILINE)
    return dockerfile
