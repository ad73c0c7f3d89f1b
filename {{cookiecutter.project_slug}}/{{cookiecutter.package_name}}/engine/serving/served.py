"""What is served: by a project, or by an image, which has `image.json` in place of a project."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..base.files import write_json
from ..base.paths import CODE, IMAGE
from ..params import Canary, Data, Drift, Serve, Slo
from ..project import load_params
from ..registry.predictor import Predictor
from ..registry.registry import CHAMPION
from .limits import Limits

INSIDE = "inside"  # in place of a version's number: the version in the image
FOLDER = "model"  # the folder of that version in the image


@dataclass(frozen=True)
class Inside:
    """The version that an image contains.

    Attributes:
        named: its name in messages.
        identity: name, version, run and commit.
        record: what its run recorded: the data's md5 and the metrics.
    """

    named: str
    identity: Mapping[str, str]
    record: Mapping[str, Any]

    def predictor(self) -> Predictor:
        """Return the model, which is in a folder of the image."""
        return Predictor(str(CODE.parent / FOLDER), self.named, self.identity)


@dataclass(frozen=True)
class Served:
    """What the server needs from a project or from an image.

    Attributes:
        name: the registered model's name.
        data: how cells are written if the model does not say so.
        serve: what is left out of answers, and out of the requests that are kept.
        columns: the project's columns.
        inside: the version in the image, if there is one.
        canary: the limits that `canary judge` goes by.
        limits: those that Prometheus is given.
    """

    name: str
    data: Data
    serve: Serve
    columns: Sequence[str] = ()
    inside: Inside | None = None
    canary: Canary = field(default_factory=Canary)
    limits: Limits = field(default_factory=Limits)
    model: str = field(init=False)  # what is served if the command line does not say so

    def __post_init__(self) -> None:
        object.__setattr__(self, "model", INSIDE if self.inside else f"@{CHAMPION}")

    @classmethod
    def here(cls) -> "Served":
        """Read what is here: an image, or a project.

        Raises:
            UserError: params.yaml has mistakes.
        """
        file = CODE.parent / IMAGE
        if file.is_file():
            content = json.loads(file.read_text(encoding="utf-8"))
            inside = Inside(**content["inside"]) if content["inside"] else None
            data, serve = Data.model_validate(content["data"]), Serve.model_validate(content["serve"])
            canary = Canary.model_validate(content["canary"])
            drift, slo = Drift.model_validate(content["drift"]), Slo.model_validate(content["slo"])
            limits = Limits(drift, slo)
            return cls(content["name"], data, serve, serve.private, inside, canary, limits)
        params = load_params()
        roles = params.data.columns.model_dump().values()
        columns = [name for names in roles for name in names]
        limits = Limits(params.drift, params.slo)
        return cls(
            params.register_.name, params.data, params.serve, columns, canary=params.canary, limits=limits
        )

    def write(self, folder: Path) -> None:
        """Write it for an image; `data` is reduced to how cells are written."""
        form = self.data.format
        data = {
            "task": self.data.task,
            "path": "-",
            "target": self.data.target,
            "missing": self.data.missing,
            "missing_in": self.data.missing_in,
            "date_formats": self.data.date_formats,
            "format": {"decimal": form.decimal, "thousands": form.thousands},
        }
        content = {
            "name": self.name,
            "data": data,
            "serve": self.serve.model_dump(),
            "canary": self.canary.model_dump(),
            "drift": self.limits.drift.model_dump(),
            "slo": self.limits.slo.model_dump(),
            "inside": asdict(self.inside) if self.inside else None,
        }
        write_json(folder / IMAGE, content)
