"""`SageMaker`: the session, the region, the groups, and the trunk that every call goes through."""

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
__dir__ = offered(__name__)

R = TypeVar("R")
D = TypeVar("D")
T = TypeVar("T")
V = TypeVar("V")
G = TypeVar("G", bound="Group")
_AS_CONFIGURED = Options()
_State = tuple[dict[str, Any], dict[str, Any]]
_WITH_URLS = (*ATTRIBUTES, "logs", "s3")
"""The services that have an address of their own."""
_LEVELS = ("standard", "strict", "off")


def _level(validation: Validation) -> Validation:
    if validation not in _LEVELS:
        raise ValueError(f"validation is one of {', '.join(_LEVELS)}, not {validation!r}")
    return validation


def checked_urls(endpoint_urls: Mapping[str, str] | None) -> Mapping[str, str] | None:
    """The addresses that a caller gave, by botocore's names of the services.

    Raises `ValueError` for another name, and `TypeError` for what is no mapping of names to URLs.
    """
    if endpoint_urls is not None and not is_mapping(endpoint_urls):
        kind = type(endpoint_urls).__name__
        raise TypeError(f'endpoint_urls is a mapping such as {{"sagemaker-runtime": url}}, not a {kind}')
    for name, url in (endpoint_urls or {}).items():
        if name == SERVICE.name:
            raise ValueError("endpoint_urls is for the services beside SageMaker; its own address is endpoint_url")
        if name not in _WITH_URLS:
            from sagemaker_typed._core.hints import nearest

            near = nearest(str(name), _WITH_URLS)
            hint = f": did you mean {near!r}?" if near else ""
            raise ValueError(f"endpoint_urls has no {name!r}{hint}; there is {', '.join(_WITH_URLS)}")
        if not isinstance(url, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"endpoint_urls[{name!r}] is a URL, not a {type(url).__name__}")
    return endpoint_urls


