"""Checks of MLflow's store: a server's answer, version, clock and artifacts, or the file of a local store."""

import os
import sqlite3

from ..base.errors import UserError, first_line
from ..base.paths import PACKAGE, project_root
from ..base.text import masked
from ..tracking import address, health
from ..tracking.local_store import local_database
from .finding import Finding, problem, refused, warning

MAX_SECONDS = 60  # the greatest difference of two clocks; S3 refuses requests that are 15 minutes off


def tracking() -> list[Finding]:
    """Check the store, its clock and its artifacts: up to three findings, the first about the store."""
    uri = address.tracking_uri()
    database = local_database(uri)
    try:
        if database is None:
            return _server(uri)
        if not database.is_file():
            return [Finding(f"{database.name}: nothing is logged yet, the first run makes it")]
        runs = health.check_database(database)
    except UserError as error:
        return [refused(error)]
    except sqlite3.Error as error:
        return [problem(f"{database}: damaged: {first_line(error)}", f"`python -m {PACKAGE} restore`")]
    artifacts = project_root() / "mlruns"
    if artifacts.exists() and not os.access(artifacts, os.W_OK):
        return [problem(f"{artifacts} cannot be written", "check who may write it")]
    return [Finding(f"{database.name} with {runs} runs")]


def _server(uri: str) -> list[Finding]:
    server = health.ask_server()
    account = f" as {server.account}" if server.account else ""
    found = [_version(f"{masked(uri)}{account}", server)]
    if abs(server.seconds_ahead) > MAX_SECONDS:
        way = "ahead of" if server.seconds_ahead > 0 else "behind"
        text = f"the server's is {abs(server.seconds_ahead):.0f} s {way} this machine's"
        found.append(warning(text, "set both by NTP; S3 refuses what is 15 minutes off"))
    else:
        found.append(Finding(f"the server's is within {MAX_SECONDS} s of this machine's"))
    try:
        found.append(Finding(f"written and read in {masked(health.check_artifacts())}"))
    except UserError as error:
        found.append(refused(error))
    return found


def _version(where: str, server: health.Server) -> Finding:
    """Compare the server's version with ours; a difference in the last number does not count."""
    theirs, ours = (version.split(".")[:2] for version in (server.version, server.client))
    if theirs == ours:
        return Finding(f"{where}: MLflow {server.version}")
    text = f"{where}: MLflow {server.version}, and here is {server.client}"
    if list(map(int, theirs)) > list(map(int, ours)):
        return warning(text, "it works; take the server's version when you next make the locks")
    return warning(text, "it works; a newer server upgrades its database when it starts: back it up first")
