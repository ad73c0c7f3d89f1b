"""A stand-in for `docker` in delivery jobs: its images are build contexts, and run as processes.

It is started as `docker.py FOLDER PYTHON PORT ARGUMENTS…`: the folder keeps images, the registry and a line
for each call; the Python has the libraries; the port replaces the one that is published.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

IMAGES, REGISTRY, CALLS, DOWN = "images", "registry", "calls", "down"


def stand_in(folder: Path, python: Path, port: int) -> Path:
    """Write a program `docker` into a folder; return the program's folder, for PATH."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    for name in (IMAGES, REGISTRY):
        (folder / name).mkdir()
    (folder / CALLS).touch()
    program = programs / "docker"
    program.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__)}" "{folder}" "{python}" {port} "$@"\n'
    )
    program.chmod(0o755)
    return programs


def said(folder: Path) -> list[str]:
    """The calls since this was last asked, each up to its first option."""
    lines = (folder / CALLS).read_text().splitlines()
    (folder / CALLS).write_text("")
    return [line.partition(" --")[0] for line in lines]


def stop(folder: Path) -> None:
    """End the processes that still run."""
    for file in folder.glob("*.pid"):
        os.killpg(int(file.read_text()), signal.SIGKILL)
        file.unlink()


def main(folder: Path, python: str, port: str, *given: str) -> int:
    """Do what docker would do, and return its exit code."""
    with (folder / CALLS).open("a") as calls:
        calls.write(" ".join(given) + "\n")
    *_, last = given
    held = last.replace("/", "+")  # a valid name of a folder
    image, pushed = folder / IMAGES / held, folder / REGISTRY / held
    match given:
        case ("login", *_):
            (folder / "password").write_text(sys.stdin.read())
        case ("buildx", "imagetools", "inspect", _):
            if (folder / DOWN).exists():
                print("ERROR: dial tcp 10.0.0.1:443: i/o timeout", file=sys.stderr)
                return 1
            if not pushed.exists():
                print(f"ERROR: {last}: not found", file=sys.stderr)
                return 1
        case ("build", "--tag", tag, _):
            shutil.copytree(last, folder / IMAGES / tag.replace("/", "+"))
        case ("pull", _):
            shutil.copytree(pushed, image, dirs_exist_ok=True)
        case ("push", _):
            shutil.copytree(image, pushed)
        case ("run", "--detach", "--name", name, *_):
            command = [python, "-m", "penguins", "serve", "--host", "0.0.0.0", "--port", port]
            with (folder / f"{name}.log").open("w") as log:
                started = subprocess.Popen(
                    command, cwd=image / "app", stdout=log, stderr=log, start_new_session=True
                )
            (folder / f"{name}.pid").write_text(str(started.pid))
        case ("logs", name):
            print((folder / f"{name}.log").read_text())
        case ("rm", "--force", _):
            stop(folder)
        case _:
            print(f"docker: not known here: {given}", file=sys.stderr)
            return 125
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
