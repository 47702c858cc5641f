"""Helpers for SageMaker Neo: descriptions of a model's inputs for a compilation job.

    from sagemaker_typed.neo import DataInputConfig

    InputConfig(s3_uri=SOURCE, framework="PYTORCH", data_input_config=DataInputConfig.pytorch({"input0": (1, 3, 224, 224)}))

Each framework has a method that knows its image layout. The result is a `str`, and can be passed wherever the service
takes one.
"""

from __future__ import annotations

import ast
import json
import math
import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import attrs

from sagemaker_typed._core.advice import advise
from sagemaker_typed._core.containers import is_list, is_mapping
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem

__all__ = ["DataInputConfig", "Input", "Shape"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)

Shape: TypeAlias = Sequence[int | str]
"""The dimensions of one input. For Core ML a dimension may be a range, "1..10"."""

_Layout: TypeAlias = Literal["NHWC", "NCHW"]
_RANGE = re.compile(r"[1-9]\d{0,9}\.\.[1-9]\d{0,9}", re.ASCII)
_CHANNELS = frozenset({1, 3, 4})
"""Channels of an image: gray, RGB, RGBA."""
_MOST_SIZE = 2**63 - 1
_MOST_TEXT = 16384
"""Maximum number of characters that the service accepts."""
_TYPES = ("Image", "Tensor")
_MEMBER = "data_input_config"


@attrs.frozen
class Input:
    """One input of a model that is compiled for Core ML, which needs more than a shape.

    `shape` is one shape or several that the model accepts; `default_shape` is one of them. `type` is "Tensor", the default
    of the service, or "Image", which requires `bias`, a number for each channel, and `scale`.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InputConfig.html
    """

    shape: Shape | Sequence[Shape]
    default_shape: Shape | None = None
    type: Literal["Image", "Tensor"] | None = None
    bias: Sequence[float] | None = None
    scale: float | None = None


