"""Out of the typed world and back: dicts, JSON, pandas, pydantic, FastAPI, cattrs, msgspec, orjson."""

from __future__ import annotations

import base64
import builtins
import inspect
import json
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import attrs
import pytest

import sagemaker_typed
from sagemaker_typed import from_boto3, from_dict, from_json, to_dict, to_json, to_pandas
from sagemaker_typed._core.convert.plain import Form, plain
from sagemaker_typed.errors import ConversionError, InvalidRequestError
from sagemaker_typed.structure import Member, Structure
from sagemaker_typed.types import (
    CompilationJobStatus,
    ContainerDefinition,
    CreateCompilationJobRequest,
    DescribeCompilationJobResponse,
    Framework,
    InputConfig,
    ListCompilationJobsRequest,
    ListCompilationJobsResponse,
    ModelArtifacts,
    OutputConfig,
    QueryLineageResponse,
    StoppingCondition,
    Tag,
    TargetDevice,
)

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
MOMENT = datetime(2026, 11, 26, 7, 44, 21, 123456, UTC)


def request() -> CreateCompilationJobRequest:
    return CreateCompilationJobRequest(
        compilation_job_name="resnet",
        role_arn=ROLE,
        input_config=InputConfig(s3_uri="s3://models/resnet.tar.gz", framework="PYTORCH"),
        output_config=OutputConfig(s3_output_location="s3://models/out/", target_device="ml_c5"),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
        tags={"team": "vision"},
    )


def answer(**members: Any) -> DescribeCompilationJobResponse:
    return from_boto3(
        DescribeCompilationJobResponse,
        {
            "CompilationJobName": "resnet",
            "CompilationJobStatus": "COMPLETED",
            "CreationTime": MOMENT,
            "ResponseMetadata": {"RequestId": "id", "HTTPStatusCode": 200, "HTTPHeaders": {"a": "b"}, "New": 1},
            **members,
        },
    )


# --- dicts and JSON ---------------------------------------------------------------------------------------------------


def test_a_dict_has_plain_values_and_the_options_of_other_libraries() -> None:
    assert to_dict(request()) == {
        "compilation_job_name": "resnet",
        "role_arn": ROLE,
        "input_config": {"s3_uri": "s3://models/resnet.tar.gz", "framework": "PYTORCH"},
        "output_config": {"s3_output_location": "s3://models/out/", "target_device": "ml_c5"},
        "stopping_condition": {"max_runtime_in_seconds": 900},
        "tags": [{"key": "team", "value": "vision"}],
    }
    assert type(to_dict(request())["input_config"]["framework"]) is str
    assert to_dict(request(), exclude_none=False)["vpc_config"] is None
    assert to_dict(answer())["creation_time"] is MOMENT
    container = ContainerDefinition(environment={"KEY": "s3cret"}, unknown_members={"ApiToken": "s3cret", "Fine": 1})
    assert to_dict(container)["environment"] == {"KEY": "s3cret"}
    assert to_dict(container, mask_secrets=True) == {
        "environment": {"KEY": "***"},
        "unknown_members": {"ApiToken": "***", "Fine": 1},
    }
    assert "s3cret" not in to_json(container, mask_secrets=True, wire=True)


def test_a_dict_is_a_copy() -> None:
    container = ContainerDefinition(environment={"KEY": "value"})
    to_dict(container)["environment"]["KEY"] = "another"
    assert container.environment == {"KEY": "value"}


def test_json_has_aws_forms() -> None:
    job = answer(New={"when": MOMENT, "worst": math.nan, "exact": Decimal("1.5"), "raw": b"\x00\xff"})
    assert json.loads(to_json(job, wire=True)) == {
        "CompilationJobName": "resnet",
        "CompilationJobStatus": "COMPLETED",
        "CreationTime": "2026-11-26T07:44:21.123456Z",
        "New": {"when": "2026-11-26T07:44:21.123456Z", "worst": "NaN", "exact": 1.5, "raw": "AP8="},
    }
    assert "\n  " in to_json(job, indent=2)
    for number, text in ((math.inf, "Infinity"), (-math.inf, "-Infinity"), (math.nan, "NaN")):
        assert f'"{text}"' in to_json(InputConfig(s3_uri="s", framework="KERAS", unknown_members={"N": number}))


