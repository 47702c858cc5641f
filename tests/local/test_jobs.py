"""The lives of transform, training, processing, tuning and AutoML jobs."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from botocore import xform_name

from sagemaker_typed.testing import LocalSageMaker
from sagemaker_typed.testing._model import load_model
from tests.local.checked import checked_client, service_model
from tests.local.families import (
    AUTO_ML,
    IMAGE,
    JOBS,
    PROCESSING,
    ROLE,
    TRAINING,
    TRANSFORM,
    TUNING,
    Family,
    auto_ml_body,
    by_kind,
    processing_body,
    training_body,
    transform_body,
    tuning_body,
)
from tests.local.support import HandClock, error_of, lacks
from tests.support import samples

SECOND = datetime.timedelta(seconds=1)
STARTED = {
    TRANSFORM.kind: "TransformStartTime",
    TRAINING.kind: "TrainingStartTime",
    PROCESSING.kind: "ProcessingStartTime",
}
ENDED = {
    TRANSFORM.kind: "TransformEndTime",
    TRAINING.kind: "TrainingEndTime",
    PROCESSING.kind: "ProcessingEndTime",
    TUNING.kind: "HyperParameterTuningEndTime",
    AUTO_ML.kind: "EndTime",
}
DELETABLE = (TRAINING, PROCESSING, TUNING)
TRAINING_STATES = ["Starting", "Downloading", "Training", "Uploading", "Completed"]

every_job = pytest.mark.parametrize("family", JOBS, ids=by_kind)
every_deletable = pytest.mark.parametrize("family", DELETABLE, ids=by_kind)


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


def enum(family: Family) -> list[str]:
    return list(load_model().enum(f"{family.noun}Status"))


def expect_code(operation: str, *codes: str) -> str:
    """The first of them that the operation declares."""
    declared = load_model().errors(operation)
    return next((code for code in codes if code in declared), "ValidationException")


OTHERWISE_MISSING = (TRAINING, PROCESSING, TRANSFORM)
"""An unknown name of these is refused under another code than the one that is declared."""


def missing_code(family: Family) -> str:
    return "ValidationException" if family in OTHERWISE_MISSING else "ResourceNotFound"


# --- what all jobs have ----------------------------------------------------------------------------------------------


@every_job
def test_the_usual_life(sm: Any, clock: HandClock, family: Family) -> None:
    family.create(sm, "job")
    seen: list[str] = []
    for _ in family.life:
        seen.append(family.status(sm, "job"))
        clock.forward(1)
    assert tuple(seen) == family.life
    clock.forward(1000)
    assert family.status(sm, "job") == "Completed"


@every_job
def test_the_times_are_those_of_the_states(sm: Any, clock: HandClock, family: Family) -> None:
    family.create(sm, "job")
    clock.forward(0.5)
    running = family.describe(sm, "job")
    assert ENDED[family.kind] not in running
    clock.forward(1000)
    job = family.describe(sm, "job")
    lasted = (len(family.life) - 1) * SECOND
    assert job["CreationTime"] == running["CreationTime"]
    assert job[ENDED[family.kind]] == job["CreationTime"] + lasted
    if family is not TRANSFORM:
        assert job["LastModifiedTime"] == job["CreationTime"] + lasted
    if family.kind in STARTED:
        # A training job trains in its third state.
        assert job[STARTED[family.kind]] == job["CreationTime"] + (2 if family is TRAINING else 0) * SECOND


@every_job
def test_a_summary_agrees_with_its_description(sm: Any, clock: HandClock, family: Family) -> None:
    family.create(sm, "job")
    for _ in range(6):
        (summary,) = family.page(sm)[family.results]
        job = family.describe(sm, "job")
        shared = {member: job[member] for member in summary if member in job}
        assert {member: summary[member] for member in shared} == shared
        assert {"CreationTime", family.name_member, family.status_member, f"{family.noun}Arn"} <= shared.keys()
        clock.forward(1)
    assert ENDED[family.kind] in summary


@every_job
def test_what_was_asked_for_is_described(sm: Any, family: Family) -> None:
    arn = family.create(sm, "job")
    job = family.describe(sm, "job")
    assert job[f"{family.noun}Arn"] == arn
    assert lacks(job, family.body) == []
    assert arn.startswith("arn:aws:sagemaker:us-west-2:123456789012:")
    assert arn.endswith("/job")


@every_job
def test_a_reason(local: LocalSageMaker, sm: Any, family: Family) -> None:
    local.script(family.kind, "*", ["Failed"])
    local.script(family.kind, "told", [("Failed", "ClientError: no data")])
    local.script(family.kind, "mute", [("Failed", None)])
    local.script(family.kind, "fine", ["Completed"])
    for name in ("usual", "told", "mute", "fine"):
        family.create(sm, name)
    found = {name: family.describe(sm, name).get("FailureReason") for name in ("usual", "told", "mute", "fine")}
    assert found.pop("usual")
    assert found == {"told": "ClientError: no data", "mute": None, "fine": None}
    summary = service_model().shape_for(load_model().item_shape(family.list_operation, family.results))
    if "FailureReason" in summary.members:
        (told,) = family.page(sm, NameContains="told")[family.results]
        assert told["FailureReason"] == "ClientError: no data"


@every_job
def test_by_describe_calls(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    local.script(family.kind, "*", ["InProgress", "Stopping", "Stopped"], describes=2)
    family.create(sm, "job")
    seen: list[str] = []
    for _ in range(7):
        family.page(sm)
        clock.forward(100)
        seen.append(family.status(sm, "job"))
    assert seen == ["InProgress"] * 2 + ["Stopping"] * 2 + ["Stopped"] * 3


@every_job
def test_by_hand(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    local.script(family.kind, "*", ["InProgress", ("Failed", "by hand")], manual=True)
    arn = family.create(sm, "job")
    clock.forward(1000)
    assert family.status(sm, "job") == "InProgress"
    assert local.advance(family.kind, arn) == 1
    assert family.status(sm, "job") == "Failed"
    assert local.advance(family.kind) == 0


@every_job
def test_any_status_can_be_shown(local: LocalSageMaker, sm: Any, family: Family) -> None:
    for status in enum(family):
        local.script(family.kind, status, [status], on="create")
        family.create(sm, status)
        assert family.status(sm, status) == status
        assert family.listed(sm, StatusEquals=status) == [status]


@every_job
def test_a_script_may_end_it(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    local.script(family.kind, "timed", ["InProgress", None])
    local.script(family.kind, "counted", ["InProgress", None], describes=1)
    for name in ("timed", "counted"):
        family.create(sm, name)
    clock.forward(1)
    assert family.listed(sm) == ["counted"]
    assert family.status(sm, "counted") == "InProgress"
    for name in ("timed", "counted"):
        code, message, http = error_of(lambda name=name: family.describe(sm, name))
        assert (code, http) == (missing_code(family), 400)
        assert name in message or family is TRAINING
    family.create(sm, "timed")
    assert family.listed(sm) == ["timed"]


@every_job
def test_a_script_of_now_revives_it(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    family.create(sm, "job")
    clock.forward(10)
    assert family.status(sm, "job") == "Completed"
    local.script(family.kind, "job", ["InProgress", "Failed"], on="now")
    job = family.describe(sm, "job")
    assert job[family.status_member] == "InProgress"
    assert ENDED[family.kind] not in job
    clock.forward(1)
    job = family.describe(sm, "job")
    assert job[family.status_member] == "Failed"
    assert job[ENDED[family.kind]] == job["CreationTime"] + 11 * SECOND


@every_job
def test_stopping(sm: Any, clock: HandClock, family: Family) -> None:
    family.create(sm, "job")
    clock.forward(0.5)
    assert "ResponseMetadata" in family.call(sm, "Stop", "job")
    assert family.status(sm, "job") == "Stopping"
    clock.forward(0.5)
    family.call(sm, "Stop", "job")  # again, which changes nothing
    clock.forward(0.5)
    job = family.describe(sm, "job")
    assert job[family.status_member] == "Stopped"
    assert job[ENDED[family.kind]] == job["CreationTime"] + 1.5 * SECOND
    clock.forward(100)
    assert family.status(sm, "job") == "Stopped"


@every_job
@pytest.mark.parametrize("final", ["Completed", "Failed", "Stopped"])
def test_stopping_what_has_ended(local: LocalSageMaker, sm: Any, family: Family, final: str) -> None:
    local.script(family.kind, "*", [final])
    family.create(sm, "job")
    code, message, http = error_of(lambda: family.call(sm, "Stop", "job"))
    assert (code, http) == ("ValidationException", 400)
    assert final in message
    assert family.status(sm, "job") == final


@every_job
def test_a_script_for_the_stop(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    local.script(family.kind, "job", ["Stopping", ("Failed", "too late")], every=5, on="stop")
    family.create(sm, "job")
    family.call(sm, "Stop", "job")
    clock.forward(4.9)
    assert family.status(sm, "job") == "Stopping"
    clock.forward(0.1)
    job = family.describe(sm, "job")
    assert (job[family.status_member], job["FailureReason"]) == ("Failed", "too late")


@every_deletable
def test_deleting(sm: Any, clock: HandClock, family: Family) -> None:
    family.create(sm, "job")
    code, message, http = error_of(lambda: family.call(sm, "Delete", "job"))
    assert code == expect_code(f"Delete{family.noun}", "ResourceInUse")
    assert http == 400
    assert "InProgress" in message
    clock.forward(10)
    family.call(sm, "Delete", "job")
    if "Deleting" in enum(family):
        assert family.status(sm, "job") == "Deleting"
        for verb in ("Stop", "Delete"):
            assert "Deleting" in error_of(lambda verb=verb: family.call(sm, verb, "job"))[1]
        assert family.status(sm, "job") == "Deleting"
        clock.forward(1)
    assert family.listed(sm) == []
    code, _, _ = error_of(lambda: family.describe(sm, "job"))
    assert code == missing_code(family)
    family.create(sm, "job")
    assert family.status(sm, "job") == "InProgress"


def test_deleting_a_tuning_job_may_fail(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TUNING.kind, "job", ["Deleting", "DeleteFailed"])
    TUNING.create(sm, "job")
    clock.forward(1)
    TUNING.call(sm, "Delete", "job")
    assert TUNING.status(sm, "job") == "Deleting"
    clock.forward(1)
    job = TUNING.describe(sm, "job")
    assert job["HyperParameterTuningJobStatus"] == "DeleteFailed"
    assert job["FailureReason"]
    assert job["HyperParameterTuningEndTime"] == job["CreationTime"] + SECOND
    assert "DeleteFailed" in error_of(lambda: TUNING.call(sm, "Stop", "job"))[1]
    local.script(TUNING.kind, "job", ["Deleting", None])
    TUNING.call(sm, "Delete", "job")
    clock.forward(1)
    assert TUNING.listed(sm) == []


@every_job
def test_an_unknown_name(sm: Any, family: Family) -> None:
    operations = [f"{verb}{family.noun}" for verb in ("Describe", "Stop")]
    operations += [f"Delete{family.noun}"] * (family in DELETABLE)
    operations += {
        TRAINING.kind: ["UpdateTrainingJob"],
        TUNING.kind: ["ListTrainingJobsForHyperParameterTuningJob"],
        AUTO_ML.kind: ["DescribeAutoMLJobV2", "ListCandidatesForAutoMLJob"],
    }.get(family.kind, [])
    for operation in operations:
        code, message, http = error_of(getattr(sm, xform_name(operation)), **{family.name_member: "none"})
        declared = expect_code(operation, "ResourceNotFound")
        assert (code, http) == ("ValidationException" if family in OTHERWISE_MISSING else declared, 400)
        assert "none" in message or family is TRAINING


@every_job
def test_a_name_is_taken_once(sm: Any, family: Family) -> None:
    family.create(sm, "job")
    code, message, http = error_of(lambda: family.create(sm, "job"))
    assert (code, http) == (expect_code(f"Create{family.noun}", "ResourceInUse"), 400)
    assert "job" in message


@every_job
def test_a_name_is_taken_per_region(local: LocalSageMaker, sm: Any, clock: HandClock, family: Family) -> None:
    there = checked_client(local, "eu-west-1")
    family.create(sm, "job")
    family.call(sm, "Stop", "job")
    family.create(there, "job")
    assert (family.status(sm, "job"), family.status(there, "job")) == ("Stopping", "InProgress")
    assert error_of(lambda: family.describe(checked_client(local, "ap-south-1"), "job"))[2] == 400


@every_job
def test_tags(sm: Any, family: Family) -> None:
    tags = [{"Key": "team", "Value": "vision"}]
    arn = family.create(sm, "job", Tags=tags)
    assert sm.list_tags(ResourceArn=arn)["Tags"] == tags
    assert "Tags" not in family.describe(sm, "job")


# --- training jobs ---------------------------------------------------------------------------------------------------


def transitions(job: Any) -> list[tuple[str, float, float | None]]:
    """Of the secondary status: what, from when, until when, in seconds since the creation."""

    def since(moment: datetime.datetime) -> float:
        return float((moment - job["CreationTime"]).total_seconds())

    return [
        (each["Status"], since(each["StartTime"]), since(each["EndTime"]) if "EndTime" in each else None)
        for each in job["SecondaryStatusTransitions"]
    ]


def test_the_secondary_statuses_of_training(sm: Any, clock: HandClock) -> None:
    TRAINING.create(sm, "job")
    for number, secondary in enumerate(TRAINING_STATES):
        job = TRAINING.describe(sm, "job")
        (summary,) = sm.list_training_jobs()["TrainingJobSummaries"]
        assert job["SecondaryStatus"] == summary["SecondaryStatus"] == secondary
        past = [(name, float(index), index + 1.0) for index, name in enumerate(TRAINING_STATES[:number])]
        last = (secondary, float(number), 4.0 if secondary == "Completed" else None)
        assert transitions(job) == [*past, last]
        clock.forward(1)


def test_a_stop_is_a_transition(sm: Any, clock: HandClock) -> None:
    TRAINING.create(sm, "job")
    clock.forward(2.5)
    sm.stop_training_job(TrainingJobName="job")
    clock.forward(60)
    job = TRAINING.describe(sm, "job")
    assert transitions(job)[2:] == [("Training", 2.0, 2.5), ("Stopping", 2.5, 3.5), ("Stopped", 3.5, 3.5)]
    assert job["TrainingTimeInSeconds"] == 2
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": ""}


def test_scripted_secondary_statuses(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    words = list(load_model().enum("SecondaryStatus"))
    states: list[Any] = [f"InProgress/{word}" for word in words]
    local.script(TRAINING.kind, "all", [*states, "Stopping", "Stopped/MaxRuntimeExceeded"])
    local.script(TRAINING.kind, "bare", ["InProgress", ("Failed", "OutOfMemory")])
    TRAINING.create(sm, "all")
    TRAINING.create(sm, "bare")
    clock.forward(100)
    job = TRAINING.describe(sm, "all")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert [name for name, _, _ in transitions(job)] == [*words, "Stopping", "MaxRuntimeExceeded"]
    bare = TRAINING.describe(sm, "bare")
    assert [name for name, _, _ in transitions(bare)] == ["Training", "Failed"]
    assert bare["SecondaryStatusTransitions"][1]["StatusMessage"] == "Training job failed"
    assert bare["FailureReason"] == "OutOfMemory"


def test_a_secondary_status_must_be_known(local: LocalSageMaker) -> None:
    with pytest.raises(ValueError, match="did you mean 'Downloading'"):
        local.script(TRAINING.kind, "*", ["InProgress/Dowloading"])
    with pytest.raises(ValueError, match="has none"):
        local.script(PROCESSING.kind, "*", ["InProgress/Downloading"])


def test_a_job_that_failed_before_it_trained(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TRAINING.kind, "*", ["InProgress/Starting", "Failed"])
    TRAINING.create(sm, "job")
    clock.forward(1)
    job = TRAINING.describe(sm, "job")
    assert "TrainingEndTime" in job
    assert not {"TrainingStartTime", "TrainingTimeInSeconds", "BillableTimeInSeconds"} & job.keys()


@pytest.mark.parametrize("path", ["s3://models/out", "s3://models/out/", "s3://others"])
def test_a_trained_model_is_in_s3(local: LocalSageMaker, sm: Any, s3: Any, clock: HandClock, path: str) -> None:
    TRAINING.create(sm, "job", OutputDataConfig={"S3OutputPath": path})
    clock.forward(3.9)
    assert TRAINING.describe(sm, "job")["ModelArtifacts"] == {"S3ModelArtifacts": ""}
    clock.forward(0.1)
    artifact = TRAINING.describe(sm, "job")["ModelArtifacts"]["S3ModelArtifacts"]
    assert artifact == f"{path.rstrip('/')}/job/output/model.tar.gz"
    bucket, _, key = artifact.removeprefix("s3://").partition("/")
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] > 0


def test_what_a_training_job_need_not_say(sm: Any, clock: HandClock) -> None:
    sm.create_training_job(TrainingJobName="job", RoleArn=ROLE, OutputDataConfig={"S3OutputPath": "s3://models"})
    assert TRAINING.describe(sm, "job")["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    clock.forward(4)
    assert TRAINING.status(sm, "job") == "Completed"


@pytest.mark.parametrize("algorithm", [{}, {"TrainingImage": IMAGE, "AlgorithmName": "mine"}])
def test_an_image_or_an_algorithm(sm: Any, algorithm: dict[str, str]) -> None:
    body = training_body(AlgorithmSpecification={"TrainingInputMode": "File", **algorithm})
    code, message, _ = error_of(lambda: TRAINING.create(sm, "job", **body))
    assert code == "ValidationException"
    assert "not both" in message


def test_updating_a_training_job(sm: Any, clock: HandClock) -> None:
    profiler = {"S3OutputPath": "s3://models/profile", "ProfilingIntervalInMilliseconds": 500}
    arn = TRAINING.create(sm, "job", ProfilerConfig=profiler)
    clock.forward(0.5)
    answer = sm.update_training_job(
        TrainingJobName="job",
        ProfilerConfig={"DisableProfiler": True},
        ResourceConfig={"KeepAlivePeriodInSeconds": 60},
        RemoteDebugConfig={"EnableRemoteDebug": True},
    )
    assert answer["TrainingJobArn"] == arn
    job = TRAINING.describe(sm, "job")
    assert job["ProfilerConfig"] == {**profiler, "DisableProfiler": True}
    assert job["ResourceConfig"] == {**TRAINING.body["ResourceConfig"], "KeepAlivePeriodInSeconds": 60}
    assert job["RemoteDebugConfig"] == {"EnableRemoteDebug": True}
    assert job["LastModifiedTime"] == job["CreationTime"] + 0.5 * SECOND


def test_search_finds_training_jobs(sm: Any, clock: HandClock) -> None:
    TRAINING.create(sm, "done", Tags=[{"Key": "team", "Value": "vision"}])
    clock.forward(10)
    TRAINING.create(sm, "new")
    wanted = {"Name": "TrainingJobStatus", "Operator": "Equals", "Value": "Completed"}
    (found,) = sm.search(Resource="TrainingJob", SearchExpression={"Filters": [wanted]})["Results"]
    assert found["TrainingJob"]["TrainingJobName"] == "done"
    assert found["TrainingJob"]["Tags"] == [{"Key": "team", "Value": "vision"}]


# --- tuning jobs -----------------------------------------------------------------------------------------------------


def trained(sm: Any, **asked: Any) -> list[Any]:
    page = sm.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune", **asked)
    return list(page["TrainingJobSummaries"])


def test_a_tuning_job_counts(sm: Any, clock: HandClock) -> None:
    TUNING.create(sm, "tune")
    job = TUNING.describe(sm, "tune")
    assert (job["TrainingJobStatusCounters"]["InProgress"], job["TrainingJobStatusCounters"]["Completed"]) == (2, 0)
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 0, "Pending": 2, "Failed": 0}
    assert "BestTrainingJob" not in job
    assert [each["TrainingJobStatus"] for each in trained(sm)] == ["InProgress", "InProgress"]
    clock.forward(1)
    job = TUNING.describe(sm, "tune")
    assert (job["TrainingJobStatusCounters"]["InProgress"], job["TrainingJobStatusCounters"]["Completed"]) == (0, 3)
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    (summary,) = sm.list_hyper_parameter_tuning_jobs()["HyperParameterTuningJobSummaries"]
    assert summary["Strategy"] == "Bayesian"
    assert summary["ResourceLimits"] == TUNING.body["HyperParameterTuningJobConfig"]["ResourceLimits"]
    assert summary["TrainingJobStatusCounters"] == job["TrainingJobStatusCounters"]


def test_the_training_jobs_of_a_tuning_job(sm: Any, s3: Any, clock: HandClock) -> None:
    arn = TUNING.create(sm, "tune")
    clock.forward(1)
    summaries = trained(sm)
    assert [each["TrainingJobName"] for each in summaries] == ["tune-001", "tune-002", "tune-003"]
    tried = [each["TunedHyperParameters"] for each in summaries]
    assert [each["eta"] for each in tried] == ["0.5", "1.0", "1.5"]
    assert [each["depth"] for each in tried] == ["2", "4", "6"]
    assert [each["kind"] for each in tried] == ["tree", "line", "tree"]
    for summary in summaries:
        job = sm.describe_training_job(TrainingJobName=summary["TrainingJobName"])
        assert job["TrainingJobStatus"] == summary["TrainingJobStatus"] == "Completed"
        assert job["TuningJobArn"] == arn
        objective = {"_tuning_objective_metric": "loss"}
        assert job["HyperParameters"] == {**objective, "seed": "7", **summary["TunedHyperParameters"]}
        assert (job["RoleArn"], job["StoppingCondition"]) == (ROLE, TRAINING.body["StoppingCondition"])
        assert lacks(job["AlgorithmSpecification"], TRAINING.body["AlgorithmSpecification"]) == []
        assert [job["TrainingStartTime"], job["TrainingEndTime"]] == [
            summary["TrainingStartTime"],
            summary["TrainingEndTime"],
        ]
        # Two at once: the third begins when half of the time is over.
        assert transitions(job) == [("Training", 0.0, 0.5), ("Completed", 0.5, 0.5)]
        (metric,) = job["FinalMetricDataList"]
        objective = summary["FinalHyperParameterTuningJobObjectiveMetric"]
        assert metric["MetricName"] == objective["MetricName"] == "loss"
        assert metric["Value"] == pytest.approx(objective["Value"])
        key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://models/")
        assert s3.head_object(Bucket="models", Key=key)["ContentLength"] > 0
    assert sm.list_training_jobs(NameContains="tune")["TrainingJobSummaries"][0]["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize(("objective", "best"), [("Maximize", "tune-003"), ("Minimize", "tune-001")])
def test_the_best_training_job(sm: Any, clock: HandClock, objective: str, best: str) -> None:
    TUNING.create(sm, "tune", **tuning_body(objective=objective))
    clock.forward(1)
    found = TUNING.describe(sm, "tune")["BestTrainingJob"]
    values = {
        each["TrainingJobName"]: each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in trained(sm)
    }
    assert found["TrainingJobName"] == best == (max if objective == "Maximize" else min)(values, key=values.__getitem__)


def test_the_list_of_its_training_jobs(sm: Any, clock: HandClock) -> None:
    TUNING.create(sm, "tune", **tuning_body(12))
    clock.forward(1)
    names = [f"tune-{number:03}" for number in range(1, 13)]
    listing = sm.list_training_jobs_for_hyper_parameter_tuning_job
    first = listing(HyperParameterTuningJobName="tune")
    rest = listing(HyperParameterTuningJobName="tune", NextToken=first["NextToken"])
    assert [len(page["TrainingJobSummaries"]) for page in (first, rest)] == [10, 2]
    for sort_by in load_model().enum("TrainingJobSortByOptions"):
        for order, expected in (("Ascending", names), ("Descending", names[::-1])):
            found = trained(sm, SortBy=sort_by, SortOrder=order, MaxResults=20)
            assert [each["TrainingJobName"] for each in found] == expected
    assert len(trained(sm, StatusEquals="Completed", MaxResults=20)) == 12
    assert trained(sm, StatusEquals="Failed") == []
    wrong = {"HyperParameterTuningJobName": "tune", "NextToken": first["NextToken"], "SortBy": "Status"}
    assert error_of(listing, **wrong)[0] == "ValidationException"


def test_without_an_objective_none_is_listed_by_it(sm: Any, clock: HandClock) -> None:
    body = tuning_body()
    del body["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
    TUNING.create(sm, "tune", **body)
    clock.forward(1)
    assert len(trained(sm)) == 3
    assert trained(sm, SortBy="FinalObjectiveMetricValue") == []
    assert TUNING.describe(sm, "tune")["BestTrainingJob"]["TrainingJobName"] == "tune-001"


def test_several_definitions_take_turns(sm: Any, clock: HandClock) -> None:
    body = tuning_body(4)
    common = body.pop("TrainingJobDefinition")
    shapes = {"InstanceType": "ml.c5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 5}
    other = {member: value for member, value in common.items() if member != "ResourceConfig"}
    body["TrainingJobDefinitions"] = [
        {**common, "DefinitionName": "one", "TuningObjective": {"Type": "Maximize", "MetricName": "auc"}},
        {**other, "DefinitionName": "two", "HyperParameterTuningResourceConfig": {"InstanceConfigs": [shapes]}},
    ]
    TUNING.create(sm, "tune", **body)
    clock.forward(1)
    assert [each["TrainingJobDefinitionName"] for each in trained(sm)] == ["one", "two", "one", "two"]
    assert TRAINING.describe(sm, "tune-001")["FinalMetricDataList"][0]["MetricName"] == "auc"
    assert TRAINING.describe(sm, "tune-002")["ResourceConfig"] == shapes


@pytest.mark.parametrize(("most", "made"), [(None, 2), (1, 1), (30, 30)])
def test_how_many_are_trained(sm: Any, clock: HandClock, most: int | None, made: int) -> None:
    TUNING.create(sm, "tune", **tuning_body(most))
    clock.forward(1)
    assert len(trained(sm, MaxResults=100)) == made
    assert TUNING.describe(sm, "tune")["TrainingJobStatusCounters"]["Completed"] == made


@pytest.mark.parametrize(("least", "most"), [("small", "large"), ("nan", "inf"), ("1e999", "0"), ("", ""), ("9", "1")])
def test_the_ends_of_a_range_are_texts(sm: Any, clock: HandClock, least: str, most: str) -> None:
    body = tuning_body()
    ranges = body["HyperParameterTuningJobConfig"]["ParameterRanges"]
    for kind in ("ContinuousParameterRanges", "IntegerParameterRanges"):
        ranges[kind][0] |= {"MinValue": least, "MaxValue": most}
    ranges["AutoParameters"] = [{"Name": "auto", "ValueHint": "0.1"}]
    TUNING.create(sm, "tune", **body)
    clock.forward(1)
    for each in trained(sm):
        assert each["TunedHyperParameters"].keys() == {"eta", "depth", "kind", "auto"}
        assert each["TunedHyperParameters"]["auto"] == "0.1"


def test_a_training_job_of_the_users_is_not_overwritten(sm: Any, clock: HandClock) -> None:
    mine = TRAINING.create(sm, "tune-002", HyperParameters={"mine": "yes"})
    TUNING.create(sm, "tune")
    clock.forward(10)
    assert TRAINING.describe(sm, "tune-002")["HyperParameters"] == {"mine": "yes"}
    arns = [each["TrainingJobArn"] for each in trained(sm)]
    assert len(set(arns)) == 3
    assert mine not in arns


def test_a_script_for_training_jobs_is_for_those_of_a_tuning_job_too(
    local: LocalSageMaker, sm: Any, clock: HandClock
) -> None:
    local.script(TRAINING.kind, "tune-002", ["InProgress", ("Failed", "by script")])
    TUNING.create(sm, "tune")
    clock.forward(10)
    assert [each["TrainingJobStatus"] for each in trained(sm)] == ["Completed", "Failed", "Completed"]
    failed = TRAINING.describe(sm, "tune-002")
    assert failed["FailureReason"] == trained(sm)[1]["FailureReason"] == "by script"
    assert [name for name, _, _ in transitions(failed)] == ["Training", "Failed"]
    assert "FinalMetricDataList" not in failed
    job = TUNING.describe(sm, "tune")
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == job["ObjectiveStatusCounters"]["Failed"] == 1


def test_a_tuning_job_fails_if_all_its_training_jobs_do(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TRAINING.kind, "*", ["InProgress", "Failed"])
    TUNING.create(sm, "tune")
    clock.forward(10)
    job = TUNING.describe(sm, "tune")
    assert (job["HyperParameterTuningJobStatus"], job["TrainingJobStatusCounters"]["NonRetryableError"]) == (
        "Failed",
        3,
    )
    assert job["FailureReason"].startswith("All training jobs have failed")
    assert "BestTrainingJob" not in job


def test_its_training_jobs_outlive_it_and_may_go_before(sm: Any, clock: HandClock) -> None:
    TUNING.create(sm, "tune")
    clock.forward(1)
    sm.delete_training_job(TrainingJobName="tune-003")
    clock.forward(1)
    assert [each["TrainingJobName"] for each in trained(sm)] == ["tune-001", "tune-002"]
    assert TUNING.describe(sm, "tune")["BestTrainingJob"]["TrainingJobName"] == "tune-002"
    sm.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    clock.forward(1)
    assert TUNING.listed(sm) == []
    assert sorted(TRAINING.listed(sm)) == ["tune-001", "tune-002"]
    TUNING.create(sm, "tune")
    clock.forward(1)
    assert len(trained(sm)) == 3
    assert len(TRAINING.listed(sm)) == 5


@pytest.mark.parametrize(
    ("final", "ended"), [("Failed", ["Failed"] * 3), ("Stopped", ["Completed", "Completed", "Stopped"])]
)
def test_the_training_jobs_end_with_their_tuning_job(
    local: LocalSageMaker, sm: Any, clock: HandClock, final: str, ended: list[str]
) -> None:
    local.script(TUNING.kind, "*", ["InProgress", final])
    TUNING.create(sm, "tune")
    clock.forward(1)
    assert TUNING.status(sm, "tune") == final
    assert [each["TrainingJobStatus"] for each in trained(sm)] == ended
    assert ("BestTrainingJob" in TUNING.describe(sm, "tune")) is (final == "Stopped")


# --- AutoML jobs -----------------------------------------------------------------------------------------------------


def create_second(sm: Any, name: str = "job", **problem: Any) -> None:
    sm.create_auto_ml_job_v2(
        AutoMLJobName=name,
        RoleArn=ROLE,
        AutoMLJobInputDataConfig=[
            {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}}}
        ],
        OutputDataConfig={"S3OutputPath": "s3://models/out"},
        AutoMLProblemTypeConfig=problem or {"TabularJobConfig": {"TargetAttributeName": "label"}},
    )


def candidates(sm: Any, **asked: Any) -> list[str]:
    page = sm.list_candidates_for_auto_ml_job(AutoMLJobName="job", **asked)
    return [candidate["CandidateName"] for candidate in page["Candidates"]]


def test_the_secondary_statuses_of_auto_ml(sm: Any, clock: HandClock) -> None:
    AUTO_ML.create(sm, "job")
    seen: list[str] = []
    for _ in AUTO_ML.life:
        job = AUTO_ML.describe(sm, "job")
        (summary,) = sm.list_auto_ml_jobs()["AutoMLJobSummaries"]
        assert summary["AutoMLJobSecondaryStatus"] == job["AutoMLJobSecondaryStatus"]
        seen.append(job["AutoMLJobSecondaryStatus"])
        clock.forward(1)
    assert seen == ["Starting", "AnalyzingData", "FeatureEngineering", "ModelTuning", "Completed"]


def test_every_secondary_status_of_auto_ml(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    words = load_model().enum("AutoMLJobSecondaryStatus")
    local.script(AUTO_ML.kind, "*", [f"InProgress/{word}" for word in words])
    AUTO_ML.create(sm, "job")
    for word in words:
        assert AUTO_ML.describe(sm, "job")["AutoMLJobSecondaryStatus"] == word
        clock.forward(1)


def test_the_candidate(sm: Any, clock: HandClock) -> None:
    AUTO_ML.create(sm, "job", ProblemType="Regression", AutoMLJobObjective={"MetricName": "MSE"})
    assert "BestCandidate" not in AUTO_ML.describe(sm, "job")
    assert candidates(sm) == []
    clock.forward(10)
    best = AUTO_ML.describe(sm, "job")["BestCandidate"]
    assert best["FinalAutoMLJobObjectiveMetric"]["MetricName"] == "MSE"
    assert (best["CandidateStatus"], best["ObjectiveStatus"]) == ("Completed", "Succeeded")
    assert candidates(sm) == [best["CandidateName"]]
    assert candidates(sm, CandidateNameEquals=best["CandidateName"], StatusEquals="Completed") != []
    assert candidates(sm, CandidateNameEquals="none") == candidates(sm, StatusEquals="Failed") == []
    for sort_by in load_model().enum("CandidateSortBy"):
        assert len(candidates(sm, SortBy=sort_by, SortOrder="Descending", MaxResults=1)) == 1


def test_the_two_versions_of_auto_ml(sm: Any, clock: HandClock) -> None:
    AUTO_ML.create(sm, "first")
    create_second(sm, "second")
    assert AUTO_ML.listed(sm) == ["second", "first"]
    for name in ("first", "second"):
        job = sm.describe_auto_ml_job_v2(AutoMLJobName=name)
        assert job["AutoMLProblemTypeConfigName"] == "Tabular"
        (channel,) = job["AutoMLJobInputDataConfig"]
        assert channel["DataSource"]["S3DataSource"]["S3Uri"] == "s3://models/in"
    code, message, http = error_of(sm.describe_auto_ml_job, AutoMLJobName="second")
    assert (code, http) == ("ValidationException", 400)
    assert "DescribeAutoMLJobV2" in message
    assert error_of(create_second, sm=sm, name="first")[0] == "ResourceInUse"
    sm.stop_auto_ml_job(AutoMLJobName="second")
    clock.forward(1)
    assert sm.describe_auto_ml_job_v2(AutoMLJobName="second")["AutoMLJobStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("member", "config", "name"),
    [
        ("ImageClassificationJobConfig", {}, "ImageClassification"),
        (
            "TextClassificationJobConfig",
            {"ContentColumn": "text", "TargetLabelColumn": "label"},
            "TextClassification",
        ),
        ("TextGenerationJobConfig", {}, "TextGeneration"),
    ],
)
def test_the_problems_of_the_second_version(sm: Any, clock: HandClock, member: str, config: Any, name: str) -> None:
    create_second(sm, **{member: config})
    job = sm.describe_auto_ml_job_v2(AutoMLJobName="job")
    assert (job["AutoMLProblemTypeConfig"], job["AutoMLProblemTypeConfigName"]) == ({member: config}, name)
    clock.forward(10)
    assert sm.describe_auto_ml_job_v2(AutoMLJobName="job")["BestCandidate"]["CandidateName"] == candidates(sm)[0]


def test_an_endpoint_name_is_given_or_made_up(sm: Any) -> None:
    deploy = {"AutoGenerateEndpointName": True, "EndpointName": "mine"}
    code, message, _ = error_of(lambda: AUTO_ML.create(sm, "job", **auto_ml_body(ModelDeployConfig=deploy)))
    assert code == "ValidationException"
    assert "EndpointName" in message


# --- the components of trials ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "body"),
    [(TRANSFORM, transform_body), (TRAINING, training_body), (PROCESSING, processing_body)],
    ids=lambda each: getattr(each, "kind", ""),
)
def test_a_job_of_an_experiment(sm: Any, clock: HandClock, family: Family, body: Any) -> None:
    config = {"ExperimentName": "exp", "TrialName": "try", "TrialComponentDisplayName": "shown"}
    assert error_of(lambda: family.create(sm, "job", **body(ExperimentConfig=config)))[2] == 400
    assert family.listed(sm) == []
    sm.create_experiment(ExperimentName="exp")
    sm.create_trial(TrialName="try", ExperimentName="exp")
    arn = family.create(sm, "job", **body(ExperimentConfig=config))
    clock.forward(10)
    (component,) = sm.list_trial_components(TrialName="try")["TrialComponentSummaries"]
    assert component["TrialComponentSource"] == {"SourceArn": arn, "SourceType": f"SageMaker{family.noun}"}
    assert component["Status"]["PrimaryStatus"] == "Completed"
    assert family.describe(sm, "job")["ExperimentConfig"] == config


# --- whatever the model lets one send --------------------------------------------------------------------------------

CREATES = [(family.noun, family) for family in JOBS] + [("AutoMLJobV2", AUTO_ML)]


@pytest.mark.parametrize(("noun", "family"), CREATES, ids=[noun for noun, _ in CREATES])
@pytest.mark.parametrize("draw", [samples.minimal, samples.fill])
def test_any_request_makes_a_job(sm: Any, clock: HandClock, noun: str, family: Family, draw: Any) -> None:
    shape = service_model().operation_model(f"Create{noun}").input_shape
    made: list[str] = []
    for variant in range(max(3, samples.union_variants(shape))):
        request = draw(shape, variant=variant)
        request.pop("ExperimentConfig", None)
        request.get("AlgorithmSpecification", {}).pop("AlgorithmName", None)
        request.get("ModelDeployConfig", {}).pop("EndpointName", None)
        one, many = request.get("TrainingJobDefinition", {}), request.get("TrainingJobDefinitions", [])
        for estimator in (request, one, *many):  # waiting is for spot capacity
            estimator.get("StoppingCondition", {}).pop("MaxWaitTimeInSeconds", None)
            estimator.pop("EnableManagedSpotTraining", None)
        request[family.name_member] = f"job-{variant:03}"
        made.append(request[family.name_member])
        getattr(sm, xform_name(f"Create{noun}"))(**request)
        sent = {member: value for member, value in request.items() if member != "Tags"}
        described = getattr(sm, xform_name(f"Describe{noun}"))(**{family.name_member: made[-1]})
        assert lacks(described, {member: value for member, value in sent.items() if member in described}) == []
        assert set(sent) - set(described) <= {"SessionChainingConfig"}
    for _ in range(6):
        for name in made:
            getattr(sm, xform_name(f"Describe{noun}"))(**{family.name_member: name})
            if family is TUNING:
                sm.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
            if family is AUTO_ML:
                sm.describe_auto_ml_job_v2(AutoMLJobName=name)
                sm.list_candidates_for_auto_ml_job(AutoMLJobName=name)
        assert family.listed(sm, NameContains="job-", MaxResults=100, SortBy="Name", SortOrder="Ascending") == made
        for resource in ("TrainingJob", "HyperParameterTuningJob"):
            sm.search(Resource=resource, MaxResults=100)
        for name in TRAINING.listed(sm):
            TRAINING.describe(sm, name)
        clock.forward(1)
    assert family.listed(sm, StatusEquals="Completed", MaxResults=100, SortBy="Name", SortOrder="Ascending") == made


@pytest.mark.parametrize(
    ("spot", "condition", "words"),
    [
        (
            False,
            {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60},
            "only supported when EnableManagedSpotTraining",
        ),
        (True, {"MaxRuntimeInSeconds": 60}, "must be present"),
        (True, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}, "greater than or equal to MaxRuntimeInSeconds"),
        (True, {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}, ""),
    ],
)
def test_only_spot_training_waits(sm: Any, spot: bool, condition: dict[str, int], words: str) -> None:
    request = {
        "TrainingJobName": "spot",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://models/trained"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": condition,
        "EnableManagedSpotTraining": spot,
    }
    if not words:
        sm.create_training_job(**request)
        return
    code, message, _ = error_of(sm.create_training_job, **request)
    assert code == "ValidationException"
    assert message.startswith("Invalid MaxWaitTimeInSeconds. It ")
    assert words in message