class ClientBase:
    """What the synchronous and the asynchronous client have in common: settings, views, copies and pickles."""

    _OWN = frozenset({"_groups", "_api"})
    """The attributes that neither a copy nor another process is given."""

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
        """Take a connection of its own."""
        self._connection = connection

    def _over(self, timeout: float | timedelta | None, retries: int | None) -> Options:
        """The options of one call."""
        if timeout is None and retries is None:
            return self._options
        return self._options.over(Options.of(timeout, retries))

    def _kinds(self, items: Iterable[str | tuple[str, str]]) -> list[tuple[str, Waiter[Any], list[str]]]:
        """The items of `wait_all`, sorted by kind. It may have to make the client, for its region."""
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

        `config` is merged over this object's; `timeout` and `retries` are those of `send`, for every call of the view. The
        view shares credentials, clock and pacing with this object. With another `config` it has a client and connections
        of its own: close it, or use it as a context manager.

        Raises `InvalidRequestError` for a timeout or a number of retries that cannot be, and `TypeError` for a `config`
        where this object was made of a `client=`, whose config is its own.
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
        """The same object once more, on the same connection."""
        twin: Self = object.__new__(type(self))
        state: Any = object.__getstate__(self)
        attributes, slots = cast("_State", state if type(state) is tuple else (state, {}))
        twin.__dict__.update(attributes)
        for name, value in slots.items():  # a subclass's own
            setattr(twin, name, value)
        return twin

    @property
    def boto3_client(self) -> Any:
        """The boto3 client beneath, the escape hatch: the caller's own, or the client that this object makes.

        It knows every operation and member of the installed botocore and of the models in `AWS_DATA_PATH`, and checks
        parameters as boto3 does. Typed calls use it as well, so hooks on `boto3_client.meta.events` see them.
        """
        return self._connection.whole_client()

    if not TYPE_CHECKING:  # a checker knows the names, and reports any other

        def __getattr__(self, name: str) -> Any:
            from sagemaker_typed._core.hints import about_client, no_attribute
            from sagemaker_typed.resources.api import Api

            if name.startswith("_"):
                raise no_attribute(self, name)
            if hasattr(type(self), name):
                # A property that raised an AttributeError: the error is the user's to see.
                return object.__getattribute__(self, name)
            if name in METHODS:
                raise no_attribute(self, name, f"use sm.{METHODS[name]}.{name}(...)")
            raise no_attribute(self, name, about_client(self, name, Api._paths))

    def _group(self, cls: type[G]) -> G:
        found = self._groups.get(cls)
        if found is None:
            sender: Any = self
            # Two threads may both make one; both get the one that was kept.
            found = self._groups.setdefault(cls, cls(sender))
        return cast("G", found)

    # --- in other processes, and copied -------------------------------------------------------------------------------

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
        """What pickles: the settings. Raises `TypeError` for an object that was made of a `session` or a `client`."""
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
    """Amazon SageMaker, typed.

    `sm.compilation_jobs`, `sm.endpoints`, ... are the resources; `sm.api` has every operation under boto3's name;
    `sm.runtime`, `sm.featurestore`, ... are the services of the data plane; `sm.send` takes any request. Nothing is looked
    up, and no client is made, before the first call. Safe to share among threads, and with forked processes. It pickles by
    its settings, unless it was made of a `session` or a `client`.

    Arguments: `region`, `profile` and `endpoint_url` as in boto3; `endpoint_urls`, the addresses of the data plane's
    services and of CloudWatch Logs by botocore's names, `{"sagemaker-runtime": url, "logs": url}`, instead of those
    of the environment and the profile; `session`, a `boto3.Session` to sign with; `client`, a boto3 SageMaker client
    to use as it is, with whose credentials and settings the data plane is called; `config`, a botocore `Config`;
    `validation`, what is checked before a request is sent: "standard", "strict" or "off"; `short_way`, whether a call
    may leave out botocore's machinery where nobody could notice: None for as the environment variable
    `SAGEMAKER_TYPED_SHORT_WAY` says, which is yes unless it is 0.
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
        """The calls a second that this object's waits on many begin with; may be replaced."""

    # --- the trunk ----------------------------------------------------------------------------------------------------

    def send(
        self, request: Request[R], /, *, timeout: float | timedelta | None = None, retries: int | None = None
    ) -> R:
        """Send a request; return its typed response, or None where the operation has none. A list request gives one page.

        `timeout` bounds the whole call, in seconds or as a `timedelta`: its attempts and the pauses between them. `retries`
        says how often the call is tried again after the first attempt. Without them, the configuration decides.

        Raises `InvalidRequestError` before anything is sent, an `ApiError` for an error of the service, `CallTimeoutError`
        when the time is over, `TransportError` when no answer came, `CredentialsError` and `ConfigurationError` when no
        request could be made.
        """
        options = self._over(timeout, retries)
        if options is _AS_CONFIGURED:
            return self._connection.send(request, self._validation)
        from sagemaker_typed._core.http.bound import Bound

        return self._connection.send(request, self._validation, Bound(options.timeout, options.retries))

    def _look(self, request: Request[Any] | RawCall, seconds: float) -> Any:
        """Send a poll: one attempt, within so many seconds, so that a wait sees each attempt and ends in time."""
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
        """Wait on resources of different kinds at once, each until its usual state; report on all of them.

        An item is an ARN, or a pair of group and name, `("compilation_jobs", "resnet-c5")`; the report has them under
        the ARN, or under "compilation_jobs/resnet-c5". `logs` prints the lines of their logs, each behind that name, or is
        a function that is called with each name and `LogLine`. The other arguments are those of a group's `wait_all`;
        `timeout` and `poll` are in seconds or a `timedelta`.

        Raises `InvalidRequestError` for what cannot be waited on.
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

        The report has each under the name that the request gives, and where the requests are of several kinds under
        "compilation_jobs/resnet-c5". `exist_ok` says what becomes of a resource that is there already: it is a failure
        (False), it is waited for if its settings are those of the request ("same"), or in each case (True). A script that
        was killed goes on with "same": it counts what still runs.

        Quotas (`ResourceLimitExceededError`) and throttling are waited out. A creation whose answer was lost is looked up,
        and sent again only if it is not there. `timeout` is in seconds or a `timedelta`, for all of them together; without
        it, each has the time of its wait once it was created. The other arguments are those of a group's `wait_all`.

        Every exception carries the report as its attribute `report`. Raises `InvalidRequestError`, before anything is
        sent, for a request that has no wait, and for two of one name.
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
        """Return a runner, which takes requests one by one and gives a future for each.

        ::

            with sm.runner(max_running=20) as runner:
                futures = [runner.submit(request) for request in requests]
                for future in runner.as_completed():
                    print(future.name, future.result())

        One thread submits and polls for all of them, with a few more while it looks at several. `timeout` bounds each from
        its submission to the runner on, and `on_poll` is called in that thread; the other arguments are those of
        `run_all`. At the end of the `with` block, the runner waits for all that was submitted.
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

        For clean-ups, lists of tags, and whatever else is many calls: `sm.map(sm.models.delete, names)`. `fn` is called in
        threads, at most `max_concurrency` at a time. A `ThrottlingError` slows the pace of those to come. An item for which
        `fn` raises an `Exception` is in `failed`; with `fail_fast`, or once credentials have expired, no more are begun.
        Equal items are called once.

        Whatever else leaves it, such as `KeyboardInterrupt`, carries the report as its attribute `report`. Raises
        `InvalidRequestError` for items that cannot be keys of a dict.
        """
        from sagemaker_typed._waiting.mapping import map_all

        return map_all(fn, items, self.clock, self.pacing, max_concurrency=max_concurrency, fail_fast=fail_fast)

    # --- the end ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the connections of the client that this object made; a caller's own client is left alone."""
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
