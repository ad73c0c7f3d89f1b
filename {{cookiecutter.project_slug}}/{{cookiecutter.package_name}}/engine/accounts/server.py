"""MLflow's administration of accounts and roles, as a server with accounts offers it to its admins."""

from dataclasses import dataclass
from typing import Any

WORKSPACE = "default"  # the only workspace of a server on which workspaces are not enabled
ROLES, USERS = "/api/3.0/mlflow/roles", "/api/2.0/mlflow/users"
GRANTS = "/api/3.0/mlflow/users/permissions"


@dataclass(frozen=True)
class Server:
    """A tracking server with accounts."""

    uri: str

    def users(self) -> dict[str, dict[str, Any]]:
        """Return every account, by its name, with `id`, `is_admin` and `roles`."""
        return {user["username"]: user for user in self._ask("GET", f"{USERS}/list")["users"]}

    def create_user(self, name: str, password: str) -> None:
        """Create an account."""
        self._ask("POST", f"{USERS}/create", username=name, password=password)

    def set_admin(self, name: str, is_admin: bool) -> None:
        """Make an account an admin, or no longer one."""
        self._ask("PATCH", f"{USERS}/update-admin", username=name, is_admin=is_admin)

    def roles(self) -> dict[str, int]:
        """Return the id of each role, by its name."""
        return {
            role["name"]: role["id"]
            for role in self._ask("GET", f"{ROLES}/list", workspace=WORKSPACE)["roles"]
        }

    def create_role(self, name: str, description: str) -> int:
        """Create a role without rights, and return its id."""
        made = self._ask("POST", f"{ROLES}/create", workspace=WORKSPACE, name=name, description=description)
        return int(made["role"]["id"])

    def rights(self, role: int) -> list[dict[str, Any]]:
        """List the rights of a role, with `id`, `resource_type`, `resource_pattern` and `permission`."""
        return list(self._ask("GET", f"{ROLES}/permissions/list", role_id=role)["role_permissions"])

    def add_right(self, role: int, kind: str, name: str, level: str) -> None:
        """Give a role a right."""
        what = {"resource_type": kind, "resource_pattern": name, "permission": level}
        self._ask("POST", f"{ROLES}/permissions/add", role_id=role, **what)

    def remove_right(self, right: int) -> None:
        """Take a right away from its role."""
        self._ask("DELETE", f"{ROLES}/permissions/remove", role_permission_id=right)

    def members(self, role: int) -> set[int]:
        """Return the ids of the accounts that have a role."""
        return {
            each["user_id"] for each in self._ask("GET", f"{ROLES}/users/list", role_id=role)["assignments"]
        }

    def assign(self, name: str, role: int) -> None:
        """Give an account a role."""
        self._ask("POST", f"{ROLES}/assign", username=name, role_id=role)

    def unassign(self, name: str, role: int) -> None:
        """Take a role away from an account."""
        self._ask("DELETE", f"{ROLES}/unassign", username=name, role_id=role)

    def own_rights(self, name: str, user: int) -> list[dict[str, Any]]:
        """List the rights that an account has by itself, such as those to what it has created."""
        rows = self._ask("GET", f"{GRANTS}/list", username=name)["permissions"]
        return [row for row in rows if row["role_name"] == f"__user_{user}__"]

    def revoke(self, name: str, kind: str, resource: str) -> None:
        """Take away a right that an account has by itself."""
        self._ask("POST", f"{GRANTS}/revoke", username=name, resource_type=kind, resource_id=resource)

    def _ask(self, method: str, path: str, **what: Any) -> dict[str, Any]:
        """Send a request; errors are raised by MLflow."""
        from mlflow.utils.credentials import get_default_host_creds
        from mlflow.utils.rest_utils import http_request, verify_rest_response

        given: dict[str, Any] = {"params" if method == "GET" else "json": what}
        answer = http_request(get_default_host_creds(self.uri), path, method, **given)
        content: Any = verify_rest_response(answer, path).json()
        return dict(content)
