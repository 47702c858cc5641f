"""What a status means to a wait, written down by hand for the waits that people use, and held against botocore's waiters.

The tables that the library waits by come out of `codegen/overlay/waiters.toml`. This one was not made from them: whoever
changes an outcome there has to mean it here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from sagemaker_typed import errors
from tests.contract import model
from tests.contract.waits import MALFORMED, NOT_FOUND, Service, Wait

# A wait; the member of the description that it reads; and its statuses: those on which it goes on, those that end it
# well, those from which its target is out of reach, and those that say that somebody stopped or replaced it.
BY_HAND = """
compilation_jobs.completed
    CompilationJobStatus: STARTING INPROGRESS STOPPING | COMPLETED | FAILED | STOPPED
compilation_jobs.stopped
    CompilationJobStatus: STARTING INPROGRESS STOPPING | STOPPED | COMPLETED FAILED |
compilation_jobs.deleted
    CompilationJobStatus: STARTING INPROGRESS STOPPING STOPPED COMPLETED FAILED | | |
training_jobs.completed
    TrainingJobStatus: InProgress Stopping | Completed | Failed Deleting | Stopped
training_jobs.stopped
    TrainingJobStatus: InProgress Stopping | Stopped | Completed Failed Deleting |
transform_jobs.completed
    TransformJobStatus: InProgress Stopping | Completed | Failed | Stopped
transform_jobs.stopped
    TransformJobStatus: InProgress Stopping | Stopped | Completed Failed |
processing_jobs.completed
    ProcessingJobStatus: InProgress Stopping | Completed | Failed | Stopped
processing_jobs.stopped
    ProcessingJobStatus: InProgress Stopping | Stopped | Completed Failed |
hyper_parameter_tuning_jobs.completed
    HyperParameterTuningJobStatus: InProgress Stopping | Completed | Failed Deleting DeleteFailed | Stopped
hyper_parameter_tuning_jobs.deleted
    HyperParameterTuningJobStatus: InProgress Stopping Completed Failed Stopped Deleting | | DeleteFailed |
auto_ml_jobs.completed
    AutoMLJobStatus: InProgress Stopping | Completed | Failed | Stopped
labeling_jobs.completed
    LabelingJobStatus: Initializing InProgress Stopping | Completed | Failed | Stopped
edge_packaging_jobs.completed
    EdgePackagingJobStatus: STARTING INPROGRESS STOPPING | COMPLETED | FAILED | STOPPED
optimization_jobs.completed
    OptimizationJobStatus: STARTING INPROGRESS STOPPING | COMPLETED | FAILED | STOPPED
optimization_jobs.stopped
    OptimizationJobStatus: STARTING INPROGRESS STOPPING | STOPPED | COMPLETED FAILED |
inference_recommendations_jobs.completed
    Status: PENDING IN_PROGRESS STOPPING | COMPLETED | FAILED DELETING DELETED | STOPPED
pipeline_executions.completed
    PipelineExecutionStatus: Executing Stopping | Succeeded | Failed CompletedWithFailures | Stopped
pipeline_executions.stopped
    PipelineExecutionStatus: Executing Stopping | Stopped | Succeeded Failed CompletedWithFailures |
monitoring_schedules.scheduled
    MonitoringScheduleStatus: Pending | Scheduled | Failed | Stopped
monitoring_schedules.stopped
    MonitoringScheduleStatus: Pending Scheduled | Stopped | Failed |
model_card_export_jobs.completed
    Status: InProgress | Completed | Failed |

endpoints.in_service
    EndpointStatus: Creating Updating SystemUpdating RollingBack
                    | InService
                    | OutOfService UpdateRollbackFailed Failed Deleting
                    |
endpoints.updated
    EndpointStatus: Creating Updating SystemUpdating RollingBack
                    | InService
                    | OutOfService UpdateRollbackFailed Failed Deleting
                    |
endpoints.deleted
    EndpointStatus: Creating Updating SystemUpdating RollingBack InService OutOfService UpdateRollbackFailed Failed Deleting
                    | | |
inference_components.in_service
    InferenceComponentStatus: Creating Updating | InService | Failed Deleting |
inference_components.deleted
    InferenceComponentStatus: Creating Updating InService Failed Deleting | | |
inference_experiments.running
    Status: Creating Created Starting Updating Stopping | Running | Completed | Cancelled
inference_experiments.completed
    Status: Creating Created Starting Updating Running Stopping | Completed | | Cancelled
clusters.in_service
    ClusterStatus: Creating Updating SystemUpdating RollingBack | InService | Failed Deleting |
clusters.deleted
    ClusterStatus: Creating Updating SystemUpdating RollingBack InService Failed Deleting | | |
