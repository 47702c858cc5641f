"""Python names for the names on the wire: the traps of SageMaker's model."""

from __future__ import annotations

import keyword
from importlib import import_module
from typing import Any

import boto3
import pytest

from sagemaker_typed.codegen.names import Namer, escape, plural
from sagemaker_typed.codegen.overlay import Overlay
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.problems import Problems
from sagemaker_typed.codegen.read import BotocoreModel


@pytest.fixture(scope="module")
def namer(overlay: Overlay) -> Namer:
    return Namer(overlay.names, Problems())


@pytest.mark.parametrize(
    ("wire", "field"),
    [
        ("Lambda", "lambda_"),
        ("MLflowConfig", "mlflow_config"),
        ("FSxLustreConfig", "fsx_lustre_config"),
        ("SizeInGiB", "size_in_gib"),
        ("VolumeSizeInGB", "volume_size_in_gb"),
        ("RoleARN", "role_arn"),
        ("RoleArn", "role_arn"),
        ("ExecutionRoleARN", "execution_role_arn"),
        ("S3Uri", "s3_uri"),
        ("S3OutputLocation", "s3_output_location"),
        ("AutoMLJobName", "auto_ml_job_name"),
        ("AutoMLJobV2Config", "auto_ml_job_v2_config"),
        ("EnableSSMAccess", "enable_ssm_access"),
        ("KmsKeyId", "kms_key_id"),
        ("VPCConfig", "vpc_config"),
        ("MaxResults", "max_results"),
        ("Type", "type"),
        ("json", "json"),
    ],
)
def test_fields(namer: Namer, wire: str, field: str) -> None:
    assert namer.field("Shape", wire) == field


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("None", "NONE"),
        ("True", "TRUE"),
        ("False", "FALSE"),
        ("is", "IS"),
        ("lambda", "LAMBDA"),
        ("Unknown", "UNKNOWN"),
        ("ml.p3.2xlarge", "ML_P3_2XLARGE"),
        ("ml_c5", "ML_C5"),
        ("AWS::SageMaker::TrainingJob", "AWS_SAGE_MAKER_TRAINING_JOB"),
        ("AWS/Textract/AnalyzeDocument/Forms/V1", "AWS_TEXTRACT_ANALYZE_DOCUMENT_FORMS_V1"),
        ("2xlarge", "VALUE_2XLARGE"),
        ("1.0", "VALUE_1_0"),
        ("InService", "IN_SERVICE"),
        ("GREATER_THAN", "GREATER_THAN"),
        ("text/csv;header=present", "TEXT_CSV_HEADER_PRESENT"),
        ("-leading", "LEADING"),
    ],
)
def test_enum_members(namer: Namer, text: str, member: str) -> None:
    assert namer.enum_member(text) == member
    assert namer.enum_members("Shape", [text]) == {text: member}


@pytest.mark.parametrize(
    ("noun", "nouns"),
    [
        ("CompilationJob", "CompilationJobs"),
        ("ReservedCapacity", "ReservedCapacities"),
        ("Monday", "Mondays"),
        ("Box", "Boxes"),
        ("Process", "Processes"),
        ("Branch", "Branches"),
    ],
)
def test_plurals(noun: str, nouns: str) -> None:
    assert plural(noun) == nouns


def test_a_keyword_gets_an_underscore() -> None:
    assert [escape(name) for name in ("import", "from", "match", "type", "id")] == [
        "import_", "from_", "match", "type", "id",
    ]  # fmt: skip


# --- the whole model --------------------------------------------------------------------------------------------------


def test_every_field_is_a_name_of_its_own_and_keeps_its_wire_name(plan: Plan, model: BotocoreModel) -> None:
    for module in plan.modules:
        for structure in module.structures:
            names = [field.name for field in structure.fields]
            assert len(set(names)) == len(names), structure.name
            assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names), structure.name
            assert [field.wire for field in structure.fields] == list(model.members(structure.name))


def test_every_text_of_every_enum_is_a_member_of_its_own(plan: Plan, model: BotocoreModel) -> None:
    for module in plan.modules:
        generated = import_module(f"sagemaker_typed.types.{module.name}")
        for enum in module.enums:
            cls: Any = getattr(generated, enum.name)
            assert [member.value for member in cls] == list(dict.fromkeys(model.shape(enum.name)["enum"]))


def test_flat_methods_have_the_names_that_boto3_gives(plan: Plan) -> None:
    client = boto3.client("sagemaker", region_name="us-west-2", aws_access_key_id="a", aws_secret_access_key="b")
    assert {operation.method: operation.name for operation in plan.operations} == client.meta.method_to_api_mapping
