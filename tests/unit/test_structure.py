"""What every generated object can do."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest

from sagemaker_typed import errors, from_boto3, to_boto3
from sagemaker_typed.types import (
    CreateCompilationJobRequest,
    CreateModelCardRequest,
    DescribeCompilationJobResponse,
    Framework,
    InputConfig,
    OutputConfig,
    StoppingCondition,
    Tag,
    TargetDevice,
)


def test_objects_compare_by_value_and_do_not_hash() -> None:
    one = InputConfig(s3_uri="s3://b/k", framework="KERAS")
    assert one == InputConfig(s3_uri="s3://b/k", framework=Framework.KERAS)
    assert one != InputConfig(s3_uri="s3://b/k", framework="KERAS", unknown_members={"New": 1})
    assert one != OutputConfig(s3_output_location="s3://b/k")
    with pytest.raises(TypeError):
        hash(one)


def test_they_print_what_is_set_and_hide_what_is_sensitive() -> None:
    config = InputConfig(s3_uri="s3://b/k", framework="KERAS", unknown_members={"New": 1})
    assert repr(config) == (
        "InputConfig(s3_uri='s3://b/k', framework=<Framework.KERAS: 'KERAS'>, unknown_members={'New': 1})"
    )
    card = CreateModelCardRequest(model_card_name="card", content="the secret", model_card_status="Draft")
    assert "the secret" not in repr(card)
    assert "content=***" in repr(card)


def test_they_are_mutable_and_an_enum_stays_an_enum() -> None:
    config = InputConfig(s3_uri="s3://b/k", framework="KERAS")
    config.framework = "PYTORCH"  # type: ignore[assignment]
    assert config.framework is Framework.PYTORCH
    config.framework = Framework("NEW")
    assert not config.framework.is_known


def test_copies_pickles_and_evolved_ones_keep_everything() -> None:
    config = InputConfig(s3_uri="s3://b/k", framework=Framework("BRAND_NEW"), unknown_members={"New": {"A": [1]}})
    for again in (copy.copy(config), copy.deepcopy(config), pickle.loads(pickle.dumps(config))):
        assert again == config
        assert type(again.framework) is Framework
    evolved = attrs.evolve(config, s3_uri="s3://b/other")
    assert (evolved.s3_uri, evolved.unknown_members) == ("s3://b/other", {"New": {"A": [1]}})


def test_tags_may_be_a_mapping() -> None:
    request = CreateCompilationJobRequest(
        compilation_job_name="job",
        role_arn="arn:aws:iam::123456789012:role/x",
        output_config=OutputConfig(s3_output_location="s3://b/out", target_device="ml_c5"),
        stopping_condition=StoppingCondition(),
        tags={"team": "vision", "empty": ""},
    )
    assert request.tags == [Tag(key="team", value="vision"), Tag(key="empty", value="")]
    assert request.output_config.target_device is TargetDevice.ML_C5


def test_falsy_values_are_sent_and_none_is_not() -> None:
    assert to_boto3(StoppingCondition(max_runtime_in_seconds=0)) == {"MaxRuntimeInSeconds": 0}
    assert to_boto3(InputConfig(s3_uri="", framework="KERAS", framework_version=None)) == {
        "S3Uri": "",
        "Framework": "KERAS",
    }


def test_enums_go_out_as_plain_texts() -> None:
    out = to_boto3(InputConfig(s3_uri="s3://b/k", framework=Framework("NEW")))
    assert type(out["Framework"]) is str


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"InputConfig": 3}, "DescribeCompilationJobResponse: InputConfig: a int where a mapping was expected"),
        ({"VpcConfig": {"Subnets": "subnet-1"}}, "VpcConfig: Subnets: a str where a list was expected"),
        ({"CreationTime": "soon"}, "CreationTime: 'soon' is not a timestamp"),
        ({"CompilationJobStatus": 3}, "CompilationJobStatus: 3 is not a text, as CompilationJobStatus requires"),
    ],
)
def test_a_mapping_that_does_not_fit_is_a_conversion_error_with_its_path(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.ConversionError, match=message):
        from_boto3(DescribeCompilationJobResponse, mapping)


@pytest.mark.parametrize("what", [3, None, "text", dict, int])
def test_only_generated_classes_convert(what: Any) -> None:
    with pytest.raises(TypeError, match="generated class"):
        to_boto3(what)
    with pytest.raises(TypeError, match="generated class"):
        from_boto3(what, {})
