"""Running PostgreSQL's own programs, which dump, restore and query a database."""

import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from ..base.errors import UserError
from ..base.text import masked

INSTALL = "install PostgreSQL's client programs, of the server's version or newer (Debian: postgresql-client)"


def run(program: str, uri: str, *arguments: str, script: Path | None = None) -> str:
    """Run a program on a database and return what it prints.

    Args:
        program: `psql`, `pg_dump` or `pg_restore`.
        uri: the database's URI; its password is passed in the environment, where other users cannot see it.
        arguments: further arguments of the program.
        script: a file for its standard input.

    Raises:
        UserError: the program is not installed, or fails.
    """
    address, password = without_password(uri)
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {}), "LC_ALL": "C"}
    try:
        with (script or Path(os.devnull)).open("rb") as given:
            done = subprocess.run(
                [program, "--no-password", f"--dbname={address}", *arguments],
                stdin=given,
                capture_output=True,
                env=environment,
                encoding="utf-8",
                errors="replace",
            )
    except FileNotFoundError:
        raise UserError(f"{program}: no such program; {INSTALL}") from None
    if done.returncode:
        reason = " ".join(done.stderr.split()).removeprefix(f"{program}: ").removeprefix("error: ")
        raise UserError(f"{masked(uri)}: {program} failed: {masked(reason)[:300]}")
    return done.stdout


def without_password(uri: str) -> tuple[str, str]:
    """Split SQLAlchemy's URI of a PostgreSQL database into a URI for libpq and the password."""
    parts = urlsplit(uri)
    account, at, host = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    rest = urlunsplit(("", "", *parts[2:]))
    return f"postgresql://{user}{at}{host}{rest}", unquote(password)
