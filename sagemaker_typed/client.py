"""`SageMaker`, the client: its settings, its groups of resources, and `send`, which makes every call."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast

from sagemaker_typed._core.connection import Connection
from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.hints import explaining
from sagemaker_typed._core.lazy import offered
from sagemaker_typed._core.options import Options
from sagemaker_typed._core.raw import RawCall
from sagemaker_typed._waiting.pacing import SYSTEM_CLOCK, Clock, Pacing
from sagemaker_typed.resources.groups import Groups
from sagemaker_typed.services.siblings import ATTRIBUTES, METHODS, Siblings
from sagemaker_typed.types._service import SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import timedelta
    from types import TracebackType

    import boto3
    from botocore.config import Config

    from sagemaker_typed._core.group import Group, Task
    from sagemaker_typed._core.log_line import LogLine
    from sagemaker_typed._core.portable import Settings
    from sagemaker_typed._core.validate import Validation
    from sagemaker_typed._waiting.creating import Kinds
    from sagemaker_typed._waiting.futures import Runner
    from sagemaker_typed._waiting.lines import LogLines
    from sagemaker_typed._waiting.many import BatchEvent
    from sagemaker_typed._waiting.mapping import MapReport
    from sagemaker_typed._waiting.spec import Runnable, Waiter
    from sagemaker_typed.errors import WaitReport
    from sagemaker_typed.resources.api import Api
    from sagemaker_typed.structure import Request

__all__ = ["SageMaker"]
if not TYPE_CHECKING:
    __dir__ = offered(__name__)

R = TypeVar("R")
D = TypeVar("D")
T = TypeVar("T")
V = TypeVar("V")
G = TypeVar("G", bound="Group")
_AS_CONFIGURED = Options()
_State = tuple[dict[str, Any], dict[str, Any]]
_WITH_URLS = (*ATTRIBUTES, "logs", "s3")
"""The services whose addresses `endpoint_urls` can set."""
_LEVELS = ("standard", "strict", "off")


def _level(validation: Validation) -> Validation:
    if validation not in _LEVELS:
        raise ValueError(f"validation must be one of {', '.join(_LEVELS)}, not {validation!r}")
    return validation


def checked_urls(endpoint_urls: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """Return the given addresses unchanged; the keys are botocore's names of the services.

    Raises `ValueError` for an unknown service, and `TypeError` for anything but a mapping from names to URLs.
    """
    if endpoint_urls is not None and not is_mapping(endpoint_urls):
        kind = type(endpoint_urls).__name__
        raise TypeError(f'endpoint_urls must be a mapping such as {{"sagemaker-runtime": url}}, not a {kind}')
    for name, url in (endpoint_urls or {}).items():
        if name == SERVICE.name:
            raise ValueError("endpoint_urls is for services other than SageMaker; for SageMaker, use endpoint_url")
        if name not in _WITH_URLS:
            from sagemaker_typed._core.hints import nearest

            near = nearest(str(name), _WITH_URLS)
            hint = f": did you mean {near!r}?" if near else ""
            raise ValueError(f"endpoint_urls has no {name!r}{hint}; the services are {', '.join(_WITH_URLS)}")
        if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"endpoint_urls[{name!r}] must be a URL, not a {type(url).__name__}")
    return endpoint_urls


class ClientBase:
    """The common base of the synchronous and the asynchronous client: settings, views, copies and pickles."""

    _OWN = frozenset({"_groups", "_api"})
    """Attributes left out of copies and pickles."""

    clock: Clock
    pacing: Pacing

    def _begin(self, connection: Connection, validation: Validation) -> None:
        self._validation: Validation = _level(validation)
        self._connect(connection)
        self._borrowed = False
        self._options = _AS_CONFIGURED
        self._groups: dict[type[Group], Group] = {}
        self._api: Any = None

    def _connect(self, connection: Connection) -> None:
        """Use this connection."""
        self._connection = connection

    def _over(self, timeout: float | timedelta | None, retries: int | None) -> Options:
        """Return the options of one call: its own arguments over those of this object."""
        if timeout is None and retries is None:
            return self._options
        return self._options.over(Options.of(timeout, retries))

    def _kinds(self, items: Iterable[str | tuple[str, str]]) -> list[tuple[str, Waiter[Any], list[str]]]:
        """Return the items of `wait_all` by kind. This may create the boto3 client, to learn the region."""
        from sagemaker_typed._waiting.targets import kinds_of
        from sagemaker_typed.resources.waitable import WAITABLE, main_waiter

        return kinds_of(items, WAITABLE, main_waiter, lambda: self._connection.client().meta.region_name)

    @staticmethod
    def _runs(exist_ok: bool | Literal["same"]) -> Kinds:
        from sagemaker_typed._waiting.creating import Kinds
        from sagemaker_typed.resources.runs import RUNS
        from sagemaker_typed.resources.waitable import waiter_of

        return Kinds(RUNS, waiter_of, look=exist_ok is not False)

    def with_options(
        self,
        *,
        config: Config | None = None,
        validation: Validation | None = None,
        timeout: float | timedelta | None = None,
        retries: int | None = None,
    ) -> Self:
        """Return a view with other settings on the same session.

        `config` is merged over this object's config. `timeout` and `retries` are as in `send`, and apply to every call of
        the view. The view shares credentials, clock and pacing with this object. With a `config`, it has its own client and
        connections: close it, or use it as a context manager.

        Raises `InvalidRequestError` for an invalid timeout or number of retries, and `TypeError` for a `config` if this
        object was made from a `client=`, whose config is fixed.
        """
        view = self._twin()
        if validation is not None:
            view._validation = _level(validation)
        view._options = self._over(timeout, retries)
        view._borrowed = config is None
        if config is not None:
            view._connect(self._connection.view(config))
        view._groups, view._api = {}, None
        return view

    def _twin(self) -> Self:
        """Return a copy of this object on the same connection."""
        twin: Self = object.__new__(type(self))
        state: Any = object.__getstate__(self)
        attributes, slots = cast("_State", state if type(state) is tuple else (state, {}))
        twin.__dict__.update(attributes)
        for name, value in slots.items():  # of a subclass
            setattr(twin, name, value)
        return twin

    @property
    def boto3_client(self) -> Any:
        """The underlying boto3 client, as an escape hatch: the caller's client, or the client that this object makes.

        It knows every operation and member of the installed botocore and of the models in `AWS_DATA_PATH`, and checks
        parameters as boto3 does. Typed calls go through the same client, so hooks on `boto3_client.meta.events` see them.
        """
        return self._connection.whole_client()

    if not TYPE_CHECKING:  # so that type checkers report unknown names

        def __getattr__(self, name: str) -> Any:
            from sagemaker_typed._core.hints import about_client, no_attribute
            from sagemaker_typed.resources.api import Api

            if name.startswith("_"):
                raise no_attribute(self, name)
            if hasattr(type(self), name):
                # A property raised an AttributeError; let the user see it.
                return object.__getattribute__(self, name)
            if name in METHODS:
                raise no_attribute(self, name, f"use sm.{METHODS[name]}.{name}(...)")
            raise no_attribute(self, name, about_client(self, name, Api._paths))

    def _group(self, cls: type[G]) -> G:
        found = self._groups.get(cls)
        if found is None:
            sender: Any = self
            # Two threads may both create a group; both get the stored one.
            found = self._groups.setdefault(cls, cls(sender))
        return cast("G", found)

    # --- copies and pickles -------------------------------------------------------------------------------------------

    def __copy__(self) -> Self:
        return self.with_options()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = memo[id(self)] = self.with_options()
        twin._connect(self._connection.again())
        twin._borrowed = False
        shared = {"_connection", "clock", *self._OWN}
        for name in vars(twin).keys() - shared:
            setattr(twin, name, copy.deepcopy(getattr(twin, name), memo))
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings, to be pickled. Raises `TypeError` if the object was made from a `session` or a `client`."""
        state = {name: value for name, value in vars(self).items() if name not in self._OWN}
        return {**state, "_connection": self._connection.portable(), "_borrowed": False}

    def __setstate__(self, state: dict[str, Any]) -> None:
        settings = cast("Settings", state["_connection"])
        self.__dict__.update(state, _groups={}, _api=None)
        self._connect(Connection.of(SERVICE, settings))

    def __repr__(self) -> str:
        from sagemaker_typed._core.printable import without_passwords

        given = {name: value for name, value in self._connection.settings.items() if value is not None}
        return without_passwords(
            f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in given.items())})"
        )


