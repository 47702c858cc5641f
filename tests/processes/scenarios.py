"""What the tests of forked and spawned processes run, each in a fresh interpreter that has imported nothing yet.

    python -m tests.processes.scenarios <scenario> <url of a server> [argument]

The server answers a Describe with the name that was asked for. Children that do not end within the patience are killed.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from importlib.machinery import PathFinder
from signal import SIGKILL
from typing import Any

CHILDREN = 3
CALLS = 50
PATIENCE_SECONDS = 40.0
# The server holds back the answer to this name until another name ends with "release".
HELD = "held"


def ask(sm: Any, who: str, calls: int = CALLS) -> None:
    """Calls whose answers must be their own."""
    for index in range(calls):
        name = f"{who}-{index}"
        found = sm.compilation_jobs.describe(name).compilation_job_name
        assert found == name, f"{name} got the answer of {found}"


def fork(work: Callable[[], object]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        gc.collect()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def join(*pids: int) -> None:
    """All ended well."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    left = list(pids)
    while left:
        pid, status = os.waitpid(left[0], os.WNOHANG)
        if pid:
            assert status == 0, f"a child ended with {status}"
            left.pop(0)
        elif time.monotonic() > deadline:
            for each in left:
                os.kill(each, SIGKILL)
                os.waitpid(each, 0)
            raise AssertionError(f"{len(left)} children hang")
        else:
            time.sleep(0.005)


class Stall:
    """Something that the threads of this process stop in, and those of a forked child do not."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go_on = threading.Event()
        self._process = os.getpid()

    def __call__(self, *_: object, **__: object) -> None:
        if os.getpid() == self._process:
            self.reached.set()
            assert self.go_on.wait(PATIENCE_SECONDS)


class StalledImport:
    """A finder whose module stops in the middle of its import."""

    def __init__(self, name: str, stall: Stall) -> None:
        self._name = name
        self._stall = stall

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self._name:
            return None
        spec: Any = PathFinder.find_spec(name, path, target)
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            self._stall()
            execute(module)

        spec.loader.exec_module = exec_module
        return spec


def during(sm: Any, stall: Stall) -> None:
    """Forks while a thread stalls in its first call; then all go on."""
    errors: list[BaseException] = []

    def first() -> None:
        try:
            ask(sm, "thread", 3)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=first, daemon=True)
    thread.start()
    assert stall.reached.wait(PATIENCE_SECONDS), "the stall was not reached"
    pids = [fork(lambda who=f"child{index}": ask(sm, who, 5)) for index in range(2)]  # type: ignore[misc]
    join(*pids)
    stall.go_on.set()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert errors == []
    ask(sm, "parent", 3)


def made(url: str, **more: Any) -> Any:
    from sagemaker_typed import SageMaker

    return SageMaker(region="us-west-2", endpoint_url=url, **more)


# --- fork -------------------------------------------------------------------------------------------------------------


def before(url: str) -> None:
    sm = made(url)
    pids = [fork(lambda who=f"child{index}": ask(sm, who)) for index in range(CHILDREN)]  # type: ignore[misc]
    ask(sm, "parent")
    join(*pids)


def after(url: str) -> None:
    """Of views as well, and in the children of children."""
    from botocore.config import Config

    sm = made(url)
    view = sm.with_options(config=Config(read_timeout=30), timeout=30)
    ask(sm, "first", 2)
    ask(view, "view", 2)
    sm.send(_describe("timed"), timeout=20)

    def child(who: str) -> None:
        grandchild = fork(lambda: ask(sm, f"{who}-child"))
        ask(sm, who)
        ask(view, f"{who}-view", 10)
        assert sm.send(_describe(who), timeout=20).compilation_job_name == who
        join(grandchild)

    pids = [fork(lambda who=f"child{index}": child(who)) for index in range(CHILDREN)]  # type: ignore[misc]
    ask(sm, "parent")
    ask(view, "parent-view")
    join(*pids)


def given(url: str) -> None:
    """Of a caller's own client, whose hooks go on hearing of the calls, and which itself stays as it was."""
    import boto3

    from sagemaker_typed import SageMaker

    client = boto3.client("sagemaker", region_name="us-east-1", endpoint_url=url)
    heard: list[str] = []
    client.meta.events.register("before-send.sagemaker", lambda request, **_: heard.append(request.url))
    sm = SageMaker(client=client)
    ask(sm, "first", 2)
    before = dict(vars(client))

    def child(who: str) -> None:
        heard.clear()
        grandchild = fork(lambda: ask(sm, f"{who}-child"))
        ask(sm, who)
        assert sm.send(_describe(who), timeout=20).compilation_job_name == who
        assert len(heard) == CALLS + 1
        assert vars(client) == before
        join(grandchild)

    pids = [fork(lambda who=f"child{index}": child(who)) for index in range(CHILDREN)]  # type: ignore[misc]
    ask(sm, "parent")
    assert sm.boto3_client is client
    join(*pids)


