"""What a forked child renews and what it keeps, part by part; `tests/processes` forks."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections.abc import Callable
from queue import LifoQueue
from threading import Lock
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest

from sagemaker_typed._core import forking
from sagemaker_typed._core.acall import Road
from sagemaker_typed._core.connection import Connection
from sagemaker_typed._core.convert.converter import Converter
from sagemaker_typed._core.http.alarms import Alarms
from sagemaker_typed._core.identity import Identity
from sagemaker_typed._core.raw import RawClients
from sagemaker_typed._core.threads import Threads
from sagemaker_typed._waiting.pacing import TokenBucket
from sagemaker_typed.types._service import SERVICE

# --- credentials ------------------------------------------------------------------------------------------------------


def base(method: str | None = "env", *, held: bool | None = False) -> Any:
    """A botocore session with credentials; `held`: whether another thread renews them, None for some without a lock."""
    credentials = SimpleNamespace(method=method)
    if held is not None:
        credentials._refresh_lock = Lock()
        if held:
            credentials._refresh_lock.acquire()
    return SimpleNamespace(_credentials=credentials)


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize(
    ("made", "kept"),
    [
        (lambda: base(), True),
        (lambda: base(held=None), True),
        (lambda: base("shared-credentials-file"), True),
        (lambda: base(held=True), False),
        (lambda: base("iam-role"), False),
        (lambda: base("container-role"), False),
        (lambda: SimpleNamespace(_credentials=None), False),
        (lambda: SimpleNamespace(), False),
    ],
)
def test_credentials_are_kept_unless_they_may_be_half_renewed(made: Any, kept: bool, given: bool) -> None:
    made = made()  # a new one, as its lock may be renewed
    assert forking.inheritable(made, given=given) is (made if kept or given else None)


def test_a_lock_that_another_thread_held_is_renewed_and_no_other() -> None:
    held, free = base(held=True), base()
    before = free._credentials._refresh_lock
    forking.inheritable(held, given=True)
    forking.inheritable(free, given=True)
    assert not held._credentials._refresh_lock.locked()
    assert free._credentials._refresh_lock is before


# --- modules ----------------------------------------------------------------------------------------------------------


class Reference:
    """Stands for the weak reference that `importlib` keeps to the lock of a module."""

    def __init__(self, owner: int | None) -> None:
        self._lock = SimpleNamespace(owner=owner)

    def __call__(self) -> Any:
        return self._lock


def module(name: str, *, half_made: bool) -> ModuleType:
    made = ModuleType(name)
    made.__spec__ = SimpleNamespace(_initializing=half_made)  # type: ignore[assignment]
    return made


def test_modules_that_another_thread_was_importing_are_imported_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = threading.get_ident(), threading.get_ident() + 1
    locks: dict[str, Any] = {
        "half": Reference(other), "done": Reference(other), "free": Reference(None), "mine": Reference(mine),
        "never": Reference(other),
    }  # fmt: skip
    monkeypatch.setattr(importlib, "_bootstrap", SimpleNamespace(_module_locks=locks))
    modules = {
        "half": True, "half.part": False, "halfway": False, "done": False, "done.part": True, "free": True, "mine": True,
    }  # fmt: skip
    for name, half_made in modules.items():
        monkeypatch.setitem(sys.modules, name, module(name, half_made=half_made))
    forking._abandon_imports()
    assert [name for name in modules if name in sys.modules] == ["halfway", "done", "done.part", "free", "mine"]
    assert list(locks) == ["mine"]
    monkeypatch.setitem(sys.modules, "bare", ModuleType("bare"))  # without a spec: nobody imports it
    locks["bare"] = Reference(other)
    forking._abandon_imports()
    assert "bare" in sys.modules
    assert list(locks) == ["mine"]


def test_an_import_system_without_these_names_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib, "_bootstrap", object())
    forking._abandon_imports()


# --- what is mended ---------------------------------------------------------------------------------------------------


def test_what_lives_is_mended_in_the_child_and_only_there() -> None:
    class Thing:
        mended = 0

        def after_fork(self) -> None:
            self.mended += 1

    thing, gone = Thing(), Thing()
    forking.mend_after_fork(thing)
    forking.mend_after_fork(gone)
    del gone
    before = len(list(forking._FORKED))
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, str(thing.mended).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(read, 9) == b"1"
    assert thing.mended == 0
    assert before == len(list(forking._FORKED))


LOCKS = (type(threading.Lock()), type(threading.RLock()), threading.Condition)


def connection() -> Connection:
    return Connection(SERVICE, region="us-west-2")


LOCKED: dict[str, Callable[[], Any]] = {
    "connection": connection,
    "identity": lambda: Identity(None, None),
    "raw clients": lambda: RawClients(lambda name: None),
    "alarms": Alarms,
    "road": lambda: Road(connection(), Threads()),
    "hooks": lambda: Converter()._hooks,
    "bucket": lambda: TokenBucket(1.0, 2.0, 3),
    "workers": Threads,
}


@pytest.mark.parametrize("name", LOCKED)
def test_no_lock_of_the_parent_is_held_in_the_child(name: str) -> None:
    """A thread of the parent may have held it at the fork, and does not exist in the child."""
    made = LOCKED[name]()
    assert made in forking._FORKED
    owner = made._crew if name == "workers" else made
    locks = {key: value for key, value in vars(owner).items() if isinstance(value, LOCKS)}
    assert locks
    made.after_fork()
    owner = made._crew if name == "workers" else made
    for key, lock in locks.items():
        assert isinstance(getattr(owner, key), type(lock))
        assert getattr(owner, key) is not lock


# --- connections ------------------------------------------------------------------------------------------------------


def client() -> Any:
    session = boto3.Session(aws_access_key_id="AKID", aws_secret_access_key="s", region_name="us-west-2")
    return session.client("sagemaker", endpoint_url="http://127.0.0.1:1")


def test_a_retired_client_can_be_closed_though_a_thread_held_its_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    retired: list[Any] = []
    monkeypatch.setattr(forking, "_RETIRED", retired)
    made = client()
    http = made._endpoint.http_session
    held = http._manager.connection_from_url("http://127.0.0.1:1")
    free = http._manager.connection_from_url("http://127.0.0.1:2")
    proxied = http._get_connection_manager("http://127.0.0.1:3", proxy_url="http://127.0.0.1:4")
    of_proxy = proxied.connection_from_url("http://127.0.0.1:3")
    before = free.pool.mutex
    for pool in (held, of_proxy):
        pool.pool.mutex.acquire()
    forking.retire(made)
    assert retired == []
    assert free.pool.mutex is before
    for pool in (held, of_proxy):
        queue = pool.pool
        assert not queue.mutex.locked()
        assert {queue.not_empty._lock, queue.not_full._lock, queue.all_tasks_done._lock} == {queue.mutex}
        pool.close()  # which takes the lock
    forking.retire(made)  # pools that are closed have no queue


@pytest.mark.parametrize("missing", ["_endpoint", "_endpoint.http_session", "_endpoint.http_session._proxy_managers"])
def test_a_client_that_keeps_its_connections_elsewhere_is_never_collected(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    retired: list[Any] = []
    monkeypatch.setattr(forking, "_RETIRED", retired)
    made = client()
    *path, name = missing.split(".")
    owner = made
    for each in path:
        owner = getattr(owner, each)
    delattr(owner, name)
    assert forking.with_own_connections(made) is made
    assert retired == []
    forking.retire(made)
    assert retired == [made]


def test_a_pool_of_another_kind_is_never_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    retired: list[Any] = []
    monkeypatch.setattr(forking, "_RETIRED", retired)
    made = client()
    pool = made._endpoint.http_session._manager.connection_from_url("http://127.0.0.1:1")
    pool.pool = object()
    forking.retire(made)
    assert retired == [made]
    pool.pool = LifoQueue()
    forking.retire(made)
    assert retired == [made]


def test_a_callers_client_in_the_child_shares_all_but_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    retired: list[Any] = []
    monkeypatch.setattr(forking, "_RETIRED", retired)
    made = client()
    own = forking.with_own_connections(made)
    assert retired == [made]
    assert own is not made
    assert type(own) is type(made)
    assert own.meta is made.meta
    assert own._request_signer is made._request_signer
    theirs, ours = made._endpoint.http_session, own._endpoint.http_session
    assert own._endpoint is not made._endpoint
    assert ours is not theirs
    assert ours._manager is not theirs._manager
    assert ours._proxy_managers == {}
    assert ours._proxy_managers is not theirs._proxy_managers
    assert ours._manager.pool_classes_by_scheme is theirs._pool_classes_by_scheme
    assert ours._manager.connection_pool_kw.keys() == theirs._manager.connection_pool_kw.keys()
