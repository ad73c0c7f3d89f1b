"""What pyproject.toml says to the engine."""

from pathlib import Path

import pytest
from penguins.engine.base import settings
from penguins.engine.base.errors import UserError
from penguins.engine.tracking import models
from sklearn.preprocessing import FunctionTransformer


def test_a_library_is_trusted_if_the_project_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = FunctionTransformer(Path)  # of pathlib, which nobody would need
    with pytest.raises(UserError, match=r"not trusted to be loaded: pathlib\.\S*; .* `trusted` under"):
        models.trusted_types(step)
    text = Path("pyproject.toml").read_text(encoding="utf-8")
    for added, expected in (('["pathlib"]', ["pathlib"]), ("[]", [])):
        written = text.replace("[tool.engine]\n", f"[tool.engine]\ntrusted = {added}\n")
        Path("pyproject.toml").write_text(written, encoding="utf-8")
        settings._read.cache_clear()
        assert settings.trusted_libraries() == expected
    monkeypatch.setattr(models, "trusted_libraries", lambda: ["pathlib"])
    assert [name.split(".")[0] for name in models.trusted_types(step)] == ["pathlib"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("tracking_uri = ", "uri = ", r"pyproject.toml: \[tool.engine\] needs tracking_uri, a text"),
        ("[tool.engine]\n", "[tool.engine]\ntrusted = 1\n", "trusted: needs a list of library names"),
        ("[tool.engine]\n", "[tool.engine]\npatience = 0\n", "patience: needs a number of seconds"),
        ("[tool.engine]\n", "[tool.engine\n", "pyproject.toml: cannot be read: "),
    ],
)
def test_a_mistake_is_one_line(project: Path, old: str, new: str, says: str) -> None:
    file = Path("pyproject.toml")
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    settings._read.cache_clear()
    with pytest.raises(UserError, match=says) as error:
        _ = settings.default_tracking_uri(), settings.trusted_libraries(), settings.patience()
    assert "\n" not in str(error.value)
    settings._read.cache_clear()
