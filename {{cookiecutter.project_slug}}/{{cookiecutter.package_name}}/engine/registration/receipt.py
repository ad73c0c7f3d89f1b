"""A receipt of what was registered, and where. While it is valid, `dvc repro` does not ask the registry.

It is valid as long as every file that the decision depends on is unchanged, and nobody has written to the
store. This can be known only for a local store: a server is asked each time.
"""

import json
from pathlib import Path
from typing import NamedTuple

from ..base.files import State, States, files_in, modules_in, states
from ..base.paths import CODE, PARAMS, PIPELINE, project_root
from ..tracking.address import tracking_uri
from ..tracking.local_store import local_database, local_folder
from .decision import Decision

# parts of a SQLite file's header (https://sqlite.org/fileformat2.html): the journal mode, a change counter
JOURNAL, CHANGES = slice(18, 20), slice(24, 28)
ROLLBACK = b"\x01\x01"  # in the other mode (WAL) a write may leave the counter unchanged


class Receipt(NamedTuple):
    """A decision, and the state of all that it depends on.

    Attributes:
        uri: the store's address.
        written: the state of the store's database.
        files: the states of the files, including those of models in the store.
        decision: the decision.
    """

    uri: str
    written: State
    files: States
    decision: Decision

    def holds(self) -> bool:
        """Tell whether the receipt is valid: the decision would be the same again."""
        return (
            self.uri == tracking_uri()
            and self.written is not None
            and self.written == state_of_store(self.uri)
            and self.files == states(self.files)
            and self.files.keys() >= {*modules_in(CODE)}
        )

    def write(self) -> None:
        """Write the receipt for this copy of the project, replacing an older one."""
        kept = place()
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps({**self._asdict(), "decision": self.decision._asdict()}), encoding="utf-8")


def place() -> Path:
    """Return the path of the receipt; git does not track it, and an experiment's copy does not have it."""
    return project_root() / ".dvc" / "tmp" / "registration-receipt.json"


def read() -> Receipt | None:
    """Return the receipt if there is one and it is valid."""
    try:
        kept = json.loads(place().read_text(encoding="utf-8"))
        receipt = Receipt(**{**kept, "decision": Decision(**kept["decision"])})
    except (OSError, ValueError, TypeError, KeyError):  # no file, or one by another version of this module
        return None
    return receipt if receipt.holds() else None


def inputs() -> States:
    """Return the states of all files that a decision depends on."""
    from ..lineage.pipeline import dependencies  # not at the top: a receipt that is valid is read without it

    files = (file for path in dependencies("register") for file in files_in(Path(path)))
    return states([PIPELINE, PARAMS, *files, *modules_in(CODE)])


def files_under(uri: str) -> States:
    """Return the states of the files in a folder of the store; empty if the folder is not on this machine."""
    folder = local_folder(uri)
    return states(file for file in folder.rglob("*") if file.is_file()) if folder else {}


def state_of_store(uri: str) -> State:
    """Return a state of the store's database that every write changes; None if there is no such state."""
    database = local_database(uri)
    if database is None or not database.is_file() or database.with_name(f"{database.name}-journal").exists():
        return None
    with database.open("rb") as file:
        header = file.read(CHANGES.stop)
    (state,) = states([database]).values()
    return [*state, int.from_bytes(header[CHANGES])] if state and header[JOURNAL] == ROLLBACK else None
