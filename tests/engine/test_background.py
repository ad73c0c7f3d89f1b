from threading import Event

import pytest
from penguins.engine.base import background


def test_work_goes_on_until_its_result_is_asked_for() -> None:
    begun, go_on = Event(), Event()

    def work() -> str:
        begun.set()
        assert go_on.wait(10)
        return "done"

    result = background.start(work)
    assert begun.wait(10)  # though nobody has asked for the result yet
    go_on.set()
    assert (result(), result()) == ("done", "done")


def test_an_error_is_raised_where_the_result_is_asked_for() -> None:
    result = background.start(lambda: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            result()
