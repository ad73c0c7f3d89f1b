"""The block `serve`: what the server leaves out of its answers and logs."""

from typing import Literal

from pydantic import Field

from .block import Block


class Serve(Block):
    """What the `serve` command says and keeps.

    Attributes:
        errors: `terse` leaves names of columns and cells out of the answers to mistakes.
        private: columns that `--log-requests` does not write.
    """

    errors: Literal["full", "terse"] = "full"
    private: list[str] = Field(default=[])
