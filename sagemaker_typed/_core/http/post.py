"""Sends a signed request over the connections of botocore's HTTP session.

The pool is the session's own, so that proxies, TLS, timeouts, the number of connections and tools that watch urllib3 keep
working. The arguments for the pool depend on the version of botocore, and are learned: the session sends a first request into
a pool that only records it. Values that the session computes again for each request, but that never change, are then reused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import ref

from sagemaker_typed._core.http.copies import class_of, shallow
from sagemaker_typed._core.http.direct import Direct, is_watched

if TYPE_CHECKING:
    from sagemaker_typed._core.http.bound import Bound
    from sagemaker_typed._core.http.wire import Outgoing

__all__ = ["Post"]


class Post:
    """Sends requests to one address. Safe to share among threads."""

    def __init__(self, session: Any, outgoing: Outgoing) -> None:
        """Learn how the session sends a request. Raises `AttributeError` if the session has an unknown structure."""
        self._session = session
        self._url = outgoing.url
        listening = _Listening()
        shallow(session, _lending(class_of(session)), _lent=listening).send(outgoing.prepared())
        asked = listening.asked
        if asked is None or not {"headers", "body", "retries"} <= asked.keys() or asked.get("preload_content", True):
            raise AttributeError("urlopen is called in another way")
        self._asked = asked
        self._proxy = listening.proxy
        self._pool: ref[Any] | None = None
        self._blank: Any = None
        self._direct = Direct({name: value for name, value in asked.items() if name not in ("headers", "body")})

    def send(self, outgoing: Outgoing, bound: Bound | None = None) -> tuple[int, Any, bytes]:
        """Return the status, the headers and the whole body. Raises botocore's error if they do not come.

        A bound limits the time of the attempt: its socket is shut down when the time runs out.
        """
        if bound is None:
            return self._sent(self._connected(), outgoing)
        return bound.attempt(self._url, lambda: self._watched(outgoing, bound))

    def _watched(self, outgoing: Outgoing, bound: Bound) -> tuple[int, Any, bytes]:
        with bound.watch() as watch:
            answer = self._sent(watch.lent(self._connected()), outgoing)
        watch.confirm(self._url)
        return answer

    def _sent(self, pool: Any, outgoing: Outgoing) -> tuple[int, Any, bytes]:
        try:
            return self._direct.send(pool, outgoing)
        except Exception as error:  # as botocore does, which converts each error
            worded = self._worded(error, outgoing)
        raise worded

    def _connected(self) -> Any:
        """Return the session's current pool. It is not stored, because that would keep dropped connections open."""
        pool: Any = None if self._pool is None else self._pool()
        if pool is None or pool.pool is None:
            session = self._session
            pool = session._get_connection_manager(self._url, self._proxy).connection_from_url(self._url)
            session._setup_ssl_cert(pool, self._url, session._verify)
            self._pool = ref(pool)
        return pool

    # --- for another way to the same address --------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return self._url

    @property
    def proxy(self) -> str | None:
        """The URL of the proxy that requests go through."""
        return self._proxy

    @property
    def asked(self) -> Mapping[str, Any]:
        """botocore's arguments for urllib3 at the learned request."""
        return self._asked

    @property
    def session(self) -> Any:
        """botocore's HTTP session."""
        return self._session

    @property
    def pool(self) -> Any:
        """urllib3's current pool."""
        return self._connected()

    def is_watched(self) -> bool:
        """Whether urllib3 is patched or logging, so that bypassing it would be noticed."""
        return is_watched(self._connected())

    def written(self, outgoing: Outgoing) -> bytes | None:
        """Return head and body of a request as urllib3 would write them; None if that is not known."""
        pool = self._connected()
        if self._blank is None or type(self._blank) is not pool.ConnectionCls:
            self._blank = pool.ConnectionCls(host=pool.host, port=pool.port)
        return self._direct.written(self._blank, outgoing)

    def worded(self, error: Exception, outgoing: Outgoing) -> Exception:
        """Return botocore's error for one of urllib3's."""
        return self._worded(error, outgoing)

    # --- errors -------------------------------------------------------------------------------------------------------

    def _worded(self, error: Exception, outgoing: Outgoing) -> Exception:
        """Return botocore's error for one of urllib3's, made by botocore's own code."""
        failing = shallow(self._session, _failing(class_of(self._session)), _error=error)
        try:
            failing.send(outgoing.prepared())
        except Exception as worded:
            return worded
        return error


class _Failing:
    """A subclass of botocore's HTTP session that fails with the error of an earlier request."""

    if TYPE_CHECKING:
        _error: Exception

    def _get_connection_manager(self, *_: Any, **__: Any) -> None:
        raise self._error


@cache
def _failing(cls: type[Any]) -> type[Any]:
    return type(f"Failing{cls.__name__}", (_Failing, cls), {})


class _Listening:
    """A stand-in for urllib3's pool and manager that records their arguments and returns an empty response."""

    status = 200
    headers: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.asked: dict[str, Any] | None = None
        self.proxy: str | None = None
        self.proxy_headers: dict[str, str] = {}

    def connection_from_url(self, _: str) -> _Listening:
        return self

    def urlopen(self, **asked: Any) -> _Listening:
        self.asked = asked
        return self

    def stream(self) -> list[bytes]:
        return []


class _Lending:
    """A subclass of botocore's HTTP session that lends a recording pool."""

    if TYPE_CHECKING:
        _lent: _Listening

    def _get_connection_manager(self, url: str, proxy_url: str | None = None) -> _Listening:
        self._lent.proxy = proxy_url
        return self._lent


@cache
def _lending(cls: type[Any]) -> type[Any]:
    return type(f"Lending{cls.__name__}", (_Lending, cls), {})
