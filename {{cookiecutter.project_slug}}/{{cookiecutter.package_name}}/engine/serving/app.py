"""The routes. Only Starlette is used: each request is checked here, against what the model knows."""

import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from . import docs, log, metrics
from .answers import Answer, answer
from .as_json import Json
from .bodies import Records, RefusedError, check_encoding, read, rows_of, rows_of_invocation
from .guard import measured, opened
from .hanging_up import HangUp
from .live import Live
from .recorder import Recorder
from .schema import schema
from .settings import Settings, token
from .version import Version
from .watched import Watched


def create(live: Live) -> Starlette:
    """Return the application.

    Args:
        live: what answers; if it has not been started yet, it is started with the server.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        former, warnings.showwarning = warnings.showwarning, log.warned
        if live.version is None:
            await anyio.to_thread.run_sync(live.start_at_last)
        log.write("ready", model=live.version and live.version.predictor.named)
        routes.watched.start()
        if recorder:
            recorder.start()
        yield
        live.stop()
        routes.watched.close()
        if recorder:
            recorder.close()
        warnings.showwarning = former

    recorder = _recorder(live.settings)
    routes = Routes(live, recorder)
    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/predict", measured(live, routes.predict), methods=["POST"]),
            Route("/invocations", measured(live, routes.invocations), methods=["POST"]),
            Route("/ping", routes.ready),
            Route("/health", routes.health),
            Route("/version", measured(live, routes.version)),
            Route("/ready", routes.ready),
            Route("/model", measured(live, routes.model)),
            Route("/metrics", measured(live, routes.metrics)),
            Route("/openapi.json", measured(live, routes.openapi)),
            Route("/docs", opened(docs.page)),
            Route("/docs/{name}", opened(docs.file)),
        ],
        exception_handlers={HTTPException: _not_found},
        middleware=[Middleware(HangUp)],
    )


class Routes:
    """What each route answers."""

    def __init__(self, live: Live, recorder: Recorder | None = None) -> None:
        """Take what answers, and what keeps requests, if they are kept."""
        self.live, self.recorder, self.watched = live, recorder, Watched()

    async def predict(self, request: Request) -> Response:
        """Predict rows: JSON or CSV."""
        version, said = await self._answer(request, rows_of, strict=True)
        threshold = version.known.get("threshold")
        content = {
            "request_id": request.state.id,
            "model": {"name": self.live.settings.name, "version": version.number},
        }
        content |= {"threshold": threshold} if threshold else {}
        return Json({**content, "predictions": said})

    async def invocations(self, request: Request) -> Response:
        """Predict rows as MLflow's own server does: return only labels, and ignore further columns."""
        _, said = await self._answer(request, rows_of_invocation, strict=False)
        return Json({"predictions": [row["prediction"] for row in said]})

    async def health(self, request: Request) -> Response:
        """Say that the process is running."""
        return PlainTextResponse("\n")

    async def ready(self, request: Request) -> Response:
        """Say that a version is loaded and has predicted its own example."""
        return PlainTextResponse("\n", status_code=200 if self.live.version else 503)

    async def version(self, request: Request) -> Response:
        """Return MLflow's version."""
        return PlainTextResponse(metadata.version("mlflow"))

    async def model(self, request: Request) -> Response:
        """Describe the version that answers."""
        return Json(_version(self.live).about)

    async def metrics(self, request: Request) -> Response:
        """Return the metrics for Prometheus."""

        def counted() -> tuple[bytes, str]:
            self.watched.count()
            return metrics.page()  # which may wait for a lock

        text, content_type = await anyio.to_thread.run_sync(counted)
        return Response(text, media_type=content_type)

    async def openapi(self, request: Request) -> Response:
        """Describe the routes, with the columns of the version that answers."""
        return Json(schema(_version(self.live), bool(token())))

    async def _answer(
        self, request: Request, parse: Callable[[bytes, str], Records], strict: bool
    ) -> tuple[Version, list[dict[str, Any]]]:
        settings = self.live.settings
        check_encoding(request.headers)
        body = await read(request, settings.max_bytes, settings.body_seconds)
        version = _version(self.live)  # this request's, whatever happens meanwhile
        request.state.version = version.number
        kind = request.headers.get("content-type", "application/json")

        def work() -> Answer:
            said = _predict(version, parse, body, kind, settings, strict)
            metrics.count_rows(version, said)
            self.watched.add(version, said)
            if self.recorder:
                self.recorder.keep(request.state.id, version.number, said.frames)
            return said

        said = await anyio.to_thread.run_sync(work)  # other requests go on meanwhile
        request.state.rows = len(said.predictions)
        return version, said.predictions


def _predict(
    version: Version,
    parse: Callable[[bytes, str], Records],
    body: bytes,
    kind: str,
    settings: Settings,
    strict: bool,
) -> Answer:
    try:
        return answer(version, parse(body, kind), settings.max_rows, settings.terse, strict)
    except RecursionError:
        raise RefusedError(422, "the JSON is nested too deeply") from None


def _recorder(settings: Settings) -> Recorder | None:
    if not settings.requests:
        return None
    return Recorder(Path(settings.requests), settings.name, settings.sample, settings.private)


def _version(live: Live) -> Version:
    if live.version is None:
        raise RefusedError(503, "no version is loaded yet")
    return live.version


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    errors = {"errors": [{"message": error.detail}]}
    return Json(errors, status_code=error.status_code, headers=error.headers)
