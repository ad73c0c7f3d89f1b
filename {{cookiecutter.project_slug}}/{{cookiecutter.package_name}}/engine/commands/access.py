"""Show what this account may do on the tracking server, or set accounts and rights from a file.

`show` lists the rights of the account that MLFLOW_TRACKING_USERNAME names. `apply` is for an admin: it
creates the project's experiments and its registered model if there are none, the accounts that are new, and
the roles, and revokes what the file does not grant. Applied again, it changes nothing.
"""

import secrets
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ..accounts import file, own
from ..accounts.apply import Application, resources
from ..accounts.server import Server
from ..base import console
from ..base.errors import UserError
from ..project import load_params
from ..tracking import rights, store
from ..tracking.refusals import ACCESS
from .options import add_json, print_json

if TYPE_CHECKING:
    from mlflow import MlflowClient


def add_arguments(parser: ArgumentParser) -> None:
    """Add what to do, the file, and where first passwords are written."""
    parser.add_argument("action", choices=["show", "apply"], help="what to do")
    parser.add_argument(
        "file", type=Path, nargs="?", default=Path(ACCESS), help=f"the file to apply (default: {ACCESS})"
    )
    parser.add_argument(
        "--passwords",
        metavar="FILE",
        type=Path,
        help="add the first passwords of new accounts to this file, which only you can read",
    )
    add_json(parser)


def main(arguments: Namespace) -> None:
    """Run the command."""
    with store.opened() as client:
        model = load_params().register_.name
        account = rights.account(client)
        if account is None:
            raise UserError("the tracking store has no accounts: anybody who can reach it may do everything")
        if arguments.action == "apply":
            apply(client, model, account, arguments)
            return
        rows = own.levels(client, model)
        if arguments.json:
            print_json({"account": account.name, "admin": account.is_admin, "rights": rows})
        else:
            console.table(f"access: {account.name}{' (admin)' if account.is_admin else ''}", rows)


def apply(client: "MlflowClient", model: str, account: rights.Account, arguments: Namespace) -> None:
    """Set accounts and rights on the server as the file says, and print what was changed.

    Raises:
        UserError: the file has mistakes, the account is not an admin, or there is no file for the
            password of a new account.
    """
    access = file.read(arguments.file)
    if not account.is_admin:
        raise UserError(
            f"{account.name!r} is not an admin on this server; only an admin applies {arguments.file}"
        )
    server = Server(client.tracking_uri)
    users = server.users()
    new = [name for name in access.accounts if name not in users]
    if new and not arguments.passwords:
        raise UserError(f"new: {', '.join(new)}; `--passwords FILE` writes their first passwords there")

    def keep_password(name: str) -> str:
        password = secrets.token_urlsafe(18)
        arguments.passwords.touch(mode=0o600)
        with arguments.passwords.open("a", encoding="utf-8") as passwords:
            passwords.write(f"{name}: {password}\n")
        return password

    application = Application(server, access, resources(client, model), users, account.name)
    changed = []
    for line in application.apply(keep_password):
        changed.append(line)
        if not arguments.json:
            print(line)
    if arguments.json:
        print_json({"changed": changed})
    elif not changed:
        print(f"the server is as {arguments.file} says")
