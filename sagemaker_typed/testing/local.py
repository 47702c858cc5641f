"""`LocalSageMaker`: SageMaker, the services beside it and S3 on loopback, inside this process."""

from __future__ import annotations

import difflib
import os
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast

from sagemaker_typed._core.late_hints import late
from sagemaker_typed.testing._backend import Backend, account_of, check_extra
from sagemaker_typed.testing._faults import ANY, Fault, Ledger, usual_status
from sagemaker_typed.testing._gateway import Gateway
from sagemaker_typed.testing._kinds import kinds_of, populate
from sagemaker_typed.testing._model import botocore_loader, load_model
from sagemaker_typed.testing._outcomes import Fields, Moment, check_metrics, check_moment
from sagemaker_typed.testing._resource import Resource, World
from sagemaker_typed.testing._server import Bounds, LoopbackServer
from sagemaker_typed.testing._siblings import SERVICES, Siblings, neighbour_operations
from sagemaker_typed.testing._siblings._rest import rest_operations
from sagemaker_typed.testing._siblings.logs import LogBook
from sagemaker_typed.testing._siblings.runtime import AnswerBook, Invocation, InvocationResult
from sagemaker_typed.testing._states import (
    GONE,
    Pace,
    Script,
    ScriptBook,
    State,
    StateLike,
    Timeline,
    parse_states,
    with_outcome,
)

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

    from sagemaker_typed._core.validate import Validation
    from sagemaker_typed.aio import AsyncSageMaker
    from sagemaker_typed.client import SageMaker
    from sagemaker_typed.waiting import Clock

__all__ = ["LocalSageMaker"]

_ACCESS_KEY = "LOCALSAGEMAKER000000"
_SECRET_KEY = "local-sagemaker"

Phase = Literal["create", "start", "update", "stop", "retry", "delete", "now"]


