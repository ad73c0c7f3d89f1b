"""The tracking server as deploy/tracking/ sets it up: PostgreSQL, artifacts on S3, accounts, TLS.

The tests follow a team: a laptop's store moves to the server, five clones use it at once, it is backed up,
lost and restored.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import bake_into, installed
from tests.support import deployed
from tests.support.baked import Baked, run
from tests.support.deployed import NAME, Deployment
from tests.support.running import Store, edit, restored, store

pytestmark = pytest.mark.servers


@dataclass(frozen=True)
class Team:
    """A server, and the project that moves to it."""

    server: Deployment
    project: Baked

    def record(self) -> Store:
        return store(self.project, self.server.url, **self.server.client)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory, finished: Baked, environment: Path) -> Iterator[Team]:
    deployed.needed()
    folder = tmp_path_factory.mktemp("server")
    baked = bake_into(folder, {"mlflow_tracking_uri": "https://localhost"}, True).within(environment)
    lock = baked.path / "deploy/tracking/requirements.txt"
    (folder / "swift").mkdir()
    with (
        deployed.object_store(folder / "swift") as s3,
        deployed.deployed(folder, baked, installed(lock, sys.executable), s3) as server,
    ):
        yield Team(server, finished)


def curl(server: Deployment, *arguments: str) -> str:
    """The status that a request to the proxy gets."""
    ca = str(server.folder / "ca.pem")
    status = ("--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--cacert", ca)
    return run(server.folder, "curl", *status, *arguments).stdout


def test_it_is_well_and_notices_a_403(team: Team) -> None:
    server = team.server
    assert server.healthy() == ""
    api = f"{server.url}/api/2.0/mlflow/experiments/search?max_results=1"
    account = f"admin:{server.secret('admin_password')}"
    assert curl(server, api) == "401"
    assert curl(server, "--user", account, api) == "200"
    assert curl(server, "--user", account, "--header", "Host: other.example.com", api) == "403"
    assert curl(server, f"http://localhost:{server.ports['http']}/") == "301"
    settings = server.folder / "etc/settings.conf"
    right = settings.read_text()
    settings.write_text(right.replace("TRACKING_HOST=localhost", "TRACKING_HOST=other.example.com"))
    assert server.healthy().startswith("403: Invalid Host header")
    settings.write_text(right)


@pytest.fixture(scope="module")
def moved(team: Team, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """What the laptop's store had before it came to the server, as docs/team.md says it does."""
    before, folder = store(team.project), tmp_path_factory.mktemp("laptop")
    laptop, server, _ = blocks(team.project, "3. Move the record")
    for commands, env in ((laptop, {}), (server, team.server.backup)):
        follow(team.project, [line.replace("moving", f"{folder}/moving") for line in commands], env)
    return before


def test_a_laptop_moves_to_it_with_every_id(team: Team, moved: Store) -> None:
    project, server, before = team.project, team.server, moved
    assert team.record() == before
    assert "already registered" in project.run("dvc", "repro", env=server.client).stdout
    after = team.record()
    assert (after.versions, after.aliases) == (before.versions, before.aliases)
    assert champion_predicts(team, "@challenger") == champion_predicts(team, "@challenger", server=False)


def champion_predicts(
    team: Team, version: str, server: bool = True, network: Mapping[str, str] | None = None
) -> str:
    """What a version predicts for the example's table, by the server or by the laptop's own store."""
    output = team.server.folder / "predicted.csv"
    output.unlink(missing_ok=True)
    command = ("predict", "data/raw/penguins.csv", output, "--model", version)
    env = team.server.client if server else {}
    team.project.run("python", "-m", "penguins", *command, env={**env, **(network or {})})
    return output.read_text(encoding="utf-8")


def test_a_client_that_does_not_reach_the_bucket_loads_models(team: Team, moved: Store) -> None:
    """The server would send it there, by an address that only the server reaches."""
    away = {"http_proxy": "http://127.0.0.1:1", "no_proxy": NAME}  # the bucket has http, the server https
    predicted = champion_predicts(team, "@challenger", network=away)
    assert predicted == champion_predicts(team, "@challenger", server=False)


