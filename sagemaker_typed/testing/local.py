"""`LocalSageMaker`: SageMaker and S3 on loopback, inside this process."""

from __future__ import annotations

import importlib
import os
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from sagemaker_typed.testing._compilation import CompilationJobs
from sagemaker_typed.testing._gateway import Fault, Gateway, Ledger
from sagemaker_typed.testing._model import botocore_loader, load_model
from sagemaker_typed.testing._resource import Resource
from sagemaker_typed.testing._server import LoopbackServer
from sagemaker_typed.testing._states import Pace, Script, ScriptBook, StateLike, Timeline, parse_states

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

    from sagemaker_typed._validate import Validation
    from sagemaker_typed.client import SageMaker
    from sagemaker_typed.testing._moto_overlay import Moto

__all__ = ["LocalSageMaker"]

_ACCESS_KEY = "LOCALSAGEMAKER000000"
_SECRET_KEY = "local-sagemaker"
_RESOURCES: dict[str, type[Resource[Any]]] = {kind.kind: kind for kind in (CompilationJobs,)}
"""What lives here. Another kind needs its class in this line, and no other change of this module."""

_OLDEST_MOTO = "5.0.28"
_EXTRA = "LocalSageMaker needs moto, flask and flask-cors: pip install 'sagemaker-typed[testing]'"


