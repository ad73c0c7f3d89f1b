"""How far a fit has come."""

from typing import Any


def iterations(model: Any) -> str:
    """Say which iteration a model that is being fitted has reached; empty if the model does not say."""
    from .adapter import inner

    one = inner(model)
    made, most = getattr(one, "n_iter_", None), getattr(one, "max_iter", None)
    return f"iteration {made} of at most {most}" if isinstance(made, int) and isinstance(most, int) else ""
