"""`sagemaker-typed migrate`: three scripts before and after, and single uses of boto3's client."""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from unittest.mock import patch

import boto3
import pytest
from botocore.session import Session
from libcst import parse_module
from typer.testing import CliRunner

from sagemaker_typed.cli._rewriting import UnreadableError, rewrite
from sagemaker_typed.cli.app import app
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.waiting import Clock
from tests.local.support import HandClock

HERE = Path(__file__).parent
SCRIPTS = sorted(path.name for path in (HERE / "before").glob("*.py"))


def migrated(source: str) -> str:
    return rewrite(source.encode()).source.decode()


def use(lines: str, *, head: str = 'client = boto3.client("sagemaker")') -> str:
    """What becomes of lines that use a client, without the lines before them."""
    whole = migrated(f"import boto3\n\n{head}\n# here\n{dedent(lines).strip()}\n")
    return whole.partition("# here\n")[2].strip()


# --- whole scripts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_becomes_the_one_that_is_expected(name: str) -> None:
    before, after = HERE / "before" / name, HERE / "after" / name
    assert rewrite(before.read_bytes()).source.decode() == after.read_text(encoding="utf-8")


@contextlib.contextmanager
def surroundings() -> Iterator[None]:
    """An embedded SageMaker where boto3 looks for SageMaker, on a clock that waits move instead of sleeping."""
    clock = HandClock()
    hand = Clock(now=clock, sleep=clock.forward, uniform=lambda low, high: high)
    with LocalSageMaker(clock=clock) as local, pytest.MonkeyPatch.context() as patches:
        patches.setattr("sagemaker_typed.client.SYSTEM_CLOCK", hand)
        patches.setattr("botocore.waiter.time", SimpleNamespace(sleep=clock.forward))
        for kind, done in (("compilation_job", "COMPLETED"), ("training_job", "Completed"), ("endpoint", "InService")):
            local.script(kind, "*", [done])
        local.script("compilation_job", "resnet-lambda", [("FAILED", "ClientError: the model has no input0")])
        s3 = local.boto3_client("s3")
        s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": local.region})
        s3.put_object(Bucket="models", Key="resnet/model.tar.gz", Body=b"model")
        patches.setenv("AWS_ENDPOINT_URL_SAGEMAKER", local.url)
        patches.setenv("AWS_ACCESS_KEY_ID", "LOCALSAGEMAKER000000")
        patches.setenv("AWS_SECRET_ACCESS_KEY", "local-sagemaker")
        yield


def output(path: Path) -> str:
    printed = io.StringIO()
    with patch.object(boto3, "DEFAULT_SESSION", None), contextlib.redirect_stdout(printed):
        runpy.run_path(str(path), run_name="__main__")
    return printed.getvalue()


@pytest.mark.parametrize("name", SCRIPTS)
def test_before_and_after_print_the_same(name: str) -> None:
    printed: list[str] = []
    for folder in ("before", "after"):
        with surroundings():
            printed.append(output(HERE / folder / name))
    assert printed[0] == printed[1]
    assert printed[0].count("\n") > 5


def test_the_results_pass_mypy() -> None:
    after = [str(HERE / "after" / name) for name in SCRIPTS]
    command = [sys.executable, "-m", "mypy", "--check-untyped-defs", "--config-file", "", "--ignore-missing-imports"]
    done = subprocess.run([*command, *after], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_second_run_changes_nothing(name: str) -> None:
    after = (HERE / "after" / name).read_bytes()
    assert rewrite(after).source == after


# --- clients ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "typed"),
    [
        ('boto3.client("sagemaker")', "SageMaker()"),
        ('boto3.client("sagemaker", "us-west-2")', 'SageMaker(region="us-west-2")'),
        ('boto3.client(service_name="sagemaker", region_name=R)', "SageMaker(region=R)"),
        ('boto3.client("sagemaker", config=C, endpoint_url=U)', "SageMaker(config=C, endpoint_url=U)"),
        ('boto3.Session(profile_name="p").client("sagemaker")', 'SageMaker(session=boto3.Session(profile_name="p"))'),
        ('boto3.client("sagemaker", verify=False)', 'SageMaker(client=boto3.client("sagemaker", verify=False))'),
        ('boto3.client("sagemaker", **options)', 'SageMaker(client=boto3.client("sagemaker", **options))'),
    ],
)
def test_how_a_client_is_made(made: str, typed: str) -> None:
    source = f"import boto3\n\nclient = {made}\nclient.stop_training_job(TrainingJobName=N)\n"
    assert f"client = {typed}\nclient.training_jobs.stop(N)\n" in migrated(source)


