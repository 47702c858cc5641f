"""Repairs the state of a forked child: locks and connections shared with the parent, and unfinished imports.

A child has a copy of its parent's memory, but only the thread that forked. A lock held by another thread stays locked.
Both processes read from the same sockets and take each other's responses. A module that another thread was importing is
never finished. So each of our objects with a lock or a connection has a method `after_fork` that renews it.

Python's import system and botocore have no public API for this. Only this module uses their private names; if one is
missing, that part of the repair is skipped.
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
    """An object that owns a lock or a connection."""

    def after_fork(self) -> None:
        """Renew locks and connections in the child. No other thread runs yet."""
        ...


_FORKED: WeakSet[Forked] = WeakSet()
_RETIRED: list[Any] = []
# Their credentials come over a connection that botocore keeps, and are cheap to fetch again.
_FETCHED_OVER_A_KEPT_CONNECTION = ("iam-role", "container-role")


def mend_after_fork(thing: Forked) -> None:
    """Call `thing.after_fork()` in each forked child, as long as `thing` exists."""
    _FORKED.add(thing)


def _in_child() -> None:
    _abandon_imports()
    for thing in list(_FORKED):
        thing.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


# --- modules ----------------------------------------------------------------------------------------------------------


def _abandon_imports() -> None:
    """Let the child restart the imports that other threads had not finished.

    Python leaves the module half initialized and its lock held, so that importing it in the child never returns. The first
    call imports some three hundred modules, so a fork during that call often interrupts an import.
    """
    machinery: Any = getattr(importlib, "_bootstrap", None)
    locks: Any = getattr(machinery, "_module_locks", {})
    for name, reference in list(locks.items()):
        owner = getattr(reference(), "owner", None)
        if owner == get_ident():
            continue
        del locks[name]  # the next import makes a new lock
        if owner is not None and _is_half_made(name):
            for each in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
                del sys.modules[each]


def _is_half_made(name: str) -> bool:
    spec = getattr(sys.modules.get(name), "__spec__", None)
    return bool(getattr(spec, "_initializing", False))


# --- botocore ---------------------------------------------------------------------------------------------------------


def retire(client: Any) -> None:
    """Drop the parent's client without closing its pools.

    Garbage collection closes the child's copies of the sockets, which does not affect the parent: nothing is sent on them.
    Closing them explicitly would take the lock of each urllib3 pool, and another thread may have held one.
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
    """Return a copy of a caller's client for the child, which shares everything but the parent's connections.

    The copy keeps the hooks, the credentials and the settings. Return the client itself if botocore keeps its connections
    in an unknown place.
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
    """Return urllib3's connection pools, or None if botocore keeps them in an unknown place."""
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
    """Return the parent's botocore session for the child, with its credentials, or None to make a new session.

    Credentials are looked up again if another thread was just doing so, or if they come from the instance metadata
    service. Others are kept, because a look-up may ask the user for an MFA code. A caller's session is never replaced.
    """
    credentials: Any = getattr(base, "_credentials", None)
    lock: Any = getattr(credentials, "_refresh_lock", None)
    refreshing = lock is not None and lock.locked()
    if refreshing:
        credentials._refresh_lock = Lock()
    method = getattr(credentials, "method", None)
    fresh = credentials is None or refreshing or method in _FETCHED_OVER_A_KEPT_CONNECTION
    return None if fresh and not given else base