def test_floats_without_a_form_in_json_come_back() -> None:
    from sagemaker_typed.types import MetricData

    for number in (math.inf, -math.inf, 0.1, -0.0, 1e308):
        metric = MetricData(metric_name="loss", value=number, timestamp=MOMENT)
        assert from_json(MetricData, to_json(metric)) == metric
    nan = from_json(MetricData, to_json(MetricData(value=math.nan)))
    assert nan.value is not None
    assert math.isnan(nan.value)


def test_times_in_whichever_form_a_request_takes_them() -> None:
    berlin = MOMENT.astimezone(timezone(timedelta(hours=1)))
    for given in (MOMENT, berlin, "2026-11-26T08:44:21.123456+01:00", MOMENT.timestamp()):
        listed = ListCompilationJobsRequest(creation_time_after=given)  # type: ignore[arg-type]
        assert to_dict(listed) == {"creation_time_after": MOMENT}
        assert to_json(listed) == '{"creation_time_after": "2026-11-26T07:44:21.123456Z"}'
    for wrong in (MOMENT.replace(tzinfo=None), "2026-11-26T08:44:21", "soon"):
        with pytest.raises(InvalidRequestError, match="creation_time_after"):
            to_json(ListCompilationJobsRequest(creation_time_after=wrong))  # type: ignore[arg-type]


def test_the_metadata_of_an_answer_comes_along_when_asked_for() -> None:
    assert "response_metadata" not in to_dict(answer())
    metadata = to_dict(answer(), metadata=True)["response_metadata"]
    assert metadata == {
        "request_id": "id",
        "http_status_code": 200,
        "http_headers": {"a": "b"},
        "retry_attempts": 0,
        "extra": {"New": 1},
    }
    for wire in (False, True):
        back = from_json(DescribeCompilationJobResponse, to_json(answer(), metadata=True, wire=wire), wire=wire)
        assert back.response_metadata == answer().response_metadata


def test_metadata_with_a_name_that_it_does_not_have_are_refused() -> None:
    text = to_json(answer(), metadata=True).replace('"request_id"', '"request_ids"')
    with pytest.raises(ConversionError, match=r"response_metadata: .*request_ids"):
        from_json(DescribeCompilationJobResponse, text)


def test_tags_may_be_read_as_a_mapping() -> None:
    assert from_dict(CreateCompilationJobRequest, {"tags": {"team": "vision"}}).tags == [
        Tag(key="team", value="vision")
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"s3_url": 1}, r"InputConfig: 's3_url' is not a field of InputConfig; did you mean s3_uri\?"),
        (
            {"S3Uri": "s"},
            r"'S3Uri' is not a field .* AWS's name .* from_json\(\.\.\., wire=True\)",
        ),
        ({"zzz": 1}, r"'zzz' is not a field of InputConfig$"),
        ({"framework": 3}, r"InputConfig: framework: 3 is not a text"),
        ([], "a list where a mapping was expected"),
        ({"unknown_members": 1}, "a int where a mapping was expected"),
    ],
)
def test_what_does_not_fit_is_named(values: Any, told: str) -> None:
    with pytest.raises(ConversionError, match=told):
        from_dict(InputConfig, values)
    with pytest.raises(ConversionError, match=told):
        from_json(InputConfig, json.dumps(values))


def test_a_place_deep_inside_is_named() -> None:
    with pytest.raises(ConversionError, match="CreateCompilationJobRequest: input_config: framework: a list is not"):
        from_dict(CreateCompilationJobRequest, {"input_config": {"framework": [1]}})
    with pytest.raises(ConversionError, match="tags: a str where a list was expected"):
        from_dict(CreateCompilationJobRequest, {"tags": "no"})


