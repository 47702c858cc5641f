"""The lives of notebook instances and of flow definitions."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import load_model
from tests.local.checked import checked_client, service_model
from tests.local.families import FLOW, NOTEBOOK, ROLE, Family, by_kind, flow_definition_body
from tests.local.support import HandClock, error_of
from tests.support import samples

SECOND = datetime.timedelta(seconds=1)
ARN = "arn:aws:sagemaker:us-west-2:123456789012:"

every_kind = pytest.mark.parametrize("family", [NOTEBOOK, FLOW], ids=by_kind)


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


# --- both ------------------------------------------------------------------------------------------------------------


@every_kind
def test_the_usual_life(sm: Any, clock: HandClock, family: Family) -> None:
    arn = family.create(sm, "mine")
    assert arn == f"{ARN}{family.kind.replace('_', '-')}/mine"
    assert family.status(sm, "mine") == family.life[0]
    clock.forward(1)
    found = family.describe(sm, "mine")
    (summary,) = family.page(sm)[family.results]
    assert found[family.status_member] == summary[family.status_member] == family.life[1]
    assert found[f"{family.noun}Arn"] == summary[f"{family.noun}Arn"] == arn
    assert {member: found[member] for member in family.body} == family.body
    assert "FailureReason" not in found
    clock.forward(1000)
    assert family.status(sm, "mine") == family.life[1]


@every_kind
def test_a_failure_has_a_reason(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    local.script(family.kind, "usual", [family.life[0], "Failed"])
    local.script(family.kind, "told", [family.life[0], ("Failed", "no address left")])
    for name in ("usual", "told"):
        family.create(sm, name)
    clock.forward(1)
    assert family.describe(sm, "usual")["FailureReason"]
    assert family.describe(sm, "told")["FailureReason"] == "no address left"


@every_kind
def test_any_status_can_be_shown(local: LocalSageMaker, sm: Any, family: Family) -> None:
    for status in load_model().enum(f"{family.noun}Status"):
        name = status.lower()
        local.script(family.kind, name, [status], on="create")
        family.create(sm, name)
        assert family.status(sm, name) == status
    assert len(family.listed(sm)) == len(load_model().enum(f"{family.noun}Status"))


@every_kind
def test_by_describe_calls(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    local.script(family.kind, "*", [*family.life, None], describes=2)
    family.create(sm, "mine")
    seen: list[str] = []
    for _ in range(4):
        seen.append(family.status(sm, "mine"))
        family.page(sm)
        clock.forward(100)
    assert seen == [family.life[0]] * 2 + [family.life[1]] * 2
    assert error_of(lambda: family.describe(sm, "mine"))[2] == 400
    assert family.listed(sm) == []


@every_kind
def test_by_hand(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    local.script(family.kind, "*", list(family.life), manual=True)
    family.create(sm, "mine")
    clock.forward(1000)
    assert family.status(sm, "mine") == family.life[0]
    assert local.advance(family.kind, "mine") == 1
    assert family.status(sm, "mine") == family.life[1]


@every_kind
def test_an_unknown_name(sm: Any, family: Family) -> None:
    verbs = ["Describe", "Delete", *(("Start", "Stop", "Update") if family is NOTEBOOK else ())]
    for operation in (f"{verb}{family.noun}" for verb in verbs):
        declared = "ResourceNotFound" in load_model().errors(operation)
        code, message, http = error_of(getattr(sm, xform_name(operation)), **{family.name_member: "none"})
        assert (code, http) == ("ResourceNotFound" if declared else "ValidationException", 400)
        assert message == "RecordNotFound" if family is NOTEBOOK else "none" in message


@every_kind
def test_a_name_is_taken_once_in_a_region(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    there = checked_client(local, "eu-west-1")
    family.create(sm, "mine")
    clock.forward(1)
    family.create(there, "mine")
    assert (family.status(sm, "mine"), family.status(there, "mine")) == family.life[::-1]
    declared = "ResourceInUse" in load_model().errors(f"Create{family.noun}")
    code, message, http = error_of(lambda: family.create(sm, "mine"))
    assert (code, http) == ("ResourceInUse" if declared else "ValidationException", 400)
    assert f"{ARN}{family.kind.replace('_', '-')}/mine" in message


@every_kind
def test_tags(sm: Any, family: Family) -> None:
    tags = [{"Key": "team", "Value": "vision"}]
    assert sm.list_tags(ResourceArn=family.create(sm, "mine", Tags=tags))["Tags"] == tags


@every_kind
@pytest.mark.parametrize("draw", [samples.minimal, samples.fill])
def test_any_request_is_lived_with(sm: Any, clock: HandClock, family: Family, draw: Any) -> None:
    shape = service_model().operation_model(f"Create{family.noun}").input_shape
    renamed = {"SecurityGroupIds": "SecurityGroups", "LifecycleConfigName": "NotebookInstanceLifecycleConfigName"}
    for number in range(max(3, samples.union_variants(shape))):
        name = f"mine-{number}"
        sent = {**draw(shape, variant=number), family.name_member: name}
        getattr(sm, xform_name(f"Create{family.noun}"))(**sent)
        sent.pop("Tags", None)
        for _ in range(3):
            found = family.describe(sm, name)
            assert {member: found.get(renamed.get(member, member)) for member in sent} == sent
            assert name in family.listed(sm, MaxResults=100)
            clock.forward(1)
        if family is NOTEBOOK:
            family.call(sm, "Stop", name)
            clock.forward(1)
            update = draw(service_model().operation_model("UpdateNotebookInstance").input_shape, variant=number)
            sm.update_notebook_instance(**{**update, "NotebookInstanceName": name})
            family.describe(sm, name)
            clock.forward(1)
            assert family.status(sm, name) == "Stopped"
            family.listed(sm, MaxResults=100)


# --- notebook instances ----------------------------------------------------------------------------------------------


def stopped(sm: Any, clock: HandClock, **body: Any) -> str:
    """A stopped notebook instance "mine"; its ARN."""
    arn = NOTEBOOK.create(sm, "mine", **body)
    clock.forward(1)
    NOTEBOOK.call(sm, "Stop", "mine")
    clock.forward(1)
    assert NOTEBOOK.status(sm, "mine") == "Stopped"
    return arn


def test_what_a_notebook_instance_has_by_itself(sm: Any) -> None:
    NOTEBOOK.create(sm, "mine")
    found = NOTEBOOK.describe(sm, "mine")
    assert {"DirectInternetAccess": "Enabled", "RootAccess": "Enabled", "VolumeSizeInGB": 5}.items() <= found.items()
    assert (found["IpAddressType"], found["PlatformIdentifier"]) == ("ipv4", "notebook-al2023-v1")
    assert found["Url"] == "mine.notebook.us-west-2.sagemaker.aws"
    NOTEBOOK.create(sm, "other", VolumeSizeInGB=50, RootAccess="Disabled", IpAddressType="dualstack")
    found = NOTEBOOK.describe(sm, "other")
    assert (found["VolumeSizeInGB"], found["RootAccess"], found["IpAddressType"]) == (50, "Disabled", "dualstack")


def test_stop_start_and_delete(sm: Any, clock: HandClock) -> None:
    NOTEBOOK.create(sm, "mine")
    seen = [NOTEBOOK.status(sm, "mine")]

    def then(seconds: float = 1) -> None:
        clock.forward(seconds)
        seen.append(NOTEBOOK.status(sm, "mine"))

    then()
    for verb in ("Stop", "Start", "Stop", "Delete"):
        NOTEBOOK.call(sm, verb, "mine")
        then(0)
        if verb != "Delete":
            then()
    assert seen == [
        *("Pending", "InService"),
        *("Stopping", "Stopped"),
        *("Pending", "InService"),
        *("Stopping", "Stopped"),
        "Deleting",
    ]
    found = NOTEBOOK.describe(sm, "mine")
    assert found["LastModifiedTime"] == found["CreationTime"] + 4 * SECOND
    clock.forward(1)
    assert NOTEBOOK.listed(sm) == []
    assert error_of(lambda: NOTEBOOK.describe(sm, "mine")) == ("ValidationException", "RecordNotFound", 400)
    NOTEBOOK.create(sm, "mine")


ALLOWED = {
    "Start": {"Stopped", "Failed"},
    "Stop": {"InService"},
    "Update": {"Stopped", "Failed"},
    "Delete": {"Stopped", "Failed"},
}


@pytest.mark.parametrize("verb", ALLOWED)
def test_what_is_allowed_in_a_status(local: LocalSageMaker, sm: Any, verb: str) -> None:
    local.script(NOTEBOOK.kind, "*", ["Updating", "Stopped"], manual=True)
    for status in load_model().enum("NotebookInstanceStatus"):
        local.script(NOTEBOOK.kind, status, [status], on="create")
        arn = NOTEBOOK.create(sm, status)
        if status in ALLOWED[verb]:
            NOTEBOOK.call(sm, verb, status)
            assert NOTEBOOK.status(sm, status) != status
        else:
            code, message, http = error_of(lambda status=status: NOTEBOOK.call(sm, verb, status))
            assert (code, http) == ("ValidationException", 400)
            assert message.startswith(f"Status ({status}) not in ([")
            assert arn in message
            assert NOTEBOOK.status(sm, status) == status


def test_updating_a_notebook_instance(sm: Any, clock: HandClock) -> None:
    extra = ["https://example.com/b.git"]
    stopped(
        sm,
        clock,
        LifecycleConfigName="start",
        DefaultCodeRepository="https://example.com/a.git",
        AdditionalCodeRepositories=extra,
    )
    sm.update_notebook_instance(
        NotebookInstanceName="mine",
        InstanceType="ml.t3.xlarge",
        VolumeSizeInGB=20,
        DisassociateLifecycleConfig=True,
        DisassociateDefaultCodeRepository=True,
        DisassociateAdditionalCodeRepositories=False,
    )
    assert NOTEBOOK.status(sm, "mine") == "Updating"
    clock.forward(1)
    found = NOTEBOOK.describe(sm, "mine")
    assert found["NotebookInstanceStatus"] == "Stopped"
    assert (found["InstanceType"], found["VolumeSizeInGB"], found["RoleArn"]) == ("ml.t3.xlarge", 20, ROLE)
    assert found["AdditionalCodeRepositories"] == extra
    assert not {"NotebookInstanceLifecycleConfigName", "DefaultCodeRepository"} & found.keys()
    sm.update_notebook_instance(NotebookInstanceName="mine", LifecycleConfigName="other")
    assert NOTEBOOK.describe(sm, "mine")["NotebookInstanceLifecycleConfigName"] == "other"


def test_scripts_for_phases(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(NOTEBOOK.kind, "mine", ["Updating", ("Failed", "no such type")])
    local.script(NOTEBOOK.kind, "mine", ["Pending", ("Failed", "no capacity")], on="start")
    local.script(NOTEBOOK.kind, "mine", ["Deleting", ("Failed", "still attached")])
    local.script(NOTEBOOK.kind, "mine", ["Stopping", "Stopped"], every=0.5)
    NOTEBOOK.create(sm, "mine")
    clock.forward(1)
    NOTEBOOK.call(sm, "Stop", "mine")
    clock.forward(0.5)
    assert NOTEBOOK.status(sm, "mine") == "Stopped"
    for verb, moving, reason in (
        ("Start", "Pending", "no capacity"),
        ("Update", "Updating", "no such type"),
        ("Delete", "Deleting", "still attached"),
    ):
        NOTEBOOK.call(sm, verb, "mine")
        assert NOTEBOOK.status(sm, "mine") == moving
        assert "FailureReason" not in NOTEBOOK.describe(sm, "mine")
        clock.forward(1)
        found = NOTEBOOK.describe(sm, "mine")
        assert (found["NotebookInstanceStatus"], found["FailureReason"]) == ("Failed", reason)


def test_maintenance(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    NOTEBOOK.create(sm, "mine")
    clock.forward(1)
    local.script(NOTEBOOK.kind, "mine", ["PendingMaintenance", "InMaintenance", "InService"], on="now")
    seen: list[str] = []
    for _ in range(3):
        seen.append(NOTEBOOK.status(sm, "mine"))
        clock.forward(1)
    assert seen == ["PendingMaintenance", "InMaintenance", "InService"]


# --- flow definitions ------------------------------------------------------------------------------------------------


def test_what_a_flow_definition_need_not_have(sm: Any) -> None:
    FLOW.create(sm, "bare")
    assert "HumanLoopConfig" not in FLOW.describe(sm, "bare")
    loop = {
        "WorkteamArn": f"{ARN}workteam/private-crowd/us",
        "HumanTaskUiArn": f"{ARN}human-task-ui/form",
        "TaskTitle": "Look",
        "TaskDescription": "Is it a cat?",
        "TaskCount": 1,
    }
    FLOW.create(sm, "whole", **flow_definition_body(HumanLoopConfig=loop))
    assert FLOW.describe(sm, "whole")["HumanLoopConfig"] == loop


@pytest.mark.parametrize("waited", [0, 1])
def test_deleting_a_flow_definition(sm: Any, clock: HandClock, waited: int) -> None:
    FLOW.create(sm, "mine")
    clock.forward(waited)
    FLOW.call(sm, "Delete", "mine")
    assert FLOW.status(sm, "mine") == "Deleting"
    clock.forward(0.5)
    FLOW.call(sm, "Delete", "mine")  # again, which changes nothing
    clock.forward(0.5)
    assert FLOW.listed(sm) == []
    code, message, http = error_of(lambda: FLOW.describe(sm, "mine"))
    assert (code, http) == ("ResourceNotFound", 400)
    assert "mine" in message
    FLOW.create(sm, "mine")
    assert FLOW.status(sm, "mine") == "Initializing"


def test_a_flow_definition_that_will_not_go(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(FLOW.kind, "*", ["Deleting", ("Failed", "a human loop runs")], every=3)
    FLOW.create(sm, "mine")
    FLOW.call(sm, "Delete", "mine")
    clock.forward(3)
    (summary,) = sm.list_flow_definitions()["FlowDefinitionSummaries"]
    assert (summary["FlowDefinitionStatus"], summary["FailureReason"]) == ("Failed", "a human loop runs")
