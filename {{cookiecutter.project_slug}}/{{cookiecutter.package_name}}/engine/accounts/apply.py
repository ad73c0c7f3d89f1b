"""Setting a server's accounts, roles and rights for this project from a file; again, it changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..base.errors import UserError
from ..registry.history_run import find_or_start
from ..tracking import rights, store
from .file import ADMIN, SUBJECTS, Access
from .server import Server

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENTS, HISTORY, MODEL = SUBJECTS
Resource = tuple[str, str]  # MLflow's name of its kind, and the model's name or the experiment's id


def resources(client: "MlflowClient", model: str) -> dict[str, list[Resource]]:
    """Return what the roles have rights for, by the subjects of the file; create what does not exist yet.

    On a server with accounts, the account that creates something may do everything with it: so an admin
    creates it.

    Args:
        client: the store's client.
        model: the registered model's name.
    """
    if not client.search_registered_models(f"name = '{model}'"):
        client.create_registered_model(model)
    names = (store.experiment_name(), store.data_experiment_name())
    history = client.get_run(find_or_start(client, model)).info.experiment_id
    return {
        EXPERIMENTS: [(rights.EXPERIMENT, store.experiment_id(client, name)) for name in names],
        HISTORY: [(rights.EXPERIMENT, history)],
        MODEL: [(rights.MODEL, model)],
    }


@dataclass
class Application:
    """The file, and the server that it is applied to.

    Attributes:
        server: the server, on which this account is an admin.
        access: what the file says.
        resources: the project's resources.
        users: the server's accounts, by their names.
        own: the name of the account that applies it.
    """

    server: Server
    access: Access
    resources: dict[str, list[Resource]]
    users: dict[str, dict[str, Any]]
    own: str

    def apply(self, keep_password: Callable[[str], str]) -> Iterator[str]:
        """Change everything that differs from the file; yields a line for each change.

        Args:
            keep_password: makes the first password of a new account, keeps it for its owner, returns it.
        """
        for name in self.access.accounts:
            if name not in self.users:
                self.server.create_user(name, keep_password(name))
                yield f"account {name}: created"
        self.users = self.server.users()
        yield from self._admins()
        roles = self.server.roles()
        for role in self.access.roles:
            name = f"{store.experiment_name()}-{role}"
            if name not in roles:
                roles[name] = self.server.create_role(name, f"{role} of {store.experiment_name()}")
                yield f"role {name}: created"
            yield from self._rights(name, roles[name], role)
            yield from self._members(name, roles[name], role)
        yield from self._own_rights()

    def _admins(self) -> Iterator[str]:
        """Make exactly those of the file's accounts admins that the file says are."""
        for name, roles in self.access.accounts.items():
            if self.users[name]["is_admin"] is not (ADMIN in roles):
                if name == self.own:
                    raise UserError(f"{name}: runs this as an admin, and would no longer be one")
                self.server.set_admin(name, ADMIN in roles)
                yield f"account {name}: {'an admin' if ADMIN in roles else 'no longer an admin'}"

    def _rights(self, name: str, role_id: int, role: str) -> Iterator[str]:
        """Give a role the rights in the file, and take all other rights away."""
        wanted = {
            (kind, resource, level)
            for subject, level in self.access.roles[role].items()
            for kind, resource in self.resources[subject]
        }
        has = {_right(row): row["id"] for row in self.server.rights(role_id)}
        for right in sorted(has.keys() - wanted):
            self.server.remove_right(has[right])
            yield f"role {name}: no longer {_words(right)}"
        for right in sorted(wanted - has.keys()):
            self.server.add_right(role_id, *right)
            yield f"role {name}: {_words(right)}"

    def _members(self, name: str, role_id: int, role: str) -> Iterator[str]:
        """Give a role to its accounts in the file, and take it away from all others."""
        members = self.server.members(role_id)
        for account, user in self.users.items():
            wanted = role in self.access.accounts.get(account, ())
            if wanted is not (user["id"] in members):
                (self.server.assign if wanted else self.server.unassign)(account, role_id)
                yield f"account {account}: {'' if wanted else 'no longer '}{name}"

    def _own_rights(self) -> Iterator[str]:
        """Take away rights that an account has by itself, such as the one that created the experiment."""
        ours = {resource for each in self.resources.values() for resource in each}
        for account, roles in self.access.accounts.items():
            if ADMIN in roles:
                continue  # an admin may do everything in any case
            for row in self.server.own_rights(account, self.users[account]["id"]):
                kind, resource, level = _right(row)
                if (kind, resource) in ours:
                    self.server.revoke(account, kind, resource)
                    yield f"account {account}: no longer {_words((kind, resource, level))} by itself"


def _right(row: dict[str, Any]) -> tuple[str, str, str]:
    return str(row["resource_type"]), str(row["resource_pattern"]), str(row["permission"])


def _words(right: tuple[str, str, str]) -> str:
    kind, resource, level = right
    return f"{level} on {kind.replace('_', ' ')} {resource}"