training_plans.active
    Status: Pending Scheduled | Active | Expired Failed |

model_packages.completed
    ModelPackageStatus: Pending InProgress | Completed | Failed Deleting |
model_packages.approved
    ModelApprovalStatus: PendingManualApproval | Approved | Rejected |
model_package_groups.completed
    ModelPackageGroupStatus: Pending InProgress | Completed | Failed Deleting DeleteFailed |
algorithms.completed
    AlgorithmStatus: Pending InProgress | Completed | Failed Deleting |
model_cards.approved
    ModelCardStatus: Draft PendingReview | Approved | Archived |
hub_contents.available
    HubContentStatus: PendingImport Importing | Available | ImportFailed DeleteFailed PendingDelete Deleting |
projects.created
    ProjectStatus: Pending CreateInProgress UpdateInProgress
                   | CreateCompleted UpdateCompleted
                   | CreateFailed UpdateFailed DeleteInProgress DeleteFailed DeleteCompleted
                   |

notebook_instances.in_service
    NotebookInstanceStatus: Pending Updating Stopping PendingMaintenance InMaintenance
                            | InService
                            | Failed Deleting
                            | Stopped
notebook_instances.stopped
    NotebookInstanceStatus: Pending Updating Stopping PendingMaintenance InMaintenance InService
                            | Stopped
                            | Failed Deleting
                            |
notebook_instances.deleted
    NotebookInstanceStatus: Pending Updating Stopping PendingMaintenance InMaintenance InService Stopped Failed Deleting
                            | | |
domains.in_service
    Status: Pending Updating | InService | Failed Update_Failed Delete_Failed Deleting |
domains.deleted
    Status: Pending Updating InService Failed Update_Failed Deleting | | Delete_Failed |
user_profiles.in_service
    Status: Pending Updating | InService | Failed Update_Failed Delete_Failed Deleting |
spaces.in_service
    Status: Pending Updating | InService | Failed Update_Failed Delete_Failed Deleting |
apps.in_service
    Status: Pending | InService | Failed Deleting Deleted |
apps.deleted
    Status: Pending InService Failed Deleting | Deleted | |
images.created
    ImageStatus: CREATING UPDATING | CREATED | CREATE_FAILED UPDATE_FAILED DELETING DELETE_FAILED |
images.deleted
    ImageStatus: CREATING UPDATING CREATED CREATE_FAILED UPDATE_FAILED DELETING | | DELETE_FAILED |
image_versions.created
    ImageVersionStatus: CREATING | CREATED | CREATE_FAILED DELETING DELETE_FAILED |
mlflow_tracking_servers.started
    TrackingServerStatus: Creating Updating Starting Stopping MaintenanceInProgress
                          | Created Updated Started MaintenanceComplete
                          | CreateFailed UpdateFailed StartFailed StopFailed MaintenanceFailed Deleting DeleteFailed
                          | Stopped

feature_groups.created
    FeatureGroupStatus: Creating | Created | CreateFailed Deleting DeleteFailed |
feature_groups.deleted
    FeatureGroupStatus: Creating Created CreateFailed Deleting | | DeleteFailed |
flow_definitions.active
    FlowDefinitionStatus: Initializing | Active | Failed Deleting |
human_task_uis.active
    HumanTaskUiStatus: | Active | Deleting |
