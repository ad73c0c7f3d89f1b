"""What the stages read and write, relative to the folder a stage runs in.

DVC runs a stage in the repository's root, or in a copy of it under `.dvc/tmp/exps`, so that none
of these may be absolute.
"""

from pathlib import Path

PARAMS = Path("params.yaml")
EXPECTATIONS = Path("expectations/penguins.yaml")
VALIDATED = Path("data/validated.parquet")
MODEL = Path("models/model.joblib")
RUN = Path("models/run.json")
VALIDATION = Path("reports/validation.json")
VALIDATION_PAGE = Path("reports/validation.html")
VALIDATION_FAILED_PAGE = Path("reports/validation-failed.html")
METRICS = Path("reports/metrics.json")
MODEL_MD5 = "model_md5"  # in it: DVC's md5 of the model file that was judged
GROUPS = Path("reports/groups.csv")
PLOTS = Path("reports/plots")
PREDICTIONS = PLOTS / "predictions.csv"
REGISTRATION = Path("reports/registration.json")
REPORT = Path("reports/report.md")
TUNING = Path("reports/tuning")
STUDIES = Path("tune.db")
