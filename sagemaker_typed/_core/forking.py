"""Mends a forked child: locks and connections that it shares with its parent, and imports that no thread finishes.

A child has the memory of its parent, and only the thread that forked. A lock that another thread held stays locked; both
processes read from the same socket, and take each other's answers; a module that another thread was importing is never
finished. So each object of ours that holds a lock or a connection has a method `after_fork` that renews it.

Python's import system and botocore have no public way to do this. Only this module looks up their private names, and
where one is missing, that part is left as it is.
"""

from __future__ import annotations

import importlib
import os
import sys
from threading import Condition, Lock, get_ident
from typing import Any, Protocol
from weakref import WeakSet

from sagemaker_typed._core.http.copies import shallow

__all__ = ["Forked", "inheritable", "mend_after_fork", "retire", "with_own_connections"]


class Forked(Protocol):
    """Something with a lock or a connection of its own."""

    def after_fork(self) -> None:
        """Begin anew in the child. No other thread runs yet."""
        ...


_FORKED: WeakSet[Forked] = WeakSet()
_RETIRED: list[Any] = []
# Their credentials come over a connection that botocore keeps, and cost nothing to ask for again.
_FETCHED_OVER_A_KEPT_CONNECTION = ("iam-role", "container-role")


def mend_after_fork(thing: Forked) -> None:
    """Have `thing.after_fork()` called in each forked child, for as long as the thing lives."""
    _FORKED.add(thing)


def _in_child() -> None:
    _abandon_imports()
    for thing in list(_FORKED):
        thing.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


# --- modules ----------------------------------------------------------------------------------------------------------


def _abandon_imports() -> None:
    """Let the child import anew what another thread was importing.

    Python leaves such a module half made and its lock locked, and whoever imports it in the child waits for ever. A first
    call imports some three hundred modules, so that a fork during one often comes in the middle of an import.
    """
    machinery: Any = getattr(importlib, "_bootstrap", None)
    locks: Any = getattr(machinery, "_module_locks", {})
    for name, reference in list(locks.items()):
        owner = getattr(reference(), "owner", None)
        if owner == get_ident():
            continue
        del locks[name]  # the next import makes another
        if owner is not None and _is_half_made(name):
            for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
                del sys.modules[each]


def _is_half_made(name: str) -> bool:
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))


# --- botocore ---------------------------------------------------------------------------------------------------------


def retire(client: Any) -> None:
    """Let go of the parent's client.

    Its sockets are closed here when it is collected, which the parent does not notice: nothing is sent on them. To close
    them, urllib3 takes the lock of each pool, and another thread may have held one.
    """
    pools = _pools(client)
    if pools is None:
        _RETIRED.append(client)  # never collected, and so never closed
        return
    for pool in pools:
        queue = pool.pool
        if queue is not None and queue.mutex.locked():
            queue.mutex = Lock()
            for name in ("not_empty", "not_full", "all_tasks_done"):
                setattr(queue, name, Condition(queue.mutex))


def with_own_connections(client: Any) -> Any:
    """Return a copy of a caller's client for the child, which shares all but the connections of the parent.

    It keeps the hooks, the credentials and the settings. Returns the client itself where botocore keeps its connections
    in another way than we know.
    """
    try:
        endpoint = client._endpoint
        http = endpoint.http_session
        manager = http._manager.__class__(**http._get_pool_manager_kwargs())
        manager.pool_classes_by_scheme = http._pool_classes_by_scheme
        vars(http)["_proxy_managers"]
    except (AttributeError, KeyError):
        return client
    _RETIRED.append(client)  # never collected, and so its sockets are never closed by the child
    own = shallow(http, _manager=manager, _proxy_managers={})
    return shallow(client, _endpoint=shallow(endpoint, http_session=own))


def _pools(client: Any) -> list[Any] | None:
    """urllib3's connection pools; None where they are kept in another way than we know."""
    try:
        http = client._endpoint.http_session
        managers = [http._manager, *http._proxy_managers.values()]
        pools = [pool for manager in managers for pool in manager.pools._container.values()]
    except AttributeError:
        return None
    return pools if all(hasattr(pool, "pool") and _has_mutex(pool.pool) for pool in pools) else None


def _has_mutex(queue: Any) -> bool:
    return queue is None or hasattr(queue, "mutex")


def inheritable(base: Any, *, given: bool) -> Any:
    """The botocore session for the child: the parent's, with the credentials that it has, or None for another.

    Credentials are looked up again where another thread was just doing so, and where they come from the metadata service
    of a machine. Others are kept, as a look-up may ask the user for the code of an MFA device. The caller's own session
    is not replaced.
    """
    credentials: Any = getattr(base, "_credentials", None)
    lock: Any = getattr(credentials, "_refresh_lock", None)
    refreshing = lock is not None and lock.locked()
    if refreshing:
        credentials._refresh_lock = Lock()
    method = getattr(credentials, "method", None)
    fresh = credentials is None or refreshing or method in _FETCHED_OVER_A_KEPT_CONNECTION
    return None if fresh and not given else base