@pytest.mark.parametrize("text", ["", "{", "[1", "nul", "{'a': 1}"])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(ConversionError, match="InputConfig: not a JSON text"):
        from_json(InputConfig, text)


def test_what_has_no_form_and_what_is_no_object() -> None:
    odd = InputConfig(s3_uri="s", framework="KERAS", unknown_members={"Odd": {1, 2}})
    assert to_dict(odd)["unknown_members"] == {"Odd": {1, 2}}
    with pytest.raises(InvalidRequestError, match="a set cannot be represented in JSON"):
        to_json(odd)
    with pytest.raises(InvalidRequestError, match="S3Uri: given both as a field and as an unknown member"):
        to_json(InputConfig(s3_uri="s", framework="KERAS", unknown_members={"S3Uri": 1}), wire=True)
    for function in (to_dict, to_json):
        with pytest.raises(TypeError, match="takes an object of a generated class, not a dict"):
            function({})  # type: ignore[operator]
    for read in (from_dict, from_json):
        with pytest.raises(TypeError, match="takes a generated class"):
            read(dict, "{}")  # type: ignore[operator]


def test_objects_that_hold_themselves() -> None:
    loop = ContainerDefinition()
    loop.model_package_name = loop  # type: ignore[assignment]
    with pytest.raises(InvalidRequestError, match="contain themselves"):
        to_dict(loop)
    assert len(repr(loop)) < 400
    assert "ContainerDefinition" in loop._repr_html_()


def test_a_users_subclass_and_its_field() -> None:
    @attrs.define(kw_only=True, eq=False, repr=False)
    class Mine(InputConfig):
        note: str = "mine"

    mine = Mine(s3_uri="s", framework="KERAS")
    assert to_dict(mine) == {"s3_uri": "s", "framework": "KERAS"}
    assert type(from_json(Mine, to_json(mine))) is Mine
    assert "framework" in inspect.signature(Mine).parameters


# --- bytes: of the services that have some ----------------------------------------------------------------------------


class _Body:
    """As a generated class with bytes has it."""

    __annotations__: ClassVar[dict[str, str]] = {"body": "Payload | None", "part": "Blob | None"}
    _members: ClassVar[tuple[Member, ...]] = (Member("body", "Body"), Member("part", "Part"))
    unknown_members: ClassVar[dict[str, Any]] = {}

    def __init__(self, body: Any = None, part: Any = None) -> None:
        self.body, self.part = body, part


def test_bytes_are_base64_in_json_and_bytes_in_a_dict() -> None:
    raw = b"\x00\xff body"
    assert plain(_Body(raw, raw), Form()) == {"body": raw, "part": raw}
    text = base64.b64encode(raw).decode()
    assert plain(_Body(raw, raw), Form(json=True, wire=True)) == {"Body": text, "Part": text}
    assert plain(_Body("é"), Form(json=True))["body"] == base64.b64encode("é".encode()).decode()


# --- type hints -------------------------------------------------------------------------------------------------------


def test_type_hints_of_a_fresh_process_import_what_they_name_and_no_more() -> None:
    script = """
import sys, typing
from sagemaker_typed.types import ModelArtifacts, DescribeCompilationJobResponse as cls
assert "sagemaker_typed.types.shared.model_artifacts" in sys.modules
assert "sagemaker_typed.types.shared.stopping_condition" not in sys.modules
hints = typing.get_type_hints(cls)
assert hints["model_artifacts"] is ModelArtifacts, hints
assert "sagemaker_typed.types.shared.stopping_condition" in sys.modules
assert "sagemaker_typed.types.endpoints" not in sys.modules
assert "pydantic" not in sys.modules and "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_type_hints_of_methods_are_real_types_in_a_fresh_process() -> None:
    script = """
