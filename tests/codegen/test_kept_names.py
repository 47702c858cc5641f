"""Names that AWS took back: a model without an enum value, members, an operation and a structure still gives all of them."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sagemaker_typed.changes import compare_libraries
from sagemaker_typed.codegen import keeping
from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.kept import complaints, gone, parts_of, restored
from sagemaker_typed.codegen.overlay import KEPT_PARTS, Overlay
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.read import BotocoreModel, Json, read_installed
from sagemaker_typed.codegen.release.git import git
from sagemaker_typed.codegen.stale import stale
from sagemaker_typed.codegen.targets import MAIN
from tests.codegen.runs import PACKAGE, ROOT, copy_of_the_package

STAYS = keeping.Stay("0.3.0", "0.4.0")
LOST = {
    ("values", "TargetDevice.jetson_tx1"),
    ("members", "CreateCompilationJobRequest.VpcConfig"),
    ("members", "ListCompilationJobsRequest.SortBy"),
    ("shapes", "ListCompilationJobsSortBy"),
    ("members", "DescribeCompilationJobResponse.DerivedInformation"),
    ("shapes", "DerivedInformation"),
    ("operations", "RenderUiTemplate"),
    *(
        ("shapes", name)
        for name in ("RenderUiTemplateRequest", "RenderUiTemplateResponse", "RenderableTask", "RenderingError")
    ),
}


def older() -> Json:
    """The model as the library has it."""
    document = keeping.bundled(PACKAGE, MAIN.service)
    assert document is not None
    return document


def newer(document: Json) -> Json:
    """The same model without what `LOST` names, and without the shapes that only that uses."""
    document = copy.deepcopy(document)
    shapes = document["shapes"]
    shapes["TargetDevice"]["enum"].remove("jetson_tx1")
    for table, key in LOST:
        owner, _, member = key.partition(".")
        if table == "members":
            del shapes[owner]["members"][member]
        elif table == "shapes":
            del shapes[owner]
        elif table == "operations":
            del document["operations"][owner]
    del shapes["RenderingErrorList"]
    return document


@pytest.fixture(scope="module")
def lost_model(model: BotocoreModel) -> BotocoreModel:
    document = newer(older())
    return replace(
        model,
        version="9.9.9",
        shapes=document["shapes"],
        operations=document["operations"],
        raw={**model.raw, "service-2": document},
    )


@pytest.fixture(scope="module")
def keeping_overlay(overlay: Overlay, lost_model: BotocoreModel) -> Overlay:
    """The decisions with what is kept, as `make update` would write it."""
    kept: Json = {table: dict(lines) for table, lines in overlay.kept.items()}
    for found in keeping.taken_back(older(), lost_model, overlay, STAYS):
        (table,) = found.table
        kept[table] |= found.lines
    return replace(overlay, kept=kept, parts=parts_of(older(), lost_model, kept))


@pytest.fixture(scope="module")
def kept_plan(lost_model: BotocoreModel, keeping_overlay: Overlay) -> Plan:
    return build(restored(lost_model, keeping_overlay.kept, keeping_overlay.parts), keeping_overlay)


# --- the plan ---------------------------------------------------------------------------------------------------------


def test_all_that_is_gone_is_found(lost_model: BotocoreModel, overlay: Overlay) -> None:
    assert set(gone(older(), lost_model, overlay.kept)) == LOST


def test_no_name_vanishes(plan: Plan, kept_plan: Plan) -> None:
    def names(of: Plan) -> set[str]:
        methods = {operation.path for operation in of.operations}
        fields = {f"{name}.{field.name}" for name, each in of.structures.items() for field in each.fields}
        enums = [enum for module in of.modules for enum in module.enums]
        values = {f"{enum.name}.{name}" for enum in enums for name in (*enum.members.values(), *enum.kept)}
        return methods | fields | values | set(of.homes)

    assert names(kept_plan) == names(plan)
    assert kept_plan.homes == plan.homes


def test_what_is_kept_is_marked_and_nothing_else(kept_plan: Plan) -> None:
    marked = {("operations", each.name) for each in kept_plan.operations if each.leaving}
    for name, each in kept_plan.structures.items():
        marked |= {("shapes", name)} if each.leaving else set()
        marked |= {("members", f"{name}.{field.wire}") for field in each.leaving_fields}
    for enum in (enum for module in kept_plan.modules for enum in module.enums):
        marked |= {("shapes", enum.name)} if enum.leaving else set()
        marked |= {("values", f"{enum.name}.{text}") for text, _ in enum.kept.values()}
    assert marked == LOST


def test_the_decisions_about_it_stand(lost_model: BotocoreModel, keeping_overlay: Overlay) -> None:
    assert len(stale(lost_model, replace(keeping_overlay, kept=Overlay.load().kept))) > 5
    assert stale(restored(lost_model, keeping_overlay.kept, keeping_overlay.parts), keeping_overlay) == []


def test_a_required_member_that_is_gone_is_required_no_more(lost_model: BotocoreModel, overlay: Overlay) -> None:
    document = copy.deepcopy(lost_model.raw["service-2"])
    request = document["shapes"]["CreateEndpointInput"]
    assert "EndpointConfigName" in request["required"]
    del request["members"]["EndpointConfigName"]
    request["required"].remove("EndpointConfigName")
    less = replace(lost_model, shapes=document["shapes"], raw={"service-2": document})
    said = {**STAYS._asdict(), "botocore": "9.9.9"}
    kept = {**overlay.kept, "members": {"CreateEndpointInput.EndpointConfigName": said}}
    again = restored(less, kept, parts_of(older(), less, kept))
    assert "EndpointConfigName" in again.members("CreateEndpointInput")
    assert "EndpointConfigName" not in again.shape("CreateEndpointInput")["required"]


def test_a_later_update_keeps_nothing_twice(lost_model: BotocoreModel, keeping_overlay: Overlay) -> None:
    """The library's model then has what is kept; a line that a person took out does not come back."""
    bundled = restored(lost_model, keeping_overlay.kept, keeping_overlay.parts).raw["service-2"]
    assert list(gone(bundled, lost_model, keeping_overlay.kept)) == []
    assert list(gone(bundled, lost_model, Overlay.load().kept)) == []
    assert parts_of(bundled, lost_model, keeping_overlay.kept) == keeping_overlay.parts


