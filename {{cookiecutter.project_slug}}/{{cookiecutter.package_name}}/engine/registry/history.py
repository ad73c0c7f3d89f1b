"""The history of a registered model: a record of each change of an alias, in order, in the tracking store.

Record 17 is the parameter `000017` of one run in the experiment NAME-history. MLflow refuses a second value
for a parameter, in its database and on its server alike: if two processes have both read 16 records, one
writes the 17th and the other gets an error that names the winner. For the same reason a record is never
rewritten. A record that is too long for one parameter is split into several, named by its id and written
before; the 17th then only says how many there are.

The records decide and the aliases follow: a record says which versions have the aliases from then on, and
the parameter `000017.done` says that they were moved. A process that reads a last record without `.done`
moves them; after moving them it checks whether there is a newer record. If the last record has `.done` and
the aliases differ from it, they were moved by other means, and that becomes a record, too.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from .changes import ALIASES, OUTSIDE, Change, aliases_after, moves
from .history_run import run_of_history
from .registered_model import registered_model

if TYPE_CHECKING:
    from mlflow import MlflowClient

LIMIT = 6000  # characters of a parameter's value; MLflow would truncate the rest
PARTS = "parts"  # the key of a record that only says how many parameters hold it


class OvertakenError(UserError):
    """Somebody else changed an alias since the records were read."""


@dataclass(frozen=True)
class History:
    """The records of one registered model.

    Attributes:
        client: of the store.
        name: the registered model's.
        run_id: of the run whose parameters are the records.
    """

    client: "MlflowClient"
    name: str
    run_id: str

    def changes(self) -> list[Change]:
        """Read the records, the oldest first, and make the aliases agree with the last one.

        Raises:
            UserError: the store has no such model.
        """
        while True:
            changes, done = self._read()
            if changes and not done:
                self._carry_out(changes)
                continue
            recorded, current = aliases_after(changes), self._aliases()
            if current == recorded:
                return changes
            noticed = Change(OUTSIDE, recorded, current, by="unknown")
            if self._append(len(changes) + 1, noticed):
                self._mark_done(len(changes) + 1)

    def move(self, known: list[Change], to: Mapping[str, str], **record: Any) -> Change:
        """Write a record and move the aliases.

        Args:
            known: the records that the decision was based on.
            to: the version of each alias that changes.
            record: the other fields of the record.

        Raises:
            OvertakenError: there are newer records; nothing was changed.
        """
        before = aliases_after(known)
        change = Change(before=before, after={**before, **to}, **record)
        if not self._append(len(known) + 1, change):
            (first, *_), _ = self._read(after=len(known))
            raise OvertakenError(
                f"{first.by} changed an alias of {self.name!r} meanwhile ({first.command}: {moves(first)}); "
                "nothing was done: look at `history`, then decide again"
            )
        self._carry_out([*known, change])
        return change

    def _read(self, after: int = 0) -> tuple[list[Change], bool]:
        """Read the records after a number, and whether the aliases were moved as the last one says."""
        params = self.client.get_run(self.run_id).data.params
        numbers = sorted(name for name in params if re.fullmatch(r"\d{6}", name))
        records = [json.loads(params[number]) for number in numbers[after:]]
        for place, record in enumerate(records):
            if PARTS in record:
                text = "".join(params[f"{record['id']}.{part}"] for part in range(record[PARTS]))
                records[place] = json.loads(text)
        changes = [Change(**record) for record in records]
        return changes, not numbers or f"{numbers[-1]}.done" in params

    def _append(self, number: int, change: Change) -> bool:
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

    def _carry_out(self, changes: list[Change]) -> None:
        """Move the aliases as the last record says, and as newer records say that appear meanwhile."""
        from mlflow.exceptions import MlflowException

        newest = 0
        while newest < len(changes):
            newest = len(changes)
            for alias, version in changes[-1].after.items():
                try:
                    if version:
                        self.client.set_registered_model_alias(self.name, alias, version)
                    else:
                        self.client.delete_registered_model_alias(self.name, alias)
                except MlflowException as error:  # the version was deleted, and its alias with it
                    if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                        raise
            self._mark_done(newest)
            changes, _ = self._read()

    def _mark_done(self, number: int) -> None:
        self.client.log_param(self.run_id, f"{number:06}.done", "true")

    def _aliases(self) -> dict[str, str]:
        """Return the version that has each of ALIASES in MLflow; empty: none."""
        aliases = registered_model(self.client, self.name).aliases
        return {alias: str(aliases.get(alias, "")) for alias in ALIASES}


def history_of(client: "MlflowClient", name: str) -> History:
    """Return the history of a registered model; starts one if there is none.

    Raises:
        UserError: the store has no such model, or the history is deleted.
    """
    return History(client, name, run_of_history(client, name))
