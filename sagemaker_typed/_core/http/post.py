"""Sends a signed request over the connections of botocore's HTTP session.

The pool is the session's own, so that proxies, TLS, timeouts, the number of connections and whatever watches urllib3 stay
what they are. Left out is what botocore works out anew for each request and what never changes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore import httpsession

from sagemaker_typed._core.http.copies import shallow

if TYPE_CHECKING:
    from sagemaker_typed._core.http.wire import Outgoing

__all__ = ["Post"]


class Post:
    """Posts to one address. Safe to share among threads."""

    def __init__(self, session: Any, url: str) -> None:
        self._session = session
        self._url = url
        self._proxy: str | None = session._proxy_config.proxy_url_for(url)
        self._target: str = session._get_request_target(url, self._proxy)
        self._none: Any = vars(httpsession)["Retry"](False)
        self._pool: Any = None

    def send(self, outgoing: Outgoing) -> tuple[int, Any, bytes]:
        """Return the status, the headers and the whole body. Raises botocore's error where they do not come."""
        try:
            came = self._connected().urlopen(
                method=outgoing.method,
                url=self._target,
                body=outgoing.body,
                headers=outgoing.headers,
                retries=self._none,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
                chunked=False,
                enforce_content_length=False,
            )
            return came.status, dict(came.headers.itermerged()), b"".join(came.stream())
        except Exception as error:  # as botocore does, which has a word for each
            worded = self._worded(error, outgoing)
        raise worded

    def _connected(self) -> Any:
        """The pool, unless somebody has closed it: then another."""
        pool = self._pool
        if pool is None or pool.pool is None:
            session = self._session
            pool = session._get_connection_manager(self._url, self._proxy).connection_from_url(self._url)
            session._setup_ssl_cert(pool, self._url, session._verify)
            self._pool = pool
        return pool

    def _worded(self, error: Exception, outgoing: Outgoing) -> Exception:
        """The error that botocore makes of urllib3's: its own code meets it, and words it."""
        failing = shallow(self._session, _failing(type(self._session)), _error=error)
        try:
            failing.send(outgoing.prepared())
        except Exception as worded:
            return worded
        return error


class _Failing:
    """Of botocore's HTTP session: fails as an earlier request did."""

    if TYPE_CHECKING:
        _error: Exception

    def _get_connection_manager(self, *_: Any, **__: Any) -> None:
        raise self._error


@cache
def _failing(cls: type[Any]) -> type[Any]:
    return type(f"Failing{cls.__name__}", (_Failing, cls), {})
