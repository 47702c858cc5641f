"""What language servers show of a name: our words, on hover, in signature help and beside completions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.typing.lsp import LanguageServer

PACKAGE = Path(__file__).parents[2]
HEAD = """\
from sagemaker_typed import AsyncSageMaker, SageMaker
from sagemaker_typed.types import (
    CompilationJobStatus, CreateCompilationJobRequest, InputConfig, ProductionVariantInstanceType, TargetDevice,
)
sm = SageMaker()
job = sm.compilation_jobs.describe("resnet-c5")
aio = AsyncSageMaker()
"""
START = "Start a job that compiles a trained model with SageMaker Neo for one device or platform."
ROLE = "ARN of the IAM role that SageMaker assumes to act for you"
MODEL = "The model to compile: its location in Amazon S3"
S3_URI = "Amazon S3 path of the model to compile, packed as one `.tar.gz` archive."
JETSON = "NVIDIA Jetson Nano, a small board with a Maxwell GPU."
HOVERS = {
    "sm.compilation_jobs": "Jobs of SageMaker Neo that compile a trained model for one device or platform.",
    "sm.compilation_jobs.create": START,
    "sm.compilation_jobs.list": "List the compilation jobs of an account and region",
    "sm.compilation_jobs.wait_until_completed": "the compiled model is in Amazon S3.",
    "sm.compilation_jobs.wait_all": "report on all of them.",
    "sm.api.create_compilation_job": START,
    "sm.search": "Find",
    "sm.tags.add": "tags",
    "sm.runtime.invoke_endpoint": "Send data to an endpoint and read the prediction",
    "sm.runtime": "Invoke endpoints",
    "aio.compilation_jobs": "Jobs of SageMaker Neo",
    "aio.compilation_jobs.create": START,
    "aio.runtime.invoke_endpoint": "Send data to an endpoint and read the prediction",
    "job.role_arn": ROLE,
    "job.model_artifacts": "Amazon S3 location of the model that the job produced.",
    "job.output_config.target_device": "set either this or `target_platform`.",
    "InputConfig": MODEL,
    "CreateCompilationJobRequest": "Request of `CreateCompilationJob`: start a job that compiles",
    "CompilationJobStatus": "`COMPLETED`, `FAILED` and `STOPPED` are final.",
    "TargetDevice": "Instance families, boards and platforms that Neo can compile for by name.",
}
VALUES = {
    "TargetDevice.JETSON_NANO": JETSON,
    "CompilationJobStatus.FAILED": "the job ended with an error; `failure_reason` says why.",
    "ProductionVariantInstanceType.ML_G5_XLARGE": "Instance with NVIDIA A10G GPUs and local NVMe disks, size `xlarge`.",
}
SIGNATURES = {
    "sm.compilation_jobs.create('x', role_arn=": (START, ROLE),
    "aio.compilation_jobs.create('x', role_arn=": (START, ROLE),
    "sm.runtime.invoke_endpoint('x', body=": ("Send data to an endpoint", "Input for the model"),
    "InputConfig(s3_uri=": (MODEL, S3_URI),
    "CreateCompilationJobRequest(role_arn=": ("Request of `CreateCompilationJob`", ROLE),
}


def server(name: str, folder: Path) -> Iterator[LanguageServer]:
    config = {"extraPaths": [str(PACKAGE)], "include": ["."]}
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    with LanguageServer(name, folder) as running:
        yield running


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    yield from server("pyright", tmp_path_factory.mktemp("pyright"))


@pytest.fixture(scope="module")
def jedi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    yield from server("jedi", tmp_path_factory.mktemp("jedi"))


@pytest.fixture(scope="module")
def ty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    yield from server("ty", tmp_path_factory.mktemp("ty"))


@pytest.fixture(scope="module")
def pyrefly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    yield from server("pyrefly", tmp_path_factory.mktemp("pyrefly"))


@pytest.fixture
def editor(request: pytest.FixtureRequest) -> LanguageServer:
    running: LanguageServer = request.getfixturevalue(request.param)
    return running


EVERY = pytest.mark.parametrize("editor", ["pyright", "jedi", "ty"], indirect=True)


@EVERY
def test_a_hover_shows_the_words(editor: LanguageServer) -> None:
    shown = {text: editor.hover(HEAD + text) for text in HOVERS}
    assert {text: said for text, said in shown.items() if HOVERS[text] not in said} == {}


@pytest.mark.parametrize("editor", ["pyright", "ty", "pyrefly"], indirect=True)
def test_a_value_is_told(editor: LanguageServer) -> None:
    """jedi knows no docstrings of assignments in an enum's stub."""
    shown = {text: editor.hover(HEAD + text) for text in VALUES}
    assert {text: said for text, said in shown.items() if VALUES[text] not in said} == {}


@pytest.mark.parametrize("editor", ["pyright", "ty", "pyrefly"], indirect=True)
def test_a_signature_tells_the_function_and_its_arguments(editor: LanguageServer) -> None:
    """jedi reads the docstring of a signature from the stub alone."""
    for text, (function, _) in SIGNATURES.items():
        assert function in editor.signature(HEAD + text)[0], text


@pytest.mark.parametrize("editor", ["pyright", "ty"], indirect=True)
def test_a_signature_tells_the_argument_at_the_cursor(editor: LanguageServer) -> None:
    for text, (_, argument) in SIGNATURES.items():
        assert argument in " ".join(editor.signature(HEAD + text)), text


@pytest.mark.parametrize("editor", ["pyright", "jedi"], indirect=True)
def test_completions_are_told(editor: LanguageServer) -> None:
    for text, name, words in (
        ("sm.", "compilation_jobs", "Jobs of SageMaker Neo"),
        ("sm.compilation_jobs.", "create", START),
    ):
        assert words in editor.about_offered(HEAD + text, name), text


def test_a_completed_field_is_told(pyright: LanguageServer) -> None:
    """The others tell it on hover only."""
    assert ROLE in pyright.about_offered(HEAD + "job.", "role_arn")


@EVERY
def test_groups_and_verbs_and_keywords_are_offered(editor: LanguageServer) -> None:
    for text, names in (
        ("sm.", ["compilation_jobs", "endpoints", "runtime", "api", "search"]),
        ("sm.compilation_jobs.", ["create", "describe", "list", "wait_until_completed", "wait_all"]),
        ("aio.compilation_jobs.", ["create", "describe", "list", "wait_until_completed", "wait_all"]),
        ("sm.compilation_jobs.create('x', ", ["role_arn=", "output_config=", "tags="]),
        ("InputConfig(", ["s3_uri=", "framework="]),
        ("job.", ["compilation_job_status", "model_artifacts"]),
        ("TargetDevice.", ["ML_C5", "JETSON_NANO"]),
    ):
        offered = editor.offered(HEAD + text)
        assert [name for name in names if name not in offered] == [], text
