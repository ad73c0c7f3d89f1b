"""Libraries that do not come with the project: what to install and to write, and how they are kept quiet."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Library:
    """One library.

    Attributes:
        models: what the import paths of its classifier and its regressor begin with.
        requirement: what to install.
        block: the block of params.yaml, under the short name.
        quiet: what it is given if params.yaml has none of the keys: it then prints nothing, writes no files
            beside the project's, and equal fits give equal results.
        encode: whether it takes only the labels 0 to k-1.
    """

    models: str
    requirement: str
    block: str
    quiet: dict[str, Any] = field(default_factory=dict)
    encode: bool = False

    def path(self, task: str) -> str:
        """Return the import path of its model."""
        return f"{self.models}{'Classifier' if task == 'classification' else 'Regressor'}"

    def __str__(self) -> str:
        """Say how to install and use it."""
        name = self.models.split(".")[0]
        return f'`pip install "{self.requirement}"` and the block `{name}: {self.block}` under `model`'


# by the module that is imported, whose name is also the short name of its model
LIBRARIES = {
    "xgboost": Library(
        "xgboost.XGB",
        "xgboost>=3.2,<4",
        "{n_estimators: 200, learning_rate: 0.1, max_depth: 6}",
        encode=True,
    ),
    "lightgbm": Library(
        "lightgbm.LGBM",
        "lightgbm>=4.7,<5",
        "{n_estimators: 200, learning_rate: 0.1, num_leaves: 31}",
        # from https://lightgbm.readthedocs.io/en/stable/Parameters.html#deterministic
        {"verbose": -1, "deterministic": True, "force_col_wise": True},
    ),
    "catboost": Library(
        "catboost.CatBoost",
        "catboost>=1.2.10,<2",
        "{iterations: 200, learning_rate: 0.1, depth: 6}",
        {"logging_level": "Silent", "allow_writing_files": False},
    ),
}
# names of the same parameter: a library takes only one of them
SYNONYMS = {"logging_level": {"verbose", "silent", "verbose_eval"}, "verbose": {"verbosity"}}


def of(cls: type) -> list[Library]:
    """List the libraries of a class and of the classes that it is derived from."""
    roots = {base.__module__.split(".")[0] for base in cls.__mro__}
    return [library for name, library in LIBRARIES.items() if name in roots]


def parameters(cls: type, known: list[str], given: dict[str, Any]) -> dict[str, Any]:
    """Add what makes a fit quiet and repeatable to what params.yaml gives.

    Args:
        cls: the model's class.
        known: the names of its parameters.
        given: its block in params.yaml.
    """
    libraries = of(cls)
    # without a seed, two fits would differ; the libraries above have a fixed one
    added: dict[str, Any] = {"random_state": 0} if "random_state" in known and not libraries else {}
    for library in libraries:
        added |= library.quiet
    kept = {n: v for n, v in added.items() if not (SYNONYMS.get(n, set()) | {n}) & given.keys()}
    return {**kept, **given}


def names(cls: type, named: list[str]) -> list[str]:
    """List the parameters of a class that takes any name; empty if it is not known which ones it uses.

    Args:
        cls: the model's class. LightGBM would ignore an unknown name, and silently so if it is quiet.
        named: the parameters in its signature.
    """
    if LIBRARIES["lightgbm"] not in of(cls):
        return []
    from lightgbm.basic import _ConfigAliases

    known = _ConfigAliases._get_all_param_aliases()
    return sorted({*named, *known, *(alias for aliases in known.values() for alias in aliases)})