class LocalSageMaker:
    """An embedded SageMaker with its own S3, for demos and tests. No AWS account, no network beyond 127.0.0.1.

    ::

        with LocalSageMaker() as local:
            sm = local.client()
            local.boto3_client("s3").create_bucket(...)
            sm.compilation_jobs.create(...)

    Compilation jobs live: each goes through its states by time (`every` seconds a state), or as `script` says, and a
    COMPLETED one has left its artifact in the embedded S3. moto answers the other operations that it has; those that it
    lacks are an error with HTTP status 501.

    `clock` gives seconds, and drives both the states and the timestamps. With one that a test moves by hand, nothing
    has to sleep.

    One runs at a time in a process; each begins empty. moto's `mock_aws()` wipes the state of a running one.
    """

    # The jobs of two could be kept apart by account, but moto has one name space of buckets for the whole process: the
    # second could neither make a bucket "models" of its own nor be kept out of the first one's. So start() refuses it.
    _running: ClassVar[LocalSageMaker | None] = None
    _running_lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self, *, region: str = "us-west-2", every: float = 0.2, clock: Callable[[], float] = time.monotonic
    ) -> None:
        Pace.of(every, None, False)  # refuse a bad pace here, and not at start()
        self.region = region
        self._every = every
        self._timeline = Timeline(clock)
        self._scripts = ScriptBook()
        self._lock = threading.RLock()
        self._ledger = Ledger()
        self._moto: Moto | None = None
        self._server: LoopbackServer | None = None
        self._resources: list[Resource[Any]] = []
        self._clients: weakref.WeakSet[Any] = weakref.WeakSet()

    # --- running -----------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Begin to listen. Also done by `with`."""
        with LocalSageMaker._running_lock:
            if LocalSageMaker._running is not None:
                raise RuntimeError(
                    "a LocalSageMaker is running in this process, and moto can hold but one: stop it first, or share it"
                )
            overlay = _import_overlay()
            moto = cast("Moto", overlay.Moto())
            moto.reset()
            resources = [kind(moto, self._scripts, self._timeline, self._every) for kind in _RESOURCES.values()]
            gateway = Gateway(
                model=load_model(),
                timeline=self._timeline,
                ledger=self._ledger,
                lock=self._lock,
                backend=moto,
                resources=resources,
            )
            server = LoopbackServer(gateway)
            server.start()
            self._moto, self._resources, self._server = moto, resources, server
            LocalSageMaker._running = self
        return self

    def stop(self) -> None:
        """Stop listening, and forget jobs and S3 content. `calls` and the scripts stay. Twice is once."""
        with LocalSageMaker._running_lock:
            if self._server is None or self._moto is None:
                return
            for client in list(self._clients):
                client.close()
            self._server.stop()
            self._moto.reset()
            self._server = self._moto = None
            self._resources = []
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
        """The endpoint URL, of SageMaker and of S3."""
        return self._started().url

    def client(
        self, *, region: str | None = None, config: Config | None = None, validation: Validation = "standard"
    ) -> SageMaker:
        """A `SageMaker` on it; the arguments are those of `SageMaker`. `stop()` closes it."""
        from sagemaker_typed.client import SageMaker

        sm = SageMaker(
            session=self.session(region), endpoint_url=self.url, region=region, config=config, validation=validation
        )
        self._clients.add(sm)
        return sm

    def session(self, region: str | None = None) -> boto3.Session:
        """A boto3 session with credentials that serve here and nowhere else.

        It knows nothing of the caller's profiles, configuration files and proxies. boto3 keeps no endpoint in a
        session: give `endpoint_url=local.url` to the clients made from it, or use `boto3_client`.
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
        core.set_default_client_config(Config(proxies={}, s3={"addressing_style": "path"}))
        return boto3.Session(
            aws_access_key_id=_ACCESS_KEY,
            aws_secret_access_key=_SECRET_KEY,
            region_name=region or self.region,
            botocore_session=core,
        )

    def boto3_client(self, service: str, **options: Any) -> Any:
        """A boto3 client ("sagemaker" or "s3") on it. `options` go to `boto3.Session.client`. `stop()` closes it."""
        options.setdefault("endpoint_url", self.url)
        client = cast("Any", self.session()).client(service, **options)
        self._clients.add(client)
        return client

    # --- what happens there ------------------------------------------------------------------------------------------

    def script(
        self,
        kind: str,
        pattern: str,
        states: Sequence[StateLike],
        *,
        every: float | None = None,
        describes: int | None = None,
        manual: bool = False,
        allow_unknown: bool = False,
    ) -> None:
        """Say which states a resource goes through if it is created from now on, under a name that fits `pattern`.

        `pattern` is a glob; the latest script that fits a name wins. A state is a status, or a status with its failure
        reason; the last one stays. `every`: seconds that a state lasts. `describes`: Describe calls that see a state.
        `manual`: only `advance` moves. None of the three: the default pace.

        A script is followed to the letter: a scripted COMPLETED does not look for its input, and makes the output
        bucket if there is none.

            local.script("compilation_job", "bert-*", ["STARTING", "INPROGRESS", ("FAILED", "ClientError: bad shape")])
        """
        resource = _resource_type(kind)
        parsed = parse_states(
            states,
            known=load_model().enum(resource.status_shape),
            terminal=resource.terminal,
            reasons=resource.reasons,
            allow_unknown=allow_unknown,
        )
        if every is None and describes is None and not manual:
            every = self._every
        pace = Pace.of(every, describes, manual)
        with self._lock:
            self._scripts.add(kind, pattern, Script(parsed, pace, given=True))

    def advance(self, kind: str | None = None, name: str | None = None) -> int:
        """Move by hand: the named resource, all of a kind, or all there are, by one state. Returns how many moved."""
        self._started()
        if kind is None and name is not None:
            raise ValueError("a name needs its kind: advance('compilation_job', name)")
        if kind is not None:
            _resource_type(kind)
        with self._lock:
            now = self._timeline.now()
            chosen = [resource for resource in self._resources if kind in (None, resource.kind)]
            for resource in chosen:
                resource.settle(now)
            if name is not None and not any(resource.knows(name) for resource in chosen):
                raise LookupError(f"there is no {kind} named {name!r}")
            return sum(resource.advance(name, now) for resource in chosen)

    @property
    def calls(self) -> Counter[str]:
        """How often each SageMaker operation was called so far, refused calls and retries included. A copy."""
        with self._lock:
            return Counter(self._ledger.calls)

    def fail_next(
        self, operation: str, code: str, *, message: str | None = None, status: int = 400, times: int = 1
    ) -> None:
        """Answer the next `times` calls of an operation with an error. Calls add up: several make a queue.

        boto3 sends a throttled call again by itself: `times` counts what arrives, not what the caller does.
        """
        if operation not in load_model().operations:
            raise ValueError(
                f"SageMaker has no operation {operation!r}; names are written as in DescribeCompilationJob"
            )
        if not 400 <= status <= 599:
            raise ValueError(f"an error has a status between 400 and 599: {status}")
        if times < 1:
            raise ValueError(f"times must be at least 1: {times}")
        text = f"{code}, as fail_next() asked for" if message is None else message
        with self._lock:
            self._ledger.faults[operation].extend([Fault(code, text, status)] * times)

    def reset(self) -> None:
        """Forget jobs, scripts, calls, faults and S3 content. The URL stays."""
        with self._lock:
            self._scripts.clear()
            self._ledger.clear()
            for resource in self._resources:
                resource.reset()
            if self._moto is not None:
                self._moto.reset()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _started(self) -> LoopbackServer:
        if self._server is None:
            raise RuntimeError("LocalSageMaker is not running: use `with LocalSageMaker() as local:` or local.start()")
        return self._server


def _resource_type(kind: str) -> type[Resource[Any]]:
    if kind not in _RESOURCES:
        raise ValueError(f"unknown kind {kind!r}; there is: {', '.join(_RESOURCES)}")
    return _RESOURCES[kind]


def _import_overlay() -> Any:
    """Import moto, or say what to install."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("moto")
    except PackageNotFoundError:
        raise ImportError(_EXTRA, name="moto") from None
    if _numbers(found) < _numbers(_OLDEST_MOTO):
        raise ImportError(f"LocalSageMaker needs moto {_OLDEST_MOTO} or newer, and finds {found}", name="moto")
    try:
        return importlib.import_module("sagemaker_typed.testing._moto_overlay")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("sagemaker_typed"):
            raise
        raise ImportError(f"{_EXTRA} (missing: {error.name})", name=error.name) from error
    except ImportError as error:
        raise ImportError(f"LocalSageMaker does not fit moto {found}: {error}", name="moto") from error


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())
