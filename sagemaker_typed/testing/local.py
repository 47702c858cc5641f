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

    Resources live: each goes through its states by time (`every` seconds a state), or as `script` says. A COMPLETED
    compilation job has left its artifact in the embedded S3. Kinds that nothing here was written for behave as the
    service model describes them. An operation without behaviour, as a newer botocore may bring one, is an error with
    HTTP status 501 (`strict=True`), or answers with a valid sample drawn from the service model (`strict=False`).

    Requests are held against the service model, and refused with a ValidationException that names all that is wrong.
    With `check_patterns=False` its regular expressions are left out, for tests with made-up names and ARNs.

    `clock` gives seconds, and drives both the states and the timestamps. With one that a test moves by hand, nothing
    has to sleep; a `Clock`, such as that of `fast_forward()`, is also what the waits of its clients go by. `region` and
    `account_id` are what clients and ARNs have if nothing else is said.

    Beside SageMaker stand the data plane (`sagemaker-runtime`, `-featurestore-runtime`, `-a2i-runtime`, `-metrics`),
    CloudWatch and its Logs, the Resource Groups Tagging API, STS and S3, on one URL. `port` is where it listens on
    127.0.0.1, a free one unless given, and `max_request_bytes` the largest request that it reads. It is no security
    boundary: it serves whoever reaches the port.

    One runs at a time in a process; each begins empty. moto's `mock_aws()` wipes the S3 content of a running one.
    """

    # The jobs of two could be kept apart, but moto has one name space of buckets for the whole process: the second
    # could neither make a bucket "models" of its own nor be kept out of the first one's. So start() refuses it.
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
        Pace.of(every, None, False)  # refuse a bad pace here, and not at start()
        self.region = region
        self.account_id: str = account_of(account_id)
        self.strict = strict
        self.check_patterns = check_patterns
        self._port = port
        self._bounds = Bounds(request_bytes=max_request_bytes)
        self._every = every
        # Not isinstance: nobody shall pay for the import of waiting who does not wait.
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
        """Begin to listen. Also done by `with`."""
        check_extra()
        with LocalSageMaker._running_lock:
            if LocalSageMaker._running is not None:
                raise RuntimeError(
                    "a LocalSageMaker is running in this process, and moto can hold but one: stop it first, or share it"
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
        """Stop listening, and forget resources and S3 content. Twice is once.

        `calls`, the scripts and what `fail_next` and its like have prepared stay, until `reset()`.
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
        """The endpoint URL of all that it has: SageMaker, its data plane, CloudWatch, tags, STS and S3."""
        return self._started().url

    def client(
        self, *, region: str | None = None, config: Config | None = None, validation: Validation = "standard"
    ) -> SageMaker:
        """A `SageMaker` on it; the arguments are those of `SageMaker`. `stop()` closes it."""
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
        """An `AsyncSageMaker` on it; the arguments are those of `AsyncSageMaker`. Close it with `async with`."""
        from sagemaker_typed.aio import AsyncSageMaker

        sm = AsyncSageMaker(
            session=self.session(region), endpoint_url=self.url, region=region, config=config, validation=validation
        )
        if self._clock is not None:
            sm.clock = self._clock
        return sm

    def session(self, region: str | None = None) -> boto3.Session:
        """A boto3 session whose clients are on it, with credentials that serve here and nowhere else.

        It knows nothing of the caller's profiles, configuration files and proxies.
        """
        import boto3
        import botocore.session
        from botocore.config import Config

        # (configuration name, environment variable, default, conversion): neither of the first two, so never looked up.
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
        """Environment variables that lead the AWS SDKs of another process here, for all services.

        `subprocess.run(command, env={**os.environ, **local.environment()})`. They say the region too: what is kept here
        is kept by region. Variables that name one service's endpoint go before AWS_ENDPOINT_URL; set none.
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
        """A boto3 client on it, of one of the services that it has. `options` go to `boto3.Session.client`.

        These are "sagemaker", "sagemaker-runtime", "sagemaker-featurestore-runtime", "sagemaker-a2i-runtime",
        "sagemaker-metrics", "logs", "cloudwatch", "resourcegroupstaggingapi", "sts" and "s3"; a ValueError for any
        other. `stop()` closes it.
        """
        if service not in SERVICES:
            raise ValueError(
                f"LocalSageMaker has no {service!r}{_hint(service, SERVICES)}; there is: {', '.join(SERVICES)}"
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
        """Say what becomes of a resource, if its name fits `pattern` (a glob; the latest that fits wins).

        A state is a status ("Failed"), a status with its failure reason (("Failed", "ClientError: bad shape")), or a
        status with its secondary status ("InProgress/Downloading"). The last one stays; None as the last one means
        that the resource is gone. Without `states`, it goes through the usual ones: at another pace, or to other ends.

        `fields` are members of its description, from the last state on: wire names or snake_case, values typed or as
        boto3 has them, held against the service model. Those of an earlier state stand in it:
        ("InProgress/Training", {"ProgressInfo": ...}). `metrics` are the final metrics of a training job, by name; of a
        tuning job's training jobs, in a list; of an AutoML job's candidate. `created` lets it be created in the past: at
        a datetime with a time zone, or a timedelta ago; its states follow from there. Each value may be a function: it is
        called with the request that makes the resource, as boto3 has it.

        `every`: seconds that a state lasts. `describes`: Describe calls that see a state. `manual`: only `advance`
        moves. None of the three: the default pace.

        `on` is the phase of life that the script is for: "create" (the usual one), "start", "update", "stop", "retry"
        or "delete", from the next such call on; or "now", for those that are there already. If it is not said, the
        first state tells: a script that begins with Updating is for an update, one that begins with Deleting for a
        deletion.

        A script is followed to the letter: a scripted COMPLETED does not look for its input, and makes the output
        bucket if there is none.

            local.script("compilation_job", "bert-*", ["STARTING", "INPROGRESS", ("FAILED", "ClientError: bad shape")])
            local.script("training_job", "*", metrics={"validation:accuracy": 0.93}, fields={"BillableTimeInSeconds": 60})
            local.script("pipeline_step", "Train", ["Executing", ("Failed", "AlgorithmError: NaN")])
            local.script("endpoint", "*", ["Updating", "RollingBack", "InService"])

        Raises:
            ValueError: A kind, state, member, metric or moment that cannot be, or nothing to say.
            LookupError: `on="now"`, and there is no such resource.
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
        """Keep a script for what is to come, or lay it over what is there."""
        if phase != "now":
            with self._lock:
                self._scripts.add(kind, phase, pattern, script)
            return
        self._started()
        with self._lock:
            now = self._world().settle()
            if not sum(found.put_all(pattern, script, now) for found in self._kinds(kind)):
                raise LookupError(f"there is no {kind} whose name fits {pattern!r}")

    def advance(self, kind: str | None = None, name: str | None = None) -> int:
        """Move by hand: the named resource, all of a kind, or all there are, by one state. Returns how many moved."""
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
        """Say what an endpoint answers, if its name fits `pattern` (a glob; the latest that fits wins).

        `function` takes the `Invocation`, and returns bytes, a text, a mapping or a list (sent as JSON), an iterator of
        parts (each an event of a response stream), or an `InvocationAnswer` with its content type. It raises
        `ContainerError` to let the call end in a ModelError. Without it, an endpoint answers with what it was sent.

        `kind` is "endpoint", or "inference_component" for those of one endpoint. The function runs in a thread of the
        server, several at a time if there are several callers, and may call LocalSageMaker itself.

            local.answer("endpoint", "churn-*", lambda invocation: {"score": len(invocation.body)})
        """
        if kind not in AnswerBook.KINDS:
            raise ValueError(f"a {kind!r} answers nothing; these do: {', '.join(AnswerBook.KINDS)}")
        if not callable(function):
            raise ValueError(f"an answer is a function of the invocation, and not {function!r}")
        with self._lock:
            self._answers.add(kind, pattern, function)

    def log(self, kind: str, pattern: str, lines: str | Sequence[str], *, stream: str | None = None) -> None:
        """Write lines to the CloudWatch Logs of the resources of a kind whose names fit `pattern` (a glob).

        To those that have begun to write, now. To others when they begin: a training job with its secondary status
        Training, an endpoint when it is in service. These then have no other lines than what is given here; without
        it, jobs and endpoints write a few usual ones by themselves. `stream` is the log stream, the first of the
        resource's own unless given, which is named as SageMaker names it: `<job>/algo-1-<time>`.
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
        """How often each operation was called so far, refused calls and retries included. A copy.

        SageMaker's operations, and those of the services beside it but S3.
        """
        with self._lock:
            return Counter(self._ledger.calls)

    # --- what goes wrong there ---------------------------------------------------------------------------------------

    def fail_next(
        self, operation: str, code: str, *, message: str | None = None, status: int | None = None, times: int = 1
    ) -> None:
        """Answer the next `times` calls of an operation with an error. Calls add up: several make a queue.

        `operation` is written as in DescribeCompilationJob; "*" is whichever is called next. Without `status`, the HTTP
        status is the one that goes with the code: 500 of InternalFailure, 503 of ServiceUnavailable, 400 of others.

        boto3 sends a throttled call again by itself: `times` counts what arrives, not what the caller does.
        """
        status = _status_of(operation, code) if status is None else status
        if not 400 <= status <= 599:
            raise ValueError(f"an error has a status between 400 and 599: {status}")
        text = f"{code}, as fail_next() asked for" if message is None else message
        self._put_in_the_way(operation, Fault("error", code, text, status), times)

    def drop_next(self, operation: str, *, done: bool = False, times: int = 1) -> None:
        """Close the connection instead of answering, at the next `times` calls of an operation ("*": of any).

        With `done`, the work is done all the same, and only the answer is lost: the caller cannot tell the two apart.
        """
        self._put_in_the_way(operation, Fault("lose" if done else "drop"), times)

    def delay_next(self, operation: str, seconds: float, *, times: int = 1) -> None:
        """Let the next `times` calls of an operation ("*": of any) wait for so many seconds of real time."""
        if seconds < 0:
            raise ValueError(f"seconds must not be negative: {seconds}")
        self._put_in_the_way(operation, Fault("delay", seconds=seconds), times)

    def throttle(self, operation: str, per_second: float | None) -> None:
        """Answer ThrottlingException to more than so many calls a second of an operation ("*": of all together).

        Seconds are those of `clock`. None lifts the limit.
        """
        _check_operation(operation)
        if per_second is not None and per_second <= 0:
            raise ValueError(f"per_second must be greater than 0: {per_second}")
        with self._lock:
            self._ledger.limit(operation, per_second, self._timeline.now())

    def reset(self) -> None:
        """Forget resources, scripts, answers, logs, calls, faults and S3 content. The URL stays."""
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
        """A forked child has the parent's state and none of its threads: what runs, runs in the parent."""
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
        raise ValueError(f"unknown kind {kind!r}{_hint(kind, known)}; there is: {', '.join(known)}")
    return known[kind]


