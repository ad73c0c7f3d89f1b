"""Looking at the canary repeatedly."""

import time
from collections.abc import Callable

from ..base.errors import UserError
from .watch import NONE, OUT, Look, NotPromotedError

SETTLES = 300.0  # seconds within which the champion's server has to load a promoted version


def watch(look: Callable[[], Look], every: float, forever: bool) -> str:
    """Look until the canary is the champion or has been taken out; print what changes.

    Args:
        look: looks once.
        every: seconds between two looks.
        forever: whether to wait for the next canary afterwards.

    Returns:
        The last outcome, NONE or OUT.

    Raises:
        NotPromotedError: the canary was at its last step, and `promote` refuses it.
    """
    said = ""
    while True:
        try:
            now = look()
            outcome, text = now.outcome, now.text
        except NotPromotedError:
            raise
        except UserError as error:  # a server that does not answer now may do so the next time
            outcome, text = "", str(error)
        if text != said:
            print(text, flush=True)
            said = text
        if outcome in (NONE, OUT) and not forever:
            return outcome
        time.sleep(every)


def settle(look: Callable[[], Look], every: float = 1.0) -> str:
    """Wait until the champion's server has the promoted version, and all traffic; return the text.

    Raises:
        UserError: it does not load the version in time, or a server does not answer.
    """
    until = time.monotonic() + SETTLES
    while (now := look()).outcome != NONE:
        if time.monotonic() > until:
            raise UserError(f"{now.text}, after {SETTLES:.0f} s; `canary watch` goes on")
        time.sleep(every)
    return now.text
