"""DVC's remote: why it cannot be used, another address for it, and credentials that DVC gets from .env."""

import hashlib
import json
import os
import shutil
import stat
import warnings
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from dvc.config import Config
from dvc.repo import Repo
from penguins.engine.base.errors import UserError
from penguins.engine.commands import ready
from penguins.engine.commands import remote as command
from penguins.engine.storage import linked, profile, remote, transfer
from penguins.engine.storage.problems import UnusableError, unusable

from tests.support.repository import git

S3 = "s3://team/things"
ENV = """\
AWS_ACCESS_KEY_ID=me
AWS_SECRET_ACCESS_KEY="a secret"
AWS_ENDPOINT_URL_S3=http://127.0.0.1:1
"""


def answered(code: str, kind: type[OSError] = PermissionError) -> OSError:
    """What s3fs raises when S3 answers with an error."""
    error = kind("as s3fs says it")
    error.__cause__ = ClientError({"Error": {"Code": code, "Message": "no"}}, "ListObjectsV2")
    return error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NoCredentialsError(), "is refused: there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET"),
        (answered("SignatureDoesNotMatch"), "is refused: the secret key is wrong; check AWS_ACCESS_KEY_ID"),
        (answered("InvalidAccessKeyId"), "is refused: the access key does not exist; check AWS_"),
        (answered("RequestTimeTooSkewed"), "is refused: this machine's clock is wrong"),
        (
            answered("AccessDenied"),
            "is refused: PermissionError: as s3fs says it; check the credentials' rights",
        ),
        (
            answered("NoSuchBucket", FileNotFoundError),
            "has no bucket 'team': create it, or correct the address",
        ),
        (
            EndpointConnectionError(endpoint_url="http://x"),
            "does not answer: EndpointConnectionError: Could not",
        ),
        (
            ConnectionRefusedError(111, "refused"),
            "does not answer: ConnectionRefusedError: [Errno 111] refused",
        ),
        (ImportError("no dvc_s3"), "needs dvc-s3: add it to pyproject.toml, and `pip install dvc-s3`"),
        (ValueError("odd"), "cannot be used: ValueError: odd; check its address"),
    ],
)
def test_what_is_wrong_with_a_remote_is_one_line(
    error: Exception, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    text = str(unusable(S3, error))
    assert text.startswith(f"{S3}: DVC's remote {says}")
    assert "\n" not in text


def test_a_ci_job_is_told_where_its_credentials_belong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert "in a CI job these are secrets" in str(unusable(S3, NoCredentialsError()))
    assert "CI" not in str(unusable(S3, answered("NoSuchBucket", FileNotFoundError)))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Provide a repository with one file of data and a remote on S3, and go there."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("DVC_ROOT", str(folder))
    monkeypatch.chdir(folder)
    git("init", "--quiet", cwd=folder)
    Repo.init().close()
    set_remote(S3)
    (folder / "data").mkdir()
    (folder / "data/table.csv").write_text("a\n1\n", encoding="utf-8")
    with Repo() as repo:
        repo.add("data/table.csv")
    before = dict(os.environ)
    yield folder
    os.environ.clear()  # what was read from .env
    os.environ.update(before)


def set_remote(url: str) -> None:
    with Config(".dvc").edit("repo") as config:
        config["core"] = {"remote": "storage", "analytics": False}
        config["remote"] = {"storage": {"url": url}}


def test_dvc_gets_from_env_file_what_it_needs_for_s3(project: Path) -> None:
    env, file = project / ".env", project / profile.PROFILE
    with Repo() as repo:
        assert profile.are_given(repo)  # there are none
        assert not profile.give(repo)
        env.write_text(ENV, encoding="utf-8")
        assert not profile.are_given(repo)
        assert profile.give(repo)
        assert profile.are_given(repo)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name == "nt"
    with Repo() as repo:  # as `dvc push` opens it
        fs = repo.cloud.get_remote().fs
        assert fs.fs_args
        assert os.environ["AWS_SHARED_CREDENTIALS_FILE"] == str(file)
        env.write_text(ENV.replace("a secret", "another"), encoding="utf-8")
        assert not profile.are_given(repo)
        env.unlink()
        assert not profile.are_given(repo)
        assert not profile.give(repo)
        assert profile.are_given(repo)
    assert not file.exists()
    assert "credentialpath" not in (project / ".dvc/config.local").read_text(encoding="utf-8")


def test_that_s3_does_not_answer_is_known_at_once(project: Path) -> None:
    (project / ".env").write_text(ENV, encoding="utf-8")
    for move in (transfer.push, transfer.pull):
        with pytest.raises(UnusableError, match="DVC's remote does not answer: EndpointConnectionError"):
            move()


def test_another_remote_is_tried_before_it_is_set(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for url, says in (
        ("s3://me:secret@team", r"^s3://\*\*\*@team: the address is committed, so it must not hold a secret"),
        ("gs://team/things", "DVC's remote needs dvc-gs: add it to pyproject.toml"),
        (str(project / "data/table.csv"), "table.csv: DVC's remote cannot be used: .*Error"),
    ):
        with pytest.raises(UserError, match=says):
            command.main(Namespace(url=url))
        assert Config(".dvc")["remote"]["storage"]["url"] == S3
    command.main(Namespace(url="../store"))
    assert capsys.readouterr().out.splitlines()[1] == f"  storage: {project.with_name('store')}"
    assert "url = ../../store" in (project / ".dvc/config").read_text(encoding="utf-8")
    with remote.opened() as (_, place):
        md5 = "d1" + 30 * "0"
        assert not remote.has(place, md5)
    transfer.push()
    (project / "data/table.csv").unlink()
    transfer.pull()
    assert (project / "data/table.csv").exists()

    (project / "data/table.csv").unlink()
    shutil.rmtree(project / ".dvc/cache")
    shutil.rmtree(project.with_name("store"))
    with pytest.raises(UserError, match="are not in DVC's cache; `dvc repro` or `dvc pull` first"):
        transfer.push()


def test_ci_is_not_ready_without_credentials(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://server")

    def refuse(*_: object) -> None:
        raise unusable(S3, NoCredentialsError())

    monkeypatch.setattr(remote, "opened", lambda: nullcontext((None, None)))
    monkeypatch.setattr(remote, "check_readable", refuse)
    with pytest.raises(UserError, match="is refused: there are no credentials"):
        ready.main(Namespace())
    monkeypatch.setattr(remote, "check_readable", lambda _: None)
    ready.main(Namespace())


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_data_that_people_edit_is_no_link_into_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: Callable[[Path, Path], None]
) -> None:
    """Root writes into a link, too: DVC's copy of the last data would be lost."""
    (tmp_path / ".dvc/tmp/exps/one/data").mkdir(parents=True)
    (tmp_path / "data/parts").mkdir(parents=True)
    (cache := tmp_path / "cached").write_text("kept")
    cache.chmod(0o444)
    names = ("data/table.csv", "data/parts/one.csv", ".dvc/tmp/exps/one/data/table.csv")
    table, part, of_trial = files = [tmp_path / name for name in names]
    for file in files:
        link(cache, file)
    for entry in (table, part.parent, of_trial):
        entry.with_name(f"{entry.name}.dvc").touch()
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    for folder in (tmp_path, tmp_path / ".dvc/tmp/exps/one"):
        monkeypatch.chdir(folder)
        linked.copy_linked()
    assert of_trial.samefile(cache)
    for file in (table, part):
        assert not file.samefile(cache)
        assert file.stat().st_mtime == cache.stat().st_mtime
        file.write_text("edited")
    assert cache.read_text() == "kept"
    assert len(list(table.parent.iterdir())) == 4  # no copy is left over


@pytest.mark.parametrize("is_folder", [False, True])
def test_what_root_has_damaged_in_the_cache_is_not_taken_for_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_folder: bool
) -> None:
    """Edited before the first stage, after `dvc pull`: DVC would check it out, since it is read-only."""

    def put(content: bytes, end: str = "") -> tuple[str, Path]:
        md5 = hashlib.md5(content).hexdigest() + end
        path = tmp_path / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return md5, path

    def track(*contents: bytes) -> list[Path]:
        """Write the `.dvc` file, and return the cache's files."""
        put_there = [put(content) for content in contents]
        md5 = put_there[0][0]
        if is_folder:
            names = [{"md5": one, "relpath": f"{number}.csv"} for number, (one, _) in enumerate(put_there)]
            md5, _ = put(json.dumps(names).encode(), ".dir")
        data.with_name("table.dvc").write_text(f"outs:\n- md5: {md5}\n")
        return [path for _, path in put_there]

    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data/table"
    edited = data / "0.csv" if is_folder else data
    edited.parent.mkdir(parents=True)
    git("init", "--quiet")
    good, kept = track(b"good", b"also good")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Data")

    os.link(good, edited)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        linked.copy_linked()  # nothing was edited
    edited.unlink()
    os.link(good, edited)
    edited.write_bytes(b"bad")
    track(b"bad", b"also good")  # as `dvc repro` does before a stage
    with pytest.warns(UserWarning, match=r"^data/table: .* damaged 755f85c there.*`dvc fetch`"):
        linked.copy_linked()
    assert not good.exists()
    assert kept.read_bytes() == b"also good"
    assert edited.read_bytes() == b"bad"
