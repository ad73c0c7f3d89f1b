"""Images built by buildah and run by podman, on the tests' own base image: Debian with Python, made once."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from filelock import FileLock

from tests.support.baked import TEMPLATE, run
from tests.support.lacking import lacking
from tests.support.serving import answered

PROGRAMS = ("buildah", "podman", "runc", "mmdebstrap")
SUITES = {(3, 11): "bookworm", (3, 13): "trixie"}  # the releases of Debian, by their versions of Python
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# podman's defaults require more rights than a CI job has
SETTINGS = """[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
"""
# what a base image leaves out
NO_TEXTS = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "locale", "man", "info")]
NO_LISTS = '--customize-hook=rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin'


@dataclass
class Container:
    """A running container with a server."""

    name: str
    url: str
    folder: Path
    token: str

    def wait(self, route: str = "/ready", says: str = "", seconds: float = 240) -> str:
        """Ask until the answer contains a text."""

        def log() -> str:
            return podman(self.folder, "logs", self.name)

        def check() -> None:
            state = podman(self.folder, "inspect", "--format", "{{.State.Status}}", self.name).strip()
            assert state in ("running", "created", "initialized"), log()

        return answered(lambda: self.ask(route), says, seconds, check, log)

    def ask(self, route: str, body: bytes | None = None) -> str:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"{self.url}{route}", body, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())

    def inside(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command in the container."""
        return called(self.folder, "podman", "exec", self.name, *command)


def check_programs() -> None:
    """Check that the programs are installed, and that there is a base image with this Python."""
    missing = [f"{name} (Debian: {' '.join(PROGRAMS)})" for name in PROGRAMS if not which(name)]
    if sys.version_info[:2] not in SUITES:
        known = " or ".join(f"{major}.{minor}" for major, minor in SUITES)
        missing.append(f"Python {known}, which a Debian has, so that there is a base image with it")
    if missing:
        lacking(f"missing: {', '.join(missing)}")


def called(folder: Path, *command: str | Path) -> "subprocess.CompletedProcess[str]":
    settings = folder / "containers.conf"
    settings.write_text(SETTINGS)
    env = {**os.environ, "CONTAINERS_CONF": str(settings)}
    return subprocess.run([*map(str, command)], capture_output=True, text=True, env=env)


def podman(folder: Path, *arguments: str) -> str:
    done = called(folder, "podman", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def buildah(folder: Path, *arguments: str | Path) -> str:
    done = called(folder, "buildah", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def base_image(folder: Path) -> str:
    """Make the base image, once on a machine: Debian with its Python, and this machine's certificates."""
    suite = SUITES[sys.version_info[:2]]
    name, tar = f"localhost/base-of-tests-{suite}", TEMPLATE / f".environments/base-{suite}.tar"
    tar.parent.mkdir(exist_ok=True)
    with FileLock(f"{tar}.lock"):
        if not tar.exists():
            packages = "--include=python3,python3-venv,python3-pip,ca-certificates"
            made = tar.with_suffix(".part.tar")
            run(TEMPLATE, "mmdebstrap", "--variant=minbase", packages, *NO_TEXTS, NO_LISTS, suite, made)
            made.rename(tar)
        if called(folder, "buildah", "inspect", "--type", "image", name).returncode:
            container = buildah(folder, "from", "scratch")
            buildah(folder, "add", "--quiet", container, tar, "/")
            if Path(CERTIFICATES).exists():
                buildah(folder, "copy", "--quiet", container, CERTIFICATES, CERTIFICATES)
            buildah(folder, "commit", "--quiet", container, name)
            buildah(folder, "rm", container)
    return name


def build(folder: Path, context: Path, tag: str) -> int:
    """Build an image, and return how many bytes it adds to its base."""
    base = base_image(folder)
    secret = folder / "pip.conf"
    secret.write_text(f"[global]\ncert = {CERTIFICATES}\n" if Path(CERTIFICATES).exists() else "")
    how = (
        "--isolation",
        "chroot",
        "--network",
        "host",
        "--pull-never",
        "--format",
        "docker",
        "--quiet",
        "--layers",
    )
    buildah(
        folder,
        "bud",
        *how,
        f"--build-arg=BASE={base}",
        f"--secret=id=pip,src={secret}",
        f"--tag={tag}",
        context,
    )
    sizes = [json.loads(podman(folder, "image", "inspect", name))[0]["Size"] for name in (tag, base)]
    return int(sizes[0] - sizes[1])


@contextmanager
def running(
    folder: Path, tag: str, port: int, *options: str, environment: dict[str, str] | None = None
) -> Iterator[Container]:
    """Run an image as docs/serve.md describes, but on this machine's network."""
    name, token = f"test-{port}", "a token"
    variables = {"SERVE_TOKEN": token, "SERVE_PORT": str(port), **(environment or {})}
    hardened = (
        "--read-only",
        "--cap-drop",
        "ALL",
        "--security-opt",
        "no-new-privileges",
        "--network",
        "host",
    )
    given = [f"--env={key}={value}" for key, value in variables.items()]
    mounts = [option for option in options if option.startswith("--volume")]
    further = [option for option in options if option not in mounts]
    podman(folder, "run", "--detach", "--name", name, *hardened, *given, *mounts, tag, *further)
    try:
        yield Container(name, f"http://127.0.0.1:{port}", folder, token)
    finally:
        podman(folder, "rm", "--force", "--time", "5", name)
