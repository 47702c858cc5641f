"""`docs`: AWS's own text, held against the models of the installed botocore."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import botocore.session
import pytest

from sagemaker_typed.cli._aws_html import blocks_of, first_sentence
from sagemaker_typed.cli._aws_names import InstalledModels
from tests.cli.support import program, run

MODEL: Any = botocore.session.Session().get_component("data_loader").load_service_model("sagemaker", "service-2")


@pytest.mark.parametrize(
    "name",
    [
        "CreateCompilationJob",
        "create-compilation-job",
        "create_compilation_job",
        "createcompilationjob",
        "compilation_jobs.create",
        "sm.compilation_jobs.create",
    ],
)
def test_every_form_of_a_name(name: str) -> None:
    result = run("docs", name)
    assert result.exit_code == 0
    assert result.stdout.startswith("CreateCompilationJob  operation of sagemaker\n")
    assert "Starts a model compilation job." in result.stdout
    assert result.stdout.rstrip().endswith("/API_CreateCompilationJob.html")


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("InputConfig", "InputConfig  structure of sagemaker"),
        ("InputConfig.Framework", "InputConfig.Framework  member of sagemaker"),
        ("input-config.framework", "InputConfig.Framework  member of sagemaker"),
        (
            "CreateCompilationJob.InputConfig.Framework",
            "CreateCompilationJob.InputConfig.Framework  member of sagemaker",
        ),
        ("create-endpoint-config.production-variants.model-name", "CreateEndpointConfig.ProductionVariants.ModelName"),
        ("DescribeCompilationJob.FailureReason", "DescribeCompilationJob.FailureReason  member of sagemaker"),
        ("TargetDevice", "TargetDevice  enum of sagemaker"),
        ("ResourceInUse", "ResourceInUse  error of sagemaker"),
        ("InvokeEndpoint", "InvokeEndpoint  operation of sagemaker-runtime"),
        ("put-record", "PutRecord  operation of sagemaker-featurestore-runtime"),
        ("EnableNetworkIsolation", ".EnableNetworkIsolation  member of sagemaker"),
    ],
)
def test_what_a_name_means(name: str, head: str) -> None:
    result = run("docs", name)
    assert result.exit_code == 0
    assert head in result.stdout


@pytest.mark.parametrize("name", ["CreateTrainingJob", "DescribeEndpoint", "Search", "CreateHyperParameterTuningJob"])
def test_no_word_of_aws_is_lost_or_added(name: str) -> None:
    source = MODEL["operations"][name]["documentation"]
    found = json.loads(run("docs", name, "--json").stdout)["text"]
    marks = re.sub(r"<(note|important)>", lambda match: f"{match[1].capitalize()}: ", source)
    assert re.findall(r"\w+", found) == re.findall(r"\w+", html.unescape(re.sub(r"<[^<>]+>", " ", marks)))


def test_every_text_of_the_model_is_read() -> None:
    """No tag is left, and no word is lost."""
    texts = [operation.get("documentation", "") for operation in MODEL["operations"].values()]
    for shape in MODEL["shapes"].values():
        texts += [
            shape.get("documentation", ""),
            *(m.get("documentation", "") for m in shape.get("members", {}).values()),
        ]
    assert len(texts) > 5000
    for text in texts:
        rendered = " ".join(block.text.plain for block in blocks_of(text))
        if "&lt;" not in text:
            assert re.search(r"</?(p|li|ul|code|a|b|i|note)\b", rendered) is None
        letters = re.sub(r"[\W_]+", "", html.unescape(re.sub(r"<[a-z/!][^<>]*>", "", text)))
        marks = len(re.findall(r"<(?:note|important|caution|tip)>", text))
        assert len(re.sub(r"[\W_]+", "", rendered)) >= len(letters), text
        assert len(re.sub(r"[\W_]+", "", rendered)) <= len(letters) + 9 * marks, text


def test_lists_notes_and_entities() -> None:
    text = "<p>One &lt;a&gt; &amp; two.</p><ul><li><p>First</p><p>more</p></li><li>Second<ol><li>x</li></ol></li></ul>"
    assert [block.plain for block in blocks_of(f"{text}<note><p>Mind it.</p></note>")] == [
        "One <a> & two.",
        "- First",
        "  more",
        "- Second",
        "  1. x",
        "Note: Mind it.",
    ]
    assert first_sentence("<p>An e.g. test. Another.</p>") == "An e.g. test."


def test_control_characters_of_a_model_are_escaped() -> None:
    (block,) = blocks_of("<p>a\x1b[2Jb&#27;c</p>")
    assert "\x1b" not in block.text.plain


def test_members_with_their_types() -> None:
    document = json.loads(run("docs", "create-compilation-job", "--json").stdout)
    request = {member["name"]: member for member in document["request"]}
    shape = MODEL["shapes"]["CreateCompilationJobRequest"]
    assert request.keys() == shape["members"].keys()
    assert {name for name, member in request.items() if member["required"]} == set(shape["required"])
    assert request["CompilationJobName"]["type"] == "string, 1 to 63 characters"
    assert document["errors"] == ["ResourceInUse", "ResourceLimitExceeded"]
    values = json.loads(run("docs", "TargetDevice", "--query", "values").stdout)
    assert values == MODEL["shapes"]["TargetDevice"]["enum"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["create-compilation-jop"], "did you mean CreateCompilationJob"),
        (["InputConfig.Framwork"], "AWS documents no 'InputConfig.Framwork'; did you mean InputConfig.Framework or"),
        (["InputConfig.DataInputConfg"], "did you mean InputConfig.DataInputConfig?"),
        (["create-compilation-job.input_config.S3Ur"], "did you mean CreateCompilationJob.InputConfig.S3Uri?"),
        (["CreateCompilationJob.CompilationJobAr"], "did you mean CreateCompilationJob.CompilationJobArn"),
        (["InputConfg.Framework"], "did you mean InputConfig.Framework?"),
        (["EnableNetworkIsolatio"], "did you mean EnableNetworkIsolation"),
        (["qqqqqqqq"], "AWS documents no 'qqqqqqqq'"),
        (["InvokeEndpoint", "--service", "sagemaker"], "AWS documents no"),
        (["InvokeEndpoint", "--service", "sagemaker-nothing"], "botocore has no service 'sagemaker-nothing'"),
    ],
)
def test_an_unknown_name(arguments: list[str], text: str) -> None:
    result = run("docs", *arguments)
    assert result.exit_code == 2
    assert text in result.stderr
    assert result.stderr.count("\n") == 1


def test_in_a_pipe_it_is_eighty_columns_of_plain_text() -> None:
    done = program("docs", "create-training-job")
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    assert max(len(line) for line in lines if "https://" not in line) <= 80
    assert b"\x1b" not in done.stdout
    assert not [line for line in lines if line != line.rstrip()]


def test_the_services_of_botocore_are_known() -> None:
    assert InstalledModels().services[0] == "sagemaker"
    assert "sagemaker-runtime" in InstalledModels().services


# --- a name that members share ----------------------------------------------------------------------------------------


def members_called(name: str) -> dict[str, set[str]]:
    """Text -> the members with it, each named after its operation or structure."""
    operations = {
        operation[end]["shape"]: of
        for of, operation in MODEL["operations"].items()
        for end in ("input", "output")
        if end in operation
    }
    found: dict[str, set[str]] = {}
    for owner, shape in MODEL["shapes"].items():
        for key, member in shape.get("members", {}).items():
            if key.lower() == name.lower():  # CfnCreateTemplateProvider has a RoleARN
                found.setdefault(member.get("documentation", ""), set()).add(f"{operations.get(owner, owner)}.{key}")
    found.pop("", None)
    return found


@pytest.mark.parametrize("name", ["role_arn", "s3-uri", "KmsKeyId", "TargetDevice"])
def test_a_shape_without_a_text_shows_the_texts_of_the_members_of_its_name(name: str) -> None:
    document = json.loads(run("docs", name, "--json").stdout)
    told = members_called(document["name"])
    assert "text" not in document
    assert {frozenset(each["places"]) for each in document["uses"]} == set(map(frozenset, told.values()))
    assert [len(each["places"]) for each in document["uses"]] == sorted(map(len, told.values()), reverse=True)
    for each in document["uses"]:
        assert (
            run("docs", each["name"], "--query", "text").stdout == json.dumps(each["text"], ensure_ascii=False) + "\n"
        )


def test_the_texts_of_members_are_bounded() -> None:
    shown = run("docs", "role_arn").stdout
    assert shown.startswith("RoleArn  string of sagemaker\nstring, 20 to 2048 characters\n\n")
    assert "AWS has no text on it." not in shown
    assert shown.count("  member of sagemaker\n") == 9
    most = max(members_called("RoleArn").values(), key=len)
    assert re.search(rf"also (\w+\.RoleArn,\s+){{2}}\w+\.RoleArn\s+and {len(most) - 4} more\n", shown)
    assert f"And {len(members_called('RoleArn')) - 9} more: " in shown
    assert len(shown) < 10_000


def test_a_shape_with_a_text_of_its_own_shows_only_that() -> None:
    assert "uses" not in json.loads(run("docs", "VpcConfig", "--json").stdout)
    assert "  member of sagemaker" not in run("docs", "VpcConfig").stdout


def test_values_of_an_enum_are_shown_once() -> None:
    shown = run("docs", "TargetDevice").stdout
    assert shown.count("jetson_xavier") == 1
    assert "OutputConfig.TargetDevice  member of sagemaker" in shown
    assert (
        json.loads(run("docs", "TargetDevice", "--query", "values").stdout) == MODEL["shapes"]["TargetDevice"]["enum"]
    )


def test_a_shape_that_no_member_is_called_after_says_so() -> None:
    shown = run("docs", "TagList").stdout
    assert shown == "TagList  list of sagemaker\nlist of Tag\n\nAWS has no text on it.\n"