class DataInputConfig(str):
    """Names and shapes of a model's inputs, as JSON text in the form of the AWS console.

    Make one with the method for the model's framework. It is a `str`: pass it as `data_input_config`, print it, compare it.
    """

    __slots__ = ()

    @classmethod
    def tensorflow(cls, inputs: Mapping[str, Shape | Input]) -> Self:
        """Describe the inputs of a TensorFlow model, images as NHWC: batch, height, width, channels.

        Raises `InvalidRequestError` for an invalid shape. Warns of a shape that looks like NCHW.
        """
        return cls._made(inputs, "NHWC", wide=True)

    @classmethod
    def tflite(cls, inputs: Mapping[str, Shape]) -> Self:
        """Describe the inputs of a TensorFlow Lite model, images as NHWC: batch, height, width, channels.

        Raises `InvalidRequestError` for an invalid shape. Warns of a shape that looks like NCHW.
        """
        return cls._made(inputs, "NHWC", wide=True)

    @classmethod
    def keras(cls, inputs: Mapping[str, Shape]) -> Self:
        """Describe the inputs of a Keras model, images as NCHW: batch, channels, height, width.

        The model itself stays in NHWC; only its description is in NCHW.
        Raises `InvalidRequestError` for an invalid shape. Warns of a shape that looks like NHWC.
        """
        return cls._made(inputs, "NCHW", wide=True)

    @classmethod
    def mxnet(cls, inputs: Mapping[str, Shape]) -> Self:
        """Describe the inputs of an MXNet model in their order, images as NCHW: batch, channels, height, width.

        Raises `InvalidRequestError` for an invalid shape. Warns of a shape that looks like NHWC.
        """
        return cls._made(inputs, "NCHW", wide=True)

    @classmethod
    def onnx(cls, inputs: Mapping[str, Shape]) -> Self:
        """Describe the inputs of an ONNX model in their order, images as NCHW: batch, channels, height, width.

        Raises `InvalidRequestError` for an invalid shape. Warns of a shape that looks like NHWC.
        """
        return cls._made(inputs, "NCHW", wide=True)

    @classmethod
    def darknet(cls, inputs: Mapping[str, Shape]) -> Self:
        """Describe the inputs of a Darknet model in their order, images as NCHW: batch, channels, height, width.

        Raises `InvalidRequestError` for an invalid shape. Warns of a shape that looks like NHWC.
        """
        return cls._made(inputs, "NCHW", wide=True)

    @classmethod
    def pytorch(cls, inputs: Mapping[str, Shape | Input] | Sequence[Shape | Input]) -> Self:
        """Describe the inputs of a PyTorch model in their order, images as NCHW: batch, channels, height, width.

        A list of shapes describes inputs without names.
        Raises `InvalidRequestError` for an invalid shape. Warns of a shape that looks like NHWC.
        """
        return cls._made(inputs, "NCHW", wide=False)

    @classmethod
    def xgboost(cls) -> Self:
        """Describe the inputs of an XGBoost model, which needs neither names nor shapes."""
        return cls("{}")

    @classmethod
    def sklearn(cls, inputs: Mapping[str, Shape]) -> Self:
        """Describe the inputs of a scikit-learn model: batch, features.

        Raises `InvalidRequestError` for an invalid shape.
        """
        return cls._made(inputs, None, wide=True)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the form of the AWS console, or the form of the AWS CLI, in which quotes are escaped.

        Single quotes are replaced, with a warning, because the service refuses them. Raises `InvalidRequestError` for a text
        that does not describe inputs.
        """
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise _wrong(_MEMBER, "type", f"must be a string, not {quoted(text)}")
        if len(text) > _MOST_TEXT:
            raise _wrong(_MEMBER, "max", f"has {len(text)} characters, and at most {_MOST_TEXT} are allowed")
        console, inputs = _read(text)
        _check(inputs)
        return cls(console)

    @property
    def inputs(self) -> dict[str, Any] | list[Any]:
        """The inputs as plain lists and dicts; without names, a list.

        Raises `InvalidRequestError` if the object was made from a text that does not describe inputs.
        """
        found = _read(str(self))[1]
        _check(found)
        plain: dict[str, Any] | list[Any] = found
        return plain

    @classmethod
    def _made(cls, inputs: object, layout: _Layout | None, *, wide: bool) -> Self:
        plain = _plain(inputs)
        _check(plain)
        text = cls(_written(plain, wide))
        if len(text) > _MOST_TEXT:
            raise _wrong(_MEMBER, "max", f"has {len(text)} characters, and at most {_MOST_TEXT} are allowed")
        if layout is not None:
            for path, shape in _shapes(plain):
                _warn_of_layout(path, shape, layout)
        return text


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(text: str) -> tuple[str, Any]:
    """Return the text in the console's form, and the parsed inputs."""
    stripped = text.strip()
    # What a JSON document has between its quotes comes before the quotes alone, as other characters are escaped there too.
    within = _unwrapped(f'"{stripped}"')
    for console in (stripped, within, stripped.replace('\\"', '"'), _unwrapped(stripped)):
        found = _loaded(console)
        if is_mapping(found) or is_list(found):
            return console, found
    try:
        found = ast.literal_eval(stripped)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise _wrong(
            _MEMBER, "json", f'is not JSON such as {{"input":[1,3,224,224]}}, but begins with {quoted(text)}'
        ) from error
    inputs = _plain(found)
    _check(inputs)
    if "'" in stripped:
        advise(f"{_MEMBER}: the service reads double quotes only; the single ones were replaced")
    return _written(inputs, wide=False), inputs


def _unwrapped(text: str) -> str:
    """Return the text inside a JSON string, which is how a JSON document for the AWS CLI contains it."""
    found = _loaded(text)
    return found.strip() if isinstance(found, str) else ""


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# --- checking ---------------------------------------------------------------------------------------------------------


def _check(inputs: Any) -> None:
    """Raise `InvalidRequestError` with all problems."""
    problems = list(_problems(inputs))
    if problems:
        raise InvalidRequestError(problems, "CreateCompilationJob")


def _problems(inputs: Any) -> Iterator[Problem]:
    if not (is_mapping(inputs) or is_list(inputs)):
        yield Problem(
            _MEMBER, "type", f"must be a mapping from name to shape or a list of shapes, not {quoted(inputs)}"
        )
        return
    if is_list(inputs) and not inputs:
        yield Problem(_MEMBER, "min", "has no input; give the shape of each")
    for path, name, given in _each(inputs):
        if name is not None and (not isinstance(name, str) or not name.strip()):
            yield Problem(_MEMBER, "type", f"the name of an input must be a non-empty string, not {quoted(name)}")
        elif is_mapping(given):
            yield from _of_input(path, given)
        else:
            yield from _of_shape(path, given)


def _each(inputs: Any) -> Iterator[tuple[str, Any, Any]]:
    if is_mapping(inputs):
        yield from ((f"{_MEMBER}[{quoted(name)}]", name, given) for name, given in inputs.items())
    else:
        yield from ((f"{_MEMBER}[{index}]", None, given) for index, given in enumerate(inputs))