def _describe(name: str) -> Any:
    from sagemaker_typed.types import DescribeCompilationJobRequest

    return DescribeCompilationJobRequest(compilation_job_name=name)


def inside_a_call(url: str) -> None:
    """Threads of the parent are in calls, and hold connections, all the while."""
    sm = made(url)
    ask(sm, "first", 1)
    stop = threading.Event()
    errors: list[BaseException] = []

    def busy(who: str) -> None:
        try:
            while not stop.is_set():
                ask(sm, who, 1)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=busy, args=(f"thread{index}",), daemon=True) for index in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(6):
        join(*[fork(lambda who=f"child{turn}-{index}": ask(sm, who, 5)) for index in range(2)])  # type: ignore[misc]
    stop.set()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert errors == []


def held(url: str) -> None:
    """The parent's only connection waits for an answer, which comes when the child has had its own."""
    sm = made(url)
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(sm.compilation_jobs.describe(HELD).compilation_job_name))
    thread.start()
    ask(made(url), "until-it-is-held", 1)
    join(fork(lambda: ask(sm, "child")))
    made(url).compilation_jobs.describe("release")
    thread.join(PATIENCE_SECONDS)
    assert found == [HELD]


def during_an_import(url: str, name: str) -> None:
    sm = made(url)
    stall = Stall()
    sys.meta_path.insert(0, StalledImport(name, stall))  # type: ignore[arg-type]
    assert name not in sys.modules
    during(sm, stall)


def while_a_client_is_made(url: str) -> None:
    import boto3

    stall = Stall()
    boto3.setup_default_session()
    boto3.DEFAULT_SESSION.events.register("creating-client-class.sagemaker", stall)
    during(made(url), stall)


def while_a_given_session_makes_one(url: str) -> None:
    import boto3

    stall = Stall()
    session = boto3.Session("AKID", "secret")
    session.events.register("creating-client-class.sagemaker", stall)
    during(made(url, session=session), stall)


def while_credentials_are_renewed(url: str, whose: str) -> None:
    """The lock of botocore's credentials is held by a thread that the child does not have."""
    from datetime import UTC, datetime, timedelta

    import boto3
    from botocore.credentials import RefreshableCredentials

    stall = Stall()

    def renewed() -> dict[str, str]:
        stall()
        later = datetime.now(UTC) + timedelta(hours=1)
        return {"access_key": "AKID", "secret_key": "s", "token": "t", "expiry_time": later.isoformat()}

    session = boto3.Session()
    session._session._credentials = RefreshableCredentials(
        "OLD", "s", "t", datetime.now(UTC) - timedelta(hours=1), renewed, "custom-process"
    )
    if whose == "given":
        during(made(url, session=session), stall)
    elif whose == "default":
        boto3.DEFAULT_SESSION = session
        during(made(url), stall)
    else:
        sm = made(url)
        sm._connection._identity._base = session._session
        during(sm, stall)


def while_hooks_are_written(url: str) -> None:
    from sagemaker_typed._core.convert.hooks import Hooks

    stall = Stall()
    write = Hooks._compiled

    def compiled(self: Any, *args: Any) -> Any:
        stall()
        return write(self, *args)

    Hooks._compiled = compiled  # type: ignore[method-assign]
    during(made(url), stall)