import inspect, sys, typing
from collections.abc import Mapping, Sequence
from sagemaker_typed import SageMaker, types
from sagemaker_typed.resources.compilation_jobs import CompilationJobs
assert "sagemaker_typed.types.shared.stopping_condition" not in sys.modules
hints = typing.get_type_hints(CompilationJobs.create)
assert hints["stopping_condition"] is types.StoppingCondition, hints
assert hints["tags"] == Sequence[types.Tag] | Mapping[str, str] | None, hints
assert hints["return"] is types.CreateCompilationJobResponse, hints
assert "sagemaker_typed.types.endpoints" not in sys.modules
signature = inspect.signature(SageMaker.search, eval_str=True)
assert signature.parameters["search_expression"].annotation == types.SearchExpression | None, signature
assert typing.get_origin(signature.return_annotation).__name__ == "Pages"
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_a_class_that_was_resolved_goes_on_converting() -> None:
    attrs.resolve_types(InputConfig)

    @sagemaker_typed.structure.structure
    class Mine(InputConfig):
        pass

    assert Mine(s3_uri="s", framework="KERAS").framework is Framework.KERAS
    assert attrs.evolve(InputConfig(s3_uri="s", framework="KERAS"), framework="ONNX").framework is Framework.ONNX


# --- pydantic and FastAPI ---------------------------------------------------------------------------------------------


def test_pydantic_reports_each_problem_at_its_place() -> None:
    pydantic = pytest.importorskip("pydantic")
    adapter = pydantic.TypeAdapter(CreateCompilationJobRequest)
    wrong = to_dict(request()) | {"role_arn": 3, "input_config": {"s3_url": "s"}, "tags": [{"key": "k", "value": None}]}
    del wrong["stopping_condition"]
    with pytest.raises(pydantic.ValidationError) as caught:
        adapter.validate_python(wrong)
    assert {(each["loc"], each["type"]) for each in caught.value.errors()} == {
        (("role_arn",), "string_type"),
        (("input_config", "s3_uri"), "missing"),
        (("input_config", "framework"), "missing"),
        (("input_config", "s3_url"), "extra_forbidden"),
        (("stopping_condition",), "missing"),
        (("tags", 0, "value"), "string_type"),
    }
    with pytest.raises(pydantic.ValidationError, match="timezone"):
        pydantic.TypeAdapter(ListCompilationJobsRequest).validate_python({"creation_time_after": "2026-01-01T00:00:00"})


def test_models_of_pydantic_have_fields_of_generated_classes() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Plan(pydantic.BaseModel):  # type: ignore[misc,name-defined]
        config: InputConfig
        devices: list[TargetDevice]
        by_state: dict[CompilationJobStatus, int]

    Plan.model_rebuild(_types_namespace={**globals()})
    plan = Plan(config={"s3_uri": "s", "framework": "ONNX"}, devices=["ml_c5", "ml_newer"], by_state={"COMPLETED": 1})
    assert plan.config == InputConfig(s3_uri="s", framework="ONNX")
    assert plan.devices == [TargetDevice.ML_C5, TargetDevice("ml_newer")]
    assert not plan.devices[1].is_known
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    assert plan.model_dump(include={"config": {"s3_uri"}}) == {"config": {"s3_uri": "s"}}
    assert plan.model_dump(exclude={"config": {"s3_uri": True}, "by_state": True}, exclude_none=True) == {
        "config": {"framework": "ONNX"},
        "devices": ["ml_c5", "ml_newer"],
    }
    device = Plan.model_json_schema()["$defs"]["TargetDevice"]
    assert device["type"] == "string"
    assert "enum" not in device
    assert set(device["x-extensible-enum"]) == {member.value for member in TargetDevice}
    with pytest.raises(pydantic.ValidationError, match="valid string"):
        Plan(config=plan.config, devices=[3])


