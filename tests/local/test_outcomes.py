"""What scripts say of an outcome: fields, metrics, times of creation. Held by boto3, whose answers fit the model."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from sagemaker_typed import types
from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import checked_client
from tests.local.conftest import no_retries
from tests.local.families import (
    AUTO_ML,
    ENDPOINT_CONFIG,
    FLOW,
    MODEL,
    PROCESSING,
    TRAINING,
    TRANSFORM,
    TUNING,
    make_model,
    tuning_body,
)
from tests.local.support import HandClock, error_of, request

SECOND = datetime.timedelta(seconds=1)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


@pytest.fixture
def plain(local: LocalSageMaker) -> Any:
    """Without the check that LocalSageMaker itself answers no error of its own."""
    return local.boto3_client("sagemaker", config=no_retries())


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def metrics(job: Mapping[str, Any]) -> dict[str, Any]:
    return {each["MetricName"]: pytest.approx(each["Value"]) for each in job.get("FinalMetricDataList", ())}


def found_by_search(sm: Any, *filters: tuple[str, str, str], **more: Any) -> list[str]:
    named = [dict(zip(("Name", "Operator", "Value"), each, strict=True)) for each in filters]
    expression = {"SearchExpression": {"Filters": named}} if named else {}
    results = sm.search(Resource="TrainingJob", **expression, **more)["Results"]
    return [result["TrainingJob"]["TrainingJobName"] for result in results]


# --- fields -----------------------------------------------------------------------------------------------------------


def test_fields_come_with_the_last_state(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(
        PROCESSING.kind, "job", ["InProgress", ("Failed", "too bad")], fields={"ExitMessage": "code 3"}, every=1
    )
    PROCESSING.create(sm, "job")
    PROCESSING.create(sm, "other")
    assert "ExitMessage" not in PROCESSING.describe(sm, "job")
    clock.forward(1)
    job = PROCESSING.describe(sm, "job")
    assert (job["ExitMessage"], job["FailureReason"]) == ("code 3", "too bad")
    assert "ExitMessage" not in PROCESSING.describe(sm, "other")
    # Summaries show what they have members for.
    (summary,) = PROCESSING.page(sm, NameContains="job")["ProcessingJobSummaries"]
    assert summary["ExitMessage"] == "code 3"


def test_without_states_they_come_with_the_usual_ones(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TRAINING.kind, "*", fields={"BillableTimeInSeconds": 61})
    TRAINING.create(sm, "job")
    clock.forward(3)
    assert (TRAINING.status(sm, "job"), "BillableTimeInSeconds" in TRAINING.describe(sm, "job")) == (
        "InProgress",
        False,
    )
    clock.forward(1)
    job = TRAINING.describe(sm, "job")
    assert (job["TrainingJobStatus"], job["BillableTimeInSeconds"]) == ("Completed", 61)


def test_a_state_may_bring_members_of_its_own(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    progress = {"TotalStepCountPerEpoch": 10, "CurrentStep": 3, "CurrentEpoch": 1, "MaxEpoch": 2}
    local.script(
        TRAINING.kind,
        "*",
        [
            "InProgress/Starting",
            ("InProgress/Training", {"ProgressInfo": progress}),
            ("Failed", {"FailureReason": "NaN"}),
        ],
        every=1,
    )
    TRAINING.create(sm, "job")
    assert "ProgressInfo" not in TRAINING.describe(sm, "job")
    clock.forward(1)
    assert TRAINING.describe(sm, "job")["ProgressInfo"] == progress
    clock.forward(1)
    job = TRAINING.describe(sm, "job")
    assert (job["ProgressInfo"], job["FailureReason"]) == (progress, "NaN")


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"model_artifacts": {"S3ModelArtifacts": "s3://models/mine.tar.gz"}}, "s3://models/mine.tar.gz"),
        (
            {"ModelArtifacts": types.ModelArtifacts(s3_model_artifacts="s3://models/typed.tar.gz")},
            "s3://models/typed.tar.gz",
        ),
    ],
)
def test_names_and_values_may_be_typed(
    local: LocalSageMaker, sm: Any, s3: Any, clock: HandClock, fields: dict[str, Any], shown: str
) -> None:
    local.script(TRAINING.kind, "*", ["Completed"], fields=fields)
    TRAINING.create(sm, "job")
    assert TRAINING.describe(sm, "job")["ModelArtifacts"] == {"S3ModelArtifacts": shown}
    # The model is where the description says.
    key = shown.removeprefix("s3://models/")
    assert s3.head_object(Bucket="models", Key=key)["ContentLength"] > 0


def test_times_are_datetimes(local: LocalSageMaker, sm: Any) -> None:
    ended = datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    rules = [{"RuleConfigurationName": "r", "LastModifiedTime": ended}]
    local.script(
        TRAINING.kind, "*", ["Completed"], fields={"TrainingEndTime": ended, "DebugRuleEvaluationStatuses": rules}
    )
    TRAINING.create(sm, "job")
    job = TRAINING.describe(sm, "job")
    assert job["TrainingEndTime"] == job["DebugRuleEvaluationStatuses"][0]["LastModifiedTime"] == ended


def test_a_value_may_be_a_function_of_the_request(local: LocalSageMaker, sm: Any) -> None:
    def reason(asked: Mapping[str, Any]) -> str | None:
        return (
            f"{asked['TrainingJobName']} on {asked['ResourceConfig']['InstanceType']}"
            if "Environment" in asked
            else None
        )

    local.script(TRAINING.kind, "*", ["Completed"], fields={"FailureReason": reason})
    TRAINING.create(sm, "one", Environment={"a": "b"})
    TRAINING.create(sm, "two")
    assert TRAINING.describe(sm, "one")["FailureReason"] == "one on ml.m5.large"
    assert "FailureReason" not in TRAINING.describe(sm, "two")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda asked: asked["None"], "raised KeyError: 'None'"),
        (lambda asked: 5, "Member must be a list"),
    ],
)
def test_a_function_that_fails_ends_the_call(local: LocalSageMaker, plain: Any, function: Any, message: str) -> None:
    local.script(TRAINING.kind, "*", ["Completed"], fields={"SecondaryStatusTransitions": function})
    code, said, status = error_of(lambda: TRAINING.create(plain, "job"))
    assert (code, status) == ("InternalFailure", 501)
    assert "SecondaryStatusTransitions" in said
    assert message in said
    assert TRAINING.listed(plain) == []


def test_fields_of_what_is_there_already(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    TRAINING.create(sm, "job")
    local.script(TRAINING.kind, "job", fields={"BillableTimeInSeconds": 7}, on="now")
    job = TRAINING.describe(sm, "job")
    assert (job["TrainingJobStatus"], job["BillableTimeInSeconds"]) == ("InProgress", 7)
    local.script(TRAINING.kind, "job", ["Failed"], fields={"FailureReason": "late"}, on="now")
    assert TRAINING.describe(sm, "job")["FailureReason"] == "late"


def test_resources_without_a_status_have_fields_too(local: LocalSageMaker, sm: Any) -> None:
    recommended = {"RecommendationStatus": "COMPLETED", "RealTimeInferenceRecommendations": []}
    local.script(MODEL.kind, "*", fields={"DeploymentRecommendation": recommended})
    make_model(sm, "resnet")
    assert MODEL.describe(sm, "resnet")["DeploymentRecommendation"] == recommended
    results = sm.search(Resource="Model")["Results"]
    assert results[0]["Model"]["Model"]["DeploymentRecommendation"] == recommended


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (
            TRAINING.kind,
            {"FinalMetricsDataList": []},
            "has no member 'FinalMetricsDataList'; did you mean 'FinalMetricDataList'",
        ),
        (TRAINING.kind, {"nonsense": 1}, "has no member 'nonsense'; it has: TrainingJobName"),
        (
            TRAINING.kind,
            {"BillableTimeInSeconds": "long"},
            "BillableTimeInSeconds of a training_job cannot have this value",
        ),
        (TRAINING.kind, {"FinalMetricDataList": [{"Metric": "x"}]}, "Unknown member"),
        (TRAINING.kind, {"ProfilingStatus": "Maybe"}, "enum value set"),
        (TRAINING.kind, {"TrainingJobStatus": "Failed"}, "it comes from the states"),
        (TRAINING.kind, {"CreationTime": 5}, "say created="),
        (FLOW.kind, {"FlowDefinitionArn": "arn"}, "it comes from the call that creates it"),
        ("pipeline_step", {"Metadata": {"Trainingjob": {}}}, "Unknown member"),
        (TRAINING.kind, {"TrainingEndTime": datetime.datetime(2020, 1, 1)}, "no time zone"),
    ],
)
def test_a_field_must_be_one(local: LocalSageMaker, kind: str, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        local.script(kind, "*", fields=fields)


def test_a_value_of_tomorrow(local: LocalSageMaker, sm: Any) -> None:
    local.script(TRAINING.kind, "*", ["Completed"], fields={"ProfilingStatus": "Paused"}, allow_unknown=True)
    TRAINING.create(sm, "job")
    assert TRAINING.describe(sm, "job")["ProfilingStatus"] == "Paused"


# --- metrics ----------------------------------------------------------------------------------------------------------


def test_metrics_by_name(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TRAINING.kind, "*", metrics={"validation:accuracy": 0.93, "epoch": 12})
    TRAINING.create(sm, "job")
    clock.forward(3)
    assert metrics(TRAINING.describe(sm, "job")) == {}
    clock.forward(1)
    job = TRAINING.describe(sm, "job")
    assert metrics(job) == {"validation:accuracy": 0.93, "epoch": 12.0}
    assert {each["Timestamp"] for each in job["FinalMetricDataList"]} == {job["TrainingEndTime"]}


def test_search_by_metrics(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    def accuracy(asked: Mapping[str, Any]) -> float | None:
        return None if asked["TrainingJobName"] == "mute" else float(asked["HyperParameters"]["lr"]) * 2

    local.script(TRAINING.kind, "*", metrics={"accuracy": accuracy})
    for name, rate in (("low", "0.1"), ("high", "0.4"), ("mid", "0.3")):
        TRAINING.create(sm, name, HyperParameters={"lr": rate})
    TRAINING.create(sm, "mute")
    clock.forward(10)
    good = ("Metrics.accuracy", "GreaterThan", "0.5")
    assert sorted(found_by_search(sm, good)) == ["high", "mid"]
    assert found_by_search(sm, SortBy="Metrics.accuracy", SortOrder="Descending", MaxResults=1) == ["high"]
    assert found_by_search(sm, good, ("TrainingJobName", "Contains", "mi")) == ["mid"]


def test_the_trial_component_of_a_job_has_its_metrics(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TRAINING.kind, "*", metrics={"loss": 0.25})
    sm.create_experiment(ExperimentName="e")
    TRAINING.create(sm, "job", ExperimentConfig={"ExperimentName": "e"})
    clock.forward(10)
    component = sm.describe_trial_component(TrialComponentName="job-aws-training-job")
    (summary,) = component["Metrics"]
    assert (summary["MetricName"], summary["Last"], summary["Max"], summary["Count"]) == ("loss", 0.25, 0.25, 1)
    assert summary["SourceArn"] == component["Source"]["SourceArn"]
    results = sm.search(
        Resource="ExperimentTrialComponent",
        SearchExpression={"Filters": [{"Name": "Metrics.loss.Last", "Operator": "LessThan", "Value": "0.3"}]},
    )["Results"]
    assert [result["TrialComponent"]["TrialComponentName"] for result in results] == ["job-aws-training-job"]


def test_the_metrics_of_a_candidate(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(AUTO_ML.kind, "*", metrics={"F1": 0.8, "Accuracy": 0.7})
    AUTO_ML.create(sm, "job", ProblemType="BinaryClassification", AutoMLJobObjective={"MetricName": "F1"})
    clock.forward(10)
    best = AUTO_ML.describe(sm, "job")["BestCandidate"]
    assert best["FinalAutoMLJobObjectiveMetric"] == {"MetricName": "F1", "Value": pytest.approx(0.8)}
    assert len(best["CandidateProperties"]["CandidateMetrics"]) == 2


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (PROCESSING.kind, {"x": 1}, "has no metrics of its own"),
        (TRAINING.kind, {"x": "high"}, "is a number"),
        (TRAINING.kind, {"x": [1, 2]}, "is a number"),
        (TUNING.kind, {"x": []}, "list of numbers"),
        (TUNING.kind, {"x": [1, "two"]}, "list of numbers"),
    ],
)
def test_a_metric_is_a_number(local: LocalSageMaker, kind: str, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        local.script(kind, "*", metrics=values)


# --- the past ---------------------------------------------------------------------------------------------------------


def test_the_best_training_job_of_last_week(local: LocalSageMaker, sm: Any) -> None:
    for name, ago, accuracy in (("old", 9, 0.99), ("good", 5, 0.95), ("fair", 3, 0.91), ("today", 0, 0.97)):
        local.script(TRAINING.kind, name, metrics={"accuracy": accuracy}, created=ago * DAY)
        TRAINING.create(sm, name)
    week = [
        ("CreationTime", "GreaterThan", (now() - 7 * DAY).isoformat()),
        ("CreationTime", "LessThan", (now() - DAY).isoformat()),
    ]
    assert found_by_search(sm, *week, SortBy="Metrics.accuracy", SortOrder="Descending") == ["good", "fair"]
    listed = sm.list_training_jobs(CreationTimeAfter=now() - 7 * DAY, SortBy="CreationTime")["TrainingJobSummaries"]
    assert [each["TrainingJobName"] for each in listed] == ["good", "fair", "today"]


def test_its_life_goes_on_from_there(local: LocalSageMaker, sm: Any) -> None:
    moment = datetime.datetime(2021, 5, 4, 3, 2, 1, tzinfo=datetime.UTC)
    local.script(TRAINING.kind, "*", created=moment, every=3600)
    TRAINING.create(sm, "job")
    job = TRAINING.describe(sm, "job")
    assert (job["CreationTime"], job["TrainingJobStatus"]) == (moment, "Completed")
    assert job["TrainingEndTime"] == job["LastModifiedTime"] == moment + 4 * 3600 * SECOND
    assert job["TrainingTimeInSeconds"] == 2 * 3600


@pytest.mark.parametrize("family", [MODEL, ENDPOINT_CONFIG, TRANSFORM, FLOW, TUNING], ids=lambda family: family.kind)
def test_any_kind_may_be_old(local: LocalSageMaker, sm: Any, family: Any) -> None:
    family.needs(sm)
    local.script(family.kind, "old", created=lambda asked: now() - 30 * DAY)
    family.create(sm, "old")
    age = now() - family.describe(sm, "old")["CreationTime"]
    assert DAY * 29.9 < age < DAY * 30.1


def test_nothing_is_created_in_the_future(local: LocalSageMaker, sm: Any) -> None:
    local.script(TRAINING.kind, "*", created=now() + DAY)
    TRAINING.create(sm, "job")
    assert TRAINING.describe(sm, "job")["CreationTime"] <= now() + 10 * SECOND


@pytest.mark.parametrize(
    ("created", "on", "message"),
    [
        (datetime.datetime(2020, 1, 1), None, "no time zone"),
        (5, None, "datetime with a time zone or a timedelta"),
        (DAY, "stop", "needs a script for 'create'"),
        (DAY, "now", "needs a script for 'create'"),
    ],
)
def test_a_moment_is_one(local: LocalSageMaker, created: Any, on: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        local.script(TRAINING.kind, "*", created=created, on=on)


# --- the training jobs of a tuning job --------------------------------------------------------------------------------


def trained(sm: Any) -> list[tuple[str, str]]:
    page = sm.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune", MaxResults=100)
    return [(each["TrainingJobName"][-3:], each["TrainingJobStatus"]) for each in page["TrainingJobSummaries"]]


def states(*jobs: str) -> list[tuple[str, str]]:
    return [(f"{number:03}", status) for number, status in enumerate(jobs, start=1)]


RUNS, DONE = "InProgress", "Completed"


def test_training_jobs_appear_as_they_start(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TUNING.kind, "*", every=60)
    TUNING.create(sm, "tune", **tuning_body(5))
    seen = []
    for _ in range(4):
        job = TUNING.describe(sm, "tune")
        seen.append((trained(sm), job["TrainingJobStatusCounters"]["InProgress"], job["HyperParameterTuningJobStatus"]))
        clock.forward(20)
    assert seen == [
        (states(RUNS, RUNS), 2, RUNS),
        (states(DONE, DONE, RUNS, RUNS), 2, RUNS),
        (states(DONE, DONE, DONE, DONE, RUNS), 1, RUNS),
        (states(DONE, DONE, DONE, DONE, DONE), 0, DONE),
    ]
    third = TRAINING.describe(sm, "tune-003")
    created = TUNING.describe(sm, "tune")["CreationTime"]
    assert [third["CreationTime"], third["TrainingEndTime"]] == [created + 20 * SECOND, created + 40 * SECOND]


@pytest.mark.parametrize(("objective", "best"), [("Maximize", "002"), ("Minimize", "003")])
def test_the_best_of_the_metrics_that_were_given(
    local: LocalSageMaker, sm: Any, clock: HandClock, objective: str, best: str
) -> None:
    local.script(TUNING.kind, "*", metrics={"loss": [0.5, 0.7, 0.2], "accuracy": 0.9})
    TUNING.create(sm, "tune", **tuning_body(objective=objective))
    clock.forward(0.5)
    assert (
        TUNING.describe(sm, "tune")["BestTrainingJob"]["TrainingJobName"]
        == f"tune-{min('002', best) if best == '002' else '001'}"
    )
    clock.forward(1)
    assert TUNING.describe(sm, "tune")["BestTrainingJob"]["TrainingJobName"] == f"tune-{best}"
    assert metrics(TRAINING.describe(sm, "tune-003")) == {"loss": 0.2, "accuracy": 0.9}
    assert found_by_search(sm, ("Metrics.loss", "LessThan", "0.4")) == ["tune-003"]
    assert "FinalMetricDataList" not in TUNING.describe(sm, "tune")


def test_metrics_of_the_hyperparameters_that_are_tried(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TUNING.kind, "*", metrics={"loss": lambda asked: abs(float(asked["HyperParameters"]["eta"]) - 1)})
    local.script(TRAINING.kind, "tune-001", metrics={"loss": 0.125})
    TUNING.create(sm, "tune", **tuning_body(objective="Minimize"))
    clock.forward(1)
    values = [metrics(TRAINING.describe(sm, f"tune-00{number}"))["loss"] for number in (1, 2, 3)]
    # The script for a training job counts more.
    assert values == [0.125, 0.0, 0.5]
    assert TUNING.describe(sm, "tune")["BestTrainingJob"]["TrainingJobName"] == "tune-002"


def test_too_few_values_fail_the_tuning_job(local: LocalSageMaker, sm: Any, clock: HandClock) -> None:
    local.script(TUNING.kind, "*", metrics={"loss": [0.5, 0.7]})
    TUNING.create(sm, "tune")
    clock.forward(1)
    job = TUNING.describe(sm, "tune")
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert "2 values for the metric loss, but this is training job 3" in job["FailureReason"]


def test_a_tuning_job_by_hand(local: LocalSageMaker, sm: Any) -> None:
    local.script(TUNING.kind, "*", [RUNS, RUNS, DONE], manual=True)
    TUNING.create(sm, "tune")
    seen = [trained(sm)]
    for _ in range(2):
        local.advance(TUNING.kind, "tune")
        seen.append(trained(sm))
    assert seen == [states(RUNS, RUNS), states(DONE, DONE, RUNS), states(DONE, DONE, DONE)]


def test_a_tuning_job_by_describes(local: LocalSageMaker, sm: Any) -> None:
    local.script(TUNING.kind, "*", describes=2)
    TUNING.create(sm, "tune")
    seen = [trained(sm)]
    for _ in range(3):
        TUNING.describe(sm, "tune")
        seen.append(trained(sm))
    # One of two Describe calls is half of its time.
    half = states(DONE, DONE, RUNS)
    assert seen == [states(RUNS, RUNS), half, half, states(DONE, DONE, DONE)]


def test_stopping_a_tuning_job_stops_its_training_jobs(sm: Any, clock: HandClock) -> None:
    TUNING.create(sm, "tune")
    clock.forward(0.6)
    sm.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune")
    assert trained(sm) == states(DONE, DONE, "Stopping")
    clock.forward(10)
    assert trained(sm) == states(DONE, DONE, "Stopped")
    assert TUNING.describe(sm, "tune")["TrainingJobStatusCounters"]["Stopped"] == 1


def test_the_request_is_what_was_sent(local: LocalSageMaker, plain: Any) -> None:
    seen: list[Mapping[str, Any]] = []

    def note(asked: Mapping[str, Any]) -> datetime.timedelta:
        seen.append(asked)
        return DAY

    local.script("compilation_job", "*", created=note)
    plain.create_compilation_job(**request("job"))
    assert seen == [request("job")]
    local.script("compilation_job", "*", created=lambda asked: asked["CompilationJobName"])
    assert "function" in error_of(plain.create_compilation_job, **request("other"))[1]
