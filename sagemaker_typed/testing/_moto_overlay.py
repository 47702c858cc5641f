"""The only module that touches moto, and with it moto's private names.

moto holds the S3 objects, and the resources of the operations that no kind of ours answers. Tried with moto 5.0.28,
5.1.0, 5.2.0 and 5.2.5. Nothing of moto is patched.

All state stands in one account. The start and the end of a `mock_aws()` block wipe every account, and `intact` tells.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends
from moto.sagemaker.models import sagemaker_backends

from sagemaker_typed.testing._resource import partition

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Moto"]


class Moto:
    """One account in moto."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        with _no_profile():
            self._sagemaker = sagemaker_backends[account_id]
            self._s3 = s3_backends[account_id]

    @property
    def intact(self) -> bool:
        """False after a `mock_aws()` block has wiped the state."""
        return self._account_id in sagemaker_backends and sagemaker_backends[self._account_id] is self._sagemaker

    def sagemaker(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """moto's own answer to an operation. Raises NotImplementedError for one that it lacks."""
        return self._serve("sagemaker", environ, start_response)

    def s3(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._serve("s3", environ, start_response)

    def bucket_exists(self, region: str, bucket: str) -> bool:
        return bucket in self._bucket_backend(region).buckets

    def object_exists(self, region: str, bucket: str, key: str) -> bool:
        backend = self._bucket_backend(region)
        return bucket in backend.buckets and backend.get_object(bucket, key) is not None

    def create_bucket(self, region: str, bucket: str) -> None:
        """Raises ValueError for a name that no bucket can have."""
        try:
            self._bucket_backend(region).create_bucket(bucket, region)
        except S3ClientError as error:
            raise ValueError(f"there can be no bucket {bucket!r}: {error}") from error

    def put_object(self, region: str, bucket: str, key: str, content: bytes) -> None:
        self._bucket_backend(region).put_object(bucket, key, content)

    def get_object(self, region: str, bucket: str, key: str) -> bytes | None:
        backend = self._bucket_backend(region)
        found = backend.get_object(bucket, key) if bucket in backend.buckets else None
        return None if found is None else bytes(found.value)

    def reset(self) -> None:
        """Empty this account only: moto's own reset closes the S3 objects of every account."""
        if not self.intact:
            self._sagemaker, self._s3 = sagemaker_backends[self._account_id], s3_backends[self._account_id]
            return
        for backend in self._sagemaker.values():
            backend.reset()
        for buckets in self._s3.values():
            for name, bucket in buckets.buckets.items():
                for versions in bucket.keys.lists():
                    for key in versions:
                        dispose = getattr(key, "dispose", None)  # a delete marker holds no file
                        if dispose is not None:
                            dispose()
                for upload in bucket.multiparts.values():
                    upload.dispose()
                s3_backends.bucket_accounts.pop(name, None)
            buckets.buckets.clear()

    def _bucket_backend(self, region: str) -> S3Backend:
        return self._s3[partition(region)]

    def _serve(
        self, service: Literal["sagemaker", "s3"], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = self._account_id
        return _application(service)(environ, start_response)


@contextmanager
def _no_profile() -> Generator[None, None, None]:
    """moto makes a boto3 session of its own to learn the regions, once, and stumbles over a profile that is not there."""
    hidden = {name: os.environ.pop(name) for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


@functools.cache
def _application(service: Literal["sagemaker", "s3"]) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """A Flask app holds no state, so one per process will do."""
    application: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]
    application = create_backend_app(service).wsgi_app
    return application
