"""What an editor offers: jedi's completion and go-to-definition."""

from __future__ import annotations

from pathlib import Path

import jedi
import pytest

PACKAGE = Path(__file__).parents[2]
HEAD = """\
from sagemaker_typed import AsyncSageMaker, SageMaker
from sagemaker_typed.types import InputConfig, TargetDevice
sm = SageMaker()
job = sm.compilation_jobs.describe("resnet-c5")
aio = AsyncSageMaker()
"""


def script(text: str) -> jedi.Script:
    return jedi.Script(HEAD + text, project=jedi.Project(PACKAGE))


def offered(text: str) -> list[str]:
    """The names that stand after the last character of `text`."""
    found = script(text)
    lines = (HEAD + text).splitlines()
    return [each.name for each in found.complete(len(lines), len(lines[-1]))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("sm.", ["compilation_jobs", "endpoints", "transform_jobs", "api", "send", "search", "boto3_client"]),
        ("sm.compilation_jobs.", ["create", "describe", "list", "stop", "delete", "wait_until_completed"]),
        ("sm.compilation_jobs.create(", ["compilation_job_name=", "role_arn=", "output_config=", "tags="]),
        ("sm.compilation_jobs.create('x', ro", ["role_arn="]),
        ("sm.api.describe_comp", ["describe_compilation_job"]),
        ("sm.api.create_compilation_job('x', inp", ["input_config="]),
        ("TargetDevice.", ["ML_C5", "SITARA_AM57X", "JETSON_NANO", "is_known"]),
        ("InputConfig(", ["s3_uri=", "framework=", "data_input_config="]),
        ("job.", ["compilation_job_status", "model_artifacts", "failure_reason", "response_metadata"]),
        ("job.model_artifacts.", ["s3_model_artifacts"]),
        ("job.response_metadata.", ["request_id", "http_status_code"]),
        ("sm.api.describe_compilation_job('x').model_artifacts.", ["s3_model_artifacts"]),
        ("for each in sm.compilation_jobs.list():\n    each.", ["compilation_job_name", "creation_time"]),
        ("sm.compilation_jobs.list().first().", ["compilation_job_name"]),
        ("aio.", ["compilation_jobs", "endpoints", "api", "send", "search", "wait_all", "with_options", "close"]),
        ("aio.compilation_jobs.", ["create", "describe", "list", "stop", "delete", "wait_until_completed"]),
        ("aio.compilation_jobs.create('x', ro", ["role_arn="]),
        ("aio.api.describe_comp", ["describe_compilation_job"]),
        ("aio.compilation_jobs.list().", ["by_page", "first", "next_token"]),
        ("async def f():\n    job = await aio.compilation_jobs.describe('x')\n    job.", ["model_artifacts"]),
        ("async def f():\n    async for each in aio.compilation_jobs.list():\n        each.", ["creation_time"]),
    ],
    ids=lambda value: value.splitlines()[-1] if isinstance(value, str) else "",
)
def test_it_offers(text: str, names: list[str]) -> None:
    found = offered(text)
    assert [name for name in names if name not in found] == []


def test_private_names_do_not_come_first() -> None:
    for text in ("sm.", "sm.compilation_jobs.", "job.", "TargetDevice."):
        assert not offered(text)[0].startswith("_")


@pytest.mark.parametrize(
    ("text", "module", "line"),
    [
        ("sm.compilation_jobs.create", "resources/compilation_jobs.py", "    def create("),
        ("job.model_artifacts", "types/compilation_jobs.py", "    model_artifacts: ModelArtifacts"),
        ("job.model_artifacts.s3_model_artifacts", "types/shared/model_artifacts.py", "    s3_model_artifacts: str"),
        ("TargetDevice", "types/compilation_jobs.py", "class TargetDevice(OpenEnum):"),
        # The stub: jedi does not find its way from a stub's enum member to the module's.
        ("TargetDevice.ML_C5", "types/compilation_jobs.pyi", '    ML_C5 = "ml_c5"'),
        ("sm.compilation_jobs", "resources/groups.py", "    def compilation_jobs(self) -> CompilationJobs:"),
        ("aio.compilation_jobs", "resources/aio/groups.py", "    def compilation_jobs(self) -> AsyncCompilationJobs:"),
    ],
)
def test_go_to_definition_lands_on_the_generated_line(text: str, module: str, line: str) -> None:
    lines = (HEAD + text).splitlines()
    (found,) = script(text).goto(len(lines), len(lines[-1]), follow_imports=True)
    assert found.module_path is not None
    assert found.line is not None
    assert found.module_path == PACKAGE / "sagemaker_typed" / module
    assert found.module_path.read_text().splitlines()[found.line - 1].startswith(line)
