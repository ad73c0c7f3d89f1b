"""The routes described by OpenAPI 3.1, with the columns and the example of the version that answers."""

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .version import Version

TYPES = {"numeric": ["number", "string"], "categorical": ["string", "number", "boolean"]}
ERRORS = {
    "400": "the request is not valid HTTP, or is not in one of MLflow's forms",
    "401": "wrong or no token",
    "408": "the body did not arrive in time",
    "413": "too many rows or bytes",
    "415": "the body is compressed, or not in UTF-8",
    "422": "an object for each mistake: row, column, what is expected",
}
TEXTS = {  # routes that answer with text
    "/ping": "a version is loaded (as MLflow's server has it)",
    "/version": "the version of MLflow",
    "/health": "the process is running",
    "/ready": "a version is loaded, and has predicted its own example",
    "/metrics": "for Prometheus",
}
OPEN = ("/health", "/ready", "/ping")  # these routes need no token
TOKEN: dict[str, Any] = {"token": {"type": "http", "scheme": "bearer"}}


def schema(version: "Version", token: bool) -> dict[str, Any]:
    """Return the description as values for JSON.

    Args:
        version: the version that answers.
        token: whether clients have to send one.
    """
    row = {
        "type": "object",
        "properties": {column["name"]: _column(column) for column in version.known["inputs"]},
        "required": sorted(version.expected.complete),
        "additionalProperties": False,
    }
    paths = {
        "/predict": _predict(row, version.example),
        "/invocations": _invocations(version.example),
        "/model": {"get": _get("the version that answers", "application/json", {"type": "object"})},
        **{path: {"get": _get(text, "text/plain", {"type": "string"})} for path, text in TEXTS.items()},
    }
    for path in ("/ready", "/ping"):
        paths[path]["get"]["responses"]["503"] = {"description": "no version is loaded yet"}
    for path in OPEN:
        paths[path]["get"]["security"] = []
    components: dict[str, Any] = {"schemas": {"errors": _errors()}}
    secured: dict[str, Any] = {"security": [{"token": []}]} if token else {}
    components |= {"securitySchemes": TOKEN} if token else {}
    info = {"title": version.predictor.named, "version": version.number}
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": "./"}],
        "paths": paths,
        "components": components,
        **secured,
    }


def _predict(row: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    rows = _object(rows={"type": "array", "items": row})
    prediction = {
        **_object(
            prediction={"type": ["string", "number", "boolean"]},
            probabilities={"type": "object", "additionalProperties": {"type": "number"}},
        ),
        "required": ["prediction"],
    }
    answer = _object(
        request_id={"type": "string"},
        model=_object(name={"type": "string"}, version={"type": "string"}),
        predictions={"type": "array", "items": prediction},
    )
    bodies = {
        "application/json": {"schema": rows, "example": {"rows": [example]}},
        "text/csv": {"schema": {"type": "string"}, "example": _csv(example)},
    }
    return {"post": _post("predict rows", bodies, answer)}


def _invocations(example: dict[str, Any]) -> dict[str, Any]:
    split = _object(
        columns={"type": "array", "items": {"type": "string"}},
        data={"type": "array", "items": {"type": "array"}},
    )
    body = {
        "schema": _object(dataframe_split=split),
        "example": {"dataframe_split": {"columns": [*example], "data": [[*example.values()]]}},
    }
    answer = _object(predictions={"type": "array"})
    return {
        "post": _post("predict rows as MLflow's server does: labels only", {"application/json": body}, answer)
    }


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _post(summary: str, bodies: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "tags": ["predictions"],
        "requestBody": {"required": True, "content": bodies},
        "responses": {
            "200": _response("a prediction for each row", "application/json", answer),
            **{
                status: _response(why, "application/json", {"$ref": "#/components/schemas/errors"})
                for status, why in ERRORS.items()
            },
        },
    }


def _get(summary: str, content: str, answer: dict[str, Any]) -> dict[str, Any]:
    refused = {} if summary in [TEXTS[path] for path in OPEN] else {"401": {"description": ERRORS["401"]}}
    responses = {"200": _response(summary, content, answer), **refused}
    return {"summary": summary, "tags": ["server"], "responses": responses}


def _response(description: str, content: str, answer: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {content: {"schema": answer}}}


def _errors() -> dict[str, Any]:
    mistake = _object(message={"type": "string"})
    mistake["properties"] |= {"row": {"type": "integer"}, "column": {"type": "string"}}
    return _object(errors={"type": "array", "items": mistake})


def _csv(example: dict[str, Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([example.keys(), example.values()])
    return text.getvalue()


def _column(column: dict[str, Any]) -> dict[str, Any]:
    """Describe a column: its type, unit, example, and whether it may be missing."""
    types = TYPES.get(column["role"], ["string"])
    described: dict[str, Any] = {"type": [*types, "null"] if column["missing"] else types}
    if column.get("unit"):
        described["description"] = f"in {column['unit']}"
    if column.get("categories") and not column.get("more_categories"):
        described["examples"] = column["categories"][:10]
    elif column.get("example") is not None:
        described["examples"] = [column["example"]]
    return described
