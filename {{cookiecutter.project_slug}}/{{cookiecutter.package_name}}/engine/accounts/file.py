"""The file that says who may do what on the tracking server: the rights of roles, the roles of accounts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..base.errors import UserError
from ..base.yaml import line_of, nearest, read_yaml
from ..tracking.rights import EDIT, MANAGE, READ

ADMIN = "admin"  # MLflow's own: may do everything, on the whole server
SUBJECTS = ("experiments", "history", "model")  # what a role has a right for
BLOCKS = ("roles", "accounts")
RIGHTS = (READ, EDIT, MANAGE)


@dataclass(frozen=True)
class Access:
    """What the file says.

    Attributes:
        roles: for each role the right that it has for each of SUBJECTS, if any.
        accounts: the roles of each account; ADMIN may be among them.
    """

    roles: Mapping[str, Mapping[str, str]]
    accounts: Mapping[str, list[str]]


def read(path: Path) -> Access:
    """Read the file.

    Raises:
        UserError: it cannot be read, or has mistakes, a line for each.
    """
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise UserError(f"{path}:1: needs the blocks roles and accounts")
    if unknown := [key for key in content if key not in BLOCKS]:
        raise UserError("\n".join(_unknown(path, (key,), key, BLOCKS) for key in unknown))
    for name in BLOCKS:
        if not isinstance(content.get(name), dict):
            raise UserError(f"{_at(path, (name,))}: needs a block of keys")
    roles, accounts = content["roles"], content["accounts"]
    mistakes = [mistake for role in roles for mistake in _of_role(path, role, roles[role])]
    mistakes += [
        mistake for name in accounts for mistake in _of_account(path, name, accounts[name], [*roles, ADMIN])
    ]
    if mistakes:
        raise UserError("\n".join(mistakes))
    return Access(roles, accounts)


def _of_role(path: Path, role: str, rights: Any) -> list[str]:
    """List the mistakes in the rights of a role."""
    key = ("roles", role)
    if role == ADMIN:
        return [
            f"{_at(path, key)}: is MLflow's own and has every right: leave it out here, give it to accounts"
        ]
    if not isinstance(rights, dict):
        return [f"{_at(path, key)}: needs a right for each of {', '.join(SUBJECTS)}; got {rights!r}"]
    unknown = [_unknown(path, (*key, name), name, SUBJECTS) for name in rights if name not in SUBJECTS]
    wrong = [name for name in rights if name in SUBJECTS and rights[name] not in RIGHTS]
    return unknown + [
        f"{_at(path, (*key, name))}: needs {', '.join(RIGHTS[:-1])} or {RIGHTS[-1]}; got {rights[name]!r}"
        for name in wrong
    ]


def _of_account(path: Path, name: str, roles: Any, known: list[str]) -> list[str]:
    """List the mistakes in the roles of an account."""
    key = ("accounts", name)
    if not isinstance(roles, list):
        return [f"{_at(path, key)}: needs a list of roles, such as [{known[0]}]; got {roles!r}"]
    return [_unknown(path, key, role, known) for role in roles if role not in known]


def _unknown(path: Path, key: tuple[str, ...], word: object, known: "list[str] | tuple[str, ...]") -> str:
    return f"{_at(path, key)}: unknown {word!r}; {nearest(str(word), list(known))}"


def _at(path: Path, key: tuple[str, ...]) -> str:
    return f"{path}:{line_of(path, key)}: {'.'.join(map(str, key))}"
