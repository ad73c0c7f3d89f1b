"""The history of a registered model: a record of each change of an alias, in order, in the tracking store.

The records decide and the aliases follow: a record says which versions have the aliases from then on. Rights
are checked before it is written, and reading changes nothing. A change begins by finishing one that was
interrupted; after moving the aliases, it looks for a newer record. If the last record was carried out and the
aliases differ from it, they were moved in another way, and this becomes a record, too.

The champion is never the challenger or the canary as well. On a server with accounts, deleting an alias needs
MANAGE on the model, and moving it needs EDIT. If @challenger cannot be deleted, it stays on the champion, and
@canary is moved there; an alias there beside @champion counts as none.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..tracking import rights
from ..tracking.who import Who
from .changes import ALIASES, OUTSIDE, Change, aliases_after, moves
from .history_run import find, find_or_start
from .records import DONE, REFUSED, Records
from .registered_model import registered_model
from .registry import CANARY, CHAMPION

if TYPE_CHECKING:
    from mlflow import MlflowClient


class OvertakenError(UserError):
    """Somebody else changed an alias since the records were read."""


@dataclass
class History:
    """The records of one registered model.

    Attributes:
        client: the store's client.
        name: the registered model's name.
        run_id: the id of the run whose parameters are the records; empty if there is none yet.
    """

    client: "MlflowClient"
    name: str
    run_id: str

    def changes(self) -> list[Change]:
        """Read the records, the oldest first; a change made in another way is the last. Nothing is written.

        Raises:
            UserError: the store has no such model.
        """
        changes, done = self._records.read()
        recorded, current = aliases_after(changes), self._aliases()
        if not done or current == recorded:
            return changes
        return [*changes, Change(OUTSIDE, recorded, current, by="unknown")]

    def for_a_change(self, deletes: bool = False) -> list[Change]:
        """Read the records before changing an alias; finish a change that was interrupted.

        Args:
            deletes: whether the change takes an alias away.

        Raises:
            UserError: the store has no such model, or the account may not change its aliases.
        """
        model = f"the registered model {self.name!r}"
        rights.check(self.client, rights.MODEL, self.name, rights.MANAGE if deletes else rights.EDIT, model)
        if self.run_id:
            experiment = self.client.get_run(self.run_id).info.experiment_id
            what = "the experiment of its history"
            rights.check(self.client, rights.EXPERIMENT, experiment, rights.EDIT, what, "deployer")
        self.run_id = find_or_start(self.client, self.name)
        changes, done = self._records.read()
        if not done:
            print(f"an interrupted change by {changes[-1].who} is finished now: {moves(changes[-1])}")
            self._carry_out(changes)
        return self.changes()

    def move(self, known: list[Change], to: Mapping[str, str], **record: Any) -> Change:
        """Write a record and move the aliases.

        Args:
            known: the records that the decision was based on, from `for_a_change`.
            to: the version of each alias that changes.
            record: the other fields of the record.

        Raises:
            OvertakenError: there are newer records; nothing was changed.
        """
        before = aliases_after(known)
        change = Change(before=before, after={**before, **to}, **asdict(Who.of(self.client)), **record)
        self.run_id = self.run_id or find_or_start(self.client, self.name)
        written = self._check_newest(known)
        for number, each in enumerate([*known, change][written:], written + 1):
            # if one of `known` is not written yet, it was made in another way
            if not self._records.append(number, each):
                self._check_newest(known)
            if each is not change:
                self._records.mark(number, DONE)
        self._carry_out([*known, change])
        return change

    def _check_newest(self, known: list[Change]) -> int:
        """Check that no record was written since `known` were read, and return how many there are.

        Raises:
            OvertakenError: a record was written.
        """
        written, _ = self._records.read()
        for number, newer in enumerate(written):
            if number >= len(known) or newer.id != known[number].id:
                raise OvertakenError(
                    f"{newer.who} changed an alias of {self.name!r} meanwhile ({newer.command}: "
                    f"{moves(newer)}); nothing was done: look at `history`, then decide again"
                )
        return len(written)

    @property
    def _records(self) -> Records:
        return Records(self.client, self.run_id)

    def _carry_out(self, changes: list[Change]) -> None:
        """Move the aliases as the last record says, and as newer records say if they appear meanwhile."""
        from mlflow.exceptions import MlflowException

        newest = 0
        while newest < len(changes):
            newest = len(changes)
            try:
                for alias, version in changes[-1].after.items():
                    self._set_alias(alias, version, changes[-1].after[CHAMPION])
            except MlflowException as error:
                if error.error_code == "PERMISSION_DENIED":
                    self._records.mark(newest, REFUSED)
                raise
            self._records.mark(newest, DONE)
            changes, _ = self._records.read()

    def _set_alias(self, alias: str, version: str, champion: str) -> None:
        """Give an alias to a version; take it away from all if the version is empty.

        Args:
            alias: one of ALIASES.
            version: its number.
            champion: the number of the version that is the champion now.
        """
        from mlflow.exceptions import MlflowException

        try:
            if version:
                self.client.set_registered_model_alias(self.name, alias, version)
            elif holder := registered_model(self.client, self.name).aliases.get(alias, ""):
                try:
                    self.client.delete_registered_model_alias(self.name, alias)
                except MlflowException as error:
                    if error.error_code != "PERMISSION_DENIED" or (
                        alias != CANARY and str(holder) != champion
                    ):
                        raise
                    if str(holder) != champion:
                        self.client.set_registered_model_alias(self.name, alias, champion)
        except MlflowException as error:  # the version was deleted, and its alias with it
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise

    def _aliases(self) -> dict[str, str]:
        """Return the version that has each of ALIASES in MLflow; empty if none has it."""
        aliases = registered_model(self.client, self.name).aliases
        numbers = {alias: str(aliases.get(alias, "")) for alias in ALIASES}
        # another alias that is on the champion could not be deleted: see above
        champion = numbers.pop(CHAMPION)
        return {CHAMPION: champion, **{alias: "" if n == champion else n for alias, n in numbers.items()}}


def history_of(client: "MlflowClient", name: str) -> History:
    """Return the history of a registered model, which may have no record yet.

    Raises:
        UserError: the store has no such model, or the history is deleted.
    """
    return History(client, name, find(client, name))