@pytest.mark.parametrize(
    "source",
    [
        'import boto3\ns3 = boto3.client("s3")\ns3.list_buckets()\n',
        "import boto3\nclient = boto3.client(service)\nclient.list_endpoints()\n",
        'boto3 = other()\nclient = boto3.client("sagemaker")\nclient.list_endpoints()\n',
        "import boto3\ndef f(client):\n    return client.list_endpoints()\n",
        "print('boto3')\n",
        "",
    ],
)
def test_what_is_no_literal_client_of_sagemaker_stays(source: str) -> None:
    assert migrated(source) == source


def test_a_name_with_two_values_stays_boto3s() -> None:
    source = 'import boto3\nclient = None\nclient = boto3.client("sagemaker")\nclient.list_endpoints()\n'
    assert migrated(source) == source.replace(
        'client = boto3.client("sagemaker")',
        "# sagemaker-typed: this client stays boto3's: `client` is assigned other values too\n"
        'client = boto3.client("sagemaker")',
    )


def test_an_attribute_that_others_read_stays_boto3s() -> None:
    source = """
        import boto3

        class A:
            def __init__(self):
                self.client = boto3.client("sagemaker")

            def stop(self):
                self.client.stop_training_job(TrainingJobName="a")

        A().client.stop_training_job(TrainingJobName="a")
        """
    assert "boto3_client" not in migrated(dedent(source))
    assert "training_jobs" not in migrated(dedent(source))
    assert "self.client.training_jobs.stop" in migrated(dedent(source).replace("A().client", "A().other"))


def test_a_local_name_hides_the_client() -> None:
    assert use("def f(client):\n    client.list_endpoints()\n") == "def f(client):\n    client.list_endpoints()"


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('client.delete_model(ModelName="a")', 'client.models.delete("a")'),
        ("client.list_endpoints(NextToken=t)", "client.send(ListEndpointsInput(next_token=t))"),
        ("client.meta.region_name", "client.boto3_client.meta.region_name"),
        ("client.close()", "client.boto3_client.close()"),
        ("client.create_novelty(Name='a')", "client.boto3_client.create_novelty(Name='a')"),
        (
            'client.add_tags(ResourceArn=a, Tags=[{"Key": "k", "Value": v}])',
            'client.tags.add(a, tags={"k": v})',
        ),
        (
            'client.add_tags(ResourceArn=a, Tags=[{"Key": k, "Value": v}])',
            "client.tags.add(a, tags=[Tag(key=k, value=v)])",
        ),
        (
            "client.add_tags(ResourceArn=a, Tags=tags)",
            "client.tags.add(a, tags=[from_boto3(Tag, each) for each in tags])",
        ),
        (
            'client.stop_edge_packaging_job(EdgePackagingJobName="a")',
            'client.edge_packaging_jobs.stop("a")',
        ),
        (
            'client.create_algorithm(AlgorithmName="a", TrainingSpecification={"TrainingImage": "i", **more})',
            'client.algorithms.create("a", training_specification='
            'from_boto3(TrainingSpecification, {"TrainingImage": "i", **more}))',
        ),
        ('client.list_models(SortBy="Name")', 'client.send(ListModelsInput(sort_by="Name"))'),
        ("client.list_models(SortBy=key)", "client.send(ListModelsInput(sort_by=ModelSortKey(key)))"),
        ('client.list_models(SortBy="Novel")', 'client.send(ListModelsInput(sort_by=ModelSortKey("Novel")))'),
    ],
)
def test_calls(before: str, after: str) -> None:
    assert use(before) == after


