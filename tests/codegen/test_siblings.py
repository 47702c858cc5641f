"""A service beside SageMaker: its decisions stand in one file, and nobody forgets it."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from sagemaker_typed.codegen.build import build
from sagemaker_typed.codegen.lines import located
from sagemaker_typed.codegen.overlay import FOLDER, Overlay, SiblingList, kinds
from sagemaker_typed.codegen.plan import Plan
from sagemaker_typed.codegen.problems import Unsettled, within
from sagemaker_typed.codegen.proposals import MARK, write_answers, write_drafts, write_services
from sagemaker_typed.codegen.read import Json, available, read_installed
from sagemaker_typed.codegen.stale import not_there, stale
from sagemaker_typed.codegen.targets import MAIN, sibling, undecided, unwritten
from sagemaker_typed.codegen.write import render
from tests.codegen.sketch import Sketch, blank

TARGET = sibling(
    "sagemaker-widgets", "widgets", {"class": "Widgets", "words": "Turn widgets.", "documentation": "https://a.b/{}"}
)

GATEWAY = "sagemaker-gateway-runtime"


def rest(**traits: Any) -> Sketch:
    """A REST service with one operation."""
    sketch = Sketch()
    sketch.metadata |= {"protocol": "rest-json", "protocols": ["rest-json"]}
    sketch.shapes["Bytes"] = {"type": "blob"}
    return sketch.operation("TurnWidget", {"WidgetName": "String"}, {"Turns": "Integer"}, required=["WidgetName"])


def plan(sketch: Sketch, **decided: Any) -> Plan:
    return build(sketch.model(), blank(**decided), TARGET)


def said(sketch: Sketch, **decided: Any) -> list[str]:
    with pytest.raises(Unsettled) as found:
        plan(sketch, **decided)
    return found.value.problems


# --- the list ---------------------------------------------------------------------------------------------------------


def test_every_service_of_botocores_is_decided_about() -> None:
    siblings = SiblingList.load()
    assert undecided(available(), {*siblings.generated, *siblings.without}) == []
    assert not_there(siblings, available()) == []


def test_a_new_service_stops_the_generator_with_the_line_to_add() -> None:
    (line,) = undecided({"sagemaker", "sagemaker-runtime", "sagemakernew", "s3"}, {"sagemaker-runtime"})
    assert "botocore has a new service sagemakernew" in line
    assert 'add to overlay/services.toml: [generated] sagemakernew = "ATTRIBUTE"' in line
    assert re.search(r"sagemaker_typed/codegen/overlay/services\.toml:\d+: \[generated\]", located(line))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The overlay as it is once somebody has named the attribute of a new service, and has done nothing else."""
    folder = tmp_path / "overlay"
    shutil.copytree(FOLDER, folder)
    (folder / "gateway_runtime.toml").unlink()
    (folder / "words/services/gateway_runtime.toml").unlink()
    return folder


def test_a_service_without_its_file_is_a_complaint(folder: Path) -> None:
    siblings = SiblingList.load(folder)
    assert siblings.unwritten(folder) == {GATEWAY: "gateway_runtime"}
    assert "gateway_runtime" not in {target.attribute for target in siblings.targets(folder)}
    (line,) = unwritten(siblings.unwritten(folder))
    assert f"service {GATEWAY} has no overlay/gateway_runtime.toml; write it with [service] class, words and" in line
    assert unwritten(SiblingList.load().unwritten()) == []


def _wires(decisions: Iterable[str]) -> set[str]:
    return {key.rpartition(".")[2] for key in decisions}