@pytest.mark.parametrize("version", ["0.3.9", "0.4.0", "1.0.0"])
def test_the_lines_go_with_the_next_minor_version(
    lost_model: BotocoreModel, keeping_overlay: Overlay, version: str
) -> None:
    said = complaints(keeping_overlay.kept, keeping_overlay.parts, lost_model, version)
    assert len(said) == (0 if version == "0.3.9" else len(LOST))
    for line in said:
        assert f"was kept until 0.4.0, and this is {version}; take the line out" in line


def test_what_is_there_again_needs_no_line(model: BotocoreModel, keeping_overlay: Overlay) -> None:
    said = complaints(keeping_overlay.kept, keeping_overlay.parts, model, "0.3.0")
    assert len(said) == len(LOST)
    assert all(line.endswith("is there again; take the line out") for line in said)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("0.4.0", "is not { since, until, botocore }"),
        ({"since": "0.3.0", "until": "0.4.0"}, "is not { since, until, botocore }"),
        ({"since": "0.3.0", "until": "soon", "botocore": "9.9.9"}, "has a version that is none"),
        ({"since": "0.3.0", "until": "0.4.0", "botocore": "9.9.9"}, "kept.json does not say what it was"),
    ],
)
def test_a_line_that_cannot_be_read(lost_model: BotocoreModel, overlay: Overlay, line: object, text: str) -> None:
    kept = {**overlay.kept, "operations": {"Vanish": line}}
    (said,) = complaints(kept, overlay.parts, lost_model, "0.3.0")
    assert said.startswith('overlay/kept.toml: [operations] "Vanish" = ')
    assert text in said


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_overlay_is_written(tmp_path: Path, lost_model: BotocoreModel) -> None:
    folder = tmp_path / "overlay"
    shutil.copytree(PACKAGE / "codegen/overlay", folder)
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 0.2.0\n\nGenerated from botocore 1.0.0.\n")
    git(tmp_path, "init", "--quiet")
    found = keeping.keep(older(), lost_model, MAIN, tmp_path, folder)
    assert {(each.table[0], key) for each in found for key in each.lines} == LOST
    written = Overlay.load(folder)
    assert written.kept["operations"]["RenderUiTemplate"] == {"since": "0.3.0", "until": "0.4.0", "botocore": "9.9.9"}
    again = restored(lost_model, written.kept, written.parts)
    assert again.operations.keys() == older()["operations"].keys()
    assert again.shapes.keys() == older()["shapes"].keys()
    before = (folder / KEPT_PARTS).read_bytes(), (folder / "kept.toml").read_bytes()
    assert keeping.keep(older(), lost_model, MAIN, tmp_path, folder) == []
    assert before == ((folder / KEPT_PARTS).read_bytes(), (folder / "kept.toml").read_bytes())


