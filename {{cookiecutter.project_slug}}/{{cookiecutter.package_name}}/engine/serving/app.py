"""The routes. Starlette alone does the work: each request is checked here, by what the model knows."""

import hmac
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio.to_thread
from mlflow.version import VERSION
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..project import load_params
from . import log, metrics
from .answers import Answer, answer
from .bodies import Records, RefusedError, read, rows_of, rows_of_invocation
from .live import Live, Version
from .schema import schema
from .settings import Settings, token

OPEN = ("/health", "/ready", "/ping")  # without a token
ID = "x-request-id"
Handler = Callable[[Request], Awaitable[Response]]


def of_worker() -> Starlette:
    """Return the application of one of several workers, which finds the settings in the environment."""
    return create(Live(Settings.shared(), load_params().data))


def create(live: Live) -> Starlette:
    """Return the application.

    Args:
        live: what answers; if it has not been started yet, it is when the server starts.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if live.version is None:
            await anyio.to_thread.run_sync(live.start)
        log.write("ready", model=live.version and live.version.predictor.named)
        yield
        live.stop()

    routes = Routes(live)
    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/predict", measured(live, routes.predict), methods=["POST"]),
            Route("/invocations", measured(live, routes.invocations), methods=["POST"]),
            Route("/ping", routes.health),
            Route("/health", routes.health),
            Route("/version", measured(live, routes.version)),
            Route("/ready", routes.ready),
            Route("/model", measured(live, routes.model)),
            Route("/metrics", measured(live, routes.metrics)),
            Route("/openapi.json", measured(live, routes.openapi)),
        ],
        exception_handlers={HTTPException: _not_found},
    )


class Routes:
    """What each route answers."""

    def __init__(self, live: Live) -> None:
        """Take what answers."""
        self.live = live

    async def predict(self, request: Request) -> Response:
        """Predict rows: JSON or CSV."""
        version, said = await self._answer(request, rows_of, strict=True)
        threshold = version.known.get("threshold")
        content = {
            "request_id": request.state.id,
            "model": {"name": self.live.settings.name, "version": version.number},
        }
        content |= {"threshold": threshold} if threshold else {}
        return JSONResponse({**content, "predictions": said})

    async def invocations(self, request: Request) -> Response:
        """Predict rows as MLflow's own server does: labels only, and further columns are of no account."""
        _, said = await self._answer(request, rows_of_invocation, strict=False)
        return JSONResponse({"predictions": [row["prediction"] for row in said]})

    async def health(self, request: Request) -> Response:
        """Say that the process lives."""
        return PlainTextResponse("\n")

    async def ready(self, request: Request) -> Response:
        """Say that a version is loaded, and has answered for its own example."""
        return PlainTextResponse("\n", status_code=200 if self.live.version else 503)

    async def version(self, request: Request) -> Response:
        """Return MLflow's version."""
        return PlainTextResponse(VERSION)

    async def model(self, request: Request) -> Response:
        """Describe the version that answers."""
        return JSONResponse(_version(self.live).about)

    async def metrics(self, request: Request) -> Response:
        """Return the metrics for Prometheus."""
        text, content_type = metrics.page(self.live)
        return Response(text, media_type=content_type)

    async def openapi(self, request: Request) -> Response:
        """Describe the routes, with the columns of the version that answers."""
        return JSONResponse(schema(_version(self.live)))

    async def _answer(
        self, request: Request, parse: Callable[[bytes, str], Records], strict: bool
    ) -> tuple[Version, list[dict[str, Any]]]:
        settings = self.live.settings
        body = await read(request, settings.max_bytes, settings.body_seconds)
        version = _version(self.live)  # this request's, whatever happens meanwhile
        request.state.version = version.number
        kind = request.headers.get("content-type", "application/json")
        work = partial(_predict, version, parse, body, kind, settings, strict)
        said = await anyio.to_thread.run_sync(work)
        metrics.count_rows(version, said)
        request.state.rows = len(said.predictions)
        return version, said.predictions


def measured(live: Live, handle: Handler) -> Handler:
    """Wrap a route: who may, a request's id, its mistakes as JSON, a line in the log, and the metrics."""

    async def wrapped(request: Request) -> Response:
        start, route = time.perf_counter(), request.url.path
        request.state.id = _id(request.headers.get(ID, ""))
        request.state.version, request.state.rows = "", 0
        response = await _handled(request, handle)
        seconds = time.perf_counter() - start
        version = request.state.version or (live.version.number if live.version else "")
        metrics.REQUESTS.labels(route, response.status_code, version).inc()
        metrics.LATENCY.labels(route).observe(seconds)
        response.headers[ID] = request.state.id
        facts = {"request_id": request.state.id, "route": route, "status": response.status_code}
        log.write("request", **facts, ms=round(seconds * 1000, 2), rows=request.state.rows, version=version)
        return response

    return wrapped


async def _handled(request: Request, handle: Handler) -> Response:
    try:
        if not _is_allowed(request):
            return JSONResponse(
                {"request_id": request.state.id, "errors": [{"message": "wrong or no token"}]},
                status_code=401,
                headers={"WWW-Authenticate": "Bearer"},
            )
        return await handle(request)
    except RefusedError as refused:
        return JSONResponse(
            {"request_id": request.state.id, "errors": refused.mistakes}, status_code=refused.status
        )
    except ClientDisconnect:
        return Response(status_code=499)  # nobody reads it; the log has it
    except Exception as error:  # a fault of ours: where, but not what, which may be a value of a row
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        log.write("error", request_id=request.state.id, error=type(error).__name__, where=where)
        errors = [{"message": "the server failed; its log has the request's id"}]
        return JSONResponse({"request_id": request.state.id, "errors": errors}, status_code=500)


def _predict(
    version: Version,
    parse: Callable[[bytes, str], Records],
    body: bytes,
    kind: str,
    settings: Settings,
    strict: bool,
) -> Answer:
    return answer(version, parse(body, kind), settings.max_rows, settings.terse, strict)


def _version(live: Live) -> Version:
    if live.version is None:
        raise RefusedError(503, "no version is loaded yet")
    return live.version


def _is_allowed(request: Request) -> bool:
    """Tell whether a request has the token, if one is wanted; compared in constant time."""
    wanted = token()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return not wanted or (
        scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), wanted.encode())
    )


def _id(given: str) -> str:
    """Return the id that a client gave, if it is a plain one, or a new one."""
    return (
        given
        if 0 < len(given) <= 64 and given.isascii() and given.replace("-", "").isalnum()
        else uuid4().hex
    )


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"errors": [{"message": error.detail}]}, status_code=error.status_code)