def test_cleanup_deletes_the_files_of_a_model_that_nothing_needs(team: Team, moved: Store) -> None:
    """`mlflow gc` on the server would leave them in the bucket."""
    project, env = team.project, team.server.client
    before, predicted = objects(team, "artifacts"), champion_predicts(team, "@challenger")
    with restored(project):
        edit(project, "params.yaml", "max_iter: 200", "max_iter: 3")
        project.run("python", "-m", "penguins", "train", env=env)
    added = objects(team, "artifacts").keys() - before.keys()
    (model,) = {name.split("/")[2] for name in added if name.split("/")[1] == "models"}

    def unneeded(*options: str) -> set[str]:
        command = ("cleanup", "--older-than", "0d", "--files", "--json", *options)
        result = json.loads(project.run("python", "-m", "penguins", *command, env=env).stdout)
        return {row["id"] for row in result["unneeded"]}

    listed = unneeded()
    assert model in listed
    assert objects(team, "artifacts").keys() >= added
    assert unneeded("--apply") == listed
    after = objects(team, "artifacts")
    assert not [name for name in after if model in name]
    gone = before.keys() - after.keys()
    assert all(listed & set(name.split("/")) for name in gone), "files of something that is needed"
    assert unneeded() == set()
    assert champion_predicts(team, "@challenger") == predicted


ACCESS = """\
roles:
  viewer: {experiments: READ, history: READ, model: READ}
  trainer: {experiments: EDIT, history: READ, model: READ}
  deployer: {experiments: READ, history: EDIT, model: EDIT}
accounts:
  admin: [admin]
  ci: [trainer, deployer]
  anna: [trainer]
"""
HERE = {"s3://BUCKET/PATH": "s3://team/page", "/var/backups/mlflow": "../backups"}
BUCKET = "import botocore.session as s; s.get_session().create_client('s3').create_bucket(Bucket='team')"


def blocks(project: Baked, heading: str) -> list[list[str]]:
    """The commands of each shell block of a section of docs/team.md, with what is here."""
    section = project.read("docs/team.md").split(f"\n## {heading}")[1].split("\n## ")[0]
    scripts = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    for there, here in HERE.items():
        scripts = [script.replace(there, here) for script in scripts]
    return [script.splitlines() for script in scripts]


def follow(project: Baked, commands: list[str], env: dict[str, str]) -> str:
    """Run the commands of a block one by one; returns what they print."""
    return "".join(project.run("sh", "-euc", command, env=env).stdout for command in commands)


def test_the_page_from_one_to_five_people_holds(
    team: Team, moved: Store, project: Baked, tmp_path: Path
) -> None:
    admin, keys = team.server.client, team.server.s3
    project.run("python", "-c", BUCKET, env=keys)
    (share,) = blocks(project, "1. Share data and models")
    follow(project, share, keys)

    _, _, dotenv = blocks(project, "3. Move the record")  # which `moved` has done
    assert {line.partition("=")[0] for line in dotenv} <= admin.keys()

    access = project.path / "deploy/tracking/access.yaml"
    access.parent.mkdir(parents=True)
    access.write_text(ACCESS, encoding="utf-8")
    ((apply,),) = blocks(project, "4. Give everybody an account")
    follow(project, [apply], admin)
    passwords = dict(line.split(": ") for line in project.read("passwords.txt").splitlines())

    def account(name: str) -> dict[str, str]:
        here = {"MLFLOW_TRACKING_USERNAME": name, "MLFLOW_TRACKING_PASSWORD": passwords[name]}
        return {**admin, **keys, **here, "CI": "true" if name == "ci" else ""}

    project.run("git", "add", "--all", ":!passwords.txt")
    project.run("git", "commit", "--quiet", "--message", "A team")
    clone, once = blocks(project, "5. Each colleague, once")
    follow(project, [clone[0].replace("REPOSITORY penguins-of-anna", f". {tmp_path}/anna")], {})
    anna = replace(project, path=tmp_path / "anna")
    shown = follow(anna, once, account("anna"))
    assert "Stage 'train' didn't change, skipping" in shown

    every_day, conflict = blocks(anna, "6. Every day")
    assert "next" in follow(anna, every_day, account("anna"))
    anna.run("git", "switch", "--quiet", "main")
    edit(anna, "params.yaml", "n_estimators: 200", "n_estimators: 100")
    anna.run("dvc", "repro", "--quiet", env=account("anna"))
    anna.run("git", "commit", "--quiet", "--all", "--message", "Another rate")
    anna.run("git", "switch", "--quiet", "deeper")
    merge, resolve = conflict
    assert "CONFLICT" in anna.run("sh", "-c", merge, check=False).stdout
    assert "belong to the merged files now" in follow(anna, [resolve], account("anna"))
    anna.run("git", "commit", "--quiet", "--all", "--message", "Merged")
    assert "is up to date" in anna.run("python", "-m", "penguins", "check", env=account("anna")).stdout

    (into_production,) = blocks(project, "7. Into production, and back")
    assert "better on small groups" in follow(project, into_production, account("ci"))

    (every_night,) = blocks(project, "8. Every night, every month")
    assert "audit: usage by user" in follow(project, every_night, {**admin, **team.server.backup})