@pytest.mark.parametrize(
    ("changelog", "stays"),
    [
        ("## 0.2.0\n\nGenerated from botocore 1.0.0.\n", ("0.3.0", "0.4.0")),
        ("## 0.3.0\n\n## 0.2.0\n\nGenerated from botocore 1.0.0.\n", ("0.3.0", "0.4.0")),
        ("## 0.2.1\n\n## 0.2.0\n\nGenerated from botocore 1.0.0.\n", ("0.3.0", "0.4.0")),
        ("## 1.2.0\n\nGenerated from botocore 1.0.0.\n", ("2.0.0", "3.0.0")),
    ],
)
def test_how_long_a_name_stays(tmp_path: Path, changelog: str, stays: tuple[str, str]) -> None:
    """From the version that is being made to the next one that may break."""
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{changelog}")
    git(tmp_path, "init", "--quiet")
    assert keeping.stay(tmp_path) == stays


# --- the library that is made of it -----------------------------------------------------------------------------------

USE = '''
import copy, json, pickle, threading, warnings
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import attrs, boto3
from sagemaker_typed import SageMaker, from_boto3, to_boto3
from sagemaker_typed.types import (
    CreateCompilationJobRequest, DerivedInformation, DescribeCompilationJobResponse, ListCompilationJobsSortBy,
    NeoVpcConfig, OutputConfig, RenderableTask, RenderUiTemplateRequest, StoppingCondition, TargetDevice, UiTemplate,
)

ANSWERS = {
    "CreateCompilationJob": {"CompilationJobArn": "arn"},
    "ListCompilationJobs": {"CompilationJobSummaries": []},
    "DescribeCompilationJob": {"CompilationJobName": "a", "DerivedInformation": {"DerivedDataInputConfig": "{}"}},
    "RenderUiTemplate": {"RenderedContent": "<p>", "Errors": [{"Code": "a", "Message": "b"}]},
}
CALLS = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        CALLS.append((operation, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        body = json.dumps(ANSWERS[operation]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-west-2")
sm = SageMaker(session=session, endpoint_url=f"http://127.0.0.1:{server.server_port}")
HERE = __file__


def warned(make, *names):
    """What a call gives; it warns once for each name, at the line of the call."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        made = make()
    said = [each for each in said if each.category is DeprecationWarning]
    texts = [str(each.message) for each in said]
    assert len(texts) == len(names), (names, texts)
    for name, text in zip(names, texts):
        assert text.startswith(f"{name} is deprecated since 0.2.0 and goes in 0.3.0: AWS took it out of the API (bot"), text
    assert all(each.filename == HERE for each in said), [each.filename for each in said]
    return made


warnings.simplefilter("error")
output = OutputConfig(s3_output_location="s3://b/o", target_device="ml_c5")
plain = {"role_arn": "arn:aws:iam::123456789012:role/r", "output_config": output, "stopping_condition": StoppingCondition()}
vpc = NeoVpcConfig(security_group_ids=["sg-1"], subnets=["subnet-1"])
wire = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}

# A member of a request: it is sent as before.
warned(lambda: sm.compilation_jobs.create("a", **plain))
warned(lambda: sm.compilation_jobs.create("a", vpc_config=vpc, **plain), "CreateCompilationJobRequest.vpc_config")
assert CALLS[-1][1]["VpcConfig"] == wire
request = warned(
    lambda: CreateCompilationJobRequest(compilation_job_name="a", vpc_config=vpc, **plain),
    "CreateCompilationJobRequest.vpc_config",
)
warned(lambda: sm.send(request))
assert CALLS[-1][1]["VpcConfig"] == wire
assert warned(lambda: request.vpc_config, "CreateCompilationJobRequest.vpc_config") == vpc
bare = warned(lambda: CreateCompilationJobRequest(compilation_job_name="a", **plain))


def assign():
    bare.vpc_config = vpc


warned(assign, "CreateCompilationJobRequest.vpc_config")
assert bare == request
for same in (copy.deepcopy(request), pickle.loads(pickle.dumps(request)), from_boto3(type(request), to_boto3(request))):
    assert same == request and to_boto3(same)["VpcConfig"] == wire
assert attrs.asdict(request)["vpc_config"]["subnets"] == ["subnet-1"]
assert "NeoVpcConfig" in repr(request)

# A member of a response: the service may still send it, or not.
job = warned(lambda: sm.compilation_jobs.describe("a"))
found = warned(lambda: job.derived_information, "DescribeCompilationJobResponse.derived_information")
assert type(found) is DerivedInformation and found.derived_data_input_config == "{}"
del ANSWERS["DescribeCompilationJob"]["DerivedInformation"]
job = warned(lambda: sm.compilation_jobs.describe("a"))
assert warned(lambda: job.derived_information, "DescribeCompilationJobResponse.derived_information") is None

# A structure.
warned(lambda: DerivedInformation(derived_data_input_config="{}"), "DerivedInformation")

# A value of an enum, and a whole enum.
assert warned(lambda: TargetDevice.JETSON_TX1, "TargetDevice.JETSON_TX1") == "jetson_tx1"
by_name = warned(lambda: ListCompilationJobsSortBy.NAME, "ListCompilationJobsSortBy")
list(warned(lambda: sm.compilation_jobs.list(sort_by=by_name), "ListCompilationJobsRequest.sort_by"))
assert CALLS[-1] == ("ListCompilationJobs", {"SortBy": "Name", "MaxResults": 100})

# An operation: in its group, under boto3's name, and as a request.
task = warned(lambda: RenderableTask(input="{}"), "RenderableTask")
given = {"ui_template": UiTemplate(content="<p>"), "task": task, "role_arn": "arn:aws:iam::123456789012:role/r"}
name = "sm.human_task_uis.render_ui_template (RenderUiTemplate)"
page = warned(lambda: sm.human_task_uis.render_ui_template(**given), name)
assert CALLS[-1] == (
    "RenderUiTemplate",
    {"UiTemplate": {"Content": "<p>"}, "Task": {"Input": "{}"}, "RoleArn": "arn:aws:iam::123456789012:role/r"},
)
assert (page.rendered_content, page.errors[0].message) == ("<p>", "b")
assert warned(lambda: sm.api.render_ui_template(**given), name) == page
assert warned(lambda: sm.send(warned(lambda: RenderUiTemplateRequest(**given), name))) == page
print(len(CALLS), "calls")
'''

