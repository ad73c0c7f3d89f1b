"""The files that the stages read and write, relative to the folder that a stage runs in.

None of them is absolute, since DVC runs a stage in the repository's root or in a copy of it under
`.dvc/tmp/exps`.
"""

import os
import re
from pathlib import Path

CODE = Path(__file__).resolve().parents[2]  # the package's folder
PACKAGE = __name__.rpartition(".engine.")[0]  # the package's name; a copy that runs has another one

PARAMS = Path("params.yaml")
PIPELINE = Path("dvc.yaml")
LOCK = Path("dvc.lock")
REQUIREMENTS = Path("requirements.txt")
IMAGE = Path("image.json")  # in a container image, which has no project: what is served there


def _suite(root: Path) -> Path:
    """Return the suite, which `adopt` names for the table: the one that dvc.yaml lists."""
    pipeline = root / PIPELINE  # it does not exist beside the code that a model carries, which needs no suite
    text = pipeline.read_text(encoding="utf-8", errors="replace") if pipeline.is_file() else ""
    named = re.search(r"^ *- *['\"]?(expectations/[^\s'\":]+\.ya?ml)", text, re.MULTILINE)
    return Path(named[1] if named else "expectations/expectations.yaml")


EXPECTATIONS = _suite(CODE.parent)
VALIDATED = Path("data/validated.parquet")
MODEL = Path("models/model.joblib")
RUN = Path("models/run.json")
VALIDATION = Path("reports/validation.json")
VALIDATION_PAGE = Path("reports/validation.html")
VALIDATION_FAILED_PAGE = Path("reports/validation-failed.html")
METRICS = Path("reports/metrics.json")
EVALUATION = Path("reports/evaluation.json")
GROUPS = Path("reports/groups.csv")
PLOTS = Path("reports/plots")
PREDICTIONS = PLOTS / "predictions.csv"
REGISTRATION = Path("reports/registration.json")
REPORT = Path("reports/report.md")
DRIFT = Path("reports/drift.html")
COMPARISON = Path("reports/compare.html")
TUNING = Path("reports/tuning")
TUNING_PAGE = TUNING / "tuning.html"
STUDIES = Path("tune.db")


def project_root() -> Path:
    """Return the root of the user's project, even from a trial that runs in a temporary copy of it.

    DVC sets DVC_ROOT for its stages. A value that was inherited from a stage of another project is ignored.
    """
    here, dvc_root = Path.cwd(), os.environ.get("DVC_ROOT")
    root = Path(dvc_root or here).resolve()
    nearest = next((folder for folder in (here, *here.parents) if (folder / ".dvc").is_dir()), here)
    if dvc_root and (root in (here, nearest) or here.is_relative_to(root / ".dvc" / "tmp")):
        return root
    return CODE.parent
