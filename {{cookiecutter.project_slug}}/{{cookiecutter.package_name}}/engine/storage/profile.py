"""Giving DVC the credentials for S3 from .env, since DVC does not read that file.

DVC gets them as a profile in a file beside its local settings. Git ignores both. Environment variables take
precedence over a profile, so a CI job or another shell can still use its own credentials.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import env_file
from ..base.paths import project_root

if TYPE_CHECKING:
    from dvc.repo import Repo

PROFILE = Path(".dvc/s3-profile.env")  # git ignores *.env
PLACES = ("credentialpath", "configpath")  # DVC's settings for the file of a profile
KEY = "AWS_ACCESS_KEY_ID"
# variables, and their names in a profile; of two with the same name there, the last takes precedence
SETTINGS = {name: name.lower() for name in (KEY, "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
SETTINGS |= dict.fromkeys(("AWS_DEFAULT_REGION", "AWS_REGION"), "region")
SETTINGS |= dict.fromkeys(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"), "endpoint_url")


def give(repo: "Repo") -> bool:
    """Give DVC the credentials in .env, or take them away if there are none any more.

    Returns:
        Whether DVC has them now.
    """
    name, file = repo.config["core"]["remote"], project_root() / PROFILE
    content = _profile()
    places = dict.fromkeys(PLACES, str(file) if content else "")
    if content:
        _write_privately(file, content)
    elif not file.exists():
        return False
    else:
        file.unlink()
    with repo.config.edit("local") as config:
        settings = {**config["remote"].get(name, {}), **places}
        config["remote"][name] = {key: value for key, value in settings.items() if value}
    return bool(content)


def are_given(repo: "Repo") -> bool:
    """Tell whether DVC has the same credentials for S3 as .env; both may have none."""
    content, file = _profile(), project_root() / PROFILE
    if not content:
        return not file.exists()
    settings = repo.config["remote"].get(repo.config["core"].get("remote", ""), {})
    known = all(settings.get(place) == str(file) for place in PLACES)
    return known and file.is_file() and file.read_text(encoding="utf-8") == content


def source() -> str:
    """Say where the credentials for S3 come from."""
    given = env_file.values().get(KEY)
    if given and os.environ.get(KEY, given) == given:
        return ".env"
    return "the environment" if KEY in os.environ else "this user's AWS profile, if there is one"


def _profile() -> str:
    """Return the profile with the values in .env; empty if .env has no access key."""
    values = env_file.values()
    if KEY not in values:
        return ""
    lines = {name: values[variable] for variable, name in SETTINGS.items() if variable in values}
    return "[default]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())


def _write_privately(file: Path, content: str) -> None:
    """Write a file that only its owner can read."""
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as to:  # noqa: PTH123
        to.write(content)
