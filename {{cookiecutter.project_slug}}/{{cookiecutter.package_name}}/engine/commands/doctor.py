"""Check what the project needs. Each part has a line that says what to do; exit code 1 if there is a problem.

It names the versions of the engine and of the libraries, and checks Python and packages against the lock,
disk space, telemetry, git, params.yaml, the expectations, DVC's cache and remote, the data, and MLflow's
store with its version, clock and artifacts. Nothing is changed; a small file is written to the remote and
beside the artifacts, and deleted again. Passwords in addresses are masked, in `--json`, too.

`--remote` compares the content of every committed file with that in DVC's remote, which `dvc push` and `dvc
status` do not do. `--repair` sends what is missing or damaged there again, from the cache here.
"""

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict, replace

from ..base import console
from ..base.errors import UserError
from ..base.paths import PACKAGE
from ..base.text import masked
from .options import add_json, print_json


def add_arguments(parser: ArgumentParser) -> None:
    """Add what to check, and how to print it."""
    add_json(parser)
    parser.add_argument("--remote", action="store_true", help="check each file in DVC's remote instead")
    parser.add_argument("--all-commits", action="store_true", help="with --remote: the files of all commits")
    parser.add_argument("--repair", action="store_true", help="with --remote: send again what is damaged")


def main(arguments: Namespace) -> None:
    """Run the command."""
    if arguments.remote:
        _remote(arguments)
        return
    if arguments.repair or arguments.all_commits:
        raise UserError("`--repair` and `--all-commits` go with `--remote`")
    from ..diagnosis import checks

    results = []
    for name, finding in checks.run():
        clean = replace(finding, text=masked(finding.text), fix=masked(finding.fix))
        results.append({"check": name, **asdict(clean)})
        if not arguments.json:
            console.sentence(str(clean), f"{clean.state:<8} {name:<13} ")
    if arguments.json:
        print_json(results)
    if any(result["state"] == "problem" for result in results):
        sys.exit(1)


def _remote(arguments: Namespace) -> None:
    """Check each file in the remote, and repair it if that is asked for."""
    from ..storage import integrity
    from ..storage.remote import address, opened

    with opened() as (repo, remote), console.working("looking at each file in DVC's remote"):
        needed, damaged = integrity.damages(repo, remote, arguments.all_commits)
        here = [damage for damage in damaged if damage.is_here]
        if arguments.repair:
            integrity.repair(repo, remote, here)
        where = address(remote)
    sent = here if arguments.repair else []
    if arguments.json:
        listed = [{**asdict(damage), "repaired": damage in sent} for damage in damaged]
        print_json({"remote": where, "files": needed, "damaged": listed})
    else:
        print(f"{where}: {needed - len(damaged)} of {needed} files are there as they were committed")
        for damage in damaged:
            state = "sent again" if damage in sent else "intact here" if damage.is_here else "not intact here"
            print(f"  {damage.path}: {damage.md5[:7]} is {damage.problem} there, {state}")
    if len(sent) == len(damaged):
        return
    command = f"`python -m {PACKAGE} doctor --remote --repair`"
    if here and not sent:
        raise UserError(f"{len(here)} of the {len(damaged)} can be sent again from here: {command}")
    raise UserError(f"{len(damaged) - len(here)} are not here: run {command} in a clone that has them")
