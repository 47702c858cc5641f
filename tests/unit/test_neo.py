"""`DataInputConfig`, against the examples that AWS printed on its page of 2020-02-26 and gives for Core ML today."""

from __future__ import annotations

import copy
import json
import pickle
import warnings
from collections.abc import Callable
from typing import Any, cast

import pytest

from sagemaker_typed import to_boto3
from sagemaker_typed.errors import InvalidRequestError, InvalidRequestWarning
from sagemaker_typed.neo import DataInputConfig, Input
from sagemaker_typed.types import Framework, InputConfig

# What makes it, the console's form, the CLI's form: as the page has them.
PAGE: list[tuple[Callable[..., DataInputConfig], Any, str, str]] = [
    (
        DataInputConfig.tensorflow,
        {"input": (1, 1024, 1024, 3)},
        '{"input":[1,1024,1024,3]}',
        r"{\"input\":[1,1024,1024,3]}",
    ),
    (
        DataInputConfig.tensorflow,
        {"data1": (1, 28, 28, 1), "data2": (1, 28, 28, 1)},
        '{"data1": [1,28,28,1], "data2":[1,28,28,1]}',
        r"{\"data1\": [1,28,28,1], \"data2\":[1,28,28,1]}",
    ),
    (
        DataInputConfig.keras,
        {"input_1": (1, 3, 224, 224)},
        '{"input_1":[1,3,224,224]}',
        r"{\"input_1\":[1,3,224,224]}",
    ),
    (
        DataInputConfig.keras,
        {"input_1": (1, 3, 224, 224), "input_2": (1, 3, 224, 224)},
        '{"input_1": [1,3,224,224], "input_2":[1,3,224,224]}',
        r"{\"input_1\": [1,3,224,224], \"input_2\":[1,3,224,224]}",
    ),
    (DataInputConfig.mxnet, {"data": (1, 3, 1024, 1024)}, '{"data":[1,3,1024,1024]}', r"{\"data\":[1,3,1024,1024]}"),
    (
        DataInputConfig.onnx,
        {"var1": (1, 1, 28, 28), "var2": (1, 1, 28, 28)},
        '{"var1": [1,1,28,28], "var2":[1,1,28,28]}',
        r"{\"var1\": [1,1,28,28], \"var2\":[1,1,28,28]}",
    ),
    (
        DataInputConfig.pytorch,
        {"input0": (1, 3, 224, 224)},
        '{"input0":[1,3,224,224]}',
        r"{\"input0\":[1,3,224,224]}",
    ),
    (DataInputConfig.pytorch, [(1, 3, 224, 224)], "[[1,3,224,224]]", "[[1,3,224,224]]"),
    (
        DataInputConfig.pytorch,
        {"input0": (1, 3, 224, 224), "input1": (1, 3, 224, 224)},
        '{"input0":[1,3,224,224], "input1":[1,3,224,224]}',
        r"{\"input0\":[1,3,224,224], \"input1\":[1,3,224,224]}",
    ),
    (
        DataInputConfig.pytorch,
        [(1, 3, 224, 224), (1, 3, 224, 224)],
        "[[1,3,224,224], [1,3,224,224]]",
        "[[1,3,224,224], [1,3,224,224]]",
    ),
]

# The inputs of Core ML, as AWS's page on `InputConfig` has them.
CORE_ML: list[tuple[Callable[..., DataInputConfig], Any, str]] = [
    (DataInputConfig.tensorflow, {"input_1": Input((1, 224, 224, 3))}, '{"input_1": {"shape": [1,224,224,3]}}'),
    (
        DataInputConfig.tensorflow,
        {"input_1": Input(("1..10", 224, 224, 3))},
        '{"input_1": {"shape": ["1..10", 224, 224, 3]}}',
    ),
    (
        DataInputConfig.tensorflow,
        {"input_1": Input(((1, 224, 224, 3), (1, 160, 160, 3)))},
        '{"input_1": {"shape": [[1, 224, 224, 3], [1, 160, 160, 3]]}}',
    ),
    (
        DataInputConfig.tensorflow,
        {"input_1": Input(("1..10", 224, 224, 3), default_shape=(1, 224, 224, 3))},
        '{"input_1": {"shape": ["1..10", 224, 224, 3], "default_shape": [1, 224, 224, 3]}}',
    ),
    (
        DataInputConfig.pytorch,
        [Input([(1, 3, 224, 224), (1, 3, 160, 160)], (1, 3, 224, 224), "Image", (-1, -1, -1), 0.007843137255)],
        '[{"shape": [[1,3,224,224], [1,3,160,160]], "default_shape": [1,3,224,224], "type": "Image", '
        '"bias": [-1,-1,-1], "scale": 0.007843137255}]',
    ),
    (DataInputConfig.tensorflow, {"input_tensor:0": (1, 224, 224, 3)}, '{"input_tensor:0": [1, 224, 224, 3]}'),
]


@pytest.mark.parametrize(("make", "inputs", "console", "cli"), PAGE)
def test_the_page(make: Callable[..., DataInputConfig], inputs: Any, console: str, cli: str) -> None:
    assert str(make(inputs)) == console
    assert str(DataInputConfig.parse(console)) == console
    assert str(DataInputConfig.parse(cli)) == console
    assert str(DataInputConfig.parse(json.dumps(console))) == console  # as in a JSON file for the CLI
    assert make(inputs).inputs == json.loads(console)


