"""`sm.endpoints.deploy`: creates or updates an endpoint for a configuration. Generators without I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import (
    InvalidRequestError,
    Problem,
    ResourceAlreadyExistsError,
    ResourceInUseError,
    ResourceNotFoundError,
    Rollback,
    WaitFailedError,
)
from sagemaker_typed.waiting import WaitOptions, wait, wait_deleted

if TYPE_CHECKING:
    from datetime import timedelta

    from sagemaker_typed._core.group import Task
    from sagemaker_typed._waiting.steps import Steps
    from sagemaker_typed.types import (
        DeploymentConfig,
        DescribeEndpointOutput,
        Tag,
        UpdateEndpointInput,
        VariantProperty,
    )
    from sagemaker_typed.types.endpoints import VariantPropertyTypeValue
    from sagemaker_typed.waiting import LogLine, Waiter, WaitEvent

__all__ = ["AsyncDeploying", "Deploying"]

T = TypeVar("T")
_MOVING = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})
_FAILED, _DELETING, _IN_SERVICE, _CREATING = "Failed", "Deleting", "InService", "Creating"
_MIXED = "UpdateRollbackFailed"
_MOST_OVERTAKEN = 5
"""Refusals because another caller was faster that are tolerated. The next one is raised."""


def deploying(
    waiters: Mapping[str, Waiter[Any]],
    name: str,
    options: WaitOptions[WaitEvent[DescribeEndpointOutput]],
    update: UpdateEndpointInput,
    tags: Sequence[Tag] | Mapping[str, str] | None,
) -> Task[DescribeEndpointOutput]:
    """Return a task that brings an endpoint to the configuration of a request. Its result is the endpoint's description."""
    return lambda client: _Deploy(client, waiters, name, options, update, tags).steps()


class _Deploy:
    """A deployment under way."""

    def __init__(
        self,
        client: Any,
        waiters: Mapping[str, Waiter[Any]],
        name: str,
        options: WaitOptions[WaitEvent[DescribeEndpointOutput]],
        update: UpdateEndpointInput,
        tags: Sequence[Tag] | Mapping[str, str] | None,
    ) -> None:
        from sagemaker_typed.types import DescribeEndpointInput

        self._client, self._waiters, self._name, self._options = client, waiters, name, options
        self._update, self._tags, self._config = update, tags, update.endpoint_config_name
        self._describe = DescribeEndpointInput(endpoint_name=name)
        timeout = float(waiters["updated"].timeout) if options.timeout is None else options.timeout
        self._overtaken = 0
        self._deadline: float = client.clock.now() + timeout

    def steps(self) -> Steps[DescribeEndpointOutput]:
        while True:
            done = yield from self._step()
            if done is not None:
                return done

    def _step(self) -> Steps[DescribeEndpointOutput | None]:
        """Poll the endpoint and take one step. Returns None if another step has to follow."""
        found = yield from self._look()
        if found is None:
            taken = yield from self._is_taken(self._creation())
            return (yield from self._until("in_service")) if taken else None
        status = found.endpoint_status
        if status == _FAILED:
            raise self._lost(found)
        if status == _DELETING:
            yield from wait_deleted(self._waiters["deleted"], self._name, self._describe, self._rest())(self._client)
            return None
        if status in _MOVING:
            return (yield from self._joined(found))
        if status == _IN_SERVICE and found.endpoint_config_name == self._config:
            return found
        taken = yield from self._is_taken(self._update)
        return (yield from self._updated()) if taken else None

    def _joined(self, found: DescribeEndpointOutput) -> Steps[DescribeEndpointOutput | None]:
        """Wait for a change under way. Returns the description if the change leads to the same configuration."""
        if found.endpoint_status == _CREATING and found.endpoint_config_name == self._config:
            return (yield from self._until("in_service"))
        pending = found.pending_deployment_summary
        if pending and pending.endpoint_config_name == self._config:
            return (yield from self._updated())
        yield from self._settled()
        return None

    def _look(self) -> Steps[DescribeEndpointOutput | None]:
        try:
            found: DescribeEndpointOutput = yield self._describe
        except ResourceNotFoundError:
            return None
        return found

    def _is_taken(self, request: Any) -> Steps[bool]:
        """Return whether the service accepted a request. It refuses if another caller was faster."""
        try:
            yield request
        except (ResourceAlreadyExistsError, ResourceInUseError):
            self._overtaken += 1
            if self._overtaken > _MOST_OVERTAKEN:
                raise
            return False
        return True

    def _creation(self) -> Any:
        from sagemaker_typed.types import CreateEndpointInput

        return CreateEndpointInput(
            endpoint_name=self._name,
            endpoint_config_name=self._config,
            deployment_config=self._update.deployment_config,
            tags=self._tags,
        )

    def _until(self, state: str, expected: str | None = None) -> Steps[DescribeEndpointOutput]:
        task = wait(self._waiters[state], self._name, self._describe, self._rest(), expected=expected)
        described: DescribeEndpointOutput = yield from task(self._client)
        return described

    def _settled(self) -> Steps[None]:
        """Wait for another change to end. The next poll shows how it ended."""
        try:
            yield from self._until("in_service")
        except WaitFailedError as error:
            if error.status == _FAILED:
                raise

    def _updated(self) -> Steps[DescribeEndpointOutput]:
        try:
            return (yield from self._until("updated", self._config))
        except WaitFailedError as error:
            if error.status == _MIXED and error.response is not None:
                error.rolled_back = Rollback(self._config, error.response.endpoint_config_name, complete=False)
            raise

    def _rest(self) -> WaitOptions[WaitEvent[DescribeEndpointOutput]]:
        """Return the options of a wait in the time left."""
        return attrs.evolve(self._options, timeout=max(0.0, self._deadline - self._client.clock.now()))

    def _lost(self, found: DescribeEndpointOutput) -> WaitFailedError:
        reason = found.failure_reason
        text = f"endpoint {self._name!r} has failed, and can only be deleted: sm.endpoints.delete({self._name!r})"
        return WaitFailedError(
            f"{text}: {reason}" if reason else text,
            name=self._name,
            status=found.endpoint_status,
            reason=reason,
            arn=found.endpoint_arn,
            response=found,
        )