def test_include_and_exclude_reach_into_lists() -> None:
    pydantic = pytest.importorskip("pydantic")
    adapter = pydantic.TypeAdapter(CreateCompilationJobRequest)
    job = attrs.evolve(request(), tags=[Tag(key="a", value="1"), Tag(key="b", value="2")])

    def tags(**options: Any) -> Any:
        return adapter.dump_python(job, **options).get("tags")

    assert tags(include={"tags": {"__all__": {"key"}}}) == [{"key": "a"}, {"key": "b"}]
    assert tags(include={"tags": {0: True}}) == [{"key": "a", "value": "1"}]
    assert tags(exclude={"tags": {1: {"value"}}}) == [{"key": "a", "value": "1"}, {"key": "b"}]
    assert tags(exclude={"tags"}) is None
    assert tags(include={"role_arn"}) is None


def test_shapes_that_hold_themselves_have_a_schema() -> None:
    pydantic = pytest.importorskip("pydantic")
    from sagemaker_typed.types import SearchExpression

    text = {"operator": "And", "sub_expressions": [{"sub_expressions": [{"operator": "Or"}]}]}
    adapter = pydantic.TypeAdapter(SearchExpression)
    assert adapter.validate_python(text) == from_dict(SearchExpression, text)
    assert "SearchExpression" in adapter.json_schema()["$defs"]