@pytest.mark.parametrize(("make", "inputs", "text"), CORE_ML)
def test_core_ml(make: Callable[..., DataInputConfig], inputs: Any, text: str) -> None:
    assert make(inputs).inputs == DataInputConfig.parse(text).inputs == json.loads(text)


def test_xgboost_needs_nothing() -> None:
    assert DataInputConfig.xgboost().inputs == {}


def test_it_is_the_text_that_a_request_takes() -> None:
    text = DataInputConfig.pytorch({"input0": (1, 3, 224, 224)})
    config = InputConfig(s3_uri="s3://b/m.tar.gz", framework=Framework.PYTORCH, data_input_config=text)
    assert to_boto3(config)["DataInputConfig"] == '{"input0":[1,3,224,224]}'
    for twin in (pickle.loads(pickle.dumps(text)), copy.deepcopy(text)):
        assert type(twin) is DataInputConfig
        assert twin == text
    assert json.loads(json.dumps(text)) == text


def test_dimensions_of_array_libraries() -> None:
    class Int64:
        def __index__(self) -> int:
            return 224

    assert DataInputConfig.pytorch([(1, 3, Int64(), Int64())]) == "[[1,3,224,224]]"  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("make", "shape", "hint"),
    [
        (DataInputConfig.tensorflow, (1, 3, 224, 224), "(1, 224, 224, 3)"),
        (DataInputConfig.tflite, (1, 3, 224, 224), "(1, 224, 224, 3)"),
        (DataInputConfig.keras, (1, 224, 224, 3), "(1, 3, 224, 224)"),
        (DataInputConfig.mxnet, (1, 224, 224, 3), "(1, 3, 224, 224)"),
        (DataInputConfig.onnx, (1, 28, 28, 1), "(1, 1, 28, 28)"),
        (DataInputConfig.darknet, (1, 224, 224, 4), "(1, 4, 224, 224)"),
        (DataInputConfig.pytorch, (1, 224, 224, 3), "(1, 3, 224, 224)"),
    ],
)
def test_the_other_layout_is_warned_of(make: Callable[..., DataInputConfig], shape: tuple[int, ...], hint: str) -> None:
    with pytest.warns(InvalidRequestWarning) as caught:
        make({"data": shape})
    assert [hint in str(warning.message) for warning in caught] == [True]
    assert caught[0].filename == __file__


@pytest.mark.parametrize("shape", [(1, 3, 32, 3), (1, 10), (1, 3, 224), (2, 5, 6, 7), (1, 1, 28, 1)])
def test_a_shape_that_tells_no_layout_is_not(shape: tuple[int, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for make in (DataInputConfig.tensorflow, DataInputConfig.pytorch):
            make({"data": shape})


def test_single_quotes_are_read_with_a_warning() -> None:
    with pytest.warns(InvalidRequestWarning, match="double quotes"):
        assert DataInputConfig.parse("{'input0': [1, 3, 224, 224]}") == '{"input0":[1,3,224,224]}'


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"data": 5}, "not 5"),
        ({"data": "1,3"}, "not '1,3'"),
        ({"data": ()}, "at least one dimension"),
        ({"data": (1, 3.5)}, "not 3.5"),
        ({"data": (1, True)}, "not True"),
        ({"data": (1, 0)}, "at least 1"),
        ({"data": (-1, 3)}, "at least 1"),
        ({"data": ("10..1", 3)}, "ends before"),
        ({"": (1, 3)}, "the name of an input"),
        ({5: (1, 3)}, "the name of an input"),
        ([], "no input"),
        (5, "mapping from name to shape"),
        ({"data": Input((1, 3), type="Image")}, "needs bias"),
        ({"data": {"form": (1, 3)}}, "has no 'form'"),
        ({"data": Input((1, 3), scale=float("nan"))}, "finite number"),
    ],
)
def test_what_is_no_shape(given: Any, said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        DataInputConfig.pytorch(given)
    assert said in str(caught.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        DataInputConfig.mxnet({"a": (0, 3), "b": ("x",)})
    assert [problem.path for problem in caught.value.problems] == ["data_input_config['a']", "data_input_config['b']"]


@pytest.mark.parametrize(
    "text", ["", "shape", "5", '"text"', "null", "{", "[[1,3]", "{'a': __import__('os')}", "[" * 10_000, "x" * 20_000]
)
def test_a_text_that_describes_no_inputs(text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        DataInputConfig.parse(text)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", ['a"b', "größe", "it's", "back\\slash", "a\nb"])
def test_the_form_of_the_cli_reads_back_with_any_name(name: str) -> None:
    config = DataInputConfig.pytorch({name: (1, 3)})
    assert DataInputConfig.parse(json.dumps(str(config))[1:-1]) == config


@pytest.mark.parametrize(
    "inputs", [{"a": (10**5000,)}, {"a": (2**63,)}, {"a": Input((1, 3), type="Image", bias=cast(Any, 3), scale=1)}]
)
def test_a_size_and_a_bias_that_no_compiler_reads_are_refused(inputs: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"at most 9223372036854775807|bias: a number"):
        DataInputConfig.pytorch(inputs)