def test_five_clones_at_once_lose_nothing_when_servers_die(team: Team, tmp_path: Path) -> None:
    """The tracking server is killed in the middle and comes back, then PostgreSQL."""
    server, before = team.server, team.record()
    clones = [clone(team.project, tmp_path / f"clone{number}", 20 + number) for number in range(5)]
    said: list[str] = []
    failed: list[str] = []

    def attempt(project: Baked) -> bool:
        done = project.run("dvc", "repro", check=False, env=server.client)
        assert "Traceback" not in done.stdout + done.stderr
        said.append(done.stdout)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
            assert errors, done.stderr
            assert all(server.url in line for line in errors), errors
        failed.append(done.stderr)
        return done.returncode == 0

    def kill_server() -> None:
        server.stop("mlflow", signal.SIGKILL)
        server.start_server()
        server.wait()

    for trouble in (kill_server, server.restart_postgres):
        runs = count_runs(server)
        with ThreadPoolExecutor(len(clones)) as pool:
            attempts = list(pool.map(lambda project: pool.submit(attempt, project), clones))
            while count_runs(server) < runs + 2 and not all(one.done() for one in attempts):
                time.sleep(0.2)
            trouble()
            clones = [project for project, one in zip(clones, attempts, strict=True) if not one.result()]
    server.wait()
    down = list(failed)
    failed.clear()
    with ThreadPoolExecutor(len(clones) or 1) as pool:
        assert all(pool.map(attempt, clones)), failed

    assert any("run this again once it answers" in text for text in down), down
    record = team.record()
    assert all(run["status"] != "RUNNING" for run in record.runs)
    named = {found for text in said for found in re.findall(r"MLflow run: (\w{32})", text)}
    logged = {run["id"]: run for run in record.runs}
    assert named <= logged.keys(), "a run is lost that a stage said it has logged"
    for run_id in named & {version["run"] for version in record.versions}:
        assert logged[run_id]["status"] == "FINISHED"
        assert "f1_macro" in logged[run_id]["metrics"]
        assert "plots" in logged[run_id]["artifacts"]
    versions = [version for version in record.versions if version["model"] == "penguins"]
    others = [version for version in record.versions if version["model"] != "penguins"]
    assert others == [version for version in before.versions if version["model"] != "penguins"]
    numbers = [int(version["version"]) for version in versions]
    assert numbers == list(range(1, len(before.versions) - len(others) + 6))
    models = [version["tags"]["model.md5"] for version in versions]
    assert len(set(models)) == len(models)


def clone(project: Baked, path: Path, leaves: int) -> Baked:
    """A clone that trains another model than all others."""
    shutil.copytree(project.path, path, symlinks=True, ignore=shutil.ignore_patterns("mlflow.db", "mlruns"))
    made = replace(project, path=path)
    edit(made, "params.yaml", "max_iter: 200", f"max_iter: {leaves}")
    edit(
        made, "params.yaml", "min_improvement: 0.0", "min_improvement: null"
    )  # whatever the champion is like
    return made


def count_runs(server: Deployment) -> int:
    """How many runs PostgreSQL has; it need not be there."""
    done = run(
        server.folder,
        *("psql", "--no-psqlrc", "--tuples-only", f"--dbname={server.database('mlflow')}"),
        *("--command", "SELECT count(*) FROM runs"),
        check=False,
        env=server.backup,
    )
    return int(done.stdout) if done.returncode == 0 else 0