def _of_input(path: str, given: Mapping[Any, Any]) -> Iterator[Problem]:
    """Yield the problems of an input for Core ML."""
    known = [field.name for field in attrs.fields(Input)]
    for name in given:
        if name not in known:
            yield Problem(path, "unknown", f"has no {quoted(name)}; it has {', '.join(known)}")
    if "shape" not in given:
        yield Problem(path, "required", "shape is missing")
    for shape in _several(given.get("shape")):
        yield from _of_shape(f"{path}.shape", shape)
    if "default_shape" in given:
        yield from _of_shape(f"{path}.default_shape", given["default_shape"], ranges=False)
    yield from _of_numbers(f"{path}.scale", [given["scale"]] if "scale" in given else [])
    bias = given.get("bias", [])
    if is_list(bias):
        yield from _of_numbers(f"{path}.bias", bias)
    else:
        yield Problem(f"{path}.bias", "type", f"a number for each channel is needed, not {quoted(bias)}")
    yield from _of_type(path, given)


def _of_type(path: str, given: Mapping[Any, Any]) -> Iterator[Problem]:
    kind = given.get("type")
    if kind not in (None, *_TYPES):
        yield Problem(f"{path}.type", "enum", f"must be one of {', '.join(_TYPES)}, not {quoted(kind)}")
    if kind == "Image":
        for needed in ("bias", "scale"):
            if needed not in given:
                yield Problem(path, "requires", f"an input of type Image also needs {needed}")


def _of_numbers(path: str, numbers: Sequence[Any]) -> Iterator[Problem]:
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            yield Problem(path, "type", f"must be a finite number, not {quoted(number)}")


def _several(shape: Any) -> Sequence[Any]:
    """Return the shapes of an input: one or several."""
    if is_list(shape) and shape and all(map(is_list, shape)):
        return shape
    return () if shape is None else [shape]


def _of_shape(path: str, shape: Any, *, ranges: bool = True) -> Iterator[Problem]:
    if not is_list(shape):
        yield Problem(
            path, "type", f"a shape must be a list of dimensions, such as (1, 3, 224, 224), not {quoted(shape)}"
        )
        return
    if not shape:
        yield Problem(path, "min", "a shape must have at least one dimension")
    for size in shape:
        if isinstance(size, str) and ranges and _RANGE.fullmatch(size):
            low, high = map(int, size.split(".."))
            if low > high:
                yield Problem(path, "order", f"the range {size!r} ends before it begins")
        elif not isinstance(size, int) or isinstance(size, bool):
            yield Problem(
                path, "type", f'a dimension must be an integer or a range such as "1..10", not {quoted(size)}'
            )
        elif size < 1:
            yield Problem(path, "min", f"a dimension must be at least 1, not {quoted(size)}")
        elif size > _MOST_SIZE:
            yield Problem(path, "max", f"a dimension must be at most {_MOST_SIZE}, not {quoted(size)}")


def _wrong(path: str, rule: str, detail: str) -> InvalidRequestError:
    return InvalidRequestError([Problem(path, rule, detail)], "CreateCompilationJob")


def _shapes(inputs: Any) -> Iterator[tuple[str, Sequence[Any]]]:
    for path, _, given in _each(inputs):
        for shape in _several(given["shape"] if is_mapping(given) else given):
            yield path, shape


def _warn_of_layout(path: str, shape: Sequence[Any], expected: _Layout) -> None:
    if len(shape) != 4:
        return
    first, last = shape[1] in _CHANNELS, shape[3] in _CHANNELS
    looks_like = "NCHW" if first and not last else "NHWC" if last and not first else expected
    if looks_like != expected:
        swapped = (0, 2, 3, 1) if expected == "NHWC" else (0, 3, 1, 2)
        other = ", ".join(str(shape[index]) for index in swapped)
        advise(
            f"{path}: {quoted(list(shape))} looks like {looks_like}, but must be {expected}; did you mean ({other})?"
        )


# --- writing ----------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Convert tuples, `Input`s and the integers of array libraries to plain lists, dicts and integers."""
    if isinstance(value, Input):
        fields = attrs.asdict(value, recurse=False)
        return {name: _plain(item) for name, item in fields.items() if item is not None}
    if is_mapping(value):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (str, bytes, bool, float)) or value is None:
        return value
    if hasattr(value, "__iter__"):
        return [_plain(item) for item in value]
    try:
        return operator.index(value)
    except TypeError:
        return value


def _written(inputs: Any, wide: bool) -> str:
    """Write the console's form. With several inputs, AWS puts a space after the first colon, except for PyTorch."""
    if not is_mapping(inputs):
        return f"[{', '.join(map(_compact, inputs))}]"
    gaps = [" " if wide and index == 0 and len(inputs) > 1 else "" for index in range(len(inputs))]
    parts = [
        f"{json.dumps(name)}:{gap}{_compact(given)}" for gap, (name, given) in zip(gaps, inputs.items(), strict=True)
    ]
    return f"{{{', '.join(parts)}}}"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
