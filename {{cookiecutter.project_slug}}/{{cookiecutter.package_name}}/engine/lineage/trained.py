"""The run that trained the model: the train stage names it for the stages that follow."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from ..base.errors import UserError
from ..base.files import damaged, read_json, write_json
from ..base.paths import MODEL, PARAMS, RUN
from .pipeline import parameters
from .versions import installed


@dataclass(frozen=True)
class Trained:
    """The content of models/run.json: which run trained models/model.joblib.

    Attributes:
        run_id: the id of the run in MLflow.
        model_id: the id of its logged model.
        learned: the digest of the rows that the model was trained on; empty if it is not known.
        params: the values in params.yaml that the model was trained with, by the names in dvc.yaml.
        versions: the versions of the libraries that the model was trained with, by name.
    """

    run_id: str
    model_id: str
    learned: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @classmethod
    def now(cls, run_id: str, model_id: str, learned: str) -> "Trained":
        """Describe the run of the train stage that is running."""
        return cls(run_id, model_id, learned, _as_json(parameters("train")), installed())

    @classmethod
    def read(cls) -> "Trained":
        """Read what the train stage wrote.

        The parameters are checked here, since DVC records them only when a stage has ended: by then
        params.yaml may have others than those that the stage read.

        Raises:
            UserError: the stage has not run, it ran with other values of params.yaml than the current ones,
                or the file is damaged.
        """
        try:
            run = cls(**read_json(RUN, "train"))
            now = _as_json(parameters("train"))
            other = [name for name, value in run.params.items() if now.get(name) != value]
        except (TypeError, AttributeError) as error:
            raise damaged(RUN, "train", error) from None
        if other:
            raise UserError(
                f"{MODEL}: was trained with other values of {PARAMS} ({', '.join(other)}); "
                "`dvc repro --force train` trains it with the current ones"
            )
        return run

    def write(self) -> None:
        """Write it beside the model."""
        write_json(RUN, asdict(self))


def _as_json(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as they are after they were written to JSON and read again."""
    read: dict[str, Any] = json.loads(json.dumps(params, default=str))
    return read
