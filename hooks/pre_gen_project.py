"""Refuses wrong answers before anything is written: all at once, one line each.

The answers arrive as JSON and as nothing else, so whatever they hold is never code. Runs under cookiecutter's
own Python: standard library only. A test imports this file as it is and calls its functions.
"""

import json
import keyword
import posixpath
import re
import sys
from typing import Dict, Iterator, Optional
from urllib.parse import urlsplit

Answers = Dict[str, str]

# What can be imported in the project's environment. Written by scripts/lock.py.
IMPORTABLE = """
adlfs aiobotocore aiohappyeyeballs aiohttp aiohttp_retry aioitertools aiooss2 aiosignal alembic aliyunsdkcore
aliyunsdkkms altair amqp annotated_doc annotated_types antlr4 anyio apiclient appdirs argcomplete argon2 arrow
ast_serialize asttokens async_lru asyncssh attr attrs azure babel bcrypt billiard bleach blinker botocore bs4
cachetools celery certifi cffi cfgv charset_normalizer click click_didyoumean click_plugins click_repl
cloudpickle colorama colorlog comm configobj contourpy crcmod cryptography cycler dask databricks dateutil
debugpy decorator defusedxml dictdiffer diskcache distlib distributed distro docker dotenv dpath dulwich dvc
dvc_azure dvc_data dvc_gdrive dvc_gs dvc_hdfs dvc_http dvc_objects dvc_oss dvc_render dvc_s3 dvc_ssh
dvc_studio_client dvc_task dvc_webdav dvc_webhdfs entrypoints executing fastapi fastjsonschema filelock flask
flask_cors flatten_dict flufl fqdn frozenlist fsspec funcy gcsfs git gitdb google google_auth_httplib2
google_auth_oauthlib google_crc32c googleapiclient grandalf graphene graphql graphql_relay great_expectations
grpc grpc_status gto gunicorn h11 httpcore httplib2 httpx huey hydra identify idna images importlib_metadata
iniconfig ipykernel ipykernel_launcher ipython_pygments_lexers isodate isoduration iterative_telemetry
itsdangerous jedi jinja2 jmespath joblib json5 jsonpointer jsonschema jsonschema_specifications jupyter
jupyter_builder jupyter_client jupyter_core jupyter_events jupyter_lsp jupyter_server jupyter_server_terminals
jupyterlab jupyterlab_pygments jupyterlab_server jwt kiwisolver knack kombu lark librt locket mako markdown_it
markupsafe marshmallow matplotlib matplotlib_inline mdurl mistune mlflow mpl_toolkits msal msal_extensions
msgpack multidict mypy mypy_extensions mypyc narwhals nbclient nbconvert nbformat nbstripout nest_asyncio2
networkx nodeenv notebook_shim numpy oauth2client oauthlib omegaconf opentelemetry optuna orjson oss2 ossfs
overrides packaging pandas pandocfilters parso partd pathspec pexpect platformdirs pluggy pre_commit
prettytable prometheus_client prompt_toolkit propcache proto psutil ptyprocess public pure_eval py pyarrow
pyasn1 pyasn1_modules pycparser pydantic pydantic_core pydantic_settings pydevd_plugins pydot pydrive2 pygit2
pygments pygtrie pylab pyparsing pytest python_discovery pythonjsonlogger referencing requests
requests_oauthlib rfc3339_validator rfc3986_validator rfc3987_syntax rich rpds rsa ruamel ruff s3fs scipy
scmrepo semver send2trash setuptools shortuuid shtab six sklearn skops smmap sortedcontainers soupsieve
sqlalchemy sqlparse sqltrie sshfs stack_data starlette tabulate tblib terminado threadpoolctl tinycss2 tlz
tomlkit toolz tornado tqdm traitlets typing_extensions typing_inspection tzdata tzlocal uri_template
uritemplate urllib3 uv uvicorn validate vine virtualenv voluptuous wcwidth webcolors webdav4 webencodings
websocket werkzeug wrapt yaml yarl zc zict zipp zmq
"""
INSTALLERS = frozenset(["pip", "pkg_resources", "setuptools", "wheel"])
PROJECT_FOLDERS = frozenset(
    ["data", "docs", "expectations", "mlruns", "models", "notebooks", "reports", "tests"]
)
STANDARD_LIBRARY = frozenset(getattr(sys, "stdlib_module_names", sys.builtin_module_names)) | {"test"}
WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))]
)

# What DVC's own configuration allows; cookiecutter.json names the plugin of each.
REMOTE_SCHEMES = (
    "s3",
    "gs",
    "azure",
    "ssh",
    "gdrive",
    "oss",
    "webdav",
    "webdavs",
    "hdfs",
    "webhdfs",
    "http",
    "https",
)
DATABASES = frozenset(["postgresql", "postgres", "mysql", "mssql", "oracle"])


def main() -> None:
    answers = json.loads(r"""{{ cookiecutter | tojson }}""")
    problems = list(find_problems(answers))
    for problem in problems:
        print(ascii_only(problem), file=sys.stderr)
    sys.exit(1 if problems else 0)