class LocalSageMaker:
    """An embedded SageMaker with its own S3, for demos and tests. No AWS account, no network beyond 127.0.0.1.

    ::

        with LocalSageMaker() as local:
            sm = local.client()
            local.boto3_client("s3").create_bucket(...)
            sm.compilation_jobs.create(...)

    Each resource moves from state to state, after `every` seconds or as `script` says. A compilation job that is
    COMPLETED has written its artifact to the embedded S3. Kinds of resources without code of their own behave as the
    service model describes them. An operation without any behaviour, which a newer botocore may add, answers with
    HTTP status 501 (`strict=True`) or with a valid sample drawn from the service model (`strict=False`).

    Requests are checked against the service model. An invalid request gets a ValidationException that names every
    problem. `check_patterns=False` skips the model's regular expressions, for tests with made-up names and ARNs.

    `clock` returns seconds and drives both the states and the timestamps. With a clock that the test moves by hand,
    nothing has to sleep. The waits of the clients use the same clock if it is a `Clock`, as `fast_forward()` returns.
    `region` and `account_id` are the defaults for clients and ARNs.

    The same URL also serves the data plane (`sagemaker-runtime`, `-featurestore-runtime`, `-a2i-runtime`, `-metrics`),
    CloudWatch and its Logs, the Resource Groups Tagging API, STS and S3. The server listens on `port` of 127.0.0.1 (by
    default a free port), and refuses requests larger than `max_request_bytes`. It is not a security boundary: it
    serves everybody who can reach the port.

    Only one LocalSageMaker can run in a process at a time. It starts empty. moto's `mock_aws()` wipes its S3 content.
    """

    # moto has one namespace of buckets for the whole process, so two instances would share their S3 content.
    # start() therefore refuses a second one.
    _running: ClassVar[LocalSageMaker | None] = None
    _running_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        *,
        region: str = "us-west-2",
        account_id: str | None = None,
        every: float = 0.2,
        strict: bool = True,
        check_patterns: bool = True,
        clock: Callable[[], float] | Clock = time.monotonic,
        port: int = 0,
        max_request_bytes: int = Bounds.DEFAULT_BYTES,
    ) -> None:
        Pace.of(every, None, False)  # refuse a bad pace here rather than in start()
        self.region = region
        self.account_id: str = account_of(account_id)
        self.strict = strict
        self.check_patterns = check_patterns
        self._port = port
        self._bounds = Bounds(request_bytes=max_request_bytes)
        self._every = every
        # hasattr instead of isinstance: tests without waits should not import `waiting`.
        self._clock = cast("Clock", clock) if hasattr(clock, "sleep") else None
        self._timeline = Timeline(cast("Callable[[], float]", clock) if self._clock is None else self._clock.now)
        self._scripts = ScriptBook()
        self._lock = threading.RLock()
        self._answers = AnswerBook()
        self._ledger = Ledger()
        self._backend: Backend | None = None
        self._gateway: Gateway | None = None
        self._server: LoopbackServer | None = None
        self._clients: weakref.WeakSet[Any] = weakref.WeakSet()

    # --- running -----------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start listening. `with` calls this."""
        check_extra()
        with LocalSageMaker._running_lock:
            if LocalSageMaker._running is not None:
                raise RuntimeError(
                    "a LocalSageMaker is already running in this process, and moto supports only one: "
                    "stop it first, or share it"
                )
            backend = Backend(self.account_id)
            world = World(
                model=load_model(),
                objects=backend,
                account_id=self.account_id,
                scripts=self._scripts,
                timeline=self._timeline,
                every=self._every,
            )
            desks = populate(world)
            gateway = Gateway(
                world=world,
                ledger=self._ledger,
                lock=self._lock,
                moto=backend,
                desks=desks,
                siblings=Siblings(world, self._lock, self._answers),
                region=self.region,
                strict=self.strict,
                check_patterns=self.check_patterns,
                reset=self.reset,
                most_unpacked=self._bounds.request_bytes,
            )
            server = LoopbackServer(gateway, self._port, self._bounds)
            server.start()
            self._backend, self._gateway, self._server = backend, gateway, server
            LocalSageMaker._running = self
        return self

    def stop(self) -> None:
        """Stop listening, and delete the resources and the S3 content. A second call does nothing.

        `calls`, the scripts and the faults that `fail_next` and similar methods have queued stay until `reset()`.
        """
        with LocalSageMaker._running_lock:
            if self._server is None or self._gateway is None or self._backend is None:
                return
            server, gateway, backend = self._server, self._gateway, self._backend
            self._server = self._gateway = self._backend = None
            try:
                for client in list(self._clients):
                    client.close()
                gateway.closing.set()
                server.stop()
            finally:
                backend.reset()
                LocalSageMaker._running = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- reaching it -------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The endpoint URL of every service: SageMaker, its data plane, CloudWatch, tags, STS and S3."""
        return self._started().url

    def client(
        self, *, region: str | None = None, config: Config | None = None, validation: Validation = "standard"
    ) -> SageMaker:
        """Return a `SageMaker` client for this server. The arguments are those of `SageMaker`. `stop()` closes it."""
        from sagemaker_typed.client import SageMaker

        sm = SageMaker(
            session=self.session(region),
            endpoint_url=self.url,
            region=region,
            config=config,
            validation=validation,
            endpoint_urls={"logs": self.url},
        )
        if self._clock is not None:
            sm.clock = self._clock
        self._clients.add(sm)
        return sm

    def async_client(
        self, *, region: str | None = None, config: Config | None = None, validation: Validation = "standard"
    ) -> AsyncSageMaker:
        """Return an `AsyncSageMaker` for this server. The arguments are those of `AsyncSageMaker`.

        Use the client in `async with`, which closes it.
        """
        from sagemaker_typed.aio import AsyncSageMaker

        sm = AsyncSageMaker(
            session=self.session(region), endpoint_url=self.url, region=region, config=config, validation=validation
        )
        if self._clock is not None:
            sm.clock = self._clock
        return sm

    def session(self, region: str | None = None) -> boto3.Session:
        """Return a boto3 session for this server, with credentials that are valid here only.

        The session ignores the caller's profiles, configuration files and proxies.
        """
        import boto3
        import botocore.session
        from botocore.config import Config

        # (configuration name, environment variable, default, conversion): without the first two, nothing is looked up.
        nowhere: dict[str, Any] = {
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
        core: Any = botocore.session.Session(session_vars=nowhere)
        core.register_component("data_loader", botocore_loader())
        settings = core.get_component("config_store")
        settings.set_config_variable("endpoint_url", self.url)
        settings.set_config_variable("ignore_configured_endpoint_urls", False)
        core.set_default_client_config(Config(proxies={}, s3={"addressing_style": "path"}))
        return boto3.Session(
            aws_access_key_id=_ACCESS_KEY,
            aws_secret_access_key=_SECRET_KEY,
            region_name=region or self.region,
            botocore_session=core,
        )

    def environment(self) -> dict[str, str]:
        """Return environment variables that point the AWS SDKs of another process at this server, for all services.

        `subprocess.run(command, env={**os.environ, **local.environment()})`. The variables set the region as well,
        because the server keeps resources by region. A variable for the endpoint of one service takes precedence over
        AWS_ENDPOINT_URL, so set none.
        """
        known = ",".join(os.environ.get(name, "") for name in ("no_proxy", "NO_PROXY")).split(",")
        direct = ",".join(dict.fromkeys(host for host in (*known, "127.0.0.1") if host))
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": _ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": direct,
            "no_proxy": direct,
        }

    def boto3_client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client for one of the services of this server. `options` go to `boto3.Session.client`.

        `service` is "sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime", "sagemaker-a2i-runtime",
        "sagemaker-metrics", "logs", "cloudwatch", "resourcegroupstaggingapi", "sts" or "s3". `stop()` closes the
        client.

        Raises:
            ValueError: The server has no such service.
        """
        if service not in SERVICES:
            raise ValueError(
                f"LocalSageMaker has no {service!r}{_hint(service, SERVICES)}; it has: {', '.join(SERVICES)}"
            )
        options.setdefault("endpoint_url", self.url)
        client = cast("Any", self.session()).client(service, **options)
        self._clients.add(client)
        return client

    # --- what happens there ------------------------------------------------------------------------------------------

    def script(
        self,
        kind: str,
        pattern: str,
        states: Sequence[StateLike] | None = None,
        *,
        fields: Fields | None = None,
        metrics: Mapping[str, Any] | None = None,
        created: Moment | None = None,
        every: float | None = None,
        describes: int | None = None,
        manual: bool = False,
        on: Phase | None = None,
        allow_unknown: bool = False,
    ) -> None:
        """Script the states and results of the resources of a kind whose names match `pattern`.

        `pattern` is a glob. If several scripts match a name, the latest wins.

        A state is a status ("Failed"), a status with its failure reason (("Failed", "ClientError: bad shape")), or a
        status with its secondary status ("InProgress/Downloading"). The resource stays in the last state; None as the
        last state means that the resource is gone. Without `states`, the resource goes through its usual states.

        `fields` sets members of the description once the last state is reached. Names are wire names or snake_case,
        values are typed or as in boto3, and all are checked against the service model. A state can set members too:
        ("InProgress/Training", {"ProgressInfo": ...}). `metrics` are the final metrics by name, of a training job or
        of an AutoML job's candidate; for a tuning job, a list with the metrics of each training job. `created` moves
        the creation into the past, to a datetime with a time zone or by a timedelta, and the states follow from
        there. A value may be a function. It is called with the boto3 request that creates the resource.

        `every` is the number of seconds that a state lasts. `describes` is the number of Describe calls that see a
        state. With `manual`, only `advance` moves the resource. Without any of the three, the default pace holds.

        `on` is the phase of life that the script is for. "create", "start", "update", "stop", "retry" and "delete"
        take effect at the next such call, and "now" applies to resources that exist already. By default the first
        state decides: Updating is for an update, Deleting is for a deletion, and others are usually for a creation.

        A script is followed literally: a scripted COMPLETED does not read its input, and creates the output bucket if
        there is none.

            local.script("compilation_job", "bert-*", ["STARTING", "INPROGRESS", ("FAILED", "ClientError: bad shape")])
            local.script("training_job", "*", metrics={"validation:accuracy": 0.93}, fields={"BillableTimeInSeconds": 60})
            local.script("pipeline_step", "Train", ["Executing", ("Failed", "AlgorithmError: NaN")])
            local.script("endpoint", "*", ["Updating", "RollingBack", "InService"])

        Raises:
            ValueError: A kind, state, member, metric or moment is invalid, or the script is empty.
            LookupError: `on="now"`, and no resource matches.
        """
        resource = _resource_type(kind)
        parsed = _parsed_states(resource, states, allow_unknown)
        phase = _phase(resource, parsed, on)
        _check_created(created, phase)
        paced = every is not None or describes is not None or manual
        pace = Pace.of(every if paced else self._every, describes, manual)
        outcome = _outcome(resource, parsed, fields, metrics, allow_unknown)
        _check_script(resource, parsed, outcome, created, paced=paced)
        told = with_outcome(parsed, outcome) if parsed else parsed
        self._put(kind, phase, pattern, Script(told, pace, given=bool(parsed), outcome=outcome, created=created))

    def _put(self, kind: str, phase: str, pattern: str, script: Script) -> None:
        """Store a script for later calls, or apply it to the existing resources (phase "now")."""
        if phase != "now":
            with self._lock:
                self._scripts.add(kind, phase, pattern, script)
            return
        self._started()
        with self._lock:
            now = self._world().settle()
            if not sum(found.put_all(pattern, script, now) for found in self._kinds(kind)):
                raise LookupError(f"there is no {kind} whose name matches {pattern!r}")

    def advance(self, kind: str | None = None, name: str | None = None) -> int:
        """Move the named resource, all of a kind, or all resources to the next state. Return how many moved."""
        self._started()
        if kind is None and name is not None:
            raise ValueError("a name needs its kind: advance('compilation_job', name)")
        if kind is not None:
            _resource_type(kind)
        with self._lock:
            now = self._world().settle()
            chosen = self._kinds(kind)
            if name is not None and not any(resource.knows(name) for resource in chosen):
                raise LookupError(f"there is no {kind} named {name!r}")
            return sum(resource.advance(name, now) for resource in chosen)

    def answer(self, kind: str, pattern: str, function: Callable[[Invocation], InvocationResult]) -> None:
        """Set the answers of the endpoints whose names match `pattern` (a glob; the latest that matches wins).

        `function` takes the `Invocation` and returns bytes, text, a mapping or a list (sent as JSON), an iterator of
        parts (each becomes an event of a response stream), or an `InvocationAnswer` with its content type. If it raises
        `ContainerError`, the call ends in a ModelError. An endpoint without a function echoes the request body.

        `kind` is "endpoint" or "inference_component". The function runs in a thread of the server, with several
        callers also in several threads at once. It may call LocalSageMaker.

            local.answer("endpoint", "churn-*", lambda invocation: {"score": len(invocation.body)})
        """
        if kind not in AnswerBook.KINDS:
            raise ValueError(f"a {kind!r} answers no invocations; these do: {', '.join(AnswerBook.KINDS)}")
        if not callable(function):
            raise ValueError(f"an answer must be a function that takes the invocation, not {function!r}")
        with self._lock:
            self._answers.add(kind, pattern, function)

    def log(self, kind: str, pattern: str, lines: str | Sequence[str], *, stream: str | None = None) -> None:
        """Write lines to the CloudWatch Logs of the resources of a kind whose names match `pattern` (a glob).

        A resource that already writes logs gets the lines now. Other resources get them when they start to write: a
        training job at its secondary status Training, an endpoint when it is in service. These lines then replace the
        few that jobs and endpoints write by default. `stream` is the name of the log stream. The default is the first
        stream of the resource, named as SageMaker names it: `<job>/algo-1-<time>`.
        """
        self._started()
        if kind not in LogBook.kinds():
            raise ValueError(f"a {kind!r} writes no logs; these do: {', '.join(LogBook.kinds())}")
        texts = lines.splitlines() if isinstance(lines, str) else list(lines)
        with self._lock:
            world = self._world()
            now = world.settle()
            assert self._gateway is not None
            self._gateway.siblings.logs.tell(kind, pattern, texts, stream, now)

    @property
    def calls(self) -> Counter[str]:
        """How often each operation was called, including refused calls and retries. The counter is a copy.

        Counts the operations of SageMaker and of the other services except S3.
        """
        with self._lock:
            return Counter(self._ledger.calls)

    # --- faults ------------------------------------------------------------------------------------------------------

    def fail_next(
        self, operation: str, code: str, *, message: str | None = None, status: int | None = None, times: int = 1
    ) -> None:
        """Answer the next `times` calls of an operation with an error. Several calls of this method form a queue.

        `operation` is a name such as DescribeCompilationJob; "*" means the next call of any operation. The default of
        `status` follows from the code: 500 for InternalFailure, 503 for ServiceUnavailable, 400 for others.

        boto3 retries a throttled call by itself. `times` counts the requests that arrive, retries included.
        """
        status = _status_of(operation, code) if status is None else status
        if not 400 <= status <= 599:
            raise ValueError(f"an error has a status between 400 and 599: {status}")
        text = f"{code}, as fail_next() asked for" if message is None else message
        self._put_in_the_way(operation, Fault("error", code, text, status), times)

    def drop_next(self, operation: str, *, done: bool = False, times: int = 1) -> None:
        """Close the connection instead of answering the next `times` calls of an operation ("*": of any operation).

        With `done`, the server performs the operation and only the answer is lost. The caller cannot tell the two
        cases apart.
        """
        self._put_in_the_way(operation, Fault("lose" if done else "drop"), times)

    def delay_next(self, operation: str, seconds: float, *, times: int = 1) -> None:
        """Delay the next `times` calls of an operation ("*": of any operation) by `seconds` of real time."""
        if seconds < 0:
            raise ValueError(f"seconds must not be negative: {seconds}")
        self._put_in_the_way(operation, Fault("delay", seconds=seconds), times)

    def throttle(self, operation: str, per_second: float | None) -> None:
        """Limit an operation to `per_second` calls, and answer ThrottlingException to more ("*": all calls together).

        Seconds are those of `clock`. None removes the limit.
        """
        _check_operation(operation)
        if per_second is not None and per_second <= 0:
            raise ValueError(f"per_second must be greater than 0: {per_second}")
        with self._lock:
            self._ledger.limit(operation, per_second, self._timeline.now())

    def reset(self) -> None:
        """Delete resources, scripts, answers, logs, calls, faults and S3 content. The URL stays the same."""
        with self._lock:
            self._scripts.clear()
            self._answers.clear()
            self._ledger.clear()
            if self._gateway is not None:
                self._gateway.world.reset()
                self._gateway.siblings.clear()
            if self._backend is not None:
                self._backend.reset()

    # --- inside ------------------------------------------------------------------------------------------------------

    @classmethod
    def _after_fork(cls) -> None:
        """Mark the server as stopped in a forked child, which has the parent's state but none of its threads."""
        if cls._running is not None:
            cls._running._lock = threading.RLock()
            cls._running._server = cls._running._gateway = cls._running._backend = None
        cls._running = None
        cls._running_lock = threading.Lock()

    def _started(self) -> LoopbackServer:
        if self._server is None:
            raise RuntimeError("LocalSageMaker is not running: use `with LocalSageMaker() as local:` or local.start()")
        return self._server

    def _kinds(self, kind: str | None) -> list[Resource[Any]]:
        if self._gateway is None:
            return []
        return [resource for resource in self._gateway.world.resources if kind in (None, resource.kind)]

    def _world(self) -> World:
        self._started()
        assert self._gateway is not None
        return self._gateway.world

    def _put_in_the_way(self, operation: str, fault: Fault, times: int) -> None:
        _check_operation(operation)
        if times < 1:
            raise ValueError(f"times must be at least 1: {times}")
        with self._lock:
            self._ledger.add(operation, fault, times)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=LocalSageMaker._after_fork)  # pyright: ignore[reportPrivateUsage]


