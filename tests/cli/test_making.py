"""`create`, `update` and `start`: what is sent is what boto3 would have sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from sagemaker_typed.testing import LocalSageMaker
from tests.cli.support import COMPILATION, ROLE, TRAINING, run


def described(local: LocalSageMaker, name: str = "resnet") -> dict[str, Any]:
    """What is there, as boto3 tells it."""
    found: dict[str, Any] = local.boto3_client("sagemaker").describe_compilation_job(CompilationJobName=name)
    return found


def written(path: Path, document: Any) -> str:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(path)


SNAKE = f"""
compilation_job_name: resnet
role_arn: {ROLE}
input_config:
  s3_uri: s3://models/in/resnet.tar.gz
  framework: PYTORCH
  framework_version: 1.10
  data_input_config: '{{"input0": [1, 3, 224, 224]}}'
OutputConfig: {{S3OutputLocation: s3://models/out, target_device: ml_c5}}
stopping_condition: {{MaxRuntimeInSeconds: 900}}
tags: {{team: vision, version: 2, on: yes}}
"""


@pytest.mark.parametrize("form", ["job.json", "job.yaml", "names.yaml", "-"])
def test_every_form_of_a_request_creates_the_same(local: LocalSageMaker, tmp_path: Path, form: str) -> None:
    documents = {"job.json": json.dumps(COMPILATION), "job.yaml": yaml.safe_dump(COMPILATION), "names.yaml": SNAKE}
    text = documents.get(form, json.dumps(COMPILATION))
    source = form if form == "-" else written(tmp_path / form, text)
    result = run("create", "compilation-job", "--from", source, stdin=text if form == "-" else None)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "arn:aws:sagemaker:us-west-2:123456789012:compilation-job/resnet" in result.stdout
    found = described(local)
    for member in ("RoleArn", "InputConfig", "OutputConfig", "StoppingCondition"):
        assert found[member] == COMPILATION[member]
    if form == "names.yaml":
        client = local.boto3_client("sagemaker")
        tags = client.list_tags(ResourceArn=found["CompilationJobArn"])["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == {"team": "vision", "version": "2", "on": "yes"}


def test_set_lays_members_over_the_file(local: LocalSageMaker, tmp_path: Path) -> None:
    source = written(tmp_path / "job.json", TRAINING)
    settings = [
        "resource_config.instance_count=4",
        "ResourceConfig.InstanceType=ml.m5.xlarge",
        'hyper_parameters={"epochs": "3"}',
        "hyper_parameters.layer.size=0.10",
        "input_data_config[0].channel_name=train",
        "input_data_config[0].data_source.s3_data_source.s3_uri=s3://models/train",
        "input_data_config[0].data_source.s3_data_source.s3_data_type=S3Prefix",
        "input_data_config[1]="
        '{"ChannelName": "test", "DataSource": {"S3DataSource": {"S3Uri": "s3://t", "S3DataType": "S3Prefix"}}}',
        "enable_network_isolation=true",
        "stopping_condition.max_runtime_in_seconds=60",
        "output_data_config.kms_key_id=null",
    ]
    result = run("create", "training-job", "--from", source, *(part for text in settings for part in ("--set", text)))
    assert (result.exit_code, result.stderr) == (0, "")
    found = local.boto3_client("sagemaker").describe_training_job(TrainingJobName="run")
    assert found["ResourceConfig"] == {"InstanceType": "ml.m5.xlarge", "InstanceCount": 4, "VolumeSizeInGB": 10}
    assert found["HyperParameters"] == {"epochs": "3", "layer.size": "0.10"}
    assert [channel["ChannelName"] for channel in found["InputDataConfig"]] == ["train", "test"]
    assert found["EnableNetworkIsolation"] is True
    assert found["StoppingCondition"] == {"MaxRuntimeInSeconds": 60}


@pytest.mark.parametrize(
    ("document", "settings", "text"),
    [
        ({"CompilationJobNam": "x"}, [], "has no 'CompilationJobNam'; did you mean CompilationJobName?"),
        ({"input_config": {"framwork": "x"}}, [], "input_config: InputConfig has no 'framwork'; did you mean framework?"),
        ({"RoleArn": "a", "role_arn": "b"}, [], "role_arn stands twice, as RoleArn and as role_arn"),
        ({"stopping_condition": {"max_runtime_in_seconds": "900"}}, [], "is a text; a whole number is needed"),
        ({"stopping_condition": [900]}, [], "stopping_condition is a list; a mapping of the members of StoppingCondition"),
        ({"input_config": {"framework_version": 1.1}}, [], 'is a number; a text is needed: write "1.1"'),
        ({"tags": "x"}, [], "tags is a text; a list is needed"),
        ([COMPILATION], [], "the document is a list"),
        (COMPILATION, ["nothing"], "--set: 'nothing' is not PATH=VALUE"),
        (COMPILATION, ["output_config.target_devic=ml_c5"], "OutputConfig has no 'target_devic'; did you mean target_device"),
        (COMPILATION, ["role_arn.x=1"], "--set: role_arn.x: there is nothing below it at 'x'"),
        (COMPILATION, ["role_arn[0]=1"], "--set: role_arn[0]: role_arn is not a list"),
        (COMPILATION, ["vpc_config.subnets[3]=a"], "the list has 0 items, and the next one is [0]"),
        (COMPILATION, ["output_config=5"], "output_config is a number"),
        ({"CompilationJobName": "x"}, [], "role_arn: required"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_not_sent(
    local: LocalSageMaker, tmp_path: Path, document: Any, settings: list[str], text: str
) -> None:
    source = written(tmp_path / "job.json", document)
    result = run(
        "create", "compilation-job", "--from", source, *(part for each in settings for part in ("--set", each))
    )
    assert result.exit_code == 2
    assert text in result.stderr
    assert result.stderr.count("\n") == 1
    assert local.calls == {}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("job.json", '{"RoleArn": }', "is not JSON: Expecting value: line 1 column 13"),
        ("job.json", "", "holds 0 documents"),
        ("job.json", '{"a": NaN}', "NaN is not a number in JSON"),
        ("job.yaml", "a: [1", "is not YAML"),
        ("job.yaml", "role_arn: a\nrole_arn: b", "'role_arn' stands twice"),
        ("job.yaml", "a: &x [1]\nb: *x", "aliases are not read"),
        ("job.yaml", "a: !!python/object/apply:os.system ['true']", "is not YAML: could not determine a constructor"),
        ("job.yaml", "role_arn: a\n---\nrole_arn: b", "holds 2 documents; expected one"),
        ("job.yaml", "# nothing", "holds 0 documents"),
        ("job.yaml", "[" * 3000 + "]" * 3000, "is nested too deeply"),
        ("job.json", "[" * 300000 + "]" * 300000, "is nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read(local: LocalSageMaker, tmp_path: Path, name: str, text: str, said: str) -> None:
    result = run("create", "compilation-job", "--from", written(tmp_path / name, text))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert local.calls == {}


def test_a_file_that_is_not_there_or_no_text(local: LocalSageMaker, tmp_path: Path) -> None:
    assert "No such file" in run("create", "model", "--from", str(tmp_path / "no.json")).stderr
    (tmp_path / "bytes.json").write_bytes(b'{"a": "\xff"}')
    assert "is not UTF-8" in run("create", "model", "--from", str(tmp_path / "bytes.json")).stderr


def test_wait_ends_with_the_code_of_the_wait(local: LocalSageMaker, tmp_path: Path) -> None:
    source = written(tmp_path / "job.json", COMPILATION)
    result = run("create", "compilation-job", "--from", source, "--name", "good", "--wait", "--quiet")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "good is completed"
    local.script("compilation_job", "bad", [("FAILED", "ClientError: no shape")])
    result = run("create", "compilation-job", "--from", source, "--name", "bad", "--wait", "--quiet")
    assert result.exit_code == 1
    assert "no shape" in result.stderr
    local.script("compilation_job", "slow", ["INPROGRESS"])
    slow = ["--name", "slow", "--wait", "--timeout", "0s", "--quiet"]
    assert run("create", "compilation-job", "--from", source, *slow).exit_code == 4


def test_with_json_the_last_description_is_all_that_is_printed(local: LocalSageMaker, tmp_path: Path) -> None:
    source = written(tmp_path / "job.json", TRAINING)
    local.log("training_job", "run", ["epoch 1\x1b[2J"])
    result = run("create", "training-job", "--from", source, "--logs", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["TrainingJobStatus"] == "Completed"
    assert r"epoch 1\x1b[2J" in result.stderr


def test_nothing_to_wait_for_is_said_before_it_is_sent(local: LocalSageMaker) -> None:
    result = run("create", "experiment", "--name", "e", "--wait")
    assert (result.exit_code, result.stderr) == (2, "--wait: there is nothing to wait for with experiment\n")
    assert local.calls == {}
    assert run("create", "experiment", "--name", "e").exit_code == 0
    assert run("create", "training-plan-offering", "--name", "e").exit_code == 2


def test_update_and_start(local: LocalSageMaker) -> None:
    client = local.boto3_client("sagemaker")
    client.create_notebook_instance(NotebookInstanceName="ada", InstanceType="ml.t3.medium", RoleArn=ROLE)
    assert run("wait", "notebook-instance", "ada", "--quiet").exit_code == 0
    assert run("stop", "notebook-instance", "ada", "--wait", "--quiet").exit_code == 0
    result = run(
        "update", "notebook-instance", "ada", "--set", "InstanceType=ml.t3.large", "--set", "VolumeSizeInGB=20"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    found = client.describe_notebook_instance(NotebookInstanceName="ada")
    assert (found["InstanceType"], found["VolumeSizeInGB"]) == ("ml.t3.large", 20)
    assert run("wait", "notebook-instance", "ada", "--until", "stopped", "--quiet").exit_code == 0
    result = run("start", "notebook-instance", "ada", "--wait", "--quiet", "--query", "NotebookInstanceStatus")
    assert (result.exit_code, result.stdout) == (0, '"InService"\n')


def test_an_endpoint_is_updated_to_its_configuration(local: LocalSageMaker) -> None:
    client = local.boto3_client("sagemaker")
    client.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "i"})
    for config in ("one", "two"):
        variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        client.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
    made = run("create", "endpoint", "--set", "endpoint_name=e", "--set", "EndpointConfigName=one", "--wait", "--quiet")
    assert made.exit_code == 0
    result = run("update", "endpoint", "e", "--set", "endpoint_config_name=two", "--wait", "--quiet")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "e is updated")
    assert client.describe_endpoint(EndpointName="e")["EndpointConfigName"] == "two"
    assert (
        "--with: update endpoint takes no domain-id" in run("update", "endpoint", "e", "--with", "domain-id=d").stderr
    )