@pytest.mark.parametrize(
    ("before", "remark"),
    [
        ("client.delete_model(**options)", "`models.delete` takes keywords"),
        ('client.delete_model(Model="a")', "`models.delete` takes keywords"),
        ('x = client.delete_model(ModelName="a")', "`models.delete` returns None"),
        ("client.list_models(CreationTimeAfter=since)", "times need a time zone"),
        ('client.get_waiter("image_updated").wait(ImageName="a")', "this library has no counterpart"),
        ('client.get_paginator("list_models").paginate().build_full_result()', "the paginator is used in a way"),
        ("helper(client)", "boto3's client goes there"),
    ],
)
def test_what_cannot_be_written_has_a_comment_above_it(before: str, remark: str) -> None:
    comment, line = use(before).split("\n")
    assert comment.startswith(f"# sagemaker-typed: {remark}")
    assert line in (before, before.replace("client", "client.boto3_client", 1), "helper(client.boto3_client)") or (
        "CreationTimeAfter" in before and line == "client.send(ListModelsInput(creation_time_after=since))"
    )


# --- answers ----------------------------------------------------------------------------------------------------------

JOB = "job = client.describe_training_job(TrainingJobName=n)\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('a = job["TrainingJobArn"].split(":")', 'a = job.training_job_arn.split(":")'),
        ('job["ModelArtifacts"]["S3ModelArtifacts"]', "job.model_artifacts.s3_model_artifacts"),
        ('f(job.get("FailureReason"))', "f(job.failure_reason)"),
        ('f(job.get("FailureReason", ""))', 'f((job.failure_reason or ""))'),
        ('f(job.get("FailureReason", None))', "f(job.failure_reason)"),
        ('if "FailureReason" not in job: pass', "if job.failure_reason is None: pass"),
        ('len(job["InputDataConfig"])', "len(job.input_data_config or [])"),
        ('f(job["ResponseMetadata"]["RequestId"])', "f(job.response_metadata.request_id)"),
        ("return_(job)", "return_(to_boto3(job))"),
        ('f(job["ModelArtifacts"])', "f(to_boto3(job.model_artifacts))"),
        ('f(job.get("OutputDataConfig"))', 'f(to_boto3(job).get("OutputDataConfig"))'),
        ('f(job["SomethingNew"])', 'f(to_boto3(job)["SomethingNew"])'),
        ("f(job[key])", "f(to_boto3(job)[key])"),
        ("for key, value in job.items(): pass", "for key, value in to_boto3(job).items(): pass"),
        (
            '[c["ChannelName"] for c in job.get("InputDataConfig", [])]',
            "[c.channel_name for c in job.input_data_config or []]",
        ),
        (
            'cs = job["InputDataConfig"]\nprint(cs[0]["ChannelName"], len(cs))',
            "cs = job.input_data_config or []\nprint(cs[0].channel_name, len(cs))",
        ),
    ],
)
def test_answers(before: str, after: str) -> None:
    assert use(JOB + before).partition("\n")[2] == after


def test_an_optional_member_that_is_used_as_if_it_were_there_stays_a_key() -> None:
    assert use(JOB + 'job["FailureReason"].split()').split("\n")[1:] == [
        "# sagemaker-typed: `failure_reason` may be None; the dict has no such key then",
        'to_boto3(job)["FailureReason"].split()',
    ]


def test_a_name_of_two_kinds_is_a_dict() -> None:
    lines = use('a = client.describe_model(ModelName=m)\nf(a["ModelName"])\na = {}\n')
    assert lines == 'a = to_boto3(client.models.describe(m))\nf(a["ModelName"])\na = {}'


