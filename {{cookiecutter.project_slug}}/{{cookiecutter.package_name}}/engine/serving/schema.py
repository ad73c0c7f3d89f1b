"""The routes described by OpenAPI 3.1, with the columns and the example of the version that answers."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .live import Version

TYPES = {"numeric": ["number", "string"], "categorical": ["string", "number", "boolean"]}
ERRORS = {
    "408": "the body did not arrive in time",
    "413": "too many rows or bytes",
    "422": "a line for each mistake: row, column, what is wanted",
}


def schema(version: "Version") -> dict[str, Any]:
    """Return the description, as JSON has it."""
    row = {
        "type": "object",
        "properties": {column["name"]: _column(column) for column in version.known["inputs"]},
        "required": sorted(version.expected.complete),
        "additionalProperties": False,
    }
    rows = {"type": "object", "required": ["rows"], "properties": {"rows": {"type": "array", "items": row}}}
    prediction = {
        "type": "object",
        "properties": {
            "prediction": {},
            "probabilities": {"type": "object", "additionalProperties": {"type": "number"}},
        },
    }
    answer = {
        "type": "object",
        "properties": {
            "request_id": {"type": "string"},
            "model": {"type": "object"},
            "predictions": {"type": "array", "items": prediction},
        },
    }
    body = {
        "required": True,
        "content": {
            "application/json": {"schema": rows, "example": {"rows": [version.example]}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
    responses: dict[str, Any] = {
        "200": {
            "description": "a prediction for each row",
            "content": {"application/json": {"schema": answer}},
        }
    }
    responses |= {
        status: {"description": why} for status, why in {"401": "wrong or no token", **ERRORS}.items()
    }
    others = {
        "/health": "the process lives",
        "/ready": "a version is loaded",
        "/model": "the version that answers",
    }
    others |= {"/metrics": "for Prometheus", "/version": "of MLflow"}
    return {
        "openapi": "3.1.0",
        "info": {"title": version.predictor.named, "version": version.number},
        "paths": {
            "/predict": {"post": {"summary": "predict rows", "requestBody": body, "responses": responses}},
            **{
                path: {"get": {"summary": text, "responses": {"200": {"description": text}}}}
                for path, text in others.items()
            },
        },
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


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