def _check_operation(operation: str) -> None:
    known = load_model().operations
    if operation == ANY or operation in known or operation in neighbour_operations():
        return
    raise ValueError(
        f"SageMaker has no operation {operation!r}{_hint(operation, {*known, *rest_operations()})}; "
        "names are written as in DescribeCompilationJob"
    )


def _status_of(operation: str, code: str) -> int:
    """The HTTP status of an error: REST services have one for each code."""
    sibling = rest_operations().get(operation)
    return usual_status(code) if sibling is None else sibling.status_of(code, usual_status(code))


def _resource_type(kind: str) -> type[Resource[Any]]:
    known = kinds_of(load_model())
    if kind not in known:
        raise ValueError(f"unknown kind {kind!r}{_hint(kind, known)}; known kinds: {', '.join(known)}")
    return known[kind]


def _parsed_states(
    resource: type[Resource[Any]], states: Sequence[StateLike] | None, allow_unknown: bool
) -> tuple[State, ...]:
    if states is None:
        return ()
    if not resource.status_shape:
        raise ValueError(f"a {resource.kind} has no status, so a script can set only fields= and created=")
    model = load_model()
    parsed = parse_states(states, resource.vocabulary(model), allow_unknown=allow_unknown)
    if not any(state.members for state in parsed):
        return parsed
    told = resource.may_be_told(model)
    return tuple(
        replace(state, members=told.checked(state.members, allow_unknown=allow_unknown)) if state.members else state
        for state in parsed
    )