def _request(
    name: str,
    config: str,
    retain: bool | None,
    exclude: Iterable[VariantProperty | VariantPropertyTypeValue] | None,
    deployment_config: DeploymentConfig | None,
    retain_deployment_config: bool | None,
) -> UpdateEndpointInput:
    from sagemaker_typed.types import UpdateEndpointInput, VariantProperty

    if isinstance(exclude, str) or (exclude is not None and not hasattr(exclude, "__iter__")):
        raise InvalidRequestError(
            [Problem("exclude_retained_variant_properties", "type", f"a list is needed, not {quoted(exclude)}")],
            "UpdateEndpoint",
        )
    properties = None if exclude is None else [_property(VariantProperty, each) for each in exclude]
    return UpdateEndpointInput(
        endpoint_name=name,
        endpoint_config_name=config,
        retain_all_variant_properties=retain,
        exclude_retained_variant_properties=properties,
        deployment_config=deployment_config,
        retain_deployment_config=retain_deployment_config,
    )


def _property(cls: Callable[..., T], given: Any) -> T:
    """Return a property of variants, which may be given as text."""
    found: T = cls(variant_property_type=given) if isinstance(given, str) else given
    return found


class Deploying:
    """The methods of `sm.endpoints` besides its operations: deployments."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any
        _waiters: Mapping[str, Waiter[Any]]

    def deploy(
        self,
        endpoint_name: str,
        *,
        config: str,
        retain_all_variant_properties: bool | None = None,
        exclude_retained_variant_properties: Sequence[VariantProperty | VariantPropertyTypeValue] | None = None,
        deployment_config: DeploymentConfig | None = None,
        retain_deployment_config: bool | None = None,
        tags: Sequence[Tag] | Mapping[str, str] | None = None,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[WaitEvent[DescribeEndpointOutput]], object] | None = None,
        progress: bool = False,
        logs: bool | Callable[[LogLine], object] = False,
        log_tail: int = 0,
    ) -> DescribeEndpointOutput:
        """Bring an endpoint to an endpoint configuration: create or update it, and wait until it is in service.

        An endpoint that is in service with this configuration stays as it is. If a change is under way, `deploy` waits for
        it first; if that change leads to the same configuration, no other change is started, whoever started it. An
        endpoint that is being deleted is created again once it is gone.

        Args:
            endpoint_name: Name of the endpoint.
            config: Name of the endpoint configuration to serve.
            retain_all_variant_properties: Whether an update keeps current instance counts and weights; false, the
                default, takes them from the configuration.
            exclude_retained_variant_properties: Properties to take from the configuration even so, such as
                "DesiredWeight"; needs `retain_all_variant_properties`.
            deployment_config: How traffic shifts to the new instances, and which alarms cause a rollback.
            retain_deployment_config: Whether an update reuses the deployment settings of the update before.
            tags: Tags of an endpoint that is created.
            timeout: Seconds or a `timedelta` for the whole deployment; default 3600. `poll`, `on_poll`, `progress`, `logs`
                and `log_tail` are those of `wait_until_updated`.

        Raises:
            WaitFailedError: The endpoint failed or was rolled back. `error.rolled_back` then says from which
                configuration to which.
            WaitTimeoutError: `timeout` has passed. The deployment continues.
            ResourceNotFoundError: The configuration does not exist.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
        """
        request = _request(
            endpoint_name,
            config,
            retain_all_variant_properties,
            exclude_retained_variant_properties,
            deployment_config,
            retain_deployment_config,
        )
        options: WaitOptions[WaitEvent[DescribeEndpointOutput]] = WaitOptions(
            timeout=timeout, poll=poll, on_poll=on_poll, progress=progress, logs=logs, log_tail=log_tail
        )
        described: DescribeEndpointOutput = self._sender._run(
            deploying(self._waiters, endpoint_name, options, request, tags)
        )
        return described


class AsyncDeploying:
    """`Deploying` of the asynchronous client."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any
        _waiters: Mapping[str, Waiter[Any]]

    async def deploy(
        self,
        endpoint_name: str,
        *,
        config: str,
        retain_all_variant_properties: bool | None = None,
        exclude_retained_variant_properties: Sequence[VariantProperty | VariantPropertyTypeValue] | None = None,
        deployment_config: DeploymentConfig | None = None,
        retain_deployment_config: bool | None = None,
        tags: Sequence[Tag] | Mapping[str, str] | None = None,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[WaitEvent[DescribeEndpointOutput]], object] | None = None,
        progress: bool = False,
        logs: bool | Callable[[LogLine], object] = False,
        log_tail: int = 0,
    ) -> DescribeEndpointOutput:
        """Bring an endpoint to an endpoint configuration, and wait. See `SageMaker.endpoints.deploy` for the arguments."""
        request = _request(
            endpoint_name,
            config,
            retain_all_variant_properties,
            exclude_retained_variant_properties,
            deployment_config,
            retain_deployment_config,
        )
        options: WaitOptions[WaitEvent[DescribeEndpointOutput]] = WaitOptions(
            timeout=timeout, poll=poll, on_poll=on_poll, progress=progress, logs=logs, log_tail=log_tail
        )
        described: DescribeEndpointOutput = await self._sender._run(
            deploying(self._waiters, endpoint_name, options, request, tags)
        )
        return described