def test_fastapi_takes_requests_and_returns_answers() -> None:
    fastapi = pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fastapi.testclient import TestClient

    app = fastapi.FastAPI()
    taken: list[CreateCompilationJobRequest] = []

    def create(request: Any, device: Any = None) -> Any:
        taken.append(request)
        return answer(CompilationJobName=request.compilation_job_name, ModelArtifacts={"S3ModelArtifacts": "s3://m"})

    create.__annotations__ = {
        "request": Annotated[CreateCompilationJobRequest, fastapi.Body()],
        "device": TargetDevice | None,
        "return": DescribeCompilationJobResponse,
    }
    app.post("/jobs", response_model_exclude_none=True)(create)
    client = TestClient(app)
    given = client.post("/jobs?device=ml_c5", content=to_json(request()), headers={"content-type": "application/json"})
    assert given.status_code == 200, given.text
    assert taken == [request()]
    assert given.json() == {
        "compilation_job_name": "resnet",
        "compilation_job_status": "COMPLETED",
        "creation_time": "2026-11-26T07:44:21.123456Z",
        "model_artifacts": {"s3_model_artifacts": "s3://m"},
    }
    assert from_json(DescribeCompilationJobResponse, given.text).model_artifacts == ModelArtifacts(
        s3_model_artifacts="s3://m"
    )
    refused = client.post("/jobs", json={"role_arn": 1})
    assert refused.status_code == 422
    assert {tuple(each["loc"]) for each in refused.json()["detail"]} >= {
        ("body", "role_arn"),
        ("body", "output_config"),
    }
    page = client.get("/openapi.json").json()
    operation = page["paths"]["/jobs"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    given_back = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/CreateCompilationJobRequest"}
    assert given_back == {"$ref": "#/components/schemas/DescribeCompilationJobResponse"}
    schema = page["components"]["schemas"]["InputConfig"]
    assert schema["properties"]["s3_uri"]["maxLength"] == 1024
    assert "additionalProperties" not in schema


def test_pydantic_is_imported_by_nobody_but_pydantic() -> None:
    script = """
import sys
from sagemaker_typed import from_boto3, to_json, from_json
from sagemaker_typed.types import InputConfig
config = from_json(InputConfig, to_json(InputConfig(s3_uri="s", framework="KERAS")))
repr(config), config._repr_html_()
assert not {"pydantic", "pydantic_core", "pandas", "IPython", "rich"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


# --- other libraries --------------------------------------------------------------------------------------------------


def test_cattrs_own_converters_take_generated_classes() -> None:
    from cattrs.preconf.json import make_converter

    converter = make_converter()
    config = InputConfig(s3_uri="s", framework="KERAS")
    assert converter.loads(converter.dumps(config), InputConfig) == config
    job = answer(ModelArtifacts={"S3ModelArtifacts": "s3://m"})
    converter.register_unstructure_hook(Structure, lambda obj: json.loads(to_json(obj)))
    converter.register_structure_hook_func(
        lambda cls: isinstance(cls, type) and issubclass(cls, Structure), lambda values, cls: from_dict(cls, values)
    )
    assert converter.loads(converter.dumps([job]), list[DescribeCompilationJobResponse]) == [job]


def test_msgspec_orjson_and_json_encode() -> None:
    msgspec = pytest.importorskip("msgspec")
    orjson = pytest.importorskip("orjson")
    job = answer()
    assert from_dict(DescribeCompilationJobResponse, msgspec.json.decode(msgspec.json.encode(to_dict(job)))) == job
    encoded = orjson.dumps({"job": job}, default=to_dict)
    assert from_dict(DescribeCompilationJobResponse, orjson.loads(encoded)["job"]) == job
    # msgspec reads and writes attrs classes itself, open enums included.
    config = InputConfig(s3_uri="s", framework="NEWER")
    assert msgspec.json.decode(to_json(config), type=InputConfig) == config
    assert msgspec.json.decode(msgspec.json.encode([config], enc_hook=dict), type=list[InputConfig]) == [config]
    assert json.loads(json.dumps({"job": job}, default=lambda obj: json.loads(to_json(obj)))) == {
        "job": json.loads(to_json(job))
    }


# --- pandas -----------------------------------------------------------------------------------------------------------


def page(*names: str) -> ListCompilationJobsResponse:
    summaries = [
        {"CompilationJobName": name, "CreationTime": MOMENT, "CompilationJobStatus": "COMPLETED", "New": {"Deep": 1}}
        for name in names
    ]
    return from_boto3(ListCompilationJobsResponse, {"CompilationJobSummaries": summaries})


def test_a_frame_has_a_column_for_each_member_whatever_is_set() -> None:
    pandas = pytest.importorskip("pandas")
    frame = to_pandas(page("a", "b"))
    assert list(frame["compilation_job_name"]) == ["a", "b"]
    assert list(frame["unknown_members.New.Deep"]) == [1, 1]
    assert frame["compilation_end_time"].isna().all()
    assert frame["creation_time"][0] == pandas.Timestamp(MOMENT)
    empty = to_pandas(page())
    assert list(empty.columns) == [name for name in frame.columns if not name.startswith("unknown")]
    times = [name for name in empty.columns if name.endswith("_time")]
    assert {str(each[name].dtype) for each in (frame, empty) for name in times} == {"datetime64[us, UTC]"}
    pandas.testing.assert_frame_equal(to_pandas(page("a", "b").compilation_job_summaries), frame)


def test_one_object_is_one_row_and_structures_have_dotted_columns() -> None:
    pytest.importorskip("pandas")
    (row,) = to_pandas(request()).to_dict("records")
    assert row["input_config.framework"] == "PYTORCH"
    assert row["tags"] == [{"key": "team", "value": "vision"}]


def test_what_makes_no_frame() -> None:
    pytest.importorskip("pandas")
    for wrong in ("text", {"a": 1}, 3, [1]):
        with pytest.raises(TypeError, match="to_pandas takes objects of generated classes, not a"):
            to_pandas(wrong)
    with pytest.raises(TypeError, match="several lists; pass one of them: vertices, edges"):
        to_pandas(QueryLineageResponse(vertices=[], edges=[]))


@contextmanager
def without(package: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = builtins.__import__

    def hiding(name: str, *arguments: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", hiding)
        yield


def test_without_pandas_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with without("pandas", monkeypatch), pytest.raises(ModuleNotFoundError, match="pip install pandas") as caught:
        to_pandas(page("a"))
    assert caught.value.name == "pandas"
