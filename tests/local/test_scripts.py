"""Scripts: by time, by Describe calls, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.support import HandClock, names, request, status

pytestmark = pytest.mark.own_local


def test_by_time_with_a_reason(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(
        "compilation_job", "resnet-*", ["STARTING", "INPROGRESS", ("FAILED", "ClientError: bad shape")], every=0.1
    )
    sm.create_compilation_job(**request("resnet-1"))
    seen: list[str] = []
    for _ in range(3):
        seen.append(status(sm, "resnet-1"))
        clock.forward(0.1)
    assert seen == ["STARTING", "INPROGRESS", "FAILED"]
    assert sm.describe_compilation_job(CompilationJobName="resnet-1")["FailureReason"] == "ClientError: bad shape"


def test_steps_add_up_exactly(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("compilation_job", "*", ["STARTING", "INPROGRESS", "STOPPING", "STOPPED"], every=0.1)
    sm.create_compilation_job(**request("job"))
    clock.forward(0.3)
    assert status(sm, "job") == "STOPPED"


def test_without_a_pace_the_default_holds(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("compilation_job", "*", ["STARTING", "FAILED"])
    sm.create_compilation_job(**request("job"))
    clock.forward(0.9)
    assert status(sm, "job") == "STARTING"
    clock.forward(0.1)
    assert status(sm, "job") == "FAILED"


@pytest.mark.parametrize("describes", [1, 2])
def test_by_describe_calls(local: LocalSageMaker, sm: Any, clock: HandClock, describes: int) -> None:
    local.script("compilation_job", "x-*", ["STARTING", "INPROGRESS", "FAILED"], describes=describes)
    sm.create_compilation_job(**request("x-1"))
    seen: list[str] = []
    for _ in range(3 * describes):
        sm.list_compilation_jobs()
        clock.forward(100)
        seen.append(status(sm, "x-1"))
    assert seen == [state for state in ("STARTING", "INPROGRESS", "FAILED") for _ in range(describes)]


def test_by_hand(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("compilation_job", "*", ["STARTING", "INPROGRESS", "FAILED"], manual=True)
    for name in ("one", "two"):
        sm.create_compilation_job(**request(name))
    clock.forward(1000)
    assert status(sm, "one") == status(sm, "one") == "STARTING"
    assert local.advance("compilation_job", "one") == 1
    assert (status(sm, "one"), status(sm, "two")) == ("INPROGRESS", "STARTING")
    assert local.advance() == 2
    assert (status(sm, "one"), status(sm, "two")) == ("FAILED", "INPROGRESS")
    assert local.advance("compilation_job") == 1
    assert local.advance() == 0


def test_by_hand_ahead_of_time(local: LocalSageMaker, sm: Any, s3: Any, clock: HandClock) -> None:
    sm.create_compilation_job(**request("job"))
    clock.forward(0.5)
    local.advance("compilation_job", "job")
    assert status(sm, "job") == "INPROGRESS"
    clock.forward(0.9)
    assert status(sm, "job") == "INPROGRESS"
    clock.forward(0.1)
    assert status(sm, "job") == "COMPLETED"


def test_the_latest_script_that_fits_wins(local: LocalSageMaker, sm: Any) -> None:
    local.script("compilation_job", "*", ["INPROGRESS"])
    local.script("compilation_job", "a-?", ["FAILED"])
    for name in ("a-1", "a-12", "A-1"):
        sm.create_compilation_job(**request(name))
    assert [status(sm, name) for name in ("a-1", "a-12", "A-1")] == ["FAILED", "INPROGRESS", "INPROGRESS"]


def test_a_scripted_success_needs_no_input_and_has_its_artifact(local: LocalSageMaker, sm: Any) -> None:
    local.script("compilation_job", "*", ["COMPLETED"])
    sm.create_compilation_job(**request("job"))
    job = sm.describe_compilation_job(CompilationJobName="job")
    assert job["CompilationJobStatus"] == "COMPLETED"
    assert job["CreationTime"] == job["CompilationStartTime"] == job["CompilationEndTime"]
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    assert local.boto3_client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 0


@pytest.mark.parametrize(
    ("state", "reason"), [("FAILED", "ClientError: "), (("FAILED", ""), ""), (("FAILED", None), None)]
)
def test_the_reason_of_a_scripted_failure(local: LocalSageMaker, sm: Any, state: Any, reason: str | None) -> None:
    local.script("compilation_job", "*", [state])
    sm.create_compilation_job(**request("job"))
    job = sm.describe_compilation_job(CompilationJobName="job")
    if reason is None:
        assert "FailureReason" not in job
    else:
        assert job["FailureReason"].startswith(reason)
        assert bool(job["FailureReason"]) == bool(reason)


def test_a_status_of_the_future_is_said_on_purpose(local: LocalSageMaker, sm: Any) -> None:
    with pytest.raises(ValueError, match=r"unknown status 'WARMING'.*allow_unknown"):
        local.script("compilation_job", "*", ["WARMING", "STARTING"])
    local.script("compilation_job", "*", ["WARMING", "STARTING"], allow_unknown=True)
    sm.create_compilation_job(**request("job"))
    assert status(sm, "job") == "WARMING"


def test_stopping_leaves_the_script_and_its_pace(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("compilation_job", "*", ["STARTING", "INPROGRESS"], manual=True)
    sm.create_compilation_job(**request("job"))
    local.advance()
    assert local.advance() == 0
    sm.stop_compilation_job(CompilationJobName="job")
    assert status(sm, "job") == "STOPPING"
    clock.forward(1)
    assert status(sm, "job") == "STOPPED"


def test_stopping_has_a_script_of_its_own(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script("compilation_job", "*", ["STOPPING", "FAILED"], on="stop", manual=True)
    sm.create_compilation_job(**request("job"))
    assert status(sm, "job") == "STARTING"
    sm.stop_compilation_job(CompilationJobName="job")
    clock.forward(100)
    assert status(sm, "job") == "STOPPING"
    local.advance()
    assert status(sm, "job") == "FAILED"


def test_a_script_is_for_jobs_created_later(local: LocalSageMaker, sm: Any) -> None:
    sm.create_compilation_job(**request("early"))
    local.script("compilation_job", "*", ["FAILED"])
    sm.create_compilation_job(**request("late"))
    assert names(sm.list_compilation_jobs(StatusEquals="FAILED")) == ["late"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"kind": "compilation_jobs"},
            r"unknown kind 'compilation_jobs' \(did you mean 'compilation_job'\?\); known kinds: compilation_job",
        ),
        ({"states": []}, "at least one state"),
        ({"states": ["INPROGES", "FAILED"]}, "did you mean 'INPROGRESS'"),
        ({"states": ["FAILED", "STARTING"]}, "FAILED is final"),
        ({"every": 1, "describes": 1}, "exactly one of"),
        ({"every": 1, "manual": True}, "exactly one of"),
        ({"every": -1}, "negative"),
        ({"describes": 0}, "at least 1"),
    ],
)
def test_a_script_that_cannot_be_meant(arguments: dict[str, Any], message: str) -> None:
    whole: dict[str, Any] = {"kind": "compilation_job", "pattern": "*", "states": ["STARTING"], **arguments}
    with pytest.raises(ValueError, match=message):
        LocalSageMaker().script(**whole)


def test_advance_refuses_what_it_does_not_know(local: LocalSageMaker) -> None:
    with pytest.raises(LookupError, match="'none'"):
        local.advance("compilation_job", "none")
    with pytest.raises(ValueError, match="unknown kind"):
        local.advance("end_point")
    with pytest.raises(ValueError, match="needs its kind"):
        local.advance(name="none")


def test_a_script_may_be_given_before_the_start(clock: HandClock) -> None:
    local = LocalSageMaker(clock=clock)
    local.script("compilation_job", "*", ["FAILED"])
    with local:
        sm = local.boto3_client("sagemaker")
        sm.create_compilation_job(**request("job"))
        assert status(sm, "job") == "FAILED"
