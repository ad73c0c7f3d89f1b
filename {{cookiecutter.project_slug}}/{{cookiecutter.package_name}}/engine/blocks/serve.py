"""The block `serve`: what the server keeps to itself."""

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
