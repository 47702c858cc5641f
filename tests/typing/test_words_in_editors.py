"""What language servers show of a name: our words, on hover, in signature help and beside completions."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from sagemaker_typed.resources.api import Api
from sagemaker_typed.services.siblings import ATTRIBUTES
from tests.typing.lsp import LanguageServer

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


def server(name: str, folder: Path, installed: Path) -> Iterator[LanguageServer]:
    with LanguageServer(name, folder, installed) as running:
        yield running


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Iterator[LanguageServer]:
    yield from server("pyright", tmp_path_factory.mktemp("pyright"), installed)


@pytest.fixture(scope="module")
def jedi(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Iterator[LanguageServer]:
    yield from server("jedi", tmp_path_factory.mktemp("jedi"), installed)


@pytest.fixture(scope="module")
def ty(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Iterator[LanguageServer]:
    yield from server("ty", tmp_path_factory.mktemp("ty"), installed)


@pytest.fixture(scope="module")
def pyrefly(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Iterator[LanguageServer]:
    yield from server("pyrefly", tmp_path_factory.mktemp("pyrefly"), installed)


@pytest.fixture(scope="module")
def basedpyright(tmp_path_factory: pytest.TempPathFactory, installed: Path) -> Iterator[LanguageServer]:
    yield from server("basedpyright", tmp_path_factory.mktemp("basedpyright"), installed)


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


# --- what is not offered ----------------------------------------------------------------------------------------------

MODULES = {
    name: import_module(f"sagemaker_typed.{name}").__all__
    for name in (
        "enums",
        "errors",
        "human_review",
        "logs",
        "neo",
        "paging",
        "search",
        "streams",
        "structure",
        "waiting",
    )
}
OBJECTS = (
    "sm.", "aio.", "sm.compilation_jobs.", "aio.compilation_jobs.", "sm.runtime.", "sm.endpoints.", "sm.api.", "job.",
    "job.model_artifacts.", "sm.compilation_jobs.list().", "aio.compilation_jobs.list().", "sm.runner().",
    "sm.compilation_jobs.wait_all([]).", "sm.training_jobs.logs('x').", "sm.endpoints.invoke('x', b'').",
)  # fmt: skip
REACHED = {"errors": {"WaitReport"}}
"""Names that a module does not list, and that its own names lead to."""


def members(offered: list[str]) -> set[str]:
    """Names other than those of Python's protocols, and than those that the interpreter puts on every class."""
    return {name for name in offered if not name.startswith("__")}


@pytest.mark.parametrize("editor", ["pyright", "basedpyright", "ty", "pyrefly"], indirect=True)
def test_no_private_name_of_an_object_is_offered(editor: LanguageServer) -> None:
    found = {text: {name for name in members(editor.offered(HEAD + text)) if name.startswith("_")} for text in OBJECTS}
    assert {text: names for text, names in found.items() if names} == {}


@pytest.mark.parametrize("editor", ["pyright", "basedpyright", "ty"], indirect=True)
def test_a_module_offers_what_it_says_and_no_imports(editor: LanguageServer) -> None:
    """pyrefly offers what a stub imports as well, after the module's own names."""
    for name, public in MODULES.items():
        text = f"import sagemaker_typed.{name} as module\nmodule."
        offered = {each for each in members(editor.offered(text)) if not each.startswith("_")}
        assert offered == set(public) | REACHED.get(name, set()), name


@pytest.mark.parametrize("editor", ["pyrefly", "jedi"], indirect=True)
def test_what_a_module_says_comes_before_its_private_names(editor: LanguageServer) -> None:
    """jedi offers all that the module behind a stub has, and pyrefly what the stub imports."""
    for name, public in MODULES.items():
        offered = editor.offered(f"import sagemaker_typed.{name} as module\nmodule.")
        private = [place for place, each in enumerate(offered) if each.startswith("_")]
        assert max(map(offered.index, public)) < min(private, default=len(offered)), name


@pytest.mark.parametrize("editor", ["pyright", "basedpyright", "ty", "pyrefly", "jedi"], indirect=True)
def test_no_constructor_offers_unknown_members(editor: LanguageServer) -> None:
    for text in ("InputConfig(", "CreateCompilationJobRequest("):
        offered = editor.offered(HEAD + text)
        assert "s3_uri=" in offered or "role_arn=" in offered
        assert "unknown_members=" not in offered


@pytest.mark.parametrize("editor", ["pyright", "basedpyright"], indirect=True)
def test_groups_are_offered_first(editor: LanguageServer) -> None:
    """The others sort by name alone."""
    groups = {path.partition(".")[0] for path in Api._paths.values() if "." in path} | set(ATTRIBUTES.values())
    for client in ("sm.", "aio."):
        offered = editor.offered(HEAD + client)
        assert set(offered[: len(groups)]) == groups


@pytest.mark.parametrize("editor", ["jedi"], indirect=True)
def test_private_names_come_last_where_they_are_offered(editor: LanguageServer) -> None:
    """jedi reads the module behind a stub as well."""
    for text in OBJECTS:
        private = [name.startswith("_") for name in editor.offered(HEAD + text)]
        assert private == sorted(private), text


# --- auto-import ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("editor", ["pyright", "basedpyright", "pyrefly", "ty"], indirect=True)
def test_names_are_imported_from_where_the_documentation_has_them(editor: LanguageServer) -> None:
    for name, module, other in (
        ("SageMaker", "sagemaker_typed", "AsyncSageMaker"),
        ("StoppingCondition", "sagemaker_typed.types", "InputConfig"),
        ("DescribeCompilationJobResponse", "sagemaker_typed.types", "InputConfig"),
        ("WaitFailedError", "sagemaker_typed.errors", "ApiError"),
    ):
        first = editor.imports(f"from {module} import {other}\n{name[:-1]}", name)[0]
        # The name is added to the import that is there, or an import of its own is.
        assert first.strip(", ") == name or first == f"from {module} import {name}", first
