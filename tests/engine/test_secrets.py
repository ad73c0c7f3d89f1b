"""A password in an address is shown nowhere; code.diff has tests of its own."""

from pathlib import Path

import pytest
from penguins.engine.base import process
from penguins.engine.base.errors import UserError
from penguins.engine.base.text import masked
from penguins.engine.tracking import preflight, store
from penguins.engine.tracking.abandoned import FAILURE
from penguins.engine.tracking.links import run_url
from penguins.engine.tracking.recording import active
from penguins.engine.tracking.run import Run

HIDDEN = "hunter2"
QUERY = f"/x?a=1&token={HIDDEN}"
ADDRESS = f"https://ada:{HIDDEN}@mlflow.example.com/x"


@pytest.mark.parametrize(
    "shown",
    [
        masked(f"{ADDRESS}: no"),
        run_url(ADDRESS, "1", "2"),
        masked(f"https://mlflow.example.com{QUERY}: no, at {QUERY}#a"),
        run_url(f"https://mlflow.example.com{QUERY}", "1", "2"),
    ],
)
def test_an_address_is_shown_without_its_account(shown: str) -> None:
    assert "mlflow.example.com/x" in shown
    assert "ada" not in shown
    assert HIDDEN not in shown


def test_an_error_shows_no_password(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"nothing://ada:{HIDDEN}@host/db")
    with pytest.raises(SystemExit) as ended:
        process.run(store.connect)
    assert "@host/db" in str(ended.value)
    assert HIDDEN not in str(ended.value)


@pytest.mark.parametrize("account", ["me:p%40ss/{}", "me:{}/x", "[{}"])
def test_why_an_address_is_not_valid_gives_no_part_of_it_away(account: str) -> None:
    with pytest.raises(UserError, match="must be percent-encoded") as error:
        preflight.check_port(f"http://{account.format(HIDDEN)}@127.0.0.1:9/")
    assert HIDDEN not in str(error.value)
    assert "p%40ss" not in str(error.value)


def test_the_tag_of_a_failed_run_has_no_password(shared_project: Path) -> None:
    client = store.connect()
    run_id = client.create_run(store.experiment_id(client, store.experiment_name())).info.run_id
    with pytest.raises(OSError, match=HIDDEN), active(Run(client, run_id)):
        raise OSError(f"{ADDRESS} does not answer")
    tag = client.get_run(run_id).data.tags[FAILURE]
    assert "mlflow.example.com" in tag
    assert HIDDEN not in tag
