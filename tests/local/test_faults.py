"""Errors, lost connections, delays and limits, as users put them in the way."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from sagemaker_typed.testing import LocalSageMaker
from tests.local.support import HandClock, error_of, names, request, status

pytestmark = pytest.mark.own_local


def test_the_usual_status_of_a_code(local: LocalSageMaker, sm: Any) -> None:
    for code, expected in [
        ("ThrottlingException", 400),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
        ("AccessDeniedException", 400),
    ]:
        local.fail_next("ListCompilationJobs", code)
        found, message, http = error_of(sm.list_compilation_jobs)
        assert (found, http) == (code, expected)
        assert "fail_next" in message
    local.fail_next("ListCompilationJobs", "Busy", message="come back", status=504)
    assert error_of(sm.list_compilation_jobs) == ("Busy", "come back", 504)


def test_faults_queue_and_boto3_retries_through_them(local: LocalSageMaker) -> None:
    local.fail_next("ListCompilationJobs", "ThrottlingException", times=1)
    local.fail_next("ListCompilationJobs", "InternalFailure", times=1)
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    sm = local.boto3_client("sagemaker", config=config)
    assert error_of(sm.list_compilation_jobs)[0] == "ThrottlingException"
    assert error_of(sm.list_compilation_jobs)[0] == "InternalFailure"
    assert names(sm.list_compilation_jobs()) == []
    assert local.calls == {"ListCompilationJobs": 3}


def test_a_star_is_whichever_comes_next(local: LocalSageMaker, sm: Any) -> None:
    local.fail_next("*", "AccessDeniedException", times=2)
    local.fail_next("ListModels", "ThrottlingException")
    assert error_of(sm.list_models)[0] == "ThrottlingException"
    assert error_of(sm.list_models)[0] == "AccessDeniedException"
    assert error_of(sm.list_endpoints)[0] == "AccessDeniedException"
    assert sm.list_endpoints()["Endpoints"] == []


def test_a_dropped_call_did_nothing(local: LocalSageMaker, sm: Any, s3: Any) -> None:
    local.drop_next("CreateCompilationJob")
    with pytest.raises(ConnectionClosedError):
        sm.create_compilation_job(**request("job"))
    assert names(sm.list_compilation_jobs()) == []
    sm.create_compilation_job(**request("job"))
    assert local.calls["CreateCompilationJob"] == 2


def test_a_lost_answer_was_work_done(local: LocalSageMaker, sm: Any, s3: Any) -> None:
    local.drop_next("CreateCompilationJob", done=True)
    with pytest.raises(ConnectionClosedError):
        sm.create_compilation_job(**request("job"))
    assert names(sm.list_compilation_jobs()) == ["job"]
    local.drop_next("DescribeCompilationJob", done=True)
    with pytest.raises(ConnectionClosedError):
        sm.describe_compilation_job(CompilationJobName="unknown")


def test_a_delay_outlasts_a_read_timeout_and_ends_with_the_server(local: LocalSageMaker) -> None:
    local.delay_next("ListCompilationJobs", 3600)
    impatient = local.boto3_client("sagemaker", config=Config(read_timeout=0.05, retries={"total_max_attempts": 1}))
    with pytest.raises(ReadTimeoutError):
        impatient.list_compilation_jobs()
    assert names(impatient.list_compilation_jobs()) == []  # the delayed one holds up nobody
    local.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("LocalSageMaker")]


def test_throttling_goes_by_the_clock(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.throttle("ListCompilationJobs", 2)
    for let_through in (2, 1, 1):
        for _ in range(let_through):
            sm.list_compilation_jobs()
        assert error_of(sm.list_compilation_jobs) == ("ThrottlingException", "Rate exceeded", 400)
        clock.forward(0.5)
    assert sm.list_endpoints()["Endpoints"] == []
    local.throttle("ListCompilationJobs", None)
    for _ in range(5):
        sm.list_compilation_jobs()


def test_throttling_all_together(local: LocalSageMaker, sm: Any) -> None:
    local.throttle("*", 1)
    sm.list_models()
    assert error_of(sm.list_endpoints)[0] == "ThrottlingException"
    local.reset()
    for _ in range(3):
        sm.list_endpoints()


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda local: local.fail_next("DescribeCompilationJobs", "X"), "did you mean 'DescribeCompilationJob'"),
        (lambda local: local.fail_next("ListModels", "X", status=200), "between 400 and 599"),
        (lambda local: local.fail_next("ListModels", "X", times=0), "at least 1"),
        (lambda local: local.drop_next("list_models"), "no operation 'list_models'"),
        (lambda local: local.delay_next("ListModels", -1), "negative"),
        (lambda local: local.throttle("ListModels", 0), "greater than 0"),
        (lambda local: local.throttle("Nothing", 1), "no operation"),
    ],
)
def test_what_cannot_be_meant(use: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        use(LocalSageMaker())


def test_a_script_for_what_is_there_already(local: LocalSageMaker, sm: Any, s3: Any, clock: HandClock) -> None:
    for name in ("one", "two"):
        sm.create_compilation_job(**request(name))
    clock.forward(5)
    assert status(sm, "one") == "COMPLETED"
    local.script("compilation_job", "o*", ["INPROGRESS", ("FAILED", "late")], on="now")
    assert (status(sm, "one"), status(sm, "two")) == ("INPROGRESS", "COMPLETED")
    clock.forward(1)
    assert sm.describe_compilation_job(CompilationJobName="one")["FailureReason"] == "late"
    with pytest.raises(LookupError, match="matches 'x"):
        local.script("compilation_job", "x*", ["FAILED"], on="now")


def test_phases_are_those_of_the_kind() -> None:
    local = LocalSageMaker()
    with pytest.raises(ValueError, match=r"compilation_job has no phase 'update'; it has: create, stop, now"):
        local.script("compilation_job", "*", ["STARTING"], on="update")
    with pytest.raises(ValueError, match="no status"):
        local.script("endpoint_config", "*", ["Creating"])
    for states in ("FAILED", None, 3):
        with pytest.raises(ValueError, match="a list of states"):
            local.script("compilation_job", "*", states)  # type: ignore[arg-type]
    for state in (3, (), ("FAILED", "x", "y"), ("FAILED", 3)):
        with pytest.raises(ValueError, match="a state is a status"):
            local.script("compilation_job", "*", [state])  # type: ignore[list-item]
    for every in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="number of seconds"):
            local.script("compilation_job", "*", ["FAILED"], every=every)
    with pytest.raises(ValueError, match="begin with a status"):
        local.script("endpoint", "*", [None])
    with pytest.raises(ValueError, match="unknown secondary status 'Trainin'; did you mean 'Training'"):
        local.script("training_job", "*", ["InProgress/Trainin"])
    with pytest.raises(ValueError, match="this kind of resource has none"):
        local.script("compilation_job", "*", ["INPROGRESS/Compiling"])
    with pytest.raises(RuntimeError, match="not running"):
        local.script("endpoint", "*", ["Updating"], on="now")
