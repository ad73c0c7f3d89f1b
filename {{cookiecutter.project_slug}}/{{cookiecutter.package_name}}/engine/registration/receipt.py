"""A receipt of what was registered, and where: while it holds, `dvc repro` asks the registry nothing.

It holds if every file that the decision followed from is the one that it was, and nobody has written to the
store since. That can be told of a local store only: a server is asked each time.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..base.files import State, States, files_in, states
from ..base.paths import CODE, PARAMS, project_root
from ..base.yaml import read_yaml
from ..tracking import store
from ..tracking.local_store import local_database
from .decision import Decision

PIPELINE = Path("dvc.yaml")
# of a SQLite file's header (https://sqlite.org/fileformat2.html): its kind of journal, a count of changes
JOURNAL, CHANGES = slice(18, 20), slice(24, 28)
ROLLBACK = b"\x01\x01"  # with the other kind of journal the count may stay behind


@dataclass(frozen=True)
class Receipt:
    """A decision, and what it followed from.

    Attributes:
        uri: of the store.
        written: the state of the store's database.
        files: the states of the files, the model's in the store included.
        decision: that was made.
    """

    uri: str
    written: State
    files: States
    decision: Decision

    def holds(self) -> bool:
        """Tell whether the same would be decided again."""
        return (
            self.uri == store.tracking_uri()
            and self.written is not None
            and self.written == state_of_store(self.uri)
            and self.files == states(self.files)
            and self.files.keys() >= states(CODE.rglob("*.py")).keys()
        )

    def write(self) -> None:
        """Keep it, in place of an older one, for this copy of the project."""
        kept = place()
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(self)), encoding="utf-8")


def place() -> Path:
    """Return where the receipt is: neither in git nor in a copy of the workspace for a trial."""
    return project_root() / ".dvc" / "tmp" / "registration-receipt.json"


def read() -> Receipt | None:
    """Return the receipt if there is one and it holds."""
    try:
        kept = json.loads(place().read_text(encoding="utf-8"))
        receipt = Receipt(**{**kept, "decision": Decision(**kept["decision"])})
    except (OSError, ValueError, TypeError, KeyError):  # none, or one of another version of this module
        return None
    return receipt if receipt.holds() else None


def inputs() -> States:
    """Return the states of all files that a decision follows from."""
    depends_on = read_yaml(PIPELINE)["stages"]["register"]["deps"]
    files = (file for path in depends_on for file in files_in(Path(path)))
    return states([PIPELINE, PARAMS, *files, *CODE.rglob("*.py")])


def files_under(uri: str) -> States:
    """Return the states of the files in a folder of the store; none if it is not a local one."""
    folder = Path(url2pathname(urlsplit(uri).path))
    return states(file for file in folder.rglob("*") if file.is_file()) if uri.startswith("file:") else {}


def state_of_store(uri: str) -> State:
    """Return a state of the store's database that every write changes; None if there is no telling."""
    database = local_database(uri)
    if database is None or not database.is_file() or database.with_name(f"{database.name}-journal").exists():
        return None
    with database.open("rb") as file:
        header = file.read(CHANGES.stop)
    (state,) = states([database]).values()
    return [*state, int.from_bytes(header[CHANGES])] if state and header[JOURNAL] == ROLLBACK else None
