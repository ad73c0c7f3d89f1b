"""Validate one table with pandas and with Spark, record what differs, and train on a sample of the table."""

import json
import re
from pathlib import Path
from typing import Any

from large_table import lay_out, set_params  # type: ignore[import-not-found]  # beside it


def unnumbered(content: Any) -> str:
    """Return JSON without the rows that a doubt names: Spark does not number them."""
    return re.sub(r", as in row \d+(, \d+)*", "", json.dumps(content))


def main() -> None:
    lay_out(700)
    from penguins.engine import stage
    from penguins.engine.base import paths
    from penguins.engine.split.divided import Divided
    from penguins.engine.table import plan
    from penguins.params import load_params

    plan.ROWS = 400  # rows of a part, so that there are two

    def validate(engine: str) -> tuple[Divided, dict[str, Any]]:
        set_params(engine)
        paths.VALIDATION.unlink(missing_ok=True)  # so that nothing in it is from the previous validation
        stage.run("validate")
        return Divided.of(load_params(), every_column=True), json.loads(paths.VALIDATION.read_text())

    (alone, said), (parts, told) = validate("pandas"), validate("spark")
    files = sorted(path.name for path in paths.VALIDATED.iterdir())
    failed = [
        {name: value for name, value in one.items() if name not in ("rows", "values")}
        for content in (said, told)
        for one in content.pop("failed")
    ]
    half = len(failed) // 2
    found = {
        "files": files,
        "same rows": parts.rows.equals(alone.rows) and bool((parts.rows.dtypes == alone.rows.dtypes).all()),
        "same test set": bool((parts.sides.test == alone.sides.test).all()),
        "same roles": parts.columns == alone.columns,
        "differs in validation.json": [
            name for name in said if unnumbered(said[name]) != unnumbered(told.get(name))
        ],
        "failed": [one["rule"] for one in failed[:half]],
        "differs in what failed": [
            pair for pair in zip(failed[:half], failed[half:], strict=True) if pair[0] != pair[1]
        ],
    }
    set_params("spark", sample=0.5)
    for name in ("train", "evaluate", "register"):
        stage.run(name)
    found["decision"] = json.loads(paths.REGISTRATION.read_text())["decision"]
    Path("found.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
