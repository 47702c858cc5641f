"""The waits that are generated, and a service for one of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from sagemaker_typed import SageMaker, from_boto3
from sagemaker_typed.resources.groups import Groups
from sagemaker_typed.resources.waitable import WAITABLE
from sagemaker_typed.structure import members_of
from sagemaker_typed.waiting import Waiter
from tests.contract import model
from tests.support import samples
from tests.support.clock import FakeTime
from tests.support.model_server import ModelServer

PAGING = ("NextToken", "MaxResults")
OUTPUTS = {model.output_shape(name).name: name for name in model.WITH_OUTPUT}


@dataclass(frozen=True)
class Wait:
    """One `wait_until_<state>`."""

    group: str
    state: str

    def __str__(self) -> str:
        return f"{self.group}.{self.state}"

    @property
    def module(self) -> Any:
        return import_module(f"sagemaker_typed.resources.{self.group}")

    @property
    def waiter(self) -> Waiter[Any]:
        found: Waiter[Any] = getattr(self.module, f"_{self.state.upper()}")
        return found

    @property
    def signature(self) -> inspect.Signature:
        return inspect.signature(getattr(group_class(self.group), f"wait_until_{self.state}"))

    @property
    def operation(self) -> str:
        """The Describe that it asks."""
        return OUTPUTS[str(self.signature.return_annotation).removesuffix(" | None")]

    @property
    def wires(self) -> dict[str, str]:
        """Field -> wire name, of what the Describe takes."""
        members = members_of(model.request_class(self.operation))
        return {member.field: member.wire for member in members if member.wire not in PAGING}

    def method(self, sm: SageMaker) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(getattr(sm, self.group), f"wait_until_{self.state}")
        return found


@cache
def group_class(group: str) -> type[Any]:
    annotation = str(inspect.signature(vars(Groups)[group].fget).return_annotation)
    found: type[Any] = getattr(import_module(f"sagemaker_typed.resources.{group}"), annotation)
    return found


WAITS = [Wait(group, state) for group, entry in WAITABLE.items() for state in entry.states]
ARN = "arn:aws:sagemaker:us-west-2:123456789012"
# How the operations that declare no ResourceNotFound, and some that do, say in truth that there is no such thing.
NOT_FOUND = {
    "DescribeAlgorithm": f"Algorithm {ARN}:algorithm/a does not exist.",
    "DescribeApp": "RecordNotFound",
    "DescribeCluster": f"Could not find cluster '{ARN}:cluster/c'.",
    "DescribeCodeRepository": f'Cannot find CodeRepository: "{ARN}:code-repository/c"',
    "DescribeDeviceFleet": "No devicefleet with name: fleet",
    "DescribeDomain": "Could not find domain 'd-123456789012'.",
    "DescribeEndpoint": f'Could not find endpoint "{ARN}:endpoint/e".',
    "DescribeEndpointConfig": f'Could not find endpoint configuration "{ARN}:endpoint-config/e".',
    "DescribeInferenceComponent": f'Could not find inference component "{ARN}:inference-component/i".',
    "DescribeModel": f'Could not find model "{ARN}:model/m".',
    "DescribeModelPackage": f"ModelPackage {ARN}:model-package/g/1 does not exist.",
    "DescribeModelPackageGroup": f"ModelPackageGroup {ARN}:model-package-group/g does not exist.",
    "DescribeNotebookInstance": "RecordNotFound",
    "DescribeNotebookInstanceLifecycleConfig": (
        f"Unable to describe Notebook Instance Lifecycle Config '{ARN}:notebook-instance-lifecycle-config/n'. "
        "(Details: Notebook Instance Lifecycle Config does not exist.)"
    ),
    "DescribeProject": "Project p does not exist.",
    "DescribeProcessingJob": f"Could not find requested job with name: {ARN}:processing-job/p",
    "DescribeSpace": "RecordNotFound",
    "DescribeTrainingJob": "Requested resource not found.",
    "DescribeTrial": f"Could not find trial '{ARN}:experiment-trial/t'.",
    "DescribeTrialComponent": f"Could not find trial component '{ARN}:experiment-trial-component/t'.",
    "DescribeWorkforce": "No workforce found for given WorkforceName: w",
    "DescribeWorkteam": f'The work team "{ARN}:workteam/private-crowd/w" was not found.',
}
MALFORMED = (
    "1 validation error detected: Value 'does not exist' at 'name' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
)


class Service:
    """Answers one wait's Describe with the statuses that a test gives, one after the other."""

    def __init__(self, wait: Wait, server: ModelServer, sm: SageMaker) -> None:
        self.wait, self.server, self.sm = wait, server, sm
        self.time = FakeTime()
        sm.clock = self.time.clock
        sample = samples.fill(model.input_shape(wait.operation))
        self.request = {wire: sample[wire] for wire in wait.wires.values()}
        typed = from_boto3(model.request_class(wait.operation), self.request)
        self.arguments: dict[str, Any] = {name: getattr(typed, name) for name in wait.wires}
        members = members_of(model.response_class(wait.operation))
        self.fields = {member.field: member.wire for member in members}
        if wait.waiter.compare:
            self.arguments[wait.waiter.compare] = server.sample(wait.operation)[self.fields[wait.waiter.compare]]

    def shows(self, status: str) -> None:
        assert self.wait.waiter.status is not None
        body = {**self.server.sample(self.wait.operation), self.fields[self.wait.waiter.status]: status}
        self.server.respond(self.wait.operation, body, times=1)

    def refuses(self, code: str, message: str) -> None:
        self.server.respond_error(self.wait.operation, code, message, times=1)

    def run(self, **options: Any) -> Any:
        return self.wait.method(self.sm)(**self.arguments, **options)

    def status_of(self, description: Any) -> str:
        return str(getattr(description, self.wait.waiter.status or ""))

    def finish(self) -> str | None:
        """One more look, which ends the wait well; the status that it shows."""
        if self.wait.waiter.gone:
            self.refuses("ResourceNotFound", "no such thing")
            return None
        status = next(text for text, outcome in self.wait.waiter.outcomes.items() if outcome == "success")
        self.shows(status)
        return status

    @property
    def looks(self) -> int:
        return sum(request.operation == self.wait.operation for request in self.server.requests)
