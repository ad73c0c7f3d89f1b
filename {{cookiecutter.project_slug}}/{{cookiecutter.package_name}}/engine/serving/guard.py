"""What surrounds each route: the token, the request's id, mistakes as JSON, the log, the metrics."""

import hmac
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from . import log, metrics
from .as_json import Json
from .bodies import RefusedError
from .live import Live
from .settings import token

ID = "x-request-id"
Handler = Callable[[Request], Awaitable[Response]]


def measured(live: Live, handle: Handler) -> Handler:
    """Wrap a route: check the token, give the request an id, answer mistakes as JSON, log and count it."""

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


def opened(handle: Handler) -> Handler:
    """Wrap a route that needs no token and is not counted: only answer its mistakes as JSON."""

    async def wrapped(request: Request) -> Response:
        try:
            return await handle(request)
        except RefusedError as refused:
            return Json({"errors": refused.mistakes}, status_code=refused.status)

    return wrapped


async def _handled(request: Request, handle: Handler) -> Response:
    try:
        if not _is_allowed(request):
            return Json(
                {"request_id": request.state.id, "errors": [{"message": "wrong or no token"}]},
                status_code=401,
                headers={"WWW-Authenticate": "Bearer"},
            )
        return await handle(request)
    except RefusedError as refused:
        return Json({"request_id": request.state.id, "errors": refused.mistakes}, status_code=refused.status)
    except ClientDisconnect:
        return Response(status_code=499)  # nobody reads it; the log has it
    except Exception as error:  # a fault of ours: log where, not what: that may be a value of a row
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        log.write("error", request_id=request.state.id, error=type(error).__name__, where=where)
        errors = [{"message": "the server failed; its log has the request's id"}]
        return Json({"request_id": request.state.id, "errors": errors}, status_code=500)


def _is_allowed(request: Request) -> bool:
    """Tell whether a request has the token, if one is required; they are compared in constant time."""
    wanted = token()
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return not wanted or (
        scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), wanted.encode())
    )


def _id(given: str) -> str:
    """Return the id that the client gave, if it is a plain one; otherwise a new one."""
    return (
        given
        if 0 < len(given) <= 64 and given.isascii() and given.replace("-", "").isalnum()
        else uuid4().hex
    )