def test_of_two_promotions_at_once_one_is_the_champion(team: Team) -> None:
    project, server = team.project, team.server

    def promote(version: str) -> subprocess.CompletedProcess[str]:
        command = ("promote", version, "--force", "--reason", f"for {version}")
        return project.run("python", "-m", "penguins", *command, check=False, env=server.client)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(promote, ("2", "3")))
    assert any(one.returncode == 0 for one in done)
    assert not any("View run" in one.stdout for one in done)
    assert "Traceback" not in "".join(one.stderr for one in done)
    champion = team.record().aliases["penguins"]["champion"]
    history = json.loads(
        project.run("python", "-m", "penguins", "history", "--json", env=server.client).stdout
    )
    assert [change["after"]["champion"] for change in history][-1] == champion


def test_a_lost_database_and_a_lost_model_are_restored_to_the_last_byte(team: Team, tmp_path: Path) -> None:
    project, server = team.project, team.server
    accounts = ("--accounts", server.database("accounts"))
    backups = tmp_path / "backups"
    command = ("python", "-m", "penguins")
    project.run(*command, "backup", backups, *accounts, env=server.backup)
    record, stored, predicted = (
        team.record(),
        objects(team, "artifacts"),
        champion_predicts(team, "@champion"),
    )

    # into empty places
    other = {**server.backup, "MLFLOW_BACKEND_STORE_URI": server.database("other")}
    other["MLFLOW_ARTIFACTS_DESTINATION"] = "s3://mlflow/other"
    server.shell("createdb --owner=mlflow other\ncreatedb --owner=mlflow others", **server.administrator)
    project.run(*command, "restore", backups, "--accounts", server.database("others"), env=other)
    assert dumped(server, "other") == dumped(server, "mlflow")
    assert dumped(server, "others") == dumped(server, "accounts")
    assert objects(team, "other") == stored

    # in the place of what is lost
    refused = project.refused(*command, "restore", backups, *accounts, env=server.backup)
    assert "is not empty: --replace" in refused
    server.stop("mlflow")
    server.shell(
        'psql --dbname=mlflow --quiet --command="DROP TABLE tags, model_versions CASCADE"',
        **server.administrator,
    )
    delete(team, next(name for name in stored if name.endswith("model.skops")))
    assert "has the tables" not in server.healthy()
    project.run(*command, "restore", backups, *accounts, "--replace", env=server.backup)
    server.start_server()
    server.wait()
    assert team.record() == record
    assert objects(team, "artifacts") == stored
    assert champion_predicts(team, "@champion") == predicted


def dumped(server: Deployment, database: str) -> list[str]:
    """All rows of a database, as SQL."""
    dump = ("pg_dump", "--data-only", "--inserts", f"--dbname={server.database(database)}")
    lines = run(server.folder, *dump, env=server.backup).stdout.splitlines()
    return sorted(line for line in lines if not line.startswith("\\"))  # a new token in each dump


OBJECTS = """
import botocore.session, hashlib, json, sys
client = botocore.session.get_session().create_client("s3")
found = client.list_objects_v2(Bucket="mlflow", Prefix=sys.argv[1])["Contents"]
read = lambda key: client.get_object(Bucket="mlflow", Key=key)["Body"].read()
print(json.dumps({f["Key"].partition("/")[2]: hashlib.sha256(read(f["Key"])).hexdigest() for f in found}))
"""
DELETE = """
import botocore.session, sys
botocore.session.get_session().create_client("s3").delete_object(Bucket="mlflow", Key=sys.argv[1])
"""


def objects(team: Team, folder: str) -> dict[str, str]:
    """The SHA-256 of each object in a folder of the bucket."""
    listed: dict[str, str] = json.loads(
        team.project.run("python", "-c", OBJECTS, f"{folder}/", env=team.server.s3).stdout
    )
    return listed


def delete(team: Team, name: str) -> None:
    team.project.run("python", "-c", DELETE, f"artifacts/{name}", env=team.server.s3)


def test_a_server_of_a_newer_mlflow_does_not_change_the_database(team: Team) -> None:
    server = team.server
    server.shell(
        "psql --dbname=mlflow --quiet --command=\"UPDATE alembic_version SET version_num = 'older'\"",
        **server.administrator,
    )
    server.stop("mlflow")
    server.start_server()
    assert server.processes["mlflow"].wait(timeout=240) == 1
    log = (server.folder / "mlflow.log").read_text()
    assert "error: the database has the tables of another MLflow (older, this one needs " in log
    assert curl(server, f"{server.url}/health") == "503"
