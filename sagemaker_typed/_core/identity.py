"""The identity that signs requests: the botocore session of a connection, shared with its views."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from sagemaker_typed._core.forking import inheritable, mend_after_fork

if TYPE_CHECKING:
    import boto3

__all__ = ["Identity"]


class Identity:
    """The session that signs requests: the caller's, or one for a profile. It is looked up at the first call."""

    def __init__(self, session: boto3.Session | None, profile: str | None) -> None:
        self.session = session
        self.profile = profile
        self._base: Any = None
        self._fixed = session is not None
        """Whether the session must not be replaced, not even in a forked child."""
        self._lock = RLock()
        mend_after_fork(self)

    @classmethod
    def of(cls, base: Any) -> Identity:
        """Return the identity for a botocore session."""
        made = cls(None, None)
        made._base = base
        made._fixed = True
        return made

    def base(self) -> Any:
        """Return the botocore session."""
        with self._lock:
            if self._base is None:
                from sagemaker_typed._core.session import base_session

                self._base = base_session(self.session, self.profile)
            return self._base

    def after_fork(self) -> None:
        """Keep the credentials, unless another thread was looking them up."""
        self._lock = RLock()
        if self._base is not None:
            self._base = inheritable(self._base, given=self._fixed)
