"""`SageMaker`: the session, the region, the groups, and the trunk that every call goes through."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sagemaker_typed._waiting.pacing import SYSTEM_CLOCK, Clock, Pacing
from sagemaker_typed.resources.groups import Groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta
    from types import TracebackType

    import boto3
    from botocore.config import Config

    from sagemaker_typed._core.group import Group, Task
    from sagemaker_typed._core.session import ClientMaker
    from sagemaker_typed._core.validate import Validation
    from sagemaker_typed._waiting.many import BatchEvent, WaitReport
    from sagemaker_typed.resources.api import Api
    from sagemaker_typed.structure import Request

__all__ = ["SageMaker"]

R = TypeVar("R")
G = TypeVar("G", bound="Group")
_LEVELS = ("standard", "strict", "off")


class SageMaker(Groups):
    """Amazon SageMaker, typed.

    `sm.compilation_jobs`, `sm.endpoints`, ... are the resources; `sm.api` has every operation under boto3's name; `sm.send`
    takes any request. Nothing is looked up, and no client is made, before the first call. Safe to share among threads.

    Arguments: `region`, `profile` and `endpoint_url` as in boto3; `session`, a `boto3.Session` to sign with; `client`, a
    boto3 SageMaker client to use as it is; `config`, a botocore `Config`; `validation`, what is checked before a request is
    sent: "standard", "strict" or "off".
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        profile: str | None = None,
        endpoint_url: str | None = None,
        session: boto3.Session | None = None,
        client: Any = None,
        config: Config | None = None,
        validation: Validation = "standard",
    ) -> None:
        if validation not in _LEVELS:
            raise ValueError(f"validation is one of {', '.join(_LEVELS)}, not {validation!r}")
        if client is not None and any(item is not None for item in (region, profile, endpoint_url, session, config)):
            raise TypeError("a client brings its own session, region, endpoint and config: give it alone")
        if session is not None and not hasattr(session, "resource"):
            raise TypeError(f"session is a boto3.Session, not {session!r}")
        if session is not None and profile is not None:
            raise TypeError("a session brings its own profile: give one of the two")
        self._region = region
        self._profile = profile
        self._endpoint_url = endpoint_url
        self._session = session
        self._config = config
        self._validation: Validation = validation
        self._client: Any = client
        self._owned = client is None
        self._whole = client is not None
        self._maker: ClientMaker | None = None
        self._closed = False
        self._groups: dict[type[Group], Group] = {}
        self._api: Api | None = None
        self._lock = RLock()
        self.clock: Clock = SYSTEM_CLOCK
        """The clock of this object's waits; may be replaced."""
        self.pacing: Pacing = Pacing()
        """The calls a second that this object's waits on many begin with; may be replaced."""

    # --- the trunk ----------------------------------------------------------------------------------------------------

    def send(self, request: Request[R], /) -> R:
        """Send a request; return its typed response, or None where the operation has none. A list request gives one page.

        Raises `InvalidRequestError` before anything is sent, an `ApiError` for an error of the service, `TransportError`
        when no answer came, `CredentialsError` and `ConfigurationError` when no request could be made.
        """
        from sagemaker_typed._core.call import call

        return call(self._sending(), request, self._validation)

    @property
    def boto3_client(self) -> Any:
        """The boto3 client beneath, the escape hatch: the caller's own, or the client that this object makes.

        It knows every operation and member of the installed botocore and of the models in `AWS_DATA_PATH`, and checks
        parameters as boto3 does. Typed calls use it as well, so hooks on `boto3_client.meta.events` see them.
        """
        if self._client is None or not self._whole:
            with self._lock:
                maker = self._open()
                if not self._whole:
                    if self._client is None or maker.knows_other():
                        self._client = maker.whole() if maker.knows_other() else maker.bundled()
                    self._whole = True
        return self._client

    def _sending(self) -> Any:
        """The client that sends typed calls."""
        client = self._client
        if client is None:
            with self._lock:
                maker = self._open()
                if self._client is None:
                    self._client = maker.bundled()
                client = self._client
        return client

    def _run(self, task: Task[R], /) -> R:
        from sagemaker_typed._waiting.run import run

        return run(task(self), self.send, self.clock.sleep)

    def _open(self) -> ClientMaker:
        if self._closed:
            raise RuntimeError("this SageMaker object is closed")
        if self._maker is None:
            from sagemaker_typed._core.session import ClientMaker, base_session
            from sagemaker_typed.types._service import SERVICE

            self._maker = ClientMaker(
                SERVICE,
                base_session(self._session, self._profile),
                region=self._region,
                endpoint_url=self._endpoint_url,
                config=self._config,
            )
        return self._maker

    # --- the surface --------------------------------------------------------------------------------------------------

    @property
    def api(self) -> Api:
        """Every operation under boto3's method name."""
        from sagemaker_typed.resources.api import Api

        if self._api is None:
            self._api = Api(self)
        return self._api

    def _group(self, cls: type[G]) -> G:
        found = self._groups.get(cls)
        # Two threads may both make one; both get the one that was kept.
        return cast("G", found if found is not None else self._groups.setdefault(cls, cls(self)))

    def wait_all(
        self,
        items: Iterable[str | tuple[str, str]],
        *,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> WaitReport[Any]:
        """Wait on resources of different kinds at once, each until its usual state; report on all of them.

        An item is an ARN, or a pair of group and name, `("compilation_jobs", "resnet-c5")`; the report has them under
        the ARN, or under "compilation_jobs/resnet-c5". The other arguments are those of a group's `wait_all`; `timeout`
        and `poll` are in seconds or a `timedelta`.

        Raises `InvalidRequestError` for what cannot be waited on.
        """
        from sagemaker_typed._waiting.options import WaitOptions
        from sagemaker_typed._waiting.steps import wait_many
        from sagemaker_typed._waiting.targets import kinds_of
        from sagemaker_typed.resources.waitable import WAITABLE, main_waiter

        kinds = kinds_of(items, WAITABLE, main_waiter, lambda: self.boto3_client.meta.region_name)
        options = WaitOptions(
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            fail_fast=fail_fast,
            stop_on_interrupt=stop_on_interrupt,
        )
        return self._run(wait_many(kinds, options))

    # --- the end ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections of the client that this object made; a caller's own client is left alone."""
        with self._lock:
            if self._owned and self._client is not None:
                self._client.close()
                self._client = None
            self._closed = self._closed or self._owned

    def __enter__(self) -> SageMaker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        parts = {"region": self._region, "profile": self._profile, "endpoint_url": self._endpoint_url}
        return f"SageMaker({', '.join(f'{name}={value!r}' for name, value in parts.items() if value is not None)})"
