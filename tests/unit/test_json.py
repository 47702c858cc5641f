"""Whether orjson is installed or not, the same text gives the same value, or is refused."""

from __future__ import annotations

import json
import math
import sys
from typing import Any

import pytest

from sagemaker_typed._core.convert import json as _json
from tests.support import samples
from tests.support.model_server import installed_model

TEXTS = [
    "0", "-0", "-0.0", "1e5", "1E400", "-1e400", "5e-324", "0.1234567890123456789", "9007199254740993.0",
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1" * 400,
    '{"a": 123456789012345678901234567890}', "NaN", "[Infinity, -Infinity]", '"\\ud800"', '"\\ud83d\\ude00"',
    '"\\u0000"', '{"a": 1, "a": 2}', "{}", "  {} \n", "\ufeff{}", '{"a": [1.5, true, false, null, "é"]}',
]  # fmt: skip
NONE = ["", "{", "[1,]", "01", "'a'", '"\x00"', '{"a" 1}', "{} {}", "nul", "<html>"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("orjson")
    return _json.reader()


@pytest.fixture
def standard(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(sys.modules, "orjson", None)
    return _json.reader()


def test_without_orjson_it_is_the_standard_librarys(standard: Any) -> None:
    assert standard is json.loads


@pytest.mark.parametrize("text", TEXTS)
def test_equal_values_of_equal_types(text: str, quick: Any) -> None:
    body = text.encode("utf-8", "surrogatepass")
    assert repr(quick(body)) == repr(json.loads(body))


@pytest.mark.parametrize("text", NONE)
def test_no_json_is_a_value_error(text: str, quick: Any) -> None:
    for read in (quick, json.loads):
        with pytest.raises(ValueError):  # noqa: PT011  # each words it in its own way
            read(text.encode())


@pytest.mark.parametrize("body", [b'"\xff"', '{"a": "é"}'.encode("latin-1")])
def test_no_utf8_is_a_value_error(body: bytes, quick: Any) -> None:
    for read in (quick, json.loads):
        with pytest.raises(ValueError, match="decode byte"):
            read(body)


@pytest.mark.parametrize("depth", [500, 200_000])
def test_what_is_too_deep_is_so_for_both(depth: int, quick: Any) -> None:
    body = b"[" * depth + b"]" * depth
    if depth == 500:
        assert quick(body) == json.loads(body)
    else:
        with pytest.raises(RecursionError):
            quick(body)


def test_every_operations_answer(quick: Any) -> None:
    model = installed_model()
    for name in model.operation_names:
        shape = model.operation_model(name).output_shape
        if shape is not None:
            body = json.dumps(samples.to_wire(shape, samples.fill(shape))).encode()
            assert repr(quick(body)) == repr(json.loads(body))


def test_numbers_beyond_a_float(quick: Any) -> None:
    assert math.isinf(quick(b"1e999"))