CHECKED = """
from sagemaker_typed import AsyncSageMaker, SageMaker
from sagemaker_typed.types import CreateCompilationJobRequest, NeoVpcConfig, OutputConfig, StoppingCondition


def sync(sm: SageMaker, output: OutputConfig, stop: StoppingCondition, vpc: NeoVpcConfig) -> None:
    sm.compilation_jobs.create("a", role_arn="r", output_config=output, stopping_condition=stop)
    sm.compilation_jobs.create("a", role_arn="r", output_config=output, stopping_condition=stop, vpc_config=vpc)  # gone
    print(sm.compilation_jobs.describe("a").derived_information)  # gone
    print(sm.human_task_uis.render_ui_template)  # gone
    request = CreateCompilationJobRequest(
        compilation_job_name="a", role_arn="r", output_config=output, stopping_condition=stop
    )
    request.vpc_config = vpc  # gone


async def asynchronous(sm: AsyncSageMaker, output: OutputConfig, stop: StoppingCondition, vpc: NeoVpcConfig) -> None:
    await sm.compilation_jobs.create("a", role_arn="r", output_config=output, stopping_condition=stop)
    await sm.compilation_jobs.create("a", role_arn="r", output_config=output, stopping_condition=stop, vpc_config=vpc)  # gone
"""


