"""The page `/docs`: Swagger UI. Its files come with a package, so that the page needs no other host.

The page itself needs no token. If the server requires one, the page begins without the routes, and shows them
once "Authorize" has the token.
"""

from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from .bodies import RefusedError

PACKAGE = "flask_swagger_ui"  # only its files are used
FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
SCRIPT = "page.js"
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Predictions</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/page.js"></script>
</body>
</html>
"""
PROGRAM = """"use strict";
const DESCRIPTION = "openapi.json";
const LOCKED = {
  openapi: "3.1.0",
  info: {title: "Predictions", version: "", description: "Authorize with the token to see the routes."},
  paths: {},
  components: {securitySchemes: {token: {type: "http", scheme: "bearer"}}},
};
let token = "";

// the token is needed for the description, too: it is read again as soon as there is one
const authorized = () => ({statePlugins: {auth: {wrapActions: {
  authorize: (original, system) => (given) => {
    const done = original(given);
    token = given.token ? given.token.value : "";
    system.specActions.updateUrl(DESCRIPTION);
    system.specActions.download();
    return done;
  },
}}}});

fetch(DESCRIPTION).then((answer) => SwaggerUIBundle({
  ...(answer.status === 401 ? {spec: LOCKED} : {url: DESCRIPTION}),
  dom_id: "#page",
  plugins: [authorized],
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (request.loadSpec && token) request.headers.Authorization = `Bearer ${token}`;
    return request;
  },
}));
"""


async def page(request: Request) -> Response:
    """Return the page."""
    _folder()
    return HTMLResponse(PAGE, headers=HEADERS)


async def file(request: Request) -> Response:
    """Return a file of the page.

    Raises:
        RefusedError: it has no such file.
    """
    name = request.path_params["name"]
    if name == SCRIPT:
        return Response(PROGRAM, media_type="text/javascript")
    if name not in FILES:
        raise RefusedError(404, "there is no such file")
    return FileResponse(_folder() / name)


def _folder() -> Path:
    """Return the folder with the files of Swagger UI.

    Raises:
        RefusedError: they are not installed.
    """
    if (found := find_spec(PACKAGE)) is None or not found.submodule_search_locations:
        raise RefusedError(404, f"this server has no such page: {PACKAGE.replace('_', '-')} is not installed")
    return Path(found.submodule_search_locations[0]) / "dist"
