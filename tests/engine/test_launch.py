"""What `mlflow run` starts: the entry points of MLproject, and the run that it opens around them."""

import os
import shlex
import subprocess
import sys
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mlflow.projects._project_spec import load_project
from penguins.engine.base.errors import UserError
from penguins.engine.base.yaml import read_yaml
from penguins.engine.commands import launch
from penguins.engine.storage import remote
from penguins.engine.tracking import launcher, store
from penguins.engine.tracking.launcher import Launcher

from tests.engine.conftest import ROOT

REFUSED = "`mlflow run` has fetched this project"


def started(entry: str, **parameters: str) -> list[str]:
    """Return the words of an entry point's command, as `mlflow run` makes it."""
    command: str = load_project(str(ROOT)).get_entry_point(entry).compute_command(parameters, "/tmp")
    program, dash_m, package, name, *options = shlex.split(command)
    assert (program, dash_m, package, name) == ("python", "-m", "penguins", "launch")
    return options


def options_of(words: list[str]) -> dict[str, Any]:
    """Parse what `launch` was given as it does, then the options of the command."""
    ours, theirs = ArgumentParser(), ArgumentParser()
    launch.add_arguments(ours)
    arguments = ours.parse_args(words)
    import_module(f"penguins.engine.commands.{arguments.what}").add_arguments(theirs)
    return vars(theirs.parse_args(launch.given(arguments.options)))


def test_each_stage_is_an_entry_point_that_dvc_runs() -> None:
    assert started("main") == ["repro"]
    for stage in read_yaml(ROOT / "dvc.yaml")["stages"]:
        assert started(stage) == ["repro", stage]


def test_parameters_reach_the_command_and_those_left_out_are_its_own() -> None:
    assert options_of(started("tune"))["trials"] is None
    tuned = options_of(started("tune", trials="3", jobs="2"))
    assert (tuned["trials"], tuned["timeout"], tuned["jobs"]) == (3, None, 2)
    table = str(ROOT / "data/raw/penguins.csv")
    predicted = options_of(started("predict", input=table))
    assert (str(predicted["input"]), predicted["output"], predicted["model"]) == (table, None, "@champion")
    served = options_of(started("serve", port="9000", model="3"))
    assert (served["port"], served["host"], served["model"], served["workers"]) == (9000, "127.0.0.1", "3", 1)
    hostile = options_of(started("predict", input=table, model="; touch /tmp/x"))
    assert hostile["model"] == "; touch /tmp/x"


def test_the_environment_is_the_locks() -> None:
    assert load_project(str(ROOT)).env_config_path == str(ROOT / "python_env.yaml")
    assert read_yaml(ROOT / "python_env.yaml")["dependencies"] == ["-r requirements.txt"]


@pytest.mark.parametrize(
    ("uri", "exported", "chosen"),
    [
        ("sqlite:////a/folder/mlflow.db", False, False),
        ("sqlite:////a/folder/mlflow.db", True, True),
        ("sqlite:////another/mlflow.db", False, True),  # by mlflow.set_tracking_uri
        ("http://server", False, True),
    ],
)
def test_the_projects_own_store_is_used_unless_a_person_chose_one(
    uri: str, exported: bool, chosen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    inherited = {"MLFLOW_TRACKING_URI": uri} if exported else {}
    monkeypatch.setattr(launcher, "started_by", lambda run_id: (Path("/a/folder"), inherited))
    environment = {"MLFLOW_RUN_ID": "1", "MLFLOW_EXPERIMENT_ID": "0", "MLFLOW_TRACKING_URI": uri}
    assert launcher.taken(environment) == Launcher("1", uri, chosen)
    assert environment == ({"MLFLOW_TRACKING_URI": uri} if chosen else {})


def test_who_started_is_asked_where_and_with_what(tmp_path: Path) -> None:
    code = "import sys; from penguins.engine.tracking import launcher; print(*launcher.started_by('1'))"
    words = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MLFLOW_RUN_ID": "1"}
    # a shell that stays between the two, as that of `mlflow run` may
    shell = subprocess.run(
        ["sh", "-c", f"cd {shlex.quote(str(tmp_path))}; {shlex.join(words)}; true"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    folder, _, inherited = shell.stdout.partition(" {")
    assert Path(folder) == Path.cwd()
    assert "'MLFLOW_RUN_ID'" not in inherited


def test_without_mlflow_run_nothing_is_taken() -> None:
    environment = {"MLFLOW_TRACKING_URI": "sqlite:////a/mlflow.db"}
    assert launcher.taken(environment) is None
    assert environment == {"MLFLOW_TRACKING_URI": "sqlite:////a/mlflow.db"}


def test_the_outer_run_links_to_the_models(project: Path) -> None:
    with store.opened() as client:
        of_model = client.create_run(store.experiment_id(client, store.experiment_name())).info.run_id
        outer = client.create_run("0", tags={"mlflow.source.name": project.as_uri()})
        outside = Launcher(outer.info.run_id, store.tracking_uri(), chosen=True)
        launch.link(outside, of_model)
        tags = client.get_run(outer.info.run_id).data.tags
        assert (tags["launcher"], tags["launched"]) == ("mlflow run", of_model)
        assert f"/runs/{of_model}>)" in tags["mlflow.note.content"]
        assert outside.source() == project.as_uri()
        alone = client.create_run("0").info.run_id
        launch.link(Launcher(alone, store.tracking_uri(), chosen=True), "")
        assert "launched" not in client.get_run(alone).data.tags
    launch.link(None, of_model)


def test_a_fetched_project_needs_a_server_and_a_remote_that_is_not_beside_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".dvc").mkdir()
    config = (ROOT / ".dvc/config").read_text(encoding="utf-8")
    (project / ".dvc/config").write_text(config, encoding="utf-8")
    assert remote.relative_folder() == "../../penguins-dvc-remote"
    chosen = Launcher("1", "http://server", chosen=True)
    with pytest.raises(UserError, match=f"{REFUSED}.* set MLFLOW_TRACKING_URI"):
        launch.check_fetched(Launcher("1", "sqlite:///x", chosen=False), "serve")
    with pytest.raises(
        UserError, match=f"{REFUSED}.*, where DVC's remote ../../penguins-dvc-remote does not"
    ):
        launch.check_fetched(chosen, "repro")
    launch.check_fetched(chosen, "serve")  # which reads no data
    for uri in ("sqlite:////srv/mlflow.db", "postgresql://host/mlflow"):  # new models would be files here
        with pytest.raises(UserError, match=f"{REFUSED}.* set MLFLOW_TRACKING_URI to the address of a serv"):
            launch.check_fetched(Launcher("1", uri, chosen=True), "tune")
        launch.check_fetched(Launcher("1", uri, chosen=True), "predict")
    for url in ("s3://bucket/path", "/srv/dvc"):
        replaced = config.replace("../../penguins-dvc-remote", url)
        (project / ".dvc/config").write_text(replaced, encoding="utf-8")
        launch.check_fetched(chosen, "repro")


@pytest.mark.parametrize(
    ("source", "fetched"),
    [
        ("file:///a/project", False),  # the tag of `.` in a repository
        ("file:///a/repository#/project", False),
        ("/here/file:/a/project", False),  # of file:///a/project
        ("/a/project.zip", True),
        ("https://host/project.git", True),
        ("git@host:project.git#folder", True),
    ],
)
def test_a_project_is_fetched_unless_mlflow_was_pointed_to_its_folder(source: str, fetched: bool) -> None:
    given: Any = SimpleNamespace(source=lambda: source)
    assert launch._is_fetched(given) is fetched