"""
OUTCOMES = ("pending", "success", "failure", "stopped")


class Classed(NamedTuple):
    """One wait of the table above."""

    wait: Wait
    member: str
    outcomes: dict[str, str]
    """Status -> outcome."""

    def __str__(self) -> str:
        return str(self.wait)

    def one(self, outcome: str) -> str:
        """A status with this outcome."""
        return next(status for status, found in self.outcomes.items() if found == outcome)


def read() -> Iterator[Classed]:
    lines = [line.strip() for line in BY_HAND.splitlines() if line.strip()]
    starts = [number for number, line in enumerate(lines) if ":" not in line and "|" not in line]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        member, _, columns = " ".join(lines[start + 1 : end]).partition(":")
        group, _, state = lines[start].partition(".")
        cells = zip(OUTCOMES, columns.split("|"), strict=True)
        yield Classed(Wait(group, state), member, {text: outcome for outcome, cell in cells for text in cell.split()})


TABLE = tuple(read())
EACH = [pytest.param(classed, status, id=f"{classed}-{status}") for classed in TABLE for status in classed.outcomes]


def shows(service: Service, member: str, status: str) -> None:
    operation = service.wait.operation
    service.server.respond(operation, {**service.server.sample(operation), member: status}, times=1)


def not_found(operation: str) -> tuple[str, str]:
    """The code and the words with which an operation says that there is no such thing."""
    return ("ValidationException", NOT_FOUND[operation]) if operation in NOT_FOUND else ("ResourceNotFound", "gone")


@pytest.mark.parametrize("classed", TABLE, ids=str)
def test_every_status_of_the_model_is_classed(classed: Classed) -> None:
    member = model.output_shape(classed.wait.operation).members[classed.member]
    assert sorted(classed.outcomes) == sorted(member.metadata["enum"])


@pytest.mark.parametrize(("classed", "status"), EACH)
def test_what_a_status_means(classed: Classed, status: str, serve: Callable[[Wait], Service]) -> None:
    service = serve(classed.wait)
    shows(service, classed.member, status)
    outcome = classed.outcomes[status]
    if outcome == "pending":
        if "success" in classed.outcomes.values():
            shows(service, classed.member, classed.one("success"))
        else:
            service.refuses(*not_found(classed.wait.operation))
    assert_means(service, outcome, status)


def assert_means(service: Service, outcome: str, status: str) -> None:
    """A wait that sees `status` goes on for one more look, or ends at once: well, or with an error that names it."""
    if outcome in ("failure", "stopped"):
        kind = errors.WaitFailedError if outcome == "failure" else errors.WaitStoppedError
        with pytest.raises(kind) as caught:
            service.run()
        assert (type(caught.value), caught.value.status) == (kind, status)
    else:
        assert service.run() is not None
    assert service.looks == (2 if outcome == "pending" else 1)


# --- botocore's own waiters -------------------------------------------------------------------------------------------

OURS = {
    "EndpointDeleted": "endpoints.deleted",
    "EndpointInService": "endpoints.in_service",
    "ImageCreated": "images.created",
    "ImageDeleted": "images.deleted",
    "ImageUpdated": "images.created",
    "ImageVersionCreated": "image_versions.created",
    "ImageVersionDeleted": "image_versions.deleted",
    "NotebookInstanceDeleted": "notebook_instances.deleted",
    "NotebookInstanceInService": "notebook_instances.in_service",
    "NotebookInstanceStopped": "notebook_instances.stopped",
    "ProcessingJobCompletedOrStopped": "processing_jobs.completed",
    "TrainingJobCompletedOrStopped": "training_jobs.completed",
    "TransformJobCompletedOrStopped": "transform_jobs.completed",
}
OTHERWISE = {
    # A job that was stopped has no result, and whoever waited for one has to hear of it.
    ("ProcessingJobCompletedOrStopped", "Stopped"): "stopped",
    ("TrainingJobCompletedOrStopped", "Stopped"): "stopped",
    ("TransformJobCompletedOrStopped", "Stopped"): "stopped",
    # What has failed can be deleted, and shows Failed until that begins.
    ("EndpointDeleted", "Failed"): "pending",
    ("NotebookInstanceDeleted", "Failed"): "pending",
}
"""Where ours differs on purpose."""

WAITERS: dict[str, Any] = model.LOADER.load_service_model("sagemaker", "waiters-2")["waiters"]
ACCEPTORS = [
    pytest.param(name, acceptor, id=f"{name}-{acceptor['expected']}-{acceptor['state']}")
    for name, waiter in WAITERS.items()
    for acceptor in waiter["acceptors"]
]


def ours(waiter: str) -> Wait:
    group, _, state = OURS[waiter].partition(".")
    return Wait(group, state)


def test_each_of_botocores_waiters_has_one_of_ours() -> None:
    theirs = {name: waiter["operation"] for name, waiter in WAITERS.items()}
    assert theirs == {name: ours(name).operation for name in OURS}
    decided = {(name, acceptor["expected"]) for name, waiter in WAITERS.items() for acceptor in waiter["acceptors"]}
    assert OTHERWISE.keys() <= decided


@pytest.mark.parametrize(("name", "acceptor"), ACCEPTORS)
def test_a_status_or_an_error_means_what_it_means_to_botocore(
    name: str, acceptor: dict[str, str], serve: Callable[[Wait], Service]
) -> None:
    service, expected, outcome = serve(ours(name)), acceptor["expected"], acceptor["state"]
    message = not_found(service.wait.operation)[1]
    if acceptor["matcher"] == "path":
        outcome = OTHERWISE.get((name, expected), outcome)
        shows(service, acceptor["argument"], expected)
        if outcome == "pending":
            service.refuses(*not_found(service.wait.operation))
        assert_means(service, outcome, expected)
    elif outcome == "success":
        service.refuses(expected, message)
        assert service.run() is None
    else:
        # botocore goes by the code alone. Ours also reads the message, as a malformed name answers with the same code.
        service.refuses(expected, MALFORMED)
        with pytest.raises(errors.ValidationError):
            service.run()
        assert service.looks == 1
