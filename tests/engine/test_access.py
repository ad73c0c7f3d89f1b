"""What access.yaml says, and that a server is made so; the server here is a dictionary."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from penguins.engine.accounts import file
from penguins.engine.accounts.apply import Application
from penguins.engine.accounts.server import Server
from penguins.engine.base.errors import UserError
from penguins.engine.commands import access
from penguins.engine.tracking import rights

GIVEN = """\
roles:
  viewer: {experiments: READ}
  deployer: {history: EDIT, model: EDIT}
accounts:
  root: [admin]
  ben: [viewer, deployer]
  vera: [viewer]
"""
RESOURCES = {
    "experiments": [("experiment", "1"), ("experiment", "2")],
    "history": [("experiment", "3")],
    "model": [("registered_model", "things")],
}


class Fake(Server):  # type: ignore[misc]
    """A server that keeps what it is told."""

    def __init__(self) -> None:
        object.__setattr__(self, "known", {"root": True, "ben": False, "old": True})
        object.__setattr__(self, "given", {})
        object.__setattr__(self, "has", {})
        object.__setattr__(
            self, "own", {"ben": [("experiment", "1", "MANAGE"), ("experiment", "9", "MANAGE")]}
        )

    known: dict[str, bool]
    given: dict[str, set[tuple[str, str, str]]]
    has: dict[str, set[str]]
    own: dict[str, list[tuple[str, str, str]]]

    def _name(self, role: int) -> str:
        return list(self.given)[role]

    def users(self) -> dict[str, dict[str, Any]]:
        return {name: {"id": at, "is_admin": admin} for at, (name, admin) in enumerate(self.known.items())}

    def create_user(self, name: str, password: str) -> None:
        assert len(password) > 12
        self.known[name] = False

    def set_admin(self, name: str, is_admin: bool) -> None:
        self.known[name] = is_admin

    def roles(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.given)}

    def create_role(self, name: str, description: str) -> int:
        self.given[name], self.has[name] = set(), set()
        return len(self.given) - 1

    def rights(self, role: int) -> list[dict[str, Any]]:
        names = ("resource_type", "resource_pattern", "permission")
        return [
            {"id": right, **dict(zip(names, right, strict=True))} for right in self.given[self._name(role)]
        ]

    def add_right(self, role: int, kind: str, name: str, level: str) -> None:
        self.given[self._name(role)].add((kind, name, level))

    def remove_right(self, right: Any) -> None:
        for each in self.given.values():
            each.discard(right)

    def members(self, role: int) -> set[int]:
        return {self.users()[name]["id"] for name in self.has[self._name(role)]}

    def assign(self, name: str, role: int) -> None:
        self.has[self._name(role)].add(name)

    def unassign(self, name: str, role: int) -> None:
        self.has[self._name(role)].remove(name)

    def own_rights(self, name: str, user: int) -> list[dict[str, Any]]:
        names = ("resource_type", "resource_pattern", "permission")
        return [dict(zip(names, right, strict=True)) for right in self.own.get(name, [])]

    def revoke(self, name: str, kind: str, resource: str) -> None:
        self.own[name] = [right for right in self.own[name] if right[:2] != (kind, resource)]


def applied(server: Fake, path: Path, text: str, own: str = "root") -> list[str]:
    path.write_text(text, encoding="utf-8")
    application = Application(server, file.read(path), RESOURCES, server.users(), own)
    return list(application.apply(lambda name: f"{name}-password-1"))


def test_a_server_is_as_the_file_says(project: Path) -> None:
    server, path = Fake(), project / "access.yaml"
    changed = applied(server, path, GIVEN)
    assert "account vera: created" in changed
    assert server.given == {
        "penguins-viewer": {("experiment", "1", "READ"), ("experiment", "2", "READ")},
        "penguins-deployer": {("experiment", "3", "EDIT"), ("registered_model", "things", "EDIT")},
    }
    assert server.has == {"penguins-viewer": {"ben", "vera"}, "penguins-deployer": {"ben"}}
    assert server.own == {"ben": [("experiment", "9", "MANAGE")]}  # of the project nothing by itself
    assert server.known == {"root": True, "ben": False, "old": True, "vera": False}
    assert applied(server, path, GIVEN) == []  # again, nothing

    less = GIVEN.replace("ben: [viewer, deployer]", "ben: [admin]").replace(
        "{experiments: READ}", "{model: READ}"
    )
    assert applied(server, path, less) == [
        "account ben: an admin",
        "role penguins-viewer: no longer READ on experiment 1",
        "role penguins-viewer: no longer READ on experiment 2",
        "role penguins-viewer: READ on registered model things",
        "account ben: no longer penguins-viewer",
        "account ben: no longer penguins-deployer",
    ]
    with pytest.raises(UserError, match="root: runs this as an admin, and would no longer be one"):
        applied(server, path, GIVEN.replace("root: [admin]", "root: []"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("accounts:", "acounts:", r"access.yaml:4: acounts: unknown 'acounts'; did you mean 'accounts'"),
        ("READ}", "WRITE}", r":2: roles.viewer.experiments: needs READ, EDIT or MANAGE; got 'WRITE'"),
        ("{history", "{histori", r":3: roles.deployer.histori: unknown 'histori'; did you mean 'history'"),
        ("vera: [viewer]", "vera: viewer", r":7: accounts.vera: needs a list of roles, such as \[viewer\]"),
        ("vera: [viewer]", "vera: [viwer]", r":7: accounts.vera: unknown 'viwer'; did you mean 'viewer'"),
        ("  deployer: {", "  admin: {}\n  deployer: {", r":3: roles.admin: is MLflow's own"),
        (GIVEN, "1", r":1: needs the blocks roles and accounts"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(project: Path, old: str, new: str, says: str) -> None:
    path = project / "access.yaml"
    assert old in GIVEN
    path.write_text(GIVEN.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match=says) as error:
        file.read(path)
    assert "\n" not in str(error.value)


def test_a_local_store_has_no_accounts(project: Path) -> None:
    with pytest.raises(UserError, match="has no accounts"):
        access.main(Namespace(action="show", json=False))


def test_who_is_no_admin_applies_nothing(project: Path) -> None:
    path = project / "access.yaml"
    path.write_text(GIVEN, encoding="utf-8")
    arguments = Namespace(file=path, passwords=None, json=False)
    with pytest.raises(UserError, match=r"'vera' is not an admin on this server; only an admin applies"):
        access.apply(None, "things", rights.Account("vera", False), arguments)
