"""Every change of an alias: one record after the other, in order, kept in the tracking store for good.

Record 17 is the parameter `000017` of one run in the experiment NAME-history. MLflow refuses a second value
for a parameter, in its database and on its server alike: of two processes that both saw 16 records one writes
the 17th, and the other is told. No record is ever rewritten, by the same rule. A record that is too long for
one parameter is in several, under its own id and written before; the 17th then only says how many.

The records decide and the aliases follow: a record says what both aliases are from then on, and
`000017.done` that they were moved. Whoever finds a last record that is not done moves them; whoever has
moved them looks whether there is a newer record meanwhile. Aliases that are not what a last record, which is
done, says were moved by other means, and that becomes a record, too.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from .changes import ALIASES, OUTSIDE, Change, aliases_after, moves
from .history_run import run_of_history
from .registry import registered_model

if TYPE_CHECKING:
    from mlflow import MlflowClient

LIMIT = 6000  # characters of a parameter's value; MLflow would cut off the rest
PARTS = "parts"  # the key of a record that only says in how many parameters it is


class OvertakenError(UserError):
    """Somebody else changed an alias since the records were read."""


@dataclass(frozen=True)
class History:
    """The records of one registered model."""

    client: "MlflowClient"
    name: str
    run_id: str

    def changes(self) -> list[Change]:
        """Read the records, the oldest first, and see to it that the aliases are what the last one says.

        Raises:
            UserError: the store has no such model.
        """
        while True:
            changes, done = self._read()
            if changes and not done:
                self._carry_out(changes)
                continue
            last, now = aliases_after(changes), self._aliases()
            if now == last:
                return changes
            noticed = Change(OUTSIDE, last, now, by="unknown")
            if self._append(len(changes) + 1, noticed):
                self._mark_done(len(changes) + 1)

    def move(self, known: list[Change], to: Mapping[str, str], **record: Any) -> Change:
        """Write a record and move the aliases.

        Args:
            known: the records that the decision was made on.
            to: the version of each alias that changes.
            record: the other fields of the record.

        Raises:
            OvertakenError: there are more records by now; nothing was changed.
        """
        before = aliases_after(known)
        change = Change(before=before, after={**before, **to}, **record)
        if not self._append(len(known) + 1, change):
            (first, *_), _ = self._read(after=len(known))
            raise OvertakenError(
                f"{first.by} changed an alias of {self.name!r} meanwhile ({first.command}: {moves(first)}); "
                "nothing was done: look at `history`, then decide anew"
            )
        self._carry_out([*known, change])
        return change

    def _read(self, after: int = 0) -> tuple[list[Change], bool]:
        """Read the records after a number, and whether the last one's aliases were moved."""
        kept = self.client.get_run(self.run_id).data.params
        numbers = sorted(name for name in kept if re.fullmatch(r"\d{6}", name))
        records = [json.loads(kept[number]) for number in numbers[after:]]
        for place, record in enumerate(records):
            if PARTS in record:
                text = "".join(kept[f"{record['id']}.{part}"] for part in range(record[PARTS]))
                records[place] = json.loads(text)
        changes = [Change(**record) for record in records]
        return changes, not numbers or f"{numbers[-1]}.done" in kept

    def _append(self, number: int, change: Change) -> bool:
        """Write a record; False if there is one of this number."""
        from mlflow.exceptions import MlflowException

        text = json.dumps(asdict(change), ensure_ascii=False)
        if len(text) > LIMIT:
            parts = [text[start : start + LIMIT] for start in range(0, len(text), LIMIT)]
            for place, part in enumerate(parts):
                self.client.log_param(self.run_id, f"{change.id}.{place}", part)
            text = json.dumps({"id": change.id, PARTS: len(parts)})
        try:
            self.client.log_param(self.run_id, f"{number:06}", text)
        except MlflowException:  # the error's code is that of many others
            kept = self.client.get_run(self.run_id).data.params.get(f"{number:06}")
            if kept is None:
                raise
            return bool(kept == text)  # ours, if it was only the answer that was lost
        return True

    def _carry_out(self, changes: list[Change]) -> None:
        """Move the aliases to where the last record wants them, and to where newer ones do."""
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
                except MlflowException as error:  # the version was deleted: the alias went with it
                    if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                        raise
            self._mark_done(newest)
            changes, _ = self._read()

    def _mark_done(self, number: int) -> None:
        self.client.log_param(self.run_id, f"{number:06}.done", "true")

    def _aliases(self) -> dict[str, str]:
        """Return the version of each of ALIASES."""
        aliases = registered_model(self.client, self.name).aliases
        return {alias: str(aliases.get(alias, "")) for alias in ALIASES}


def history_of(client: "MlflowClient", name: str) -> History:
    """Return the history of a registered model, beginning it if there is none.

    Raises:
        UserError: the store has no such model, or the history is deleted.
    """
    return History(client, name, run_of_history(client, name))
