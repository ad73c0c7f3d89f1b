"""The table in docs/compatibility.md: the versions with which each version of the template was tested.

`make lock` writes the row of the current version; the rows of earlier versions stay as they were released.
"""

import re
import tomllib

from scripts import release

TEMPLATE = release.TEMPLATE
PAGE = "docs/compatibility.md"
PROJECT = TEMPLATE / "{{cookiecutter.project_slug}}"
LIBRARIES = {
    "DVC": "dvc",
    "MLflow": "mlflow",
    "Great Expectations": "great-expectations",
    "scikit-learn": "scikit-learn",
    "pandas": "pandas",
    "Optuna": "optuna",
}
SEPARATOR = re.compile(r"^\|(?:---\|)+\n", re.MULTILINE)


def row() -> str:
    """Return the row of the current template: its version, those of Python, and each library's pins."""
    (version,) = release.OF_ENGINE.findall((TEMPLATE / release.ENGINE).read_text(encoding="utf-8"))
    project = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    (asked,) = re.findall(r"^requires-python = .*", project, re.MULTILINE)
    first, end = re.findall(r"3\.(\d+)", tomllib.loads(asked)["requires-python"])
    lock = (PROJECT / "requirements.txt").read_text(encoding="utf-8")
    pins = [", ".join(re.findall(rf"^{name}==(\S+)", lock, re.MULTILINE)) for name in LIBRARIES.values()]
    return f"| {' | '.join([version, f'3.{first} to 3.{int(end) - 1}', *pins])} |"


def with_row(page: str, row: str) -> str:
    """Return the page with this row; it replaces the row of the same version, if there is one."""
    version = row.split(" | ")[0]
    same = re.compile(rf"^{re.escape(version)} \|.*", re.MULTILINE)
    if same.search(page):
        return same.sub(row, page)
    return SEPARATOR.sub(lambda found: f"{found[0]}{row}\n", page, count=1)


def write() -> None:
    """Write the current row into the page."""
    path = TEMPLATE / PAGE
    path.write_text(with_row(path.read_text(encoding="utf-8"), row()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
