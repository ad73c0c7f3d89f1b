"""Spark: a session with what its workers need, and a line that says what is missing."""

import hashlib
import io
import os
import sys
import zipfile
from typing import TYPE_CHECKING

from ..base.errors import first_line
from ..base.paths import CODE, PACKAGE
from ..blocks.checking import params_error
from ..table.in_parts import FOLDER, KEY

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SENT = ("base", "blocks", "table")  # the rooms that a worker's part of the work needs
SETTINGS = {
    "spark.ui.enabled": "false",  # a port that nobody has asked for
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
# one of these is set where somebody has configured Spark; else it is for this process alone
CONFIGURED = ("PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR", "SPARK_HOME")
OWN = {
    "spark.master": "local[*]",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
}


def session() -> "SparkSession":
    """Return a session: the one that there is, or one as Spark is configured, else on all cores here.

    Raises:
        UserError: Spark cannot be started.
    """
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName(f"{PACKAGE} validate")
    configured = any(name in os.environ for name in CONFIGURED)
    for name, value in (SETTINGS if configured else SETTINGS | OWN).items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except Exception as error:  # Java's own, or that its process has ended
        raise params_error(KEY, f"spark cannot be started: {first_line(error)}") from None
    context = spark.sparkContext
    if context.master.startswith("local") and "PYSPARK_PYTHON" not in os.environ:
        context.pythonExec = sys.executable  # and not whichever is first on the path
    _send_code(spark)
    return spark


def why_failed(error: Exception) -> str:
    """Say in a line why Spark's work failed: what a worker raised stands among Java's words."""
    _, begins, after = str(error).partition("Traceback (most recent call last):\n")  # of Python, in a worker
    raised = [line for line in after.splitlines() if line and not line.startswith(" ")]
    return raised[0] if begins and raised else first_line(error)


def _send_code(spark: "SparkSession") -> None:
    """Have the workers import what types a part; the file stays, since one that joins later needs it, too."""
    engine = CODE / "engine"
    rooms = [path for room in SENT for path in sorted((engine / room).glob("*.py"))]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr(zipfile.ZipInfo(f"{PACKAGE}/__init__.py"), "")
        for path in [engine / "__init__.py", engine / "params.py", *rooms]:
            file.writestr(zipfile.ZipInfo(path.relative_to(CODE.parent).as_posix()), path.read_bytes())
    name = f"engine-{hashlib.md5(packed.getvalue()).hexdigest()[:12]}.zip"  # Spark takes a name once
    path = FOLDER.resolve() / name
    path.write_bytes(packed.getvalue())
    spark.sparkContext.addPyFile(str(path))