def find_problems(answers: Answers) -> Iterator[str]:
    checks = {
        "project_name": check_name,
        "project_slug": check_slug,
        "package_name": check_package,
        "dvc_remote_url": check_remote,
        "mlflow_tracking_uri": check_tracking,
    }
    for question, check in checks.items():
        problem = check(answers[question])
        if problem:
            yield f"{question}: {problem}"


def check_name(name: str) -> Optional[str]:
    if not any(character.isprintable() and not character.isspace() for character in name):
        return "is empty; give the project a name"
    return None


def check_slug(slug: str) -> Optional[str]:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", slug):
        return (
            f"{slug!r} is no folder name; start with a lower-case letter or digit, "
            "go on with those or . _ -, and end with a letter or digit"
        )
    if len(slug) > 100:
        return f"has {len(slug)} characters; use at most 100"
    if slug.split(".")[0] in WINDOWS_DEVICES:
        return f"{slug!r} is a device on Windows; choose another"
    return None


def check_package(name: str) -> Optional[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        return f"{name!r} is no package name; start with a lower-case letter, go on with letters, digits or _"
    if len(name) > 40:
        return f"has {len(name)} characters; use at most 40"
    owners = (
        # `match`, `case` and `type` are allowed: `import match` works.
        ("a Python keyword", frozenset(keyword.kwlist)),
        ("a module of Python's standard library", STANDARD_LIBRARY),
        ("a module that the project installs", INSTALLERS.union(IMPORTABLE.split())),
        ("a folder of the project", PROJECT_FOLDERS),
    )
    for owner, names in owners:
        if name in names:
            return f"{name!r} is {owner}; choose another"
    return None


def check_remote(url: str) -> Optional[str]:
    problem = check_text(url)
    if problem:
        return problem
    if is_windows_path(url):
        return None
    if "://" not in url:
        if ":" in url:
            return f"{url!r} is neither a folder nor a URL; write ssh://host/path for another machine"
        if posixpath.normpath(url.replace("\\", "/")) == ".":
            return "is the project's own folder; choose one beside it"
        return None
    scheme, rest = url.split("://", 1)
    if scheme == "file":
        return f"{url!r}: give the folder itself, without file://"
    if scheme not in REMOTE_SCHEMES:
        return f"{scheme}:// is not known to DVC; use a folder, or one of {', '.join(REMOTE_SCHEMES)}"
    if not rest.split("/")[0]:
        return f"{url!r} names no bucket or host; write {scheme}://NAME/path"
    return check_secrets(url)


def check_tracking(uri: str) -> Optional[str]:
    problem = check_text(uri)
    if problem:
        return problem
    known = "use sqlite:///mlflow.db or the https:// address of an MLflow server"
    scheme = uri.split(":", 1)[0].split("+")[0].lower()
    if scheme in DATABASES:
        return (
            f"a {scheme} URI carries a password and gives artifacts no shared place; put the database behind "
            "`mlflow server` and give that server's address, or export MLFLOW_TRACKING_URI"
        )
    if scheme == "file" or is_windows_path(uri) or ":" not in uri:
        return f"{uri!r} is a folder, and MLflow 3 keeps no runs in one; {known}"
    if scheme == "sqlite":
        if not re.fullmatch(r"sqlite:///[^:?]*[^:?/]|sqlite:///[A-Za-z]:[\\/][^:?]*[^:?/\\]", uri):
            return f"{uri!r} names no database file; write sqlite:///mlflow.db"
        return None
    if scheme not in ("http", "https"):
        return f"{scheme}: is not known; {known}"
    if not re.match(r"https?://[^/:?#]", uri):
        return f"{uri!r} names no host; write {scheme}://your-server"
    return check_secrets(uri)


def check_text(text: str) -> Optional[str]:
    """What no URL or folder may hold, as it is written into configuration files and command lines."""
    if not text.strip():
        return "is empty"
    if text != text.strip() or not text.isprintable():
        return "begins or ends with a space, or holds a line break or another invisible character"
    unsafe = sorted(set(text) & set("\"'`#,<>|*{}$%"))
    if unsafe:
        return f"holds {' '.join(unsafe)}; choose a place without"
    if " " in text and "://" in text:
        return "holds a space; write it as a URL without"
    return None


def check_secrets(url: str) -> Optional[str]:
    """The answers are committed: no password, key or token may be among them. A user's name is none."""
    try:
        parts = urlsplit(url)
        secret = parts.password is not None or parts.query or (parts.username and not is_login(url))
    except ValueError as error:
        return f"cannot be read as a URL: {error}"
    if secret:
        return "holds credentials, and it is committed; keep those in the environment or .env"
    return None


def is_login(url: str) -> bool:
    """`ssh://user@host`: a name alone says who, everywhere else it is a key or a token."""
    return url.startswith(("ssh://", "webdav://", "webdavs://", "hdfs://", "webhdfs://"))


def is_windows_path(text: str) -> bool:
    return re.match(r"[A-Za-z]:[\\/]|\\\\[^\\]", text) is not None


def ascii_only(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


if __name__ == "__main__":
    main()
