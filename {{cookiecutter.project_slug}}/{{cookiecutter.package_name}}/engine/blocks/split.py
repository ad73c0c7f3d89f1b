"""The block `split`: which rows the model never sees."""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from .block import Block


class Split(Block):
    """Which rows the model never sees; the rules are in `split.rule` and `split.latest`.

    Attributes:
        duplicates: where rows go that are equal in all but the target, if no id, group or time decides it:
            together on one side, or apart, each on its own. See `split.equal`.
        not_by: columns that look like persons or time, but do not divide the rows: no warning names them.
        sample: the share of rows on each side that are read: see `split.sample`.
    """

    test_fraction: float = Field(gt=0, lt=1)
    seed: int = Field(ge=0, le=2**32 - 1)
    stratify: str | None = None
    groups: list[str] = Field(default=[])
    time: str | None = None
    gap: float = Field(default=0.0, ge=0)
    duplicates: Literal["together", "apart"] = "together"
    not_by: list[str] = Field(default=[])
    sample: float = Field(default=1.0, gt=0, le=1)

    @field_validator("groups")
    @classmethod
    def _groups_differ(cls, groups: list[str], info: ValidationInfo) -> list[str]:
        if len(set(groups)) < len(groups):
            raise ValueError(f"a column is listed twice among {', '.join(groups)}")
        if groups == [info.data.get("stratify")]:
            raise ValueError(
                f"each group would be a stratum of its own, since stratify is {groups[0]!r}, too"
            )
        return groups

    @field_validator("time")
    @classmethod
    def _time_alone(cls, time: str | None, info: ValidationInfo) -> str | None:
        if time is None:
            return None
        if stratify := info.data.get("stratify"):
            raise ValueError(
                f"the test rows are the latest ones, whatever their {stratify!r}; set stratify to null"
            )
        if groups := info.data.get("groups"):
            raise ValueError(
                f"the rows of a group ({', '.join(groups)}) have many times; keep `groups` to predict for "
                "new groups, or `time` to predict what comes later"
            )
        return time

    @field_validator("gap")
    @classmethod
    def _gap_in_time(cls, gap: float, info: ValidationInfo) -> float:
        if gap and info.data.get("time", "a mistake") is None:
            raise ValueError("it is time before the test rows, so it needs split.time")
        return gap

    def columns(self) -> list[tuple[tuple[str | int, ...], str]]:
        """List the columns that it names, with their places in params.yaml."""
        one = [(("split", key), getattr(self, key)) for key in ("stratify", "time")]
        several = [(("split", "groups", number), name) for number, name in enumerate(self.groups)]
        return [*((key, name) for key, name in one if name is not None), *several]