def test_the_file_of_a_service_is_proposed_with_its_secrets_and_sentences(folder: Path) -> None:
    assert write_services({"sagemaker"}, folder) == []  # botocore does not know it
    assert [each.file for each in write_services({GATEWAY}, folder)] == ["gateway_runtime"]
    assert write_services({GATEWAY}, folder) == []
    (target,) = [each for each in SiblingList.load(folder).targets(folder) if each.service == GATEWAY]
    (today,) = [each for each in SiblingList.load().targets() if each.service == GATEWAY]
    assert (target.class_name, target.documentation) == (today.class_name, today.documentation)
    assert target.words == "Call Amazon SageMaker Gateway Runtime."
    write_answers(target, folder)
    # A person decided the same, in one line for both members of that name.
    proposed, decided = Overlay.of(target, folder).secrets, Overlay.of(today).secrets
    for kind in ("secret", "plain"):
        assert _wires(proposed[kind]) == _wires(decided[kind])
    write_drafts({"shapes": {}, "operations": {}}, target, folder)
    own = Overlay.of(target, folder).reading(Overlay.load(folder))
    made = build(read_installed(GATEWAY), own, target)
    assert [operation.name for operation in made.operations if not operation.words] == []
    said = own.words["members"]
    assert said["InvokeGlobalInferenceGatewayInput.Body"] == "Body of the request."
    assert said["ThrottlingException.Message"] == "What went wrong."
    assert own.words["shapes"]["BadGatewayException"] == "The error: bad gateway."
    for file in ("gateway_runtime", "words/services/gateway_runtime"):
        lines = (folder / f"{file}.toml").read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# ")
        assert all(MARK in line for line in lines if " = " in line)


def test_a_service_that_is_gone_is_stale() -> None:
    gone = SiblingList(generated={"sagemaker-gone": "gone"}, without={"sagemaker-old": "why"})
    assert not_there(gone, {"sagemaker"}) == [
        "overlay/services.toml: [generated] there is no service 'sagemaker-gone'",
        "overlay/services.toml: [without] there is no service 'sagemaker-old'",
    ]


# --- one file for all decisions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("attribute", SiblingList.load().generated.values())
def test_the_file_of_a_service_has_known_tables_alone(attribute: str) -> None:
    tables = tomllib.loads((FOLDER / f"{attribute}.toml").read_text(encoding="utf-8"))
    assert tables.keys() <= {"service", *kinds()}
    assert tables["service"].keys() == {"class", "words", "documentation"}


@pytest.mark.parametrize("target", SiblingList.load().targets(), ids=lambda target: target.attribute)
def test_no_decision_is_stale(target: Any) -> None:
    assert stale(read_installed(target.service), Overlay.of(target), target) == []


def test_complaints_name_the_file_of_the_service() -> None:
    sketch = rest().operation("ListWidgets", {"Url": "String"})
    (complaint,) = said(sketch)
    assert complaint.endswith('add to overlay/widgets.toml: [secrets.secret] "ListWidgetsRequest.Url" = "..."')
    assert within("", "overlay/names.toml: [fix] there is no") == "overlay/names.toml: [fix] there is no"
    assert within("widgets", "overlay/names.toml: [fix] there is no") == "overlay/widgets.toml: [names.fix] there is no"
    assert within("widgets", "overlay/names.toml: there is no") == "overlay/widgets.toml: [names] there is no"


def test_words_are_split_as_for_sagemaker() -> None:
    own = Overlay.of(next(each for each in SiblingList.load().targets() if each.attribute == "featurestore"))
    both = own.reading(Overlay.load())
    assert {"as", "ttl"} <= set(both.names["words"]["known"])
    assert both.names["fix"]["FSx"] == "fsx"
    assert both.secrets is own.secrets


# --- the plan ---------------------------------------------------------------------------------------------------------


def test_the_operations_are_methods_of_one_class() -> None:
    (group,) = plan(rest()).groups
    assert (group.name, group.class_name) == ("widgets", "Widgets")
    assert [operation.verb for operation in group.operations] == ["turn_widget"]
    assert plan(rest()).homes == {"TurnWidgetRequest": "messages", "TurnWidgetResponse": "messages"}


def test_its_files_stand_in_a_folder_of_its_own_and_name_its_overlay() -> None:
    files = render(plan(rest()), rest().model(), blank())
    folders = {path.partition("/")[0] for path in files}
    assert folders == {"services", "model"}
    sources = {path: text for path, text in files.items() if path.endswith(".py")}
    assert {path.rpartition("/")[2] for path in sources} == {
        "__init__.py", "_index.py", "_service.py", "messages.py", "methods.py",
    }  # fmt: skip
    assert all("change codegen/overlay/widgets.toml instead" in text for text in sources.values())
    assert "https://a.b/TurnWidget" in sources["services/widgets/methods.py"]


