"""The server's JSON: read and written as Python's own module does."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from penguins.engine.serving.as_json import Json, parsed

CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    CELLS | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=9
)


@settings(max_examples=300, deadline=None, database=None)
@given(VALUES)
def test_what_is_written_is_what_pythons_own_module_writes(content: Any) -> None:
    assert repr(json.loads(Json(content).body)) == repr(content)  # to the bit; 1, 1.0 and true are apart
    assert repr(parsed(json.dumps(content).encode())) == repr(content)
    assert repr(parsed(json.dumps(content, ensure_ascii=False).encode())) == repr(content)


def test_a_number_that_json_does_not_have_is_null() -> None:
    assert Json([float("nan"), float("inf"), 1.5]).body == b"[null,null,1.5]"


@pytest.mark.parametrize(
    "body",
    [
        '{"a": 1, "a": 1}',
        '{"rows": [{"a": 1}, {"a": 1, "b": 2, "a": 3}]}',
        '[{"a": 1, "a": 2}]',
        '{"rows": [], "rows": [{"a": 1}]}',
        '{"inputs": {"a": [1], "a": [2]}}',
        '[{"b": {"a": {"a": 1, "a": 2}}}]',
        '[[{"a": 1, "a": 2}]]',
        '{"a": ":", "a": 1}',
    ],
)
def test_a_name_that_comes_twice_is_found_wherever_it_is(body: str) -> None:
    with pytest.raises(ValueError, match=r"'(a|rows)' is twice in one object"):
        parsed(body.encode())


@pytest.mark.parametrize("body", ['{"a": ":"}', '[{"a:": "b:c"}]', '{"a": {"b": [{"c": 1}]}}', '"a:b"', "3"])
def test_a_colon_in_a_text_and_objects_inside_of_others_are_no_mistake(body: str) -> None:
    assert parsed(body.encode()) == json.loads(body)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[NaN]", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"[1] 2", "Extra data"),
        (b"[" + b"1" * 5000 + b"]", "a number has 5,000 digits"),
        (b"\xff", "can't decode"),
        (b"\xef\xbb\xbf[1]", "BOM"),
        (b'["\\udc00"]', "half of a character"),
        (b"", "Expecting value"),
    ],
)
def test_what_is_no_json_is_said(body: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parsed(body)


def test_mlflows_clients_send_nan() -> None:
    assert parsed(b'{"inputs": {"a": [NaN, 1]}}', nan=True) == {"inputs": {"a": [None, 1]}}
