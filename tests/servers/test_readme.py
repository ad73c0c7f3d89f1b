"""What a project's README lists to try, and then the template's, typed from top to bottom."""

import re
import shutil
import time

import pytest

from tests.support.baked import TEMPLATE, Baked
from tests.support.running import edit, reproduce, store

pytestmark = [pytest.mark.slow, pytest.mark.servers]

QUEUED = "dvc queue start"


def listed(page: str, before: str) -> list[str]:
    """The commands of the block that follows a text, without their comments."""
    block = page.split(before)[1].split("```sh\n")[1].split("```")[0]
    return [re.split(r"\s+# ", line)[0] for line in block.splitlines()]


def experiments(project: Baked) -> list[str]:
    """The names of DVC's experiments, the newest first."""
    newest_first = ("--sort=-committerdate", "--format=%(refname)", "refs/exps/*/*/*")
    return [
        ref.rpartition("/")[2] for ref in project.run("git", "for-each-ref", *newest_first).stdout.split()
    ]


def type_all(project: Baked, commands: list[str]) -> dict[str, str]:
    """Type each command; return what it printed. NAME stands for the newest experiment."""
    printed = {}
    for command in commands:
        text = command.replace("NAME", experiments(project)[0]) if "NAME" in command else command
        done = project.run("sh", "-euc", f"exec 2>&1\n{text}")
        assert "Traceback" not in done.stdout
        printed[command] = done.stdout
        if command.startswith(QUEUED):
            wait_for_the_queue(project)
    return printed


def wait_for_the_queue(project: Baked, seconds: int = 600) -> None:
    end = time.monotonic() + seconds
    while re.search("Running|Queued", project.run("dvc", "queue", "status").stdout):
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.5)
    project.run("dvc", "queue", "stop")


def test_what_the_readme_lists_works_in_its_order(copy: Baked) -> None:
    edit(copy, "params.yaml", "  trials: 40", "  trials: 3")
    reproduce(copy)
    said = type_all(copy, listed(copy.read("README.md"), "## Try things"))
    (table,) = (text for command, text in said.items() if command.startswith("dvc exp show"))
    types = [line.split()[-1] for line in table.splitlines() if re.search("[├└]──", line)]
    assert sorted(types) == [*["hist_gradient_boosting"] * 3, "random_forest"]  # no model twice
    assert "reproduce: identical" in said["python -m penguins reproduce @challenger"]
    assert store(copy).aliases == {"penguins": {"challenger": "2"}}

    commands = listed((TEMPLATE / "README.md").read_text(encoding="utf-8"), "Change one line, and DVC runs")
    after_tune = commands[commands.index("python -m penguins tune") + 1 :]
    promote = after_tune.index("python -m penguins promote --reason TEXT") + 1
    type_all(copy, after_tune[:promote])
    newest = max(int(version["version"]) for version in store(copy).versions)
    assert store(copy).aliases == {"penguins": {"champion": str(newest)}}
    shutil.copy(copy.path / "data/raw/penguins.csv", copy.path / "data/new.csv")
    others = [command for command in after_tune[promote:] if command.split()[3] not in ("serve", "adopt")]
    assert len(others) == len(after_tune[promote:]) - 2  # which other tests type
    said = type_all(copy, others)
    assert "reproduce: identical" in said["python -m penguins reproduce @champion"]
    assert copy.has("data/new.predicted.csv")
    assert copy.has("reports/report.html")
