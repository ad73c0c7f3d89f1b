"""The block `drift`: when new rows are too far from those that the model has learned from."""

from typing import Annotated

from pydantic import Field, model_validator

from .block import Block

Share = Annotated[float, Field(gt=0, le=1)]


class Drift(Block):
    """The limits of the `drift` command; None switches one off. See `drift.measures`.

    Attributes:
        psi_warning: a population stability index that is worth a look.
        psi_alert: a population stability index that is drift.
        missing: how far the share of rows that lack a value may be from what it was.
        new_categories: the share of rows that may have a new category.
        ignore: columns that are shown, but decide nothing.
    """

    psi_warning: Annotated[float, Field(gt=0)] | None = 0.1
    psi_alert: Annotated[float, Field(gt=0)] | None = 0.25
    missing: Share | None = 0.1
    new_categories: Share | None = 0.05
    ignore: list[str] = Field(default=[])

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Drift":
        if self.psi_warning and self.psi_alert and self.psi_warning > self.psi_alert:
            raise ValueError(
                f"psi_warning {self.psi_warning:g} is greater than psi_alert {self.psi_alert:g}, "
                "which would come first"
            )
        return self
