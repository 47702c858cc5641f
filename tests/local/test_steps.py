"""The steps of pipeline executions: what runs when, what fails, and what runs again."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

import pytest

from sagemaker_typed import errors, types
from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.waiting import Clock
from tests.local.checked import checked_client
from tests.local.families import ROLE
from tests.local.support import HandClock

SECOND = datetime.timedelta(seconds=1)

STEPS: list[dict[str, Any]] = [
    {"Name": "Prepare", "Type": "Processing", "Arguments": {}},
    {"Name": "Describe", "Type": "Processing", "Arguments": {}},
    {"Name": "Train", "Type": "Training", "Arguments": {"Input": {"Get": "Steps.Prepare.ProcessingOutputConfig"}}},
    {"Name": "Register", "Type": "RegisterModel", "DependsOn": ["Train"], "Arguments": {}},
]


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


def start(sm: Any, steps: list[dict[str, Any]] = STEPS, name: str = "nightly") -> str:
    definition = json.dumps({"Version": "2020-12-01", "Steps": steps})
    sm.create_pipeline(PipelineName=name, PipelineDefinition=definition, RoleArn=ROLE)
    return str(sm.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"])


def listed(sm: Any, arn: str) -> list[Mapping[str, Any]]:
    return list(sm.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"])


def statuses(sm: Any, arn: str) -> dict[str, str]:
    return {step["StepName"]: step["StepStatus"] for step in listed(sm, arn)}


def execution(sm: Any, arn: str) -> Any:
    return sm.describe_pipeline_execution(PipelineExecutionArn=arn)


FIRST = {"Prepare": "Executing", "Describe": "Executing"}
SECOND_WAVE = {"Prepare": "Succeeded", "Describe": "Succeeded", "Train": "Executing"}
THIRD_WAVE = {**SECOND_WAVE, "Train": "Succeeded", "Register": "Executing"}
ALL = {**THIRD_WAVE, "Register": "Succeeded"}


def test_a_step_runs_when_those_are_over_that_it_needs(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_execution", "*", every=30)
    arn = start(sm)
    seen: list[tuple[dict[str, str], str]] = []
    for _ in range(4):
        seen.append((statuses(sm, arn), execution(sm, arn)["PipelineExecutionStatus"]))
        clock.forward(10)
    assert seen == [(FIRST, "Executing"), (SECOND_WAVE, "Executing"), (THIRD_WAVE, "Executing"), (ALL, "Succeeded")]
    steps = {step["StepName"]: step for step in listed(sm, arn)}
    began = execution(sm, arn)["CreationTime"]
    for number, name in enumerate(("Prepare", "Train", "Register")):
        assert steps[name]["StartTime"] == began + number * 10 * SECOND
        assert steps[name]["EndTime"] == began + (number + 1) * 10 * SECOND


@pytest.mark.parametrize("pattern", ["Train", "nightly/Train", "*/Tr*"])
def test_a_step_that_fails_ends_the_execution(local: LocalSageMaker, sm: Any, clock: HandClock, pattern: str) -> None:
    local.script("pipeline_execution", "*", every=30)
    local.script("pipeline_step", pattern, ["Executing", ("Failed", "AlgorithmError: NaN")])
    arn = start(sm)
    other = start(sm, [{"Name": "Other", "Type": "Training"}], "other")
    clock.forward(100)
    found = execution(sm, arn)
    assert found["PipelineExecutionStatus"] == "Failed"
    assert found["FailureReason"] == "Step failure: One or multiple steps failed."
    assert found["LastModifiedTime"] == found["CreationTime"] + 20 * SECOND
    assert statuses(sm, arn) == {"Prepare": "Succeeded", "Describe": "Succeeded", "Train": "Failed"}
    (reason,) = [step["FailureReason"] for step in listed(sm, arn) if "FailureReason" in step]
    assert reason == "AlgorithmError: NaN"
    assert execution(sm, other)["PipelineExecutionStatus"] == "Succeeded"


def test_steps_beside_the_one_that_fails_end_their_own_way(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_step", "Prepare", ["Failed"])
    arn = start(sm)
    clock.forward(1)
    assert statuses(sm, arn) == {"Prepare": "Failed", "Describe": "Succeeded"}


def test_a_retry_runs_what_is_left(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_step", "Train", ["Failed"])
    arn = start(sm)
    clock.forward(1)
    sm.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Executing"
    clock.forward(1)
    assert statuses(sm, arn) == ALL
    assert {step["StepName"]: step["AttemptCount"] for step in listed(sm, arn)} == {
        "Prepare": 1,
        "Describe": 1,
        "Train": 2,
        "Register": 2,
    }
    assert "FailureReason" not in execution(sm, arn)


def test_a_retry_may_fail_too(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_step", "Train", ["Failed"])
    local.script("pipeline_step", "Register", [("Failed", "no approval")], on="retry")
    arn = start(sm)
    clock.forward(1)
    sm.retry_pipeline_execution(PipelineExecutionArn=arn)
    clock.forward(1)
    assert statuses(sm, arn) == {**ALL, "Register": "Failed"}
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Failed"


def test_by_hand_a_script_has_a_state_for_each_wave(local: LocalSageMaker, sm: Any) -> None:
    local.script("pipeline_execution", "*", ["Executing", "Executing", "Executing", "Succeeded"], manual=True)
    arn = start(sm)
    seen = [statuses(sm, arn)]
    for _ in range(3):
        local.advance("pipeline_execution", "nightly")
        seen.append(statuses(sm, arn))
    assert seen == [FIRST, SECOND_WAVE, THIRD_WAVE, ALL]


@pytest.mark.parametrize(
    ("final", "last"), [("Failed", "Failed"), ("CompletedWithFailures", "Failed"), ("Stopped", "Stopped")]
)
def test_a_script_for_the_execution_ends_its_steps(
    local: LocalSageMaker, sm: Any, clock: HandClock, final: str, last: str
) -> None:
    local.script("pipeline_execution", "*", ["Executing", final], every=1)
    arn = start(sm)
    clock.forward(1)
    assert statuses(sm, arn) == {**ALL, "Register": last}
    assert execution(sm, arn)["PipelineExecutionStatus"] == final


def test_stopping_ends_what_runs(sm: Any, clock: HandClock) -> None:
    arn = start(sm)
    clock.forward(0.4)
    sm.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert statuses(sm, arn) == {**SECOND_WAVE, "Train": "Stopping"}
    clock.forward(5)
    assert statuses(sm, arn) == {**SECOND_WAVE, "Train": "Stopped"}


CONDITIONAL: list[dict[str, Any]] = [
    {"Name": "Train", "Type": "Training"},
    {
        "Name": "Good",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [{"Type": "GreaterThan", "LeftValue": {"Get": "Steps.Train.FinalMetricDataList"}}],
            "IfSteps": [{"Name": "Register", "Type": "RegisterModel"}],
            "ElseSteps": [{"Name": "Refuse", "Type": "Fail", "Arguments": {"ErrorMessage": "accuracy is too low"}}],
        },
    },
]


def test_a_condition_holds_unless_a_script_says_no(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    arn = start(sm, CONDITIONAL)
    clock.forward(1)
    assert statuses(sm, arn) == dict.fromkeys(("Train", "Good", "Register"), "Succeeded")
    outcomes = {step["StepName"]: step["Metadata"] for step in listed(sm, arn) if "Metadata" in step}
    assert outcomes == {"Good": {"Condition": {"Outcome": "True"}}}
    no = {"Condition": types.ConditionStepMetadata(outcome="False")}
    local.script("pipeline_step", "Good", fields={"Metadata": no})
    arn = start(sm, CONDITIONAL, "other")
    clock.forward(1)
    assert statuses(sm, arn) == {"Train": "Succeeded", "Good": "Succeeded", "Refuse": "Failed"}
    refused = listed(sm, arn)[-1]
    assert refused["FailureReason"] == refused["Metadata"]["Fail"]["ErrorMessage"] == "accuracy is too low"
    assert execution(sm, arn)["PipelineExecutionStatus"] == "Failed"


def test_a_step_has_fields(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    def job(step: Mapping[str, Any]) -> dict[str, Any]:
        return {"TrainingJob": {"Arn": f"arn:aws:sagemaker:us-west-2:123456789012:training-job/{step['Name'].lower()}"}}

    local.script(
        "pipeline_step", "Train", fields={"metadata": job, "CacheHitResult": {"SourcePipelineExecutionArn": "a"}}
    )
    arn = start(sm)
    clock.forward(0.5)
    (train,) = [step for step in listed(sm, arn) if step["StepName"] == "Train"]
    assert "Metadata" not in train
    clock.forward(0.5)
    (train,) = [step for step in listed(sm, arn) if step["StepName"] == "Train"]
    assert train["Metadata"]["TrainingJob"]["Arn"].endswith("training-job/train")
    assert train["CacheHitResult"] == {"SourcePipelineExecutionArn": "a"}


def test_a_function_that_fails_is_told_by_the_execution(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_step", "Register", fields={"Metadata": lambda step: step["None"]})
    arn = start(sm)
    clock.forward(1)
    found = execution(sm, arn)
    assert found["PipelineExecutionStatus"] == "Failed"
    assert "Metadata" in found["FailureReason"]
    assert "KeyError" in found["FailureReason"]


def test_steps_in_a_circle_do_not_wait_for_each_other(sm: Any, clock: HandClock) -> None:
    arn = start(sm, [{"Name": "a", "DependsOn": ["b"]}, {"Name": "b", "DependsOn": ["a", "nobody"]}])
    clock.forward(1)
    assert statuses(sm, arn) == {"a": "Succeeded", "b": "Succeeded"}


def test_a_step_has_no_pace_of_its_own(local: LocalSageMaker) -> None:
    for pace in ({"every": 1}, {"manual": True}, {"describes": 2}, {"created": SECOND}):
        with pytest.raises(ValueError, match="no pace and no creation time"):
            local.script("pipeline_step", "*", ["Failed"], **pace)
    with pytest.raises(ValueError, match="did you mean 'Succeeded'"):
        local.script("pipeline_step", "*", ["Succeded"])


def test_the_wait_of_the_typed_client_names_the_step(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("pipeline_step", "Train", [("Failed", "AlgorithmError: NaN")])
    arn = start(sm)
    typed = local.client()
    typed.clock = Clock(now=clock, sleep=clock.forward)
    with pytest.raises(errors.WaitFailedError, match=r"Train.*AlgorithmError: NaN"):
        typed.pipeline_executions.wait_until_completed(arn, timeout=60)
