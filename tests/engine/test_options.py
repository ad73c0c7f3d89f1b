"""A wrong option, and what an option names and is not there: one line, and an exit code that is not 0."""

import re
import socket
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from penguins.engine import usage
from penguins.engine.base import process


@pytest.fixture(scope="module", autouse=True)
def folder(shared_project: Path) -> Iterator[Path]:
    """Be in a project whose pipeline has not run, as the command line sees it."""
    (shared_project / "labels.csv").write_text("request_id,kind\na,small\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "CODE", shared_project / "penguins")
        patch.delenv("SERVE_TOKEN", raising=False)
        patch.delenv("SERVE_TOKEN_FILE", raising=False)
        yield shared_project


@pytest.fixture(scope="module")
def taken() -> Iterator[str]:
    """A port that something listens to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield str(listening.getsockname()[1])


def said(line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command as the command line does, and return the one line that it answers."""
    name, *words = line.split(" ")
    command = import_module(f"penguins.engine.commands.{name}")
    parser = usage.parser(f"python -m penguins {name}", command.__doc__)
    command.add_arguments(parser)
    with pytest.raises(SystemExit) as ended:
        process.run(lambda: command.main(parser.parse_args(words)))
    printed = capsys.readouterr()
    assert ended.value.code not in (0, None)
    text = str(ended.value.code) if isinstance(ended.value.code, str) else printed.err.rstrip("\n")
    assert printed.out == ""
    assert "\n" not in text
    assert text.startswith("error: ")
    return text.removeprefix("error: ")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "serve --workers 0",
            "argument --workers: needs a whole number above 0, not '0'; see `python -m peng",
        ),
        ("serve --workers two", "argument --workers: needs a whole number above 0, not 'two'"),
        ("serve --port 99999", "argument --port: needs a whole number from 1 to 65535, not '99999'"),
        ("serve --port 0", "argument --port: needs a whole number from 1 to 65535, not '0'"),
        ("serve --grace -1", "argument --grace: needs a whole number from 0 on, not '-1'"),
        ("serve --poll 0", "argument --poll: needs a number of seconds above 0, not '0'"),
        ("serve --poll nan", "argument --poll: needs a number of seconds above 0, not 'nan'"),
        ("serve --body-seconds inf", "argument --body-seconds: needs a number of seconds above 0, not 'inf'"),
        ("serve --max-rows 0", "argument --max-rows: needs a whole number above 0"),
        ("serve --max-bytes 1e6", "argument --max-bytes: needs a whole number above 0, not '1e6'"),
        ("serve --sample 2", "--sample: is the share that --log-requests keeps: give that option, too"),
        ("serve --log-requests kept --sample 2", "--sample: needs a number above 0 and at most 1; got 2"),
        ("serve --log-requests kept --sample nan", "--sample: needs a number above 0 and at most 1; got nan"),
        ("serve --log-requests params.yaml", "params.yaml: requests cannot be written there: "),
        ("serve --log-requests params.yaml/kept", "params.yaml/kept: requests cannot be written there: "),
        ("serve --host 0.0.0.0", "0.0.0.0: other machines may ask only with a token: set SERVE_TOKEN"),
        (
            "serve --open --host no.invalid",
            "--host no.invalid: .*; give a name or an address of this",
        ),
        ("serve --open --host a..b", "--host a..b: .*; give a name or an address of this machine"),
        ("serve --open --host 192.0.2.1", "192.0.2.1:8000: .*; choose another by --host"),
        ("serve --port TAKEN", "127.0.0.1:TAKEN: Address already in use; choose another by --port"),
        ("serve --model 7", ".*mlflow.db: there is no tracking store"),
        ("serve --modell 7", "unrecognized arguments: --modell 7; see `python -m penguins serve --help`"),
        ("ui --port 99999", "argument --port: needs a whole number from 1 to 65535"),
        ("image", "deploy/serving/Dockerfile: no such file: "),
        ("compare --last 0", "argument --last: needs a whole number above 0, not '0'"),
        ("compare --last 3 7", "--last: is for a comparison without RUN"),
        ("compare nothing", "nothing: no such run or version"),
        ("feedback", "the following arguments are required: LABELS"),
        ("feedback labels.csv", "requests: has no requests "),
        ("feedback labels.csv --requests params.yaml", "params.yaml: "),
        ("drift nothing.csv", "the tracking store has no model 'things'; `dvc repro`"),
        ("drift nothing.csv --reference data/raw/table.csv", "nothing.csv: no such file"),
        ("drift data/raw/table.csv --reference data", "data: is a folder; compare with a version or a file"),
        ("drift data/raw/table.csv --reference no.csv", "no.csv: no such file"),
        (
            "drift data/raw/table.csv --reference data/raw/table.csv --output params.yaml/drift.html",
            "params.yaml: ",
        ),
        (
            "canary start --share 0 --reason x",
            "argument --share: needs a whole number from 1 to 100, not",
        ),
        ("canary watch --every -3", "argument --every: needs a number of seconds above 0, not '-3'"),
        ("canary status --champion model:8001", "argument --champion: needs an address such as http://127"),
        (
            "canary judge --canary nonsense",
            "argument --canary: needs an address such as http://127.0.0.1:8000",
        ),
        ("probe http://model:port", "argument url: needs an address such as http://127.0.0.1:8000, not"),
        ("tune --trials 0", "argument --trials: needs a whole number above 0, not '0'"),
    ],
)
def test_a_mistake_is_one_line(line: str, says: str, taken: str, capsys: pytest.CaptureFixture[str]) -> None:
    answered = said(line.replace("TAKEN", taken), capsys)
    assert re.match(says.replace("TAKEN", taken), answered), answered
