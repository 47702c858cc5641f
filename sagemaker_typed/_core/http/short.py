"""The short way of a call: sign, send and read, bypassing botocore's machinery if nothing would notice.

A call needs botocore's credentials, endpoint, connections and retry rules. The rest of its machinery serves hooks and other
observers, and takes more than half of a call.
"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any, cast

from botocore.credentials import Credentials

from sagemaker_typed._core.http.guard import Guard
from sagemaker_typed._core.http.post import Post
from sagemaker_typed._core.http.sigv4 import Keys
from sagemaker_typed._core.http.wire import Lane, Outgoing, is_traced
from sagemaker_typed._core.tuples import NamedTuple

if TYPE_CHECKING:
    from sagemaker_typed._core.http.bound import Bound
    from sagemaker_typed._core.http.wire import Exchange
    from sagemaker_typed._core.operation import Operation

__all__ = ["Learned", "ShortWay", "frozen", "is_switched_on"]

_SWITCH = "SAGEMAKER_TYPED_SHORT_WAY"
_EXPERIMENT = "BOTO_EXPERIMENTAL__ADD_PROXY_HOST_HEADER"
_log = logging.getLogger("sagemaker_typed.wire")


def is_switched_on(chosen: bool | None) -> bool:
    """Whether calls may take the short way, according to the caller or else the environment."""
    return os.environ.get(_SWITCH, "1").strip().lower() not in ("0", "false", "no", "off") if chosen is None else chosen


class Learned(NamedTuple):
    """The learned facts about an operation, and the state of the client for which they are valid."""

    token: object
    traced: bool
    lane: Lane | None
    post: Post | None


class ShortWay:
    """The short way of one client's calls. Safe to share among threads."""

    def __init__(self) -> None:
        self.taken = 0
        """Number of calls that took the short way. Threads that count at the same time may lose one."""
        self._client: Any = None
        self._guard: Any = None
        self._learned: dict[str, Learned] = {}
        self._keys = Keys()

    def ready(self, client: Any, operation: str, method: Any) -> Learned | None:
        """Return the learned facts about an operation; None if they must be learned again or something would notice."""
        guard = self._guard_of(client)
        if guard.reason(operation, method) is not None:
            return None
        learned = self._learned.get(operation)
        same = learned is not None and learned.token is guard.token() and learned.traced is is_traced()
        return learned if same else None

    def learned(self, client: Any, operation: str, arguments: dict[str, Any], method: Any) -> Learned | None:
        """Like `ready`, but learn the operation if necessary, which takes one or two milliseconds."""
        guard = self._guard_of(client)
        if guard.reason(operation, method) is not None:
            return None
        return self._of(client, guard.token(), operation, arguments)

    def forget(self, operation: str) -> None:
        """Forget an operation, so that it is learned again."""
        self._learned.pop(operation, None)

    def call(
        self, client: Any, operation: Operation, arguments: dict[str, Any], method: Any, bound: Bound | None = None
    ) -> Any:
        """Return or raise what boto3's method would; return None if the call must go through botocore.

        Must run inside the call's `TypedCall`, which the client's parser reads. `method` is boto3's method of the client.
        """
        guard = self._guard_of(client)
        reason = guard.reason(operation.name, method)
        learned = None if reason is not None else self._of(client, guard.token(), operation.name, arguments)
        if learned is None or learned.lane is None or learned.post is None:
            if _log.isEnabledFor(logging.DEBUG):
                _log.debug("%s goes through botocore: %s", operation.name, reason or "its request is none that we know")
            return None
        exchange = learned.lane.exchange(arguments, None if bound is None else bound.retries)
        credentials = frozen(client)
        if credentials is None or bool(credentials.token) != learned.lane.has_token:
            del self._learned[operation.name]  # the kind of credentials has changed: the next call learns again
            return None
        self.taken += 1
        _log.debug("%s takes the short way", operation.name)
        return _sent(exchange, exchange.first(credentials), learned.post, bound)

    @staticmethod
    def credentials(client: Any, *, may_fetch: bool) -> Any:
        """Return frozen credentials; None if the client has none, or if fetching is needed and not allowed."""
        held: Any = client._request_signer._credentials
        if not may_fetch and type(held) is not Credentials:
            needs: Any = getattr(held, "refresh_needed", None)
            if needs is None or needs():
                return None
        return None if held is None else held.get_frozen_credentials()

    def _guard_of(self, client: Any) -> Any:
        guard = self._guard
        if self._client is not client or not guard.intact():
            guard = Guard(client)
            self._learned = {}
            self._guard, self._client = guard, client
        return guard

    def _of(self, client: Any, token: object, operation: str, arguments: dict[str, Any]) -> Learned:
        learned = self._learned.get(operation)
        traced = is_traced()
        if learned is None or learned.token is not token or learned.traced is not traced:
            try:
                drafts = Lane.drafts(client, client.meta.service_model.operation_model(operation), arguments)
            except Exception:  # botocore raises the error again, and the next request may work
                return Learned(token, traced, None, None)
            credentials = frozen(client) if drafts else None
            lane = None if credentials is None else Lane.learned(drafts, credentials, self._keys)
            post = None if lane is None else _post(client, lane)
            learned = self._learned[operation] = Learned(token, traced, lane, post)
        return learned


def frozen(client: Any) -> Any:
    """Return frozen credentials, refreshed if they are about to expire; None for a client that has none."""
    held: Any = client._request_signer._credentials
    return None if held is None else held.get_frozen_credentials()


def _post(client: Any, lane: Lane) -> Post | None:
    if _EXPERIMENT in os.environ:
        return None
    try:
        return Post(client._endpoint.http_session, Outgoing("POST", lane.url, {}, b"{}"))
    except Exception:  # this botocore's HTTP session has an unknown structure, so calls go through botocore
        _log.debug("botocore's HTTP session cannot be read", exc_info=True)
        return None


def _sent(exchange: Exchange, outgoing: Outgoing, post: Post, bound: Bound | None) -> Any:
    while True:
        answer = error = None
        try:
            answer = post.send(outgoing, bound)
        except Exception as raised:  # as botocore does: its retry handlers decide which errors to retry
            error = raised
        if bound is not None and bound.abandoned:
            exchange.retries = 0
        pause = exchange.answered(*answer) if answer is not None else exchange.failed(cast("Exception", error))
        if pause is None or not _slept(pause, bound):
            return exchange.result()
        outgoing = exchange.again()


def _slept(pause: float, bound: Bound | None) -> bool:
    """Sleep, unless the time left is too short."""
    if bound is not None:
        return bound.pause(pause)
    time.sleep(pause)
    return True