def _phase(resource: type[Resource[Any]], states: Sequence[State], on: Phase | None) -> str:
    phase = on or ("create" if not states else resource.begins.get(states[0].status, "create"))
    if phase not in (*resource.lives, "create", "now"):
        raise ValueError(f"a {resource.kind} has no phase {phase!r}; it has: {', '.join((*resource.lives, 'now'))}")
    return phase


def _check_created(created: Moment | None, phase: str) -> None:
    check_moment(created)
    if created is not None and phase != "create":
        raise ValueError(f"created= needs a script for 'create', and this script is for {phase!r}")


def _check_script(
    resource: type[Resource[Any]], states: Sequence[State], outcome: State, created: Moment | None, *, paced: bool
) -> None:
    """Refuse an empty script, and a pace or time for a part (a step) that only the whole has."""
    if not resource.paced and (paced or created is not None):
        raise ValueError(f"a {resource.kind} has no pace and no creation time: set them on the resource it is part of")
    if not states and outcome is GONE and created is None and not paced:
        raise ValueError("a script needs a list of states, fields=, metrics=, created= or a pace")


def _outcome(
    resource: type[Resource[Any]],
    states: Sequence[State],
    fields: Fields | None,
    metrics: Mapping[str, Any] | None,
    allow_unknown: bool,
) -> State:
    """Return the last state with the script's fields and metrics, or GONE if the script has neither."""
    if fields is None and metrics is None:
        return GONE
    if metrics is not None and not resource.measures:
        raise ValueError(f"a {resource.kind} has no metrics of its own; fields= sets any member of its description")
    members = {} if fields is None else resource.may_be_told(load_model()).checked(fields, allow_unknown=allow_unknown)
    values = {} if metrics is None else check_metrics(resource.kind, metrics, many=resource.measures_many)
    last = next((state for state in reversed(states) if state is not GONE), GONE)
    return State(last.status, members=members, metrics=values)


def _hint(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


late(LocalSageMaker)
