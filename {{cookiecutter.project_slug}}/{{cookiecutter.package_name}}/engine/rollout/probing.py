"""A server that answers is tested: by its version, and by its contract.

What it has to be like comes from the registry, by what the version knows of its columns, not from the server.
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

SECONDS = 30.0  # that an answer may take
SAME = 1e-9  # how far a probability may be from that which the version itself gives, relatively
WORDS = "some words"  # of a text no example is kept
NO_NUMBER = "no number"
UNKNOWN = "no column of the model"

Ask = Callable[[str, object], tuple[int, str]]


@dataclass(frozen=True)
class Finding:
    """What a test came to.

    Attributes:
        name: what was tested.
        wrong: what is wrong; empty: nothing.
        seen: what was seen, if there is something to say.
    """

    name: str
    wrong: str
    seen: str = "as it should be"


def asking(url: str, token: str) -> Ask:
    """Return what asks a server: for a route, or with an object as JSON; it returns status and body.

    Args:
        url: its address.
        token: the token that it requires; empty if it needs none.
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
    """Return a row that a version has to take, made from its description of its columns."""
    inputs = predictor.known["inputs"]
    return {column["name"]: WORDS if column["role"] == "text" else column["example"] for column in inputs}


def contract(ask: Ask, predictor: Predictor, data: Data) -> Iterator[Finding]:
    """Test whether a server answers as a version does, and refuses what that does not take.

    Args:
        ask: the server.
        predictor: the version.
        data: of params.yaml, where the version does not say how cells are written.

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
    """Return the object that an answer in JSON is; an empty one if it is something else."""
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
    """Say how an answer differs from what the version itself predicts; empty if it does not."""
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
