"""Experiments, trials and trial components, and which belongs to which."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import checked_client
from tests.local.support import HandClock, error_of

SECOND = datetime.timedelta(seconds=1)
ROLE = "arn:aws:iam::123456789012:role/experimenter"


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    return checked_client(local)


def names(summaries: Iterable[Any], noun: str) -> list[str]:
    return [summary[f"{noun}Name"] for summary in summaries]


def trials(sm: Any, **asked: Any) -> list[str]:
    return names(sm.list_trials(**asked)["TrialSummaries"], "Trial")


def components(sm: Any, **asked: Any) -> list[str]:
    return names(sm.list_trial_components(**asked)["TrialComponentSummaries"], "TrialComponent")


def training_job(name: str, **config: str) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "registry/image:1", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://models/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "ExperimentConfig": config,
    }


def processing_job(name: str, **config: str) -> dict[str, Any]:
    return {
        "ProcessingJobName": name,
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": "registry/image:1"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
        "ExperimentConfig": config,
    }


def transform_job(sm: Any, name: str, **config: str) -> dict[str, Any]:
    sm.create_model(ModelName="resnet", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "registry/image:1"})
    return {
        "TransformJobName": name,
        "ModelName": "resnet",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}}},
        "TransformOutput": {"S3OutputPath": "s3://models/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "ExperimentConfig": config,
    }


@pytest.fixture
def world(sm: Any, clock: HandClock) -> Any:
    """Two experiments with two trials each; three components, in one trial, in two, and in none."""
    for experiment in "ab":
        sm.create_experiment(ExperimentName=f"exp-{experiment}")
        for number in (1, 2):
            clock.forward(10)
            sm.create_trial(TrialName=f"trial-{experiment}{number}", ExperimentName=f"exp-{experiment}")
    for name in ("one", "two", "none"):
        clock.forward(10)
        sm.create_trial_component(TrialComponentName=name)
    for component, trial in (("one", "trial-a1"), ("two", "trial-a2"), ("two", "trial-b1")):
        sm.associate_trial_component(TrialComponentName=component, TrialName=trial)
    return sm


# --- one by one -------------------------------------------------------------------------------------------------------


def test_an_experiment(sm: Any, clock: HandClock) -> None:
    arn = sm.create_experiment(ExperimentName="exp", Description="first", Tags=[{"Key": "team", "Value": "x"}])
    assert arn["ExperimentArn"] == "arn:aws:sagemaker:us-west-2:123456789012:experiment/exp"
    made = sm.describe_experiment(ExperimentName="exp")
    assert (made["DisplayName"], made["Description"]) == ("exp", "first")
    clock.forward(5)
    sm.update_experiment(ExperimentName="exp", DisplayName="Shown")
    found = sm.describe_experiment(ExperimentName="exp")
    assert (found["DisplayName"], found["Description"]) == ("Shown", "first")
    assert found["CreationTime"] == made["CreationTime"]
    assert found["LastModifiedTime"] == made["LastModifiedTime"] + 5 * SECOND
    (summary,) = sm.list_experiments()["ExperimentSummaries"]
    assert summary == {name: found[name] for name in summary}
    assert sm.delete_experiment(ExperimentName="exp")["ExperimentArn"] == arn["ExperimentArn"]
    assert sm.list_experiments()["ExperimentSummaries"] == []


def test_a_trial(world: Any) -> None:
    trial = world.describe_trial(TrialName="trial-a1")
    assert trial["TrialArn"] == "arn:aws:sagemaker:us-west-2:123456789012:experiment-trial/trial-a1"
    assert (trial["ExperimentName"], trial["DisplayName"]) == ("exp-a", "trial-a1")
    world.update_trial(TrialName="trial-a1", DisplayName="Shown")
    assert world.describe_trial(TrialName="trial-a1")["DisplayName"] == "Shown"
    assert world.describe_trial(TrialName="trial-a1")["ExperimentName"] == "exp-a"


def test_a_component(sm: Any) -> None:
    started = datetime.datetime(2024, 5, 1, 12, tzinfo=datetime.UTC)
    given = {
        "DisplayName": "Shown",
        "Status": {"PrimaryStatus": "InProgress", "Message": "half way"},
        "StartTime": started,
        "EndTime": started + SECOND,
        "Parameters": {"lr": {"NumberValue": 0.1}, "net": {"StringValue": "resnet"}},
        "InputArtifacts": {"data": {"MediaType": "text/csv", "Value": "s3://models/in"}},
        "OutputArtifacts": {"model": {"Value": "s3://models/out"}},
    }
    sm.create_trial_component(TrialComponentName="c", **given)
    found = sm.describe_trial_component(TrialComponentName="c")
    assert {name: found[name] for name in given} == given
    assert "Source" not in found
    by_arn = sm.describe_trial_component(TrialComponentName=found["TrialComponentArn"])
    assert by_arn["TrialComponentName"] == "c"


def test_updating_a_component_adds_replaces_and_removes(sm: Any) -> None:
    sm.create_trial_component(
        TrialComponentName="c",
        Parameters={"a": {"NumberValue": 1}, "b": {"NumberValue": 2}, "c": {"NumberValue": 3}},
        InputArtifacts={"in": {"Value": "s3://models/in"}},
    )
    sm.update_trial_component(
        TrialComponentName="c",
        Parameters={"b": {"NumberValue": 20}, "d": {"StringValue": "new"}},
        ParametersToRemove=["a", "unknown"],
        InputArtifactsToRemove=["in"],
        OutputArtifacts={"out": {"Value": "s3://models/out"}},
        Status={"PrimaryStatus": "Completed"},
    )
    found = sm.describe_trial_component(TrialComponentName="c")
    assert found["Parameters"] == {"b": {"NumberValue": 20}, "c": {"NumberValue": 3}, "d": {"StringValue": "new"}}
    assert found["InputArtifacts"] == {}
    assert found["OutputArtifacts"] == {"out": {"Value": "s3://models/out"}}
    assert found["Status"] == {"PrimaryStatus": "Completed"}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_experiment", {"ExperimentName": "exp-a"}),
        ("create_trial", {"TrialName": "trial-b1", "ExperimentName": "exp-a"}),
        ("create_trial_component", {"TrialComponentName": "none"}),
    ],
)
def test_a_name_is_taken_once_whatever_its_case(world: Any, operation: str, arguments: dict[str, str]) -> None:
    for changed in (arguments, {name: value.upper() for name, value in arguments.items()}):
        code, message, http = error_of(getattr(world, operation), **changed)
        assert (code, http) == ("ValidationException", 400)
        rule, _, taken = message.partition(". ")
        assert rule.endswith(" names must be unique within an AWS account and region")
        # "with name (x) already exists.": what public code looks for.
        label = rule.removesuffix(" names must be unique within an AWS account and region")
        assert taken == f"{label} with name ({next(iter(arguments.values()))}) already exists."


def test_the_case_of_a_name_does_not_matter(world: Any) -> None:
    assert world.describe_experiment(ExperimentName="EXP-A")["ExperimentName"] == "exp-a"
    world.create_trial(TrialName="Trial-A3", ExperimentName="EXP-A")
    assert world.describe_trial(TrialName="trial-a3")["ExperimentName"] == "exp-a"
    assert set(trials(world, ExperimentName="Exp-A")) == {"trial-a1", "trial-a2", "Trial-A3"}
    assert components(world, TrialName="TRIAL-A1") == ["one"]
    assert trials(world, TrialComponentName="ONE") == ["trial-a1"]


# --- what is not there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("describe_experiment", {"ExperimentName": "gone"}),
        ("update_experiment", {"ExperimentName": "gone"}),
        ("delete_experiment", {"ExperimentName": "gone"}),
        ("create_trial", {"TrialName": "new", "ExperimentName": "gone"}),
        ("describe_trial", {"TrialName": "gone"}),
        ("update_trial", {"TrialName": "gone"}),
        ("delete_trial", {"TrialName": "gone"}),
        ("describe_trial_component", {"TrialComponentName": "gone"}),
        ("update_trial_component", {"TrialComponentName": "gone"}),
        ("delete_trial_component", {"TrialComponentName": "gone"}),
        ("associate_trial_component", {"TrialComponentName": "gone", "TrialName": "trial-a1"}),
        ("associate_trial_component", {"TrialComponentName": "one", "TrialName": "gone"}),
        ("disassociate_trial_component", {"TrialComponentName": "gone", "TrialName": "trial-a1"}),
        ("disassociate_trial_component", {"TrialComponentName": "one", "TrialName": "gone"}),
        ("list_trials", {"ExperimentName": "gone"}),
        ("list_trials", {"TrialComponentName": "gone"}),
        ("list_trial_components", {"ExperimentName": "gone"}),
        ("list_trial_components", {"TrialName": "gone"}),
    ],
)
def test_what_is_not_there(world: Any, operation: str, arguments: dict[str, str]) -> None:
    code, message, http = error_of(getattr(world, operation), **arguments)
    assert (code, http) == ("ResourceNotFound", 400)
    assert "gone' does not exist" in message


@pytest.mark.parametrize("config", [{"ExperimentName": "gone"}, {"TrialName": "gone"}])
def test_a_job_needs_what_its_config_names(sm: Any, config: dict[str, str]) -> None:
    # CreateTrainingJob declares ResourceNotFound.
    code, message, http = error_of(sm.create_training_job, **training_job("job", **config))
    assert (code, http) == ("ResourceNotFound", 400)
    assert "gone' does not exist" in message
    assert sm.list_training_jobs()["TrainingJobSummaries"] == []


# --- lists ------------------------------------------------------------------------------------------------------------


def test_trials_by_experiment_and_by_component(world: Any) -> None:
    assert trials(world) == ["trial-b2", "trial-b1", "trial-a2", "trial-a1"]
    assert trials(world, ExperimentName="exp-a") == ["trial-a2", "trial-a1"]
    assert trials(world, TrialComponentName="two") == ["trial-b1", "trial-a2"]
    assert trials(world, TrialComponentName="two", ExperimentName="exp-b") == ["trial-b1"]
    assert trials(world, TrialComponentName="none") == []


def test_components_by_experiment_and_by_trial(world: Any) -> None:
    assert components(world) == ["none", "two", "one"]
    assert components(world, ExperimentName="exp-a") == ["two", "one"]
    assert components(world, ExperimentName="exp-b") == ["two"]
    assert components(world, TrialName="trial-a1") == ["one"]
    assert components(world, TrialName="trial-b2") == []
    assert components(world, SourceArn="arn:aws:sagemaker:us-west-2:123456789012:training-job/none") == []


@pytest.mark.parametrize(
    "given",
    [
        ("ExperimentName", "TrialName"),
        ("ExperimentName", "SourceArn"),
        ("TrialName", "SourceArn"),
        ("ExperimentName", "TrialName", "SourceArn"),
    ],
)
def test_components_are_listed_by_one_filter(world: Any, given: tuple[str, ...]) -> None:
    values = {"ExperimentName": "exp-a", "TrialName": "trial-a1", "SourceArn": "arn:aws:sagemaker:x:1:y/z"}
    code, message, http = error_of(world.list_trial_components, **{name: values[name] for name in given})
    assert (code, http) == ("ValidationException", 400)
    assert all(name in message for name in given)


@pytest.mark.parametrize(
    ("noun", "made"),
    [
        ("Experiment", lambda sm, name: sm.create_experiment(ExperimentName=name)),
        ("Trial", lambda sm, name: sm.create_trial(TrialName=name, ExperimentName="e")),
        ("TrialComponent", lambda sm, name: sm.create_trial_component(TrialComponentName=name)),
    ],
)
class TestLists:
    """The same for the three of them."""

    def test_order(self, sm: Any, clock: HandClock, noun: str, made: Callable[[Any, str], Any]) -> None:
        created = self.create(sm, clock, noun, made, ["n-b", "n-d", "n-a", "n-c"])
        assert self.listed(sm, noun) == created[::-1]
        assert self.listed(sm, noun, SortOrder="Ascending") == created
        assert self.listed(sm, noun, SortBy="CreationTime") == created[::-1]
        assert self.listed(sm, noun, SortBy="Name") == sorted(created, reverse=True)
        assert self.listed(sm, noun, SortBy="Name", SortOrder="Ascending") == sorted(created)

    def test_times(self, sm: Any, clock: HandClock, noun: str, made: Callable[[Any, str], Any]) -> None:
        created = self.create(sm, clock, noun, made, ["n-a", "n-b", "n-c", "n-d"])
        times = [summary["CreationTime"] for summary in self.page(sm, noun, SortOrder="Ascending")]
        assert [later - earlier for earlier, later in itertools.pairwise(times)] == [10 * SECOND] * 3
        assert self.listed(sm, noun, CreatedAfter=times[1] + SECOND) == ["n-d", "n-c"]
        assert self.listed(sm, noun, CreatedBefore=times[1] + SECOND) == ["n-b", "n-a"]
        assert self.listed(sm, noun, CreatedAfter=times[0] + SECOND, CreatedBefore=times[2] + SECOND) == ["n-c", "n-b"]
        assert self.listed(sm, noun, CreatedAfter=times[3] + SECOND) == []
        assert created == ["n-a", "n-b", "n-c", "n-d"]

    def test_pages(self, sm: Any, clock: HandClock, noun: str, made: Callable[[Any, str], Any]) -> None:
        created = self.create(sm, clock, noun, made, [f"n-{number:02}" for number in range(25)])
        assert len(self.listed(sm, noun)) == 10
        whole: list[str] = []
        sizes: list[int] = []
        asked: dict[str, Any] = {"MaxResults": 7}
        while True:
            page = getattr(sm, f"list_{_snake(noun)}s")(**asked)
            whole += names(page[f"{noun}Summaries"], noun)
            sizes.append(len(page[f"{noun}Summaries"]))
            if "NextToken" not in page:
                break
            asked["NextToken"] = page["NextToken"]
            clock.forward(1)
            made(sm, f"n-between-{len(sizes)}")  # newer than all that is still to come
        assert sizes == [7, 7, 7, 4]
        assert whole == created[::-1]

    def test_tokens(self, sm: Any, clock: HandClock, noun: str, made: Callable[[Any, str], Any]) -> None:
        self.create(sm, clock, noun, made, [f"n-{number:02}" for number in range(5)])
        method = getattr(sm, f"list_{_snake(noun)}s")
        token = method(MaxResults=2)["NextToken"]
        assert len(method(MaxResults=3, NextToken=token)[f"{noun}Summaries"]) == 3
        damaged = token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:]
        for asked in ({"NextToken": token, "SortBy": "Name"}, {"NextToken": damaged}, {"NextToken": "no token"}):
            code, _, http = error_of(method, **asked)
            assert (code, http) == ("ValidationException", 400)

    @staticmethod
    def create(sm: Any, clock: HandClock, noun: str, made: Callable[[Any, str], Any], wanted: list[str]) -> list[str]:
        """Ten seconds apart."""
        if noun == "Trial":
            sm.create_experiment(ExperimentName="e")
        for name in wanted:
            clock.forward(10)
            made(sm, name)
        return wanted

    @staticmethod
    def page(sm: Any, noun: str, **asked: Any) -> Any:
        return getattr(sm, f"list_{_snake(noun)}s")(**asked)[f"{noun}Summaries"]

    def listed(self, sm: Any, noun: str, **asked: Any) -> list[str]:
        return names(self.page(sm, noun, **asked), noun)


def _snake(noun: str) -> str:
    return {"TrialComponent": "trial_component"}.get(noun, noun.lower())


def test_a_token_of_one_trial_is_none_of_another(world: Any, clock: HandClock) -> None:
    for name in ("x", "y"):
        world.create_trial_component(TrialComponentName=name)
        world.associate_trial_component(TrialComponentName=name, TrialName="trial-a1")
    token = world.list_trial_components(TrialName="trial-a1", MaxResults=1)["NextToken"]
    assert len(components(world, TrialName="trial-a1", NextToken=token)) == 2
    assert error_of(world.list_trial_components, TrialName="trial-a2", NextToken=token)[0] == "ValidationException"
    assert error_of(world.list_trial_components, NextToken=token)[0] == "ValidationException"


# --- association ------------------------------------------------------------------------------------------------------


def test_associating_says_the_arns(world: Any) -> None:
    answer = world.associate_trial_component(TrialComponentName="none", TrialName="trial-b2")
    assert answer["TrialArn"].endswith(":experiment-trial/trial-b2")
    assert answer["TrialComponentArn"].endswith(":experiment-trial-component/none")
    world.associate_trial_component(TrialComponentName="none", TrialName="trial-b2")  # again, which changes nothing
    assert components(world, TrialName="trial-b2") == ["none"]
    again = world.disassociate_trial_component(TrialComponentName="none", TrialName="trial-b2")
    assert (again["TrialArn"], again["TrialComponentArn"]) == (answer["TrialArn"], answer["TrialComponentArn"])
    assert components(world, TrialName="trial-b2") == []


def test_disassociating_what_is_not_associated(world: Any) -> None:
    code, message, _ = error_of(world.disassociate_trial_component, TrialComponentName="none", TrialName="trial-a1")
    assert code == "ResourceNotFound"
    assert "not associated" in message


def test_the_order_of_deletion(world: Any) -> None:
    assert "2 trials" in error_of(world.delete_experiment, ExperimentName="exp-a")[1]
    assert "1 trial components" in error_of(world.delete_trial, TrialName="trial-a1")[1]
    code, message, http = error_of(world.delete_trial_component, TrialComponentName="one")
    assert (code, http) == ("ValidationException", 400)
    assert "trial-a1" in message
    world.disassociate_trial_component(TrialComponentName="one", TrialName="trial-a1")
    world.disassociate_trial_component(TrialComponentName="two", TrialName="trial-a2")
    assert "trial-b1" in error_of(world.delete_trial_component, TrialComponentName="two")[1]
    world.delete_trial_component(TrialComponentName="one")
    world.delete_trial(TrialName="trial-a1")
    assert "1 trials" in error_of(world.delete_experiment, ExperimentName="exp-a")[1]
    world.delete_trial(TrialName="trial-a2")
    world.delete_experiment(ExperimentName="exp-a")
    assert trials(world) == ["trial-b2", "trial-b1"]
    assert components(world) == ["none", "two"]


# --- the components of jobs -------------------------------------------------------------------------------------------


def test_a_training_job_brings_its_component(world: Any, s3: Any, clock: HandClock) -> None:
    config = {"ExperimentName": "exp-b", "TrialName": "trial-b2", "TrialComponentDisplayName": "Training"}
    arn = world.create_training_job(**training_job("job", **config))["TrainingJobArn"]
    (summary,) = world.list_trial_components(SourceArn=arn)["TrialComponentSummaries"]
    assert summary["TrialComponentSource"] == {"SourceArn": arn, "SourceType": "SageMakerTrainingJob"}
    assert (summary["DisplayName"], summary["Status"]) == ("Training", {"PrimaryStatus": "InProgress"})
    assert components(world, TrialName="trial-b2") == [summary["TrialComponentName"]]
    assert components(world, ExperimentName="exp-b") == [summary["TrialComponentName"], "two"]
    assert trials(world, TrialComponentName=summary["TrialComponentName"]) == ["trial-b2"]
    clock.forward(60)
    component = world.describe_trial_component(TrialComponentName=summary["TrialComponentName"])
    job = world.describe_training_job(TrainingJobName="job")
    assert component["Source"] == summary["TrialComponentSource"]
    assert component["Status"] == {"PrimaryStatus": "Completed"}
    assert (component["StartTime"], component["EndTime"]) == (job["TrainingStartTime"], job["TrainingEndTime"])


def test_processing_and_transform_jobs_bring_theirs(world: Any, s3: Any) -> None:
    config = {"TrialName": "trial-b2"}
    arns = [
        world.create_processing_job(**processing_job("process", **config))["ProcessingJobArn"],
        world.create_transform_job(**transform_job(world, "transform", **config))["TransformJobArn"],
    ]
    sources = [
        summary["TrialComponentSource"]
        for arn in arns
        for summary in world.list_trial_components(SourceArn=arn)["TrialComponentSummaries"]
    ]
    assert [source["SourceArn"] for source in sources] == arns
    assert [source["SourceType"] for source in sources] == ["SageMakerProcessingJob", "SageMakerTransformJob"]
    assert len(components(world, TrialName="trial-b2")) == 2


def test_an_experiment_alone_gets_a_new_trial(world: Any, s3: Any) -> None:
    arn = world.create_training_job(**training_job("job", ExperimentName="exp-a"))["TrainingJobArn"]
    (component,) = components(world, SourceArn=arn)
    (trial,) = trials(world, TrialComponentName=component)
    assert world.describe_trial(TrialName=trial)["ExperimentName"] == "exp-a"
    assert set(trials(world, ExperimentName="exp-a")) == {"trial-a1", "trial-a2", trial}


def test_without_a_place_a_component_belongs_to_no_trial(world: Any, s3: Any) -> None:
    arn = world.create_training_job(**training_job("job", TrialComponentDisplayName="Shown"))["TrainingJobArn"]
    (component,) = components(world, SourceArn=arn)
    assert trials(world, TrialComponentName=component) == []


def test_a_job_without_a_config_brings_none(sm: Any, s3: Any) -> None:
    request = training_job("job")
    del request["ExperimentConfig"]
    sm.create_training_job(**request)
    assert components(sm) == []


def test_a_failed_job_is_a_failed_component(local: LocalSageMaker, world: Any, s3: Any, clock: HandClock) -> None:
    local.script("training_job", "*", ["InProgress", ("Failed", "AlgorithmError: no")], every=1)
    arn = world.create_training_job(**training_job("job", TrialName="trial-b2"))["TrainingJobArn"]
    clock.forward(1)
    (summary,) = world.list_trial_components(SourceArn=arn)["TrialComponentSummaries"]
    assert summary["Status"]["PrimaryStatus"] == "Failed"


def test_a_component_outlives_its_job(world: Any, s3: Any, clock: HandClock) -> None:
    arn = world.create_training_job(**training_job("job", TrialName="trial-b2"))["TrainingJobArn"]
    clock.forward(60)
    world.delete_training_job(TrainingJobName="job")
    for _ in range(2):  # while the job goes, and when it is gone
        (summary,) = world.list_trial_components(SourceArn=arn)["TrialComponentSummaries"]
        assert summary["Status"] == {"PrimaryStatus": "Completed"}
        clock.forward(60)
    assert error_of(world.describe_training_job, TrainingJobName="job")[0] in (
        "ValidationException",
        "ResourceNotFound",
    )
    world.create_training_job(**training_job("job", TrialName="trial-b2"))
    (component,) = components(world, TrialName="trial-b2")
    found = world.describe_trial_component(TrialComponentName=component)
    assert found["Status"] == {"PrimaryStatus": "InProgress"}


def test_regions_are_apart(local: LocalSageMaker, world: Any) -> None:
    there = checked_client(local, "eu-west-1")
    assert trials(there) == components(there) == []
    arn = world.describe_trial_component(TrialComponentName="one")["TrialComponentArn"]
    assert error_of(there.describe_trial_component, TrialComponentName=arn)[0] == "ResourceNotFound"
    assert error_of(there.create_trial, TrialName="t", ExperimentName="exp-a")[0] == "ResourceNotFound"
    there.create_experiment(ExperimentName="exp-a", Description="there")
    there.create_trial(TrialName="trial-a1", ExperimentName="exp-a")
    assert trials(there, ExperimentName="exp-a") == ["trial-a1"]
    assert there.list_trial_components(TrialName="trial-a1")["TrialComponentSummaries"] == []
    assert "Description" not in world.describe_experiment(ExperimentName="exp-a")
    there.delete_trial(TrialName="trial-a1")
    assert trials(world, ExperimentName="exp-a") == ["trial-a2", "trial-a1"]