def with_every_lock_held(url: str) -> None:
    """Whatever lock can be found from a client, another thread holds it."""
    sm = made(url)
    ask(sm, "first", 1)
    client = sm._connection.client()
    manager = client._endpoint.http_session._manager
    pools = list(manager.pools._container.values())
    locks = [
        sm._connection._lock,
        sm._connection._identity._lock,
        sm.pacing.list._lock,
        sm.pacing.describe._lock,
        client._endpoint._lock if hasattr(client._endpoint, "_lock") else threading.Lock(),
        manager.pools.lock,
        *(pool.pool.mutex for pool in pools),
    ]
    assert pools
    del client, manager, pools
    hold = Stall()

    def holder() -> None:
        for lock in locks:
            lock.acquire()
        hold()
        for lock in locks:
            lock.release()

    thread = threading.Thread(target=holder)
    thread.start()
    assert hold.reached.wait(PATIENCE_SECONDS)

    def child() -> None:
        ask(sm, "child", 5)
        sm.pacing.delay("list", 0.0, 10.0)
        sm.pacing.describe.succeeded()
        sm.close()

    join(fork(child))
    hold.go_on.set()
    thread.join()
    ask(sm, "parent", 5)


def widened(url: str, folder: str) -> None:
    """In the child, the wider client is made again when it is needed."""
    os.environ["AWS_DATA_PATH"] = folder
    sm = made(url)
    client = sm.boto3_client
    assert hasattr(client, "describe_gadget")

    def child() -> None:
        assert hasattr(sm.boto3_client, "describe_gadget")
        assert sm.boto3_client is not client
        ask(sm, "child", 5)

    join(fork(child))
    assert sm.boto3_client is client


def closed(url: str) -> None:
    """A closed object stays closed, and a child that closes its own leaves the parent's alone."""
    import pytest

    sm, other = made(url), made(url)
    ask(sm, "first", 1)
    ask(other, "first", 1)
    other.close()

    def child() -> None:
        sm.close()
        for each in (sm, other):
            with pytest.raises(RuntimeError, match="closed"):
                ask(each, "closed", 1)

    join(fork(child))
    ask(sm, "parent", 5)


def one_connection(url: str) -> None:
    """The parent goes on with the connection that it had: the child has not ended it, not even TLS. The test counts."""
    sm = made(url)
    ask(sm, "parent", 1)
    join(fork(lambda: ask(sm, "child", 2)))
    ask(sm, "parent", 2)


def another_thread_forks(url: str) -> None:
    sm = made(url)
    ask(sm, "first", 1)
    pids: list[int] = []
    thread = threading.Thread(target=lambda: pids.append(fork(lambda: ask(sm, "child", 5))))
    thread.start()
    ask(sm, "parent", 5)
    thread.join()
    join(*pids)


# --- pools ------------------------------------------------------------------------------------------------------------


def pool(url: str, method: str) -> None:
    """The same object, a group's method, a request, an answer, an error and pages go to the workers and back."""
    from concurrent.futures import ProcessPoolExecutor

    from tests.processes import work

    sm = made(url, validation="strict")
    ask(sm, "first", 1)
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(CHILDREN, mp_context=context) as executor:
        futures = [executor.submit(work.ask, sm, f"worker{index}", CALLS) for index in range(CHILDREN)]
        ask(sm, "parent")
        for future in futures:
            assert future.result(PATIENCE_SECONDS) == CALLS
        names = [f"mapped-{index}" for index in range(20)]
        jobs = executor.map(sm.compilation_jobs.describe, names, timeout=PATIENCE_SECONDS)
        assert [job.compilation_job_name for job in jobs] == names
        assert executor.submit(sm.send, _describe("sent")).result(PATIENCE_SECONDS).compilation_job_name == "sent"
        error = executor.submit(sm.endpoints.describe, "missing").exception(PATIENCE_SECONDS)
        assert type(error).__name__ == "ResourceNotFoundError", error
        assert executor.submit(work.count, sm.compilation_jobs.list()).result(PATIENCE_SECONDS) > 0


if __name__ == "__main__":
    scenario, *arguments = sys.argv[1:]
    globals()[scenario](*arguments)
