"""The tracking server of deploy/tracking/, set up with the commands of its README, with real servers."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.baked import TEMPLATE, Baked, run
from tests.support.lacking import lacking
from tests.support.running import replace_in
from tests.support.serving import free_ports

NAME = "localhost"  # the public name of the server
PROGRAMS = {
    "postgres": "/usr/lib/postgresql",
    "haproxy": "/usr/sbin",
    "openssl": "/usr/bin",
    "curl": "/usr/bin",
}
PASSWORD = "pw"  # the password of PostgreSQL's administrator, only in the tests


@dataclass
class Deployment:
    """A running tracking server with everything that belongs to it.

    `folder` contains what the README's commands made: `etc` (settings and secrets), `opt`, `units`.
    """

    folder: Path
    tracking: Path  # the project's deploy/tracking
    ports: dict[str, int]
    s3: dict[str, str]
    data: Path  # PostgreSQL's folder, which its account can access
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.ports['https']}"

    @property
    def client(self) -> dict[str, str]:
        """A team member's variables, with those of a CI job, since only CI makes versions on a server."""
        return {
            "CI": "true",
            "MLFLOW_TRACKING_URI": self.url,
            "MLFLOW_TRACKING_USERNAME": "admin",
            "MLFLOW_TRACKING_PASSWORD": self.secret("admin_password"),
            "MLFLOW_TRACKING_SERVER_CERT_PATH": str(self.folder / "ca.pem"),
            "REQUESTS_CA_BUNDLE": str(self.folder / "ca.pem"),
        }

    @property
    def backup(self) -> dict[str, str]:
        """The environment variables of the backup's unit."""
        return {
            "MLFLOW_BACKEND_STORE_URI": self.database("mlflow"),
            "MLFLOW_ARTIFACTS_DESTINATION": "s3://mlflow/artifacts",
            "PGPASSWORD": self.secret("database_password"),
            **self.s3,
        }

    def secret(self, name: str) -> str:
        return (self.tracking / "secrets" / name).read_text().strip()

    def database(self, name: str) -> str:
        return f"postgresql://mlflow@127.0.0.1:{self.ports['postgres']}/{name}"

    @property
    def administrator(self) -> dict[str, str]:
        """The variables by which psql and createdb run as PostgreSQL's administrator."""
        port = str(self.ports["postgres"])
        return {"PGHOST": "127.0.0.1", "PGPORT": port, "PGUSER": "postgres", "PGPASSWORD": PASSWORD}

    def readme(self, heading: str) -> list[str]:
        """The shell blocks of a section of the README, with this machine's folders."""
        text = (self.tracking / "README.md").read_text(encoding="utf-8")
        section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        places = {
            "/opt/mlflow": "opt",
            "/etc/mlflow": "etc",
            "/etc/systemd/system": "units",
            "/etc/haproxy": "etc",
        }
        for place, here in places.items():
            blocks = [block.replace(place, str(self.folder / here)) for block in blocks]
        return blocks

    def shell(self, script: str, **env: str) -> None:
        run(self.tracking, "sh", "-euc", script, env=env)

    def start(self, name: str, script: str, **env: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        variables = {**os.environ, **env}
        self.processes[name] = subprocess.Popen(
            ["sh", "-euc", script],
            cwd=self.tracking,
            env=variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def start_server(self) -> None:
        """Start MLflow with the README's own commands."""
        (*_, by_hand) = self.readme("Without containers")
        self.start(
            "mlflow", by_hand.replace(f"\n{self.folder}/opt/serve.sh", f"\nexec {self.folder}/opt/serve.sh")
        )

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """End a server and its workers."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):  # it has ended by itself
            os.killpg(process.pid, how)
        process.wait(timeout=180)

    def stop_all(self) -> None:
        for name in list(self.processes):
            self.stop(name)

    def healthy(self) -> str:
        """What the health check reports; empty if all is well."""
        etc = self.folder / "etc"
        script = f"set -a; . {etc}/settings.conf; SECRETS={etc}/secrets; set +a; exec python health.py"
        env = {"PATH": f"{self.folder}/opt/.venv/bin{os.pathsep}{os.environ['PATH']}"}
        done = run(self.tracking, "sh", "-euc", script, check=False, env=env)
        return done.stderr.strip() if done.returncode else ""

    def wait(self, seconds: float = 240) -> None:
        """Wait until the server is healthy."""
        until = time.monotonic() + seconds
        while said := self.healthy():
            log = (self.folder / "mlflow.log").read_text(errors="replace")
            log += (self.data / "server.log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < until, f"{said}\n{log[-5000:]}"
            assert self.processes["mlflow"].poll() is None, log[-5000:]
            time.sleep(0.3)

    def restart_postgres(self) -> None:
        """Restart PostgreSQL at once, as after a crash: all connections are broken off."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        for _ in range(100):
            if not Path(f"/proc/{pid}").exists():
                break
            time.sleep(0.1)
        self._postgres("start")

    def _postgres(self, what: str) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        log = self.data / "server.log"
        command = [str(programs[-1]), "-D", str(self.data), "-w", "-t", "30", "-l", str(log), what]
        if os.getuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def needed() -> None:
    """Check that programs such as PostgreSQL and haproxy are installed."""
    missing = [
        name
        for name, place in PROGRAMS.items()
        if not shutil.which(name, path=path())
        and not Path(place, name).exists()
        and not list(Path(place).glob(f"*/bin/{name}"))
    ]
    if missing:
        lacking(f"not installed: {', '.join(missing)} (Debian: postgresql haproxy openssl curl)")


def path() -> str:
    """PATH with the folders of the programs that only administrators use."""
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", str(Path(sys.executable).parent)])


@contextmanager
def object_store(folder: Path) -> Iterator[dict[str, str]]:
    """Start OpenStack Swift with its S3 interface, a real object store; yield a client's variables."""
    if shutil.which("swift-proxy-server", path=path()) is None:
        lacking("there is no OpenStack Swift: `make test-servers` installs it on Linux")
    port = free_ports(4)
    try:
        run(folder, TEMPLATE / "tests/support/swift_up.sh", folder, str(port), env={"PATH": path()})
        yield {
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test:ci",
            "AWS_SECRET_ACCESS_KEY": "s3cret",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        for process in (folder / "pids").read_text().split():
            os.killpg(int(process), signal.SIGTERM)


@contextmanager
def deployed(folder: Path, project: Baked, server: Path, s3: dict[str, str]) -> Iterator[Deployment]:
    """Set up and start the whole deployment, in a folder that every account can access.

    Args:
        folder: the folder for everything that is made.
        project: a project that was baked with the URL of a server.
        server: the programs of an environment with deploy/tracking/requirements.txt.
        s3: a client's variables for the object store, in which the bucket `mlflow` is made.
    """
    first = free_ports(4)
    ports = dict(zip(("postgres", "mlflow", "http", "https"), range(first, first + 4), strict=True))
    with ExitStack() as stack:
        reachable = Path(stack.enter_context(TemporaryDirectory(prefix="postgres-")))
        reachable.chmod(0o755)
        made = Deployment(folder, project.path / "deploy/tracking", ports, s3, reachable / "data")
        run(folder, TEMPLATE / "tests/support/postgres_up.sh", made.data, str(ports["postgres"]))
        stack.callback(made._postgres, "stop")
        settings(made)
        (secrets,) = made.readme("Settings and secrets")
        made.shell(secrets, **s3)
        certificate(made)
        databases, install, _ = made.readme("Without containers")
        made.shell(databases, **made.administrator)
        there = [
            line for line in install.splitlines() if "venv" not in line and not line.startswith("systemctl")
        ]
        for name in ("units", "opt", "etc"):
            (folder / name).mkdir(exist_ok=True)
        made.shell("\n".join(there))
        (folder / "opt/.venv").symlink_to(server.parent)
        make_bucket(project, s3, "mlflow")
        stack.callback(made.stop_all)
        made.start_server()
        proxy = f"set -a; . {folder}/etc/haproxy.conf; set +a; exec haproxy -f {folder}/etc/haproxy.cfg"
        made.wait()
        made.start("haproxy", proxy, PATH=path())
        yield made


def settings(made: Deployment) -> None:
    """Edit the settings as a platform lead does."""
    file = made.tracking / "settings.conf"
    postgres = f"127.0.0.1:{made.ports['postgres']}"
    replace_in(file, "TRACKING_HOST=mlflow.example.com", f"TRACKING_HOST={NAME}")
    for name in ("mlflow", "accounts"):
        replace_in(file, f"@127.0.0.1/{name}", f"@{postgres}/{name}")
    replace_in(file, "WORKERS=2", "WORKERS=1")  # each worker takes seconds to start
    endpoint = f"MLFLOW_S3_ENDPOINT_URL={made.s3['AWS_ENDPOINT_URL_S3']}\nPORT={made.ports['mlflow']}"
    replace_in(file, "# MLFLOW_S3_ENDPOINT_URL=https://s3.example.com", endpoint)
    proxy = made.tracking / "haproxy.conf"
    replace_in(proxy, "mlflow.example.com", NAME)
    replace_in(proxy, "127.0.0.1:5000", f"127.0.0.1:{made.ports['mlflow']}")
    replace_in(proxy, "/etc/mlflow", f"{made.folder}/etc")
    replace_in(proxy, "HTTP=80", f"HTTP={made.ports['http']}")
    replace_in(proxy, "HTTPS=443", f"HTTPS={made.ports['https']}")


def certificate(made: Deployment) -> None:
    """Make a certificate that is not signed by a public authority."""
    key, pem = made.folder / "key.pem", made.folder / "ca.pem"
    run(
        made.folder,
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"),
        *("-addext", f"subjectAltName=DNS:{NAME},IP:127.0.0.1", "-keyout", key, "-out", pem),
    )
    (made.tracking / "secrets/certificate").write_bytes(pem.read_bytes() + key.read_bytes())


def make_bucket(project: Baked, s3: dict[str, str], name: str) -> None:
    program = (
        f"import botocore.session as b; b.get_session().create_client('s3').create_bucket(Bucket={name!r})"
    )
    project.run("python", "-c", program, env=s3)
