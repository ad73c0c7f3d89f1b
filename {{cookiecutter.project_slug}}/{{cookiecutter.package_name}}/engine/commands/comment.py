"""Post a page of markdown as a comment on this pull or merge request, in a CI job.

The first run creates the comment; later runs update it.
"""

from argparse import ArgumentParser, Namespace

from ..base import settings
from ..hosting.host import current, shortened
from .options import add_page


def add_arguments(parser: ArgumentParser) -> None:
    """Add the page."""
    add_page(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    text = arguments.page.read_text(encoding="utf-8")
    host = current()
    marker = f"<!-- {settings.project_name()}: report -->"  # identifies our comment; it is not displayed
    comments = host.Comments.of_this_request()
    body = shortened(f"{marker}\n{text}\n{host.job_link()}\n", host)
    ours = next((number for number, content in comments.all() if content.startswith(marker)), None)
    if ours is None:
        print(f"created: {comments.create(body)}")
    else:
        print(f"updated: {comments.update(ours, body)}")
