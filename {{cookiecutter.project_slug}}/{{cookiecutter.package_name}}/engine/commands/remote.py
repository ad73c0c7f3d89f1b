"""Show DVC's remote, or set another one, which is tried first by reading and by writing a small file.

Credentials for S3 come from the environment or from .env. DVC does not read .env, so this command gives DVC
what is in .env, in a file that git ignores; run it again when .env changes. Then `dvc push` and `dvc pull`
work in every shell.
"""

from argparse import ArgumentParser, Namespace

from ..base import console
from ..base.errors import UserError
from ..base.text import masked
from ..storage import profile, remote


def add_arguments(parser: ArgumentParser) -> None:
    """Add the remote's new address."""
    parser.add_argument("url", nargs="?", default="", help="s3://BUCKET/PATH, gs://…, azure://…, or a folder")


def main(arguments: Namespace) -> None:
    """Run the command."""
    url = arguments.url
    if masked(url) != url:
        raise UserError(
            f"{masked(url)}: the address is committed, so it must not hold a secret: put that into .env"
        )
    with remote.opened(url) as (repo, place):
        if url or place.fs.protocol != "local":
            remote.check_writable(place)
        remote.check_readable(place)
        if url:
            with repo.config.edit("repo") as config:
                config["remote"].setdefault(place.name, {})["url"] = url
        given = profile.give(repo)
        name, address = place.name, remote.address(place)
        is_s3 = place.fs.protocol == "s3"
    rows = {name: address}
    if is_s3:
        rows["credentials"] = profile.source() + (", and `dvc` has them, too" if given else "")
    if url:
        rows["next"] = "commit .dvc/config; `dvc push --run-cache` sends what is in the cache here"
    console.summary("DVC's remote", rows)
