"""Sentences: weights of words, or an embedding of one's own that params.yaml names by its import path."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from penguins.engine.base.errors import UserError
from penguins.engine.fitting.transformers import transformer
from penguins.engine.lineage import imports
from penguins.engine.lineage.undeclared import undeclared
from penguins.engine.params import Columns
from penguins.models import build
from penguins.params import load_params

from tests.engine.conftest import PARAMS
from tests.support.pages import blocks

ROWS = pd.DataFrame(
    {"note": ["rain is coming", "raining again", None, "sun all day", "sunny and warm", "the sun"] * 10}
)
WET = np.array(["wet", "wet", "dry", "dry", "dry", "dry"] * 10)


@pytest.fixture
def embedding(project: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Provide the module that the page has, beside the package; return the import path of its class."""
    root = Path(imports.ROOT)
    page = (root / "docs/how-to/text.md").read_text(encoding="utf-8")
    (module,) = (block for block in blocks(page) if block.kind == "python")
    assert module.file == "penguins/embedding.py"
    (project / "my_embedding.py").write_text(module.text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(project))
    return "my_embedding.Embedding"


def model_with(text: str) -> Any:
    replaced = PARAMS.replace("features: {}", f"features: {{text: {text}, max_text_features: 20}}")
    Path("params.yaml").write_text(
        replaced.replace("model:\n  type: hist_", "model:\n  type: hist_"), "utf-8"
    )
    return build(load_params(), Columns(text=["note"]))


def test_words_and_an_embedding_of_ones_own(project: Path, embedding: str) -> None:
    for text, columns in (("tfidf", 12), (embedding, 50)):
        model = model_with(text).fit(ROWS, WET)
        assert model[:-1].transform(ROWS).shape == (60, columns)
        assert (model.predict(ROWS) == WET).all()


def test_the_module_is_named_in_dvc_yaml(
    project: Path, embedding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ROOT", project)
    model_with(embedding)
    assert undeclared()["my_embedding.py"] == ["train", "evaluate"]
    text = Path("params.yaml").read_text(encoding="utf-8").replace(embedding, "tfidf")
    Path("params.yaml").write_text(text, encoding="utf-8")
    assert undeclared() == {}
    with Path("params.yaml").open("a", encoding="utf-8") as file:
        file.write(f"tune: {{space: {{features: {{text: {{choice: [tfidf, {embedding}]}}}}}}}}\n")
    assert undeclared() == {}
    assert undeclared(searched=True)["my_embedding.py"] == ["train", "evaluate"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("tfdf", "'tfdf' is not an import path"),
        ("my_embedding.Other", "cannot be imported and made .*Other"),
        ("no_such_module.Thing", "cannot be imported and made .*no_such_module"),
        ("sklearn.linear_model.LogisticRegression", "has no transform; derive it"),
    ],
)
def test_a_mistake_is_one_line(path: str, says: str, embedding: str) -> None:
    model_with("tfidf")
    with pytest.raises(UserError, match=rf"params.yaml:\d+: features.text: .*{says}") as raised:
        transformer(path, "features", "text")
    assert "\n" not in str(raised.value)