@pytest.mark.slow
def test_the_library_that_is_made_of_it(tmp_path: Path) -> None:
    home, made = tmp_path / "home", tmp_path / "made"
    place = home / ".aws/models/sagemaker" / read_installed().api_version
    place.mkdir(parents=True)
    (place / "service-2.json").write_text(json.dumps(newer(older())))
    package = copy_of_the_package(made)
    shutil.copy(ROOT / "CHANGELOG.md", made)
    git(made, "init", "--quiet")
    bare = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    newest = {**bare, "HOME": str(home), "USERPROFILE": str(home)}  # botocore looks for models there first

    def run(*arguments: str, environment: dict[str, str] = newest, fine: bool = True) -> str:
        done = subprocess.run([sys.executable, *arguments], cwd=made, env=environment, capture_output=True, text=True)
        assert not fine or done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    said = run("-m", "sagemaker_typed.codegen", "--propose")
    assert said.count("no longer has it") == len(LOST)
    assert Overlay.load(package / "codegen/overlay").kept["operations"].keys() == {"RenderUiTemplate"}
    run("-m", "sagemaker_typed.codegen", "--check")

    # Its stubs have overloads where the sources have one method.
    surfaces = compare_libraries(PACKAGE.parent, made)
    assert [str(each) for each in surfaces.breaks if "async" in str(each)] == []

    (made / "use.py").write_text(USE)
    assert run("use.py").endswith("calls\n")

    (made / "checked.py").write_text(CHECKED)
    wanted = {number for number, line in enumerate(CHECKED.splitlines(), 1) if line.endswith("# gone")}
    told = run(
        "-m", "mypy", "--strict", "--enable-error-code", "deprecated", "checked.py", environment=bare, fine=False
    )
    lines = [line for line in told.splitlines() if line.startswith("checked.py:") and " error: " in line]
    assert {int(line.split(":")[1]) for line in lines} == wanted, told
    assert all(line.endswith("[deprecated]") for line in lines), told
    project = {"include": ["checked.py"], "typeCheckingMode": "strict", "reportMissingTypeStubs": False}
    (made / "pyrightconfig.json").write_text(json.dumps(project))
    told = run("-m", "pyright", "--outputjson", "--pythonpath", sys.executable, environment=bare, fine=False)
    found = json.loads(told)["generalDiagnostics"]
    assert {each["range"]["start"]["line"] + 1 for each in found} == wanted, told
    assert {each["rule"] for each in found} == {"reportDeprecated"}
