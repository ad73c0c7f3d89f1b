"""Testing a running server: whether it serves the version, and whether it keeps the version's contract.

The contract comes from the registry, as what the version knows about its columns, and not from the server.
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any

from ..base.errors import UserError, kind_and_line
from ..params import Data
from ..registry.predictor import Predictor
from ..scoring.expected import Expected
from ..scoring.records import score

SECONDS = 30.0  # the most that an answer may take
SAME = 1e-9  # the greatest relative difference of two numbers that count as the same prediction
WORDS = "some words"  # stands for a text, of which no example is kept
NO_NUMBER = "no number"
UNKNOWN = "no column of the model"

Ask = Callable[[str, object], tuple[int, str]]


@dataclass(frozen=True)
class Finding:
    """The result of a test.

    Attributes:
        name: what was tested.
        wrong: what is wrong; empty if nothing is.
        seen: what was seen, if there is something to say.
    """

    name: str
    wrong: str
    seen: str = "as it should be"


def asking(url: str, token: str) -> Ask:
    """Return a callable that gets a route or posts an object as JSON, and returns the status and the body.

    Args:
        url: the server's address.
        token: the token that the server requires; empty if it needs none.
    """
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(route: str, given: object = None) -> tuple[int, str]:
        body = None if given is None else json.dumps(given).encode()
        request = urllib.request.Request(f"{url.rstrip('/')}{route}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise UserError(f"{url}: does not answer: {kind_and_line(error)}") from None

    return ask


def own_example(predictor: Predictor) -> dict[str, Any]:
    """Return a row that a version has to accept, made from its description of its columns."""
    inputs = predictor.known["inputs"]
    return {column["name"]: WORDS if column["role"] == "text" else column["example"] for column in inputs}


def contract(ask: Ask, predictor: Predictor, data: Data) -> Iterator[Finding]:
    """Test whether a server answers as a version does, and refuses rows that the version does not accept.

    Args:
        ask: a callable that asks the server.
        predictor: the version.
        data: the block of params.yaml, used if the version does not say how cells are written.

    Raises:
        UserError: the server does not answer.
    """
    known, expected = predictor.known, Expected.of(predictor.known, data)
    status, text = ask("/model", None)
    about = _content(text)
    if status != 200 or not {"version", "columns"} <= about.keys():
        yield Finding("version", f"/model answers {status}, and names no version: {text[:200]}")
        return
    wrong = [
        f"{name} is {about.get(name)}, and not {value}"
        for name, value in predictor.identity.items()
        if about.get(name) != value
    ]
    yield Finding("version", "; ".join(wrong), predictor.named)
    yield Finding("columns", "" if about["columns"] == known["inputs"] else "are not those of the version")
    example = own_example(predictor)
    yield Finding("example", _other(ask("/predict", example), predictor, expected, example))
    for name, role in expected.roles.items():
        others = {key: value for key, value in example.items() if key != name}
        wanted = 422 if name in expected.complete else 200
        yield _answers(f"without {name}", ask("/predict", others), wanted)
        if role in ("numeric", "date"):
            yield _answers(f"{name}: {NO_NUMBER!r}", ask("/predict", example | {name: NO_NUMBER}), 422)
    yield _answers(UNKNOWN, ask("/predict", example | {UNKNOWN: 1}), 422)
    yield _answers("no rows", ask("/predict", []), 422)


def _content(text: str) -> dict[str, Any]:
    """Return the object in an answer as JSON; an empty one if the answer is something else."""
    try:
        content = json.loads(text)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}


def _answers(name: str, answer: tuple[int, str], wanted: int) -> Finding:
    status, text = answer
    return Finding(name, "" if status == wanted else f"{status} and not {wanted}: {text[:200]}", str(status))


def _other(
    answer: tuple[int, str], predictor: Predictor, expected: Expected, example: Mapping[str, Any]
) -> str:
    """Return how an answer differs from what the version itself predicts; empty if it does not."""
    status, text = answer
    if status != 200:
        return f"{status}: {text[:200]}"
    (wanted,) = score([dict(example)], expected, predictor.predict).predictions.to_dict("records")
    prediction: object
    probabilities: dict[str, float]
    match _content(text):
        case {"predictions": [{"prediction": prediction, "probabilities": dict() as probabilities}]}:
            pass
        case {"predictions": [{"prediction": prediction}]}:
            probabilities = {}
        case _:
            return f"no prediction: {text[:200]}"
    pairs = [(prediction, wanted["predicted"])]
    pairs += [
        (probabilities.get(str(name).removeprefix("probability_")), value)
        for name, value in wanted.items()
        if str(name).startswith("probability_")
    ]
    for one, other in pairs:
        close = isinstance(one, float) and isinstance(other, float) and isclose(one, other, rel_tol=SAME)
        if one != other and not close:
            return f"{one!r}, where the version itself predicts {other!r}"
    return ""
