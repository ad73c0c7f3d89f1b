"""Write the folder that a container image is built from, and say how to build it.

The image has the server, the version's own code, and the libraries with which it was trained, but no DVC, no
Great Expectations and no compiler. An image with a version inside serves that version, whatever the registry
says later. With --without-model, the image reads the registry when it starts, and follows it; its libraries
are those of the version.

The libraries are resolved once, within requirements.txt of the version's commit, and kept with the version's
run: the same version gives the same folder, byte for byte, as long as the engine, deploy/serving/ and the
blocks `serve`, `canary`, `drift` and `slo` of params.yaml are the same.
"""

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from tempfile import TemporaryDirectory

from ..base import console
from ..base.errors import UserError
from ..base.files import files_in
from ..base.text import without_account
from ..imaging.context import DOCKERFILE, check_place, recipe
from ..imaging.version import Choice, Made, make
from ..registry.registry import CHAMPION
from ..serving.served import Served
from ..tracking import store

BUILD = Path("build")  # git ignores it


def add_arguments(parser: ArgumentParser) -> None:
    """Add the version and the folder."""
    parser.add_argument(
        "--model", default=f"@{CHAMPION}", help=f"a version: 3, @challenger (default: @{CHAMPION})"
    )
    parser.add_argument(
        "--without-model",
        action="store_true",
        help="leave the model out: the image reads the registry when it starts, and follows it",
    )
    parser.add_argument(
        "--log-requests",
        action="store_true",
        help="add pyarrow (150 MB), which `serve --log-requests` needs",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help=f"default: {BUILD}/, then the model's name and version"
    )


def main(arguments: Namespace) -> None:
    """Run the command."""
    recipe(DOCKERFILE)  # first: it fails before any work is done
    if arguments.output:
        check_place(arguments.output)
    served = Served.here()
    if served.inside:
        raise UserError("this is an image already; start `image` in the project")
    uri = without_account(store.tracking_uri())
    if arguments.without_model and not uri.startswith("http"):
        raise UserError(
            f"--without-model: {uri} is a file, which a container does not have: "
            "set MLFLOW_TRACKING_URI to the address of a tracking server"
        )
    choice = Choice(arguments.model, not arguments.without_model, arguments.log_requests)
    with store.opened() as client, TemporaryDirectory() as folder:
        made = make(client, served, choice, Path(folder))
        tag = "server" if arguments.without_model else made.predictor.identity["version"]
        name = re.sub(r"[^a-z0-9]+", "-", served.name.lower()).strip("-") or "model"
        output: Path = arguments.output or BUILD / f"{name}-{tag}"
        made.context.write(output)
    console.summary("image", _result(made, output, f"{name}:{tag}", uri, arguments.without_model))


def _result(made: Made, output: Path, tag: str, uri: str, empty: bool) -> dict[str, object]:
    size = sum(file.stat().st_size for file in files_in(output)) / 1e6
    model = f"{CHAMPION} at {uri}, when it starts" if empty else made.predictor.named
    return {
        "model": model,
        "libraries": f"{made.libraries}, {made.origin}",
        "build context": f"{output} ({size:.1f} MB)",
        "build it": f"docker build --tag {tag} {output}  # or podman build",
    }