@pytest.mark.parametrize(
    "change",
    [
        'job["RoleArn"] = r',
        'job["ResourceConfig"]["InstanceType"] = "ml.m5.large"',
        'del job["ResponseMetadata"]',
        'job.pop("RoleArn", None)',
        'job["InputDataConfig"].append(c)',
        'for c in job["InputDataConfig"]:\n    c["ChannelName"] = "a"',
        'config = job["ResourceConfig"]\nconfig["InstanceCount"] = 2',
        'job["StoppingCondition"] |= more',
    ],
)
def test_a_dict_that_the_code_changes_stays_a_dict(change: str) -> None:
    lines = f'{change}\nf(job["TrainingJobArn"])'
    assert use(JOB + lines) == f"job = to_boto3(client.training_jobs.describe(n))\n{lines}"


def test_a_sorted_list_of_answers_stays_a_list_of_dicts() -> None:
    lines = 'js = client.list_models()["Models"]\njs.sort(key=lambda j: j["CreationTime"])\nf(js[0]["ModelName"])'
    assert use(lines) == lines.replace("client.list_models()", "to_boto3(client.send(ListModelsInput()))")


# --- pages and waits --------------------------------------------------------------------------------------------------


def test_a_loop_over_pages_that_does_more_keeps_its_pages() -> None:
    lines = use(
        """
        p = client.get_paginator("list_models")
        for page in p.paginate(NameContains="a"):
            print(len(page["Models"]))
            for model in page["Models"]:
                print(model["ModelName"])
        """
    )
    assert lines.split("\n") == [
        'for page in client.models.list(name_contains="a").by_page():',
        "    print(len(page.models))",
        "    for model in page.models:",
        "        print(model.model_name)",
    ]


def test_break_leaves_one_page_not_all() -> None:
    loop = """
        for page in client.get_paginator("list_models").paginate():
            for model in page["Models"]:
                break
        """
    assert ".by_page()" in use(loop)
    assert ".by_page()" not in use(loop.replace("break", "pass"))


@pytest.mark.parametrize("config", ['{"MaxItems": 3}', '{"StartingToken": t}', "config"])
def test_a_paginator_with_other_settings_stays(config: str) -> None:
    lines = use(
        f'p = client.get_paginator("list_models")\nfor a in p.paginate(PaginationConfig={config}): f(a["Models"])'
    )
    assert 'p = client.boto3_client.get_paginator("list_models")' in lines
    assert f'for a in p.paginate(PaginationConfig={config}): f(a["Models"])' in lines


def test_waits() -> None:
    lines = use(
        """
        waiter = client.get_waiter("endpoint_in_service")
        waiter.wait(EndpointName="a")
        waiter.wait(EndpointName="b", WaiterConfig={"Delay": d, "MaxAttempts": 3})
        """
    )
    assert lines.split("\n") == [
        'client.endpoints.wait_until_in_service("a")',
        'client.endpoints.wait_until_in_service("b", poll=d, timeout=d * 3)',
    ]


def test_every_waiter_of_boto3_has_a_wait_or_a_remark() -> None:
    model = Session().get_waiter_model("sagemaker")
    from botocore import xform_name

    without = []
    for name in model.waiter_names:
        shape = Session().get_service_model("sagemaker").operation_model(model.get_waiter(name).operation).input_shape
        keys = ", ".join(f'{key}="a"' for key in shape.required_members)
        line = use(f'client.get_waiter("{xform_name(name)}").wait({keys})').split("\n")[-1]
        if ".wait_until_" not in line:
            without.append(name)
    assert without == ["ImageUpdated"]


# --- names ------------------------------------------------------------------------------------------------------------