class SageMaker(ClientBase, Groups, Siblings):
    """A typed client for Amazon SageMaker.

    `sm.compilation_jobs`, `sm.endpoints`, ... are the resources; `sm.api` has every operation under boto3's name;
    `sm.runtime`, `sm.featurestore`, ... are the services of the data plane; `sm.send` takes any request. Credentials and
    region are not loaded, and no boto3 client is made, before the first call. The object can be shared among threads and
    with forked processes. It can be pickled, by its settings, unless it was made from a `session` or a `client`.

    Args:
        region: As in boto3.
        profile: As in boto3.
        endpoint_url: As in boto3.
        session: A `boto3.Session` to sign with.
        client: A boto3 SageMaker client to use. Its credentials and settings serve the data plane too.
        config: A botocore `Config`.
        validation: What is checked before a request is sent: "standard", "strict" or "off".
        short_way: Whether calls may bypass botocore's machinery where the result is the same. None, the default, follows
            the environment variable `SAGEMAKER_TYPED_SHORT_WAY`: yes, unless it is 0.
        endpoint_urls: Addresses of the data plane's services, CloudWatch Logs and S3 by botocore's names,
            `{"sagemaker-runtime": url, "logs": url}`. They replace those of the environment and the profile.
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
        short_way: bool | None = None,
        endpoint_urls: Mapping[str, str] | None = None,
    ) -> None:
        connection = Connection(
            SERVICE,
            region=region,
            profile=profile,
            endpoint_url=endpoint_url,
            session=session,
            client=client,
            config=config,
            short_way=short_way,
            endpoint_urls=checked_urls(endpoint_urls),
        )
        self._begin(connection, validation)
        self.clock: Clock = SYSTEM_CLOCK
        """The clock of this object's waits; may be replaced."""
        self.pacing: Pacing = Pacing()
        """The initial calls per second of this object's waits on many resources; may be replaced."""

    # --- sending ------------------------------------------------------------------------------------------------------

    def send(
        self, request: Request[R], /, *, timeout: float | timedelta | None = None, retries: int | None = None
    ) -> R:
        """Send a request; return its typed response, or None if the operation has none. A list request gives one page.

        `timeout` bounds the whole call, in seconds or as a `timedelta`: all attempts and the pauses between them. `retries`
        is the number of attempts after the first one. Without these arguments, the configuration decides.

        Raises `InvalidRequestError` before anything is sent, an `ApiError` for an error of the service, `CallTimeoutError`
        when the time runs out, `TransportError` when no response came, `CredentialsError` and `ConfigurationError` when no
        request could be made.
        """
        options = self._over(timeout, retries)
        if options is _AS_CONFIGURED:
            return self._connection.send(request, self._validation)
        from sagemaker_typed._core.http.bound import Bound

        return self._connection.send(request, self._validation, Bound(options.timeout, options.retries))

    def _look(self, request: Request[Any] | RawCall, seconds: float) -> Any:
        """Send a poll: one attempt of at most `seconds`, so that a wait sees each attempt and ends in time."""
        from sagemaker_typed._core.http.bound import Bound

        longest = min(seconds, self._options.timeout or seconds)
        if isinstance(request, RawCall):
            return self._connection.ask(request, Bound(longest, retries=0))
        return self._connection.send(request, self._validation, Bound(longest, retries=0))

    def _run(self, task: Task[R], /) -> R:
        from sagemaker_typed._waiting.run import run

        return run(task(self), self.send, self._look, self.clock.sleep, at_once=self.pacing.at_once)

    def _lines(self, task: Task[None], /) -> LogLines:
        from sagemaker_typed._waiting.lines import LogLines

        return LogLines(self, task, self._look, self.clock.sleep)

    # --- the surface --------------------------------------------------------------------------------------------------

    @property
    def api(self) -> Api:
        """Every operation under boto3's method name."""
        from sagemaker_typed.resources.api import Api

        if self._api is None:
            self._api = Api(self)
        return cast("Api", self._api)

    def wait_all(
        self,
        items: Iterable[str | tuple[str, str]],
        *,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        logs: bool | Callable[[str, LogLine], object] = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> WaitReport[Any]:
        """Wait for resources of different kinds at once, each until its usual state; report on all of them.

        An item is an ARN, or a pair of group and name, such as `("compilation_jobs", "resnet-c5")`. The keys of the report
        are the ARN, or "compilation_jobs/resnet-c5". `logs=True` prints the log lines of all resources, each after its
        resource's key; a function is called with the key and each `LogLine` instead. The other arguments are as in a
        group's `wait_all`; `timeout` and `poll` are seconds or a `timedelta`.

        Raises `InvalidRequestError` for an item that cannot be waited on.
        """
        from sagemaker_typed._waiting.options import WaitOptions
        from sagemaker_typed._waiting.wait_many import wait_many

        kinds = self._kinds(items)
        options = WaitOptions(
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            logs=logs,
            fail_fast=fail_fast,
            stop_on_interrupt=stop_on_interrupt,
        )
        return self._run(wait_many(kinds, options))

    def run_all(
        self,
        requests: Iterable[Runnable[D]],
        *,
        max_running: int = 20,
        exist_ok: bool | Literal["same"] = False,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> WaitReport[D]:
        """Submit requests that create or start resources, at most `max_running` at a time, and wait for all of them.

        The keys of the report are the names in the requests, or "compilation_jobs/resnet-c5" if the requests are of
        several kinds. `exist_ok` says what to do if a resource exists already: False counts it as a failure, "same" waits
        for it if its settings match the request, True waits for it in any case. With "same", a script that was killed can
        be started again: resources that still run count towards `max_running`.

        If a quota is used up (`ResourceLimitExceededError`) or calls are throttled, the run waits and tries again. If the
        response to a create request was lost, the resource is looked up, and the request is sent again only if the
        resource does not exist. `timeout`, in seconds or as a `timedelta`, applies to all requests together; by default,
        each resource has the default timeout of its wait from its creation on. The other arguments are as in a group's
        `wait_all`.

        Every exception has the report as its attribute `report`. Raises `InvalidRequestError`, before anything is sent,
        for a request without a wait, and for two requests of the same name.
        """
        from sagemaker_typed._waiting.options import RunOptions
        from sagemaker_typed._waiting.running import run_all

        options = RunOptions(
            max_running=max_running,
            exist_ok=exist_ok,
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            fail_fast=fail_fast,
            stop_on_interrupt=stop_on_interrupt,
        )
        return self._run(run_all(self._runs(exist_ok).creations(requests), options))

    def runner(
        self,
        *,
        max_running: int = 20,
        exist_ok: bool | Literal["same"] = False,
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> Runner:
        """Return a runner, which takes requests one by one and returns a future for each.

        ::

            with sm.runner(max_running=20) as runner:
                futures = [runner.submit(request) for request in requests]
                for future in runner.as_completed():
                    print(future.name, future.result())

        One thread submits and polls for all requests, and uses a few more threads to poll several resources at once.
        `timeout` bounds each request from its submission to the runner, and `on_poll` is called in the runner's thread.
        The other arguments are as in `run_all`. At the end of the `with` block, the runner waits for all submitted
        requests.
        """
        from sagemaker_typed._waiting.futures import Runner
        from sagemaker_typed._waiting.options import RunOptions

        options = RunOptions(
            max_running=max_running,
            exist_ok=exist_ok,
            timeout=timeout,
            poll=poll,
            on_poll=on_poll,
            progress=progress,
            fail_fast=fail_fast,
            stop_on_interrupt=stop_on_interrupt,
        )
        return Runner(self, self._runs(exist_ok), options)

    def map(
        self, fn: Callable[[T], V], items: Iterable[T], *, max_concurrency: int = 8, fail_fast: bool = False
    ) -> MapReport[T, V]:
        """Call `fn` with each item, several at a time, at the pace that this object's waits share; report on all of them.

        Use it for clean-ups, lists of tags, and other jobs of many calls: `sm.map(sm.models.delete, names)`. `fn` is called
        in threads, at most `max_concurrency` at a time. A `ThrottlingError` slows down the calls that follow. If `fn` raises
        an `Exception`, the item is in `failed`; with `fail_fast`, or once credentials have expired, no more calls start.
        Equal items are called once.

        Any other exception, such as `KeyboardInterrupt`, has the report as its attribute `report`. Raises
        `InvalidRequestError` for items that cannot be keys of a dict.
        """
        from sagemaker_typed._waiting.mapping import map_all

        return map_all(fn, items, self.clock, self.pacing, max_concurrency=max_concurrency, fail_fast=fail_fast)

    # --- the end ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections of the client that this object made. A client passed in by the caller stays open."""
        if not self._borrowed:
            self._connection.close()

    def __enter__(self) -> SageMaker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


if not TYPE_CHECKING:
    SageMaker.__init__ = explaining(SageMaker.__init__)