def _parsed_states(
    resource: type[Resource[Any]], states: Sequence[StateLike] | None, allow_unknown: bool
) -> tuple[State, ...]:
    if states is None:
        return ()
    if not resource.status_shape:
        raise ValueError(f"a {resource.kind} has no status, and so no states; fields= and created= it can have")
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
        raise ValueError(f"a {resource.kind} knows no {phase!r}; it knows: {', '.join((*resource.lives, 'now'))}")
    return phase


def _check_created(created: Moment | None, phase: str) -> None:
    check_moment(created)
    if created is not None and phase != "create":
        raise ValueError(f"created= is for what is still to be created, and this script is for {phase!r}")


def _check_script(
    resource: type[Resource[Any]], states: Sequence[State], outcome: State, created: Moment | None, *, paced: bool
) -> None:
    """Refuse a script that says nothing, or that says of a part what belongs to the whole."""
    if not resource.paced and (paced or created is not None):
        raise ValueError(f"a {resource.kind} has no pace and no time of its own: give them to what it is a part of")
    if not states and outcome is GONE and created is None and not paced:
        raise ValueError("a script has a list of states, or else fields=, metrics=, created= or a pace")


def _outcome(
    resource: type[Resource[Any]],
    states: Sequence[State],
    fields: Fields | None,
    metrics: Mapping[str, Any] | None,
    allow_unknown: bool,
) -> State:
    """What a script says of the last state; GONE if that is nothing."""
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