def test_a_name_that_the_module_has_is_imported_under_another() -> None:
    source = """
        import boto3

        class Tag: ...

        client = boto3.client("sagemaker")
        client.add_tags(ResourceArn=a, Tags=tags)
        """
    assert migrated(dedent(source)) == dedent(
        """
        from sagemaker_typed import SageMaker, from_boto3
        from sagemaker_typed.types import Tag as TypedTag

        class Tag: ...

        client = SageMaker()
        client.tags.add(a, tags=[from_boto3(TypedTag, each) for each in tags])
        """
    )


def test_boto3_stays_imported_where_it_is_used() -> None:
    assert "import boto3\n" in migrated(
        'import boto3\nclient = boto3.client("sagemaker")\nclient.a()\nboto3.client("s3")'
    )


@pytest.mark.parametrize("path", SCRIPTS)
def test_the_result_is_python(path: str) -> None:
    parse_module(rewrite((HERE / "before" / path).read_bytes()).source)


# --- the command ------------------------------------------------------------------------------------------------------

SOURCE = 'import boto3\n\nclient = boto3.client("sagemaker")\nclient.delete_model(ModelName="a")\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".venv").mkdir()
    for name in ("a.py", ".venv/b.py"):
        (tmp_path / name).write_text(SOURCE)
    (tmp_path / "a.py").chmod(0o750)
    (tmp_path / "other.py").write_text("print('boto3')\n")
    return tmp_path


def test_it_shows_a_diff_and_writes_nothing(folder: Path) -> None:
    done = CliRunner().invoke(app, ["migrate", str(folder)])
    assert done.exit_code == 0
    assert '-client.delete_model(ModelName="a")\n' in done.stdout
    assert '+client.models.delete("a")\n' in done.stdout
    assert "1 file to rewrite, with --write; 0 remarks" in done.stderr
    assert (folder / "a.py").read_text() == SOURCE


def test_it_writes(folder: Path) -> None:
    done = CliRunner().invoke(app, ["migrate", str(folder), "--write"])
    assert done.exit_code == 0
    assert done.stdout == ""
    assert 'client.models.delete("a")' in (folder / "a.py").read_text()
    assert stat.S_IMODE((folder / "a.py").stat().st_mode) == 0o750
    assert (folder / ".venv/b.py").read_text() == SOURCE
    assert sorted(os.listdir(folder)) == [".venv", "a.py", "other.py"]


def test_line_ends_and_encoding_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\r\n# é\r\n".encode("latin-1") + SOURCE.replace("\n", "\r\n").encode())
    assert CliRunner().invoke(app, ["migrate", str(path), "--write"]).exit_code == 0
    written = path.read_bytes()
    assert "# é\r\n".encode("latin-1") in written
    assert written.count(b"\n") == written.count(b"\r\n")


def test_what_is_no_python_is_named_and_the_rest_goes_on(folder: Path) -> None:
    (folder / "broken.py").write_text("import boto3\ndef f(:\n")
    done = CliRunner().invoke(app, ["migrate", str(folder)])
    assert done.exit_code == 1
    assert f"{folder / 'broken.py'}: line 2" in done.stderr
    assert "+client.models.delete" in done.stdout
    with pytest.raises(UnreadableError):
        rewrite(b"import boto3\ndef f(:\n")


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["migrate", str(tmp_path / "none")])
    assert (done.exit_code, "no such file or folder" in done.stderr) == (2, True)


def test_without_libcst(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagemaker_typed.cli.migrate.find_spec", lambda _: None)
    done = CliRunner().invoke(app, ["migrate", str(folder)])
    assert (done.exit_code, "pip install 'sagemaker-typed[migrate]'" in done.stderr) == (2, True)


# --- the guide --------------------------------------------------------------------------------------------------------


def test_the_guide_shows_what_the_command_does() -> None:
    guide = (HERE.parents[1] / "docs" / "how-to" / "migrate.md").read_text(encoding="utf-8")
    before, after = re.findall(r"^```python\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)
    assert migrated(before) == after
