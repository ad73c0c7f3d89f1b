"""The records of a history: parameters of one run, which are never rewritten.

Record 17 is the parameter `000017`. MLflow refuses a second value for a parameter, in its database and on its
server alike: if two processes have both read 16 records, one writes the 17th and the other gets an error that
names the winner. A record that is too long for one parameter is split into several, which are named by its id
and written first; parameter `000017` then only says how many there are. `000017.done` says whether the change
was carried out.
"""

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from .changes import Change

if TYPE_CHECKING:
    from mlflow import MlflowClient

LIMIT = 6000  # characters of a parameter's value; MLflow would truncate the rest
PARTS = "parts"  # the key of a record that only says how many parameters hold it
DONE, REFUSED = "true", "refused"  # the aliases were moved; the server refused to move them


@dataclass(frozen=True)
class Records:
    """The records in a run.

    Attributes:
        client: the store's client.
        run_id: the run's id; empty if there is no run yet, and so no record.
    """

    client: "MlflowClient"
    run_id: str

    def read(self) -> tuple[list[Change], bool]:
        """Read the records, the oldest first, and whether the last one was carried out or refused."""
        if not self.run_id:
            return [], True
        params = self.client.get_run(self.run_id).data.params
        numbers = sorted(name for name in params if re.fullmatch(r"\d{6}", name))
        changes = []
        for number in numbers:
            record = json.loads(params[number])
            if PARTS in record:
                text = "".join(params[f"{record['id']}.{part}"] for part in range(record[PARTS]))
                record = json.loads(text)
            change = Change.from_record(record)
            if params.get(f"{number}.done") == REFUSED:
                change = replace(change, after=change.before, refused=True)
            changes.append(change)
        return changes, not numbers or f"{numbers[-1]}.done" in params

    def append(self, number: int, change: Change) -> bool:
        """Write a record; returns False if the number is taken."""
        from mlflow.exceptions import MlflowException

        text = json.dumps(asdict(change), ensure_ascii=False)
        if len(text) > LIMIT:
            parts = [text[start : start + LIMIT] for start in range(0, len(text), LIMIT)]
            for place, part in enumerate(parts):
                self.client.log_param(self.run_id, f"{change.id}.{place}", part)
            text = json.dumps({"id": change.id, PARTS: len(parts)})
        try:
            self.client.log_param(self.run_id, f"{number:06}", text)
        except MlflowException:  # its code does not say whether the parameter exists
            written = self.client.get_run(self.run_id).data.params.get(f"{number:06}")
            if written is None:
                raise
            return bool(written == text)  # it is ours if only the server's answer was lost
        return True

    def mark(self, number: int, outcome: str) -> None:
        """Note what became of a record; the first note holds."""
        from mlflow.exceptions import MlflowException

        try:
            self.client.log_param(self.run_id, f"{number:06}.done", outcome)
        except MlflowException:
            if f"{number:06}.done" not in self.client.get_run(self.run_id).data.params:
                raise
