"""Metrics about the last backup for Prometheus, whose node exporter reads them from a file."""

from collections.abc import Mapping
from pathlib import Path

from ..base.files import write_text

HELP = {
    "mlflow_backup_last_success_timestamp_seconds": "When the last whole backup was made.",
    "mlflow_backup_duration_seconds": "How long the last whole backup took.",
    "mlflow_backup_size_bytes": "The size of the files of the last whole backup.",
    "mlflow_backup_count": "How many backups are kept.",
    "mlflow_backup_versions_without_files": "Versions whose model had no files when the backup was made.",
}


def write(file: Path, values: Mapping[str, float]) -> None:
    """Write metrics at once, so that a reader of the file sees either all new ones or all old ones.

    Args:
        file: the file, whose name ends in `.prom`.
        values: the values of the metrics, by the names in `HELP`.
    """
    lines = [
        f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {values[name]:.17g}\n"
        for name, text in HELP.items()
    ]
    write_text(file, "".join(lines))
