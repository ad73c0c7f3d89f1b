"""A password in an address is shown nowhere; code.diff has tests of its own."""

from pathlib import Path

import pytest

from {{ cookiecutter.package_name }} import console
from {{ cookiecutter.package_name }}.text import masked
from {{ cookiecutter.package_name }}.tracking import store
from {{ cookiecutter.package_name }}.tracking.abandoned import FAILURE
from {{ cookiecutter.package_name }}.tracking.links import run_url
from {{ cookiecutter.package_name }}.tracking.recording import recorded

HIDDEN = "hunter2"
ADDRESS = f"https://ada:{HIDDEN}@mlflow.example.com/x"


@pytest.mark.parametrize("shown", [masked(f"{ADDRESS}: no"), run_url(ADDRESS, "1", "2")])
def test_an_address_is_shown_without_its_account(shown: str) -> None:
    assert "mlflow.example.com/x" in shown
    assert not {"ada", HIDDEN} & set(shown.replace(":", "/").replace("@", "/").split("/"))


def test_an_error_shows_no_password(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"nothing://ada:{HIDDEN}@host/db")
    with pytest.raises(SystemExit) as ended:
        console.run(store.connect)
    assert "@host/db" in str(ended.value)
    assert HIDDEN not in str(ended.value)


def test_the_tag_of_a_failed_run_has_no_password(shared_project: Path) -> None:
    client = store.connect()
    run_id = client.create_run(store.experiment_id(client, store.EXPERIMENT)).info.run_id
    with pytest.raises(OSError, match=HIDDEN), recorded(client, run_id):
        raise OSError(f"{ADDRESS} does not answer")
    tag = client.get_run(run_id).data.tags[FAILURE]
    assert "mlflow.example.com" in tag
    assert HIDDEN not in tag
