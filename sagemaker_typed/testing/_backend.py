"""moto, imported when first needed: the import takes most of a second, and many tests do not need moto."""

from __future__ import annotations

import importlib
import importlib.util
import os
import threading
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from sagemaker_typed.testing._moto_overlay import Moto

__all__ = ["Backend", "account_of", "check_extra"]

_ACCOUNT_ID = "123456789012"  # moto's default, for tests written for moto

_OLDEST_MOTO = "5.0.28"
_EXTRA = "LocalSageMaker needs moto, flask and flask-cors: pip install 'sagemaker-typed[testing]'"


class Backend:
    """S3, logs, and the operations without a kind of ours. Implements `ObjectStore` and `LogStore`.

    Thread-safe.
    """

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self._loaded: Moto | None = None
        self._lock = threading.Lock()

    @property
    def moto(self) -> Moto:
        with self._lock:
            if self._loaded is None:
                overlay = importlib.import_module("sagemaker_typed.testing._moto_overlay")
                self._loaded = cast("Moto", overlay.Moto(self.account_id))
                self._loaded.reset()
            return self._loaded

    @property
    def intact(self) -> bool:
        """False after a `mock_aws()` block has wiped the state."""
        return self._loaded is None or self._loaded.intact

    def reset(self) -> None:
        if self._loaded is not None:
            self._loaded.reset()

    def sagemaker(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.moto.sagemaker(environ, start_response)

    def s3(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.moto.s3(environ, start_response)

    def logs(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.moto.logs(environ, start_response)

    def sts(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.moto.sts(environ, start_response)

    def write_log(self, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        self.moto.write_log(region, group, stream, events)

    def bucket_exists(self, region: str, bucket: str) -> bool:
        return self.moto.bucket_exists(region, bucket)

    def object_exists(self, region: str, bucket: str, key: str) -> bool:
        return self.moto.object_exists(region, bucket, key)

    def create_bucket(self, region: str, bucket: str) -> None:
        self.moto.create_bucket(region, bucket)

    def put_object(self, region: str, bucket: str, key: str, content: bytes) -> None:
        self.moto.put_object(region, bucket, key, content)

    def get_object(self, region: str, bucket: str, key: str) -> bytes | None:
        return self.moto.get_object(region, bucket, key)


def account_of(wanted: str | None) -> str:
    """Return the wanted account id, or moto's default."""
    # In moto this variable overrides the account of every request.
    given = os.environ.get("MOTO_ACCOUNT_ID")
    if wanted is not None and not (len(wanted) == 12 and wanted.isdecimal()):
        raise ValueError(f"an account id has twelve digits: {wanted!r}")
    if wanted is not None and given is not None and wanted != given:
        raise ValueError(f"account_id is {wanted!r}, but the environment sets MOTO_ACCOUNT_ID={given}, which moto uses")
    return wanted or given or _ACCOUNT_ID


def check_extra() -> None:
    """Raise ImportError at the start if a dependency is missing or too old. Imports none of them."""
    try:
        found = metadata.version("moto")
    except metadata.PackageNotFoundError:
        raise ImportError(_EXTRA, name="moto") from None
    if _numbers(found) < _numbers(_OLDEST_MOTO):
        raise ImportError(f"LocalSageMaker needs moto {_OLDEST_MOTO} or newer, but {found} is installed", name="moto")
    for name in ("moto", "flask", "flask_cors"):
        if not _importable(name):
            raise ImportError(f"{_EXTRA} (missing: {name})", name=name)


def _importable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())