def test_the_generator_asks_for_no_service_by_name() -> None:
    folder = Path(FOLDER).parent
    asking = re.compile(r"\bif .*(['\"]sagemaker['\"]|MAIN\.)|==\s*['\"]sagemaker")
    found = [
        f"{path.name}: {line.strip()}"
        for path in folder.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if asking.search(line)
    ]
    # The one place that tells the siblings by the name that they share.
    assert found == [
        "targets.py: if service.startswith(MAIN.service) and service != MAIN.service and service not in decided"
    ]
    assert MAIN.attribute == ""


# --- what the runtime can send and read -------------------------------------------------------------------------------


def changed(member: str, of: str = "TurnWidgetRequest", **ref: Any) -> Sketch:
    sketch = rest()
    sketch.shapes[of]["members"][member] = {"shape": "String", **ref}
    return sketch


@pytest.mark.parametrize("location", ["header", "querystring", "uri"])
def test_members_of_a_request_outside_the_body_are_taken(location: str) -> None:
    assert plan(changed("Part", location=location, locationName="x-part"))


@pytest.mark.parametrize(
    ("sketch", "what"),
    [
        (changed("Part", location="headers"), "a member at an unknown place (TurnWidgetRequest.Part"),
        (changed("Part", locationName="part"), "a member under another name (TurnWidgetRequest.Part"),
        (changed("Part", location="header", jsonvalue=True), "a JSON value outside the body (TurnWidgetRequest.Part"),
        (changed("Part", hostLabel=True), "a member in the host (TurnWidgetRequest.Part"),
        (changed("Part", shape="Bytes"), "bytes within the body of a request (TurnWidgetRequest.Part)"),
        (
            changed("Part", "TurnWidgetResponse", location="uri"),
            "a member at an unknown place (TurnWidgetResponse.Part",
        ),
    ],
)
def test_what_is_refused(sketch: Sketch, what: str) -> None:
    (line,) = said(sketch)
    assert f"operation TurnWidget has {what}" in line
    assert 'add to overlay/widgets.toml: [groups.without] TurnWidget = "..."' in line


def with_payload(shape: str, member: str = "Body") -> Sketch:
    sketch = rest()
    sketch.shapes[shape]["members"][member] = {"shape": "Bytes"}
    sketch.shapes[shape]["payload"] = member
    return sketch


def kind_of(sketch: Sketch, shape: str) -> str:
    structures = {each.name: each for module in plan(sketch).modules for each in module.structures}
    return next(field.type.kind for field in structures[shape].fields if field.name == "body")


def test_a_payload_of_bytes_is_a_body_that_is_sent_or_streamed() -> None:
    assert kind_of(with_payload("TurnWidgetRequest"), "TurnWidgetRequest") == "payload"
    assert kind_of(with_payload("TurnWidgetResponse"), "TurnWidgetResponse") == "stream"


def events(**changes: Json) -> Sketch:
    sketch = rest()
    sketch.structure("Part", {"Bytes": {"shape": "Bytes", "eventpayload": True}}, event=True)
    sketch.structure("Broken", {"Message": "String"}, exception=True)
    sketch.structure("Parts", {"Part": "Part", "Broken": "Broken"}, eventstream=True)
    sketch.shapes["TurnWidgetResponse"]["members"]["Body"] = {"shape": "Parts"}
    sketch.shapes["TurnWidgetResponse"]["payload"] = "Body"
    for shape, change in changes.items():
        sketch.shapes[shape]["members"].update(change)
    return sketch


def test_events_are_a_stream_of_their_classes() -> None:
    files = render(plan(events()), events().model(), blank())
    messages = files["services/widgets/messages.py"]
    assert "body: EventStream[Part] | None = None" in messages
    assert 'stream="body"' in messages


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"Parts": {"Piece": {"shape": "Part"}}}, "an event under another name than that of its class"),
        ({"Part": {"Head": {"shape": "String", "eventheader": True}}}, "an event's header"),
        ({"Part": {"Text": {"shape": "String", "eventpayload": True}}}, "an event whose payload is not bytes"),
    ],
)
def test_events_that_are_refused(change: dict[str, Json], what: str) -> None:
    assert any(what in line for line in said(events(**change)))


def test_events_in_a_request_are_refused() -> None:
    sketch = events()
    sketch.shapes["TurnWidgetRequest"]["members"]["Body"] = {"shape": "Parts"}
    assert any("an event stream in its request" in line for line in said(sketch))
