"""Put a page of markdown into the one comment on this pull or merge request that this command keeps.

The first time it makes the comment, from then on it changes it.
"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..base import settings
from ..base.paths import REPORT
from ..hosting.host import current


def add_arguments(parser: ArgumentParser) -> None:
    """Name the page."""
    parser.add_argument("page", type=Path, nargs="?", default=REPORT, help=f"default: {REPORT}")


def main(arguments: Namespace) -> None:
    """Run the command."""
    text = arguments.page.read_text(encoding="utf-8")
    host = current()
    marker = f"<!-- {settings.project_name()}: report -->"  # by which it is found again; nobody sees it
    comments = host.Comments.of_this_request()
    body = host.shortened(f"{marker}\n{text}\n{host.job_link()}\n")
    ours = next((number for number, said in comments.all() if said.startswith(marker)), None)
    if ours is None:
        print(f"created: {comments.create(body)}")
    else:
        print(f"updated: {comments.update(ours, body)}")
