"""A version of the registered model as the build context of an image."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import settings
from ..base.errors import UserError
from ..base.text import without_account
from ..registry.predictor import Predictor
from ..registry.registry import Registry
from ..scoring.expected import Expected
from ..serving.kept import check_private
from ..serving.served import Inside, Served
from ..serving.version import recorded
from ..tracking import store
from ..tracking.artifacts import download_model
from .context import Context
from .libraries import NAME, REGISTRY, REQUESTS, SERVER, Wanted, slim

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True)
class Choice:
    """What goes into an image besides the server.

    Attributes:
        model: a version's number or alias.
        inside: whether the version is in the image; otherwise only its libraries are.
        requests: whether the image can log requests.
    """

    model: str
    inside: bool
    requests: bool


@dataclass(frozen=True)
class Made:
    """A build context, and what it was made from.

    Attributes:
        context: the build context, ready to be written.
        predictor: the version.
        libraries: how many libraries the image has.
        origin: where requirements.txt comes from.
    """

    context: Context
    predictor: Predictor
    libraries: int
    origin: str


def make(client: "MlflowClient", served: Served, choice: Choice, folder: Path) -> Made:
    """Make a build context.

    Args:
        client: the store's client.
        served: what the project serves.
        choice: what goes into the image.
        folder: the folder to which the version is downloaded; it must exist until the context is written.

    Raises:
        UserError: there is no such version, or its libraries cannot be resolved.
    """
    version = Registry(client, served.name).version(choice.model)
    predictor = Predictor.find(client, served.name, str(version.version))
    expected = Expected.of(predictor.known, served.data)
    check_private(served.serve.private, [*expected.roles, *served.columns])
    model = download_model(predictor.uri, folder)
    python = _python(model)
    further = (*SERVER, *(() if choice.inside else REGISTRY), *(REQUESTS if choice.requests else ()))
    identity = dict(predictor.identity)
    wanted = Wanted(_own(model), further, python, identity.get("commit", ""), identity.get("run", ""))
    requirements, origin = wanted.resolve(client)
    arguments = {"PYTHON": python, "TITLE": served.name}
    project: dict[str, object] = {"name": settings.project_name()}
    if choice.inside:
        inside = Inside(predictor.named, identity, recorded(client, predictor))
        served = replace(served, data=expected.data, inside=inside)
        arguments |= {"VERSION": identity["version"], "REVISION": identity.get("commit", "")}
        arguments["RUN"] = identity.get("run", "")
    else:
        project |= {"uri": without_account(store.tracking_uri()), "patience": settings.patience()}
    context = Context(served, requirements, model if choice.inside else None, project, arguments)
    return Made(context, predictor, len(re.findall(r"^\S+==", requirements, re.MULTILINE)), origin)


def _python(model: Path) -> str:
    """Return the version of Python that a model was trained with, such as 3.12.

    Raises:
        UserError: the model does not say.
    """
    said = re.search(r"^python: *['\"]?(\d+\.\d+)", _read(model, "python_env.yaml"), re.MULTILINE)
    if not said:
        raise UserError(f"{model.name}/python_env.yaml: does not say which Python it needs")
    return said[1]


def _own(model: Path) -> list[str]:
    """Return the requirements of a model, without MLflow's server."""
    lines = map(str.strip, _read(model, "requirements.txt").splitlines())
    return slim(line for line in lines if NAME.match(line))


def _read(model: Path, name: str) -> str:
    try:
        return (model / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"the model has no {name}, which says what it needs: train it again") from None
