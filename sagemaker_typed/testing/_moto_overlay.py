"""The only module that touches moto, and with it moto's private names.

moto holds the S3 objects, the logs, and the resources of operations without a kind of ours. Tested with moto 5.0.28,
5.1.0, 5.2.0 and 5.2.5. moto is not patched.

All state is in one account. The start and the end of a `mock_aws()` block wipe every account; `intact` detects that.
"""

from __future__ import annotations

import functools
import importlib
import io
import json
import os
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends
from moto.sagemaker.models import sagemaker_backends

from sagemaker_typed.testing._resource import partition

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Moto"]

_Service: TypeAlias = Literal["sagemaker", "s3", "logs", "sts"]
_LINES_AT_ONCE = 1000
"""Far below what PutLogEvents takes."""


class Moto:
    """One account in moto."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        with _no_profile():
            self._sagemaker = sagemaker_backends[account_id]
            self._s3 = s3_backends[account_id]
        self._used: set[_Service] = set()
        """Those of logs and sts that hold anything: importing them takes time."""

    @property
    def intact(self) -> bool:
        """False after a `mock_aws()` block has wiped the state."""
        return self._account_id in sagemaker_backends and sagemaker_backends[self._account_id] is self._sagemaker

    def sagemaker(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Return moto's answer to an operation. Raises NotImplementedError if moto lacks the operation."""
        return self._serve("sagemaker", environ, start_response)

    def s3(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._serve("s3", environ, start_response)

    def logs(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._used.add("logs")
        return self._serve("logs", environ, start_response)

    def sts(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._used.add("sts")
        return self._serve("sts", environ, start_response)

    def write_log(self, region: str, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Append to a log stream, and create the stream and its group if needed. Times are milliseconds since 1970."""
        groups = self._backends("logs")[region].groups
        place = {"logGroupName": group, "logStreamName": stream}
        if group not in groups:
            self._ask_logs(region, "CreateLogGroup", {"logGroupName": group})
        if stream not in groups[group].streams:
            self._ask_logs(region, "CreateLogStream", place)
        written = groups[group].streams[stream].events
        for start in range(0, len(events), _LINES_AT_ONCE):
            part = events[start : start + _LINES_AT_ONCE]
            # PutLogEvents refuses times far from the wall clock, but a test's clock may be years away from it.
            now = int(time.time() * 1000)
            lines = [{"timestamp": now, "message": message or " "} for _, message in part]
            self._ask_logs(region, "PutLogEvents", {**place, "logEvents": lines})
            for event, (moment, _) in zip(written[-len(part) :], part, strict=True):
                event.timestamp = moment

    def _ask_logs(self, region: str, operation: str, parameters: dict[str, Any]) -> None:
        body = json.dumps(parameters).encode()
        scope = f"LOCAL/20000101/{region}/logs/aws4_request"
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/x-amz-json-1.1",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1",
            "HTTP_X_AMZ_TARGET": f"Logs_20140328.{operation}",
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        answered: list[str] = []

        def start_response(status: str, headers: object, exc_info: object = None, /) -> Callable[[bytes], object]:
            del headers, exc_info
            answered.append(status)
            return lambda data: None

        content = b"".join(self.logs(environ, start_response))
        if not answered[0].startswith("200"):
            raise RuntimeError(f"moto refused {operation}: {answered[0]} {content.decode()}")

    def _backends(self, service: Literal["logs", "sts"]) -> Any:
        self._used.add(service)
        return getattr(importlib.import_module(f"moto.{service}.models"), f"{service}_backends")[self._account_id]

    def bucket_exists(self, region: str, bucket: str) -> bool:
        return bucket in self._bucket_backend(region).buckets

    def object_exists(self, region: str, bucket: str, key: str) -> bool:
        backend = self._bucket_backend(region)
        return bucket in backend.buckets and backend.get_object(bucket, key) is not None

    def create_bucket(self, region: str, bucket: str) -> None:
        """Create a bucket. Raises ValueError for an invalid name."""
        try:
            self._bucket_backend(region).create_bucket(bucket, region)
        except S3ClientError as error:
            raise ValueError(f"cannot create the bucket {bucket!r}: {error}") from error

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
        for service in self._used & {"logs", "sts"}:
            for neighbour in self._backends("logs" if service == "logs" else "sts").values():
                neighbour.reset()
        for buckets in self._s3.values():
            for name, bucket in buckets.buckets.items():
                for versions in bucket.keys.lists():
                    for key in versions:
                        dispose = getattr(key, "dispose", None)  # a delete marker has no content
                        if dispose is not None:
                            dispose()
                for upload in bucket.multiparts.values():
                    upload.dispose()
                s3_backends.bucket_accounts.pop(name, None)
            buckets.buckets.clear()

    def _bucket_backend(self, region: str) -> S3Backend:
        return self._s3[partition(region)]

    def _serve(self, service: _Service, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = self._account_id
        return _application(service)(environ, start_response)


@contextmanager
def _no_profile() -> Generator[None, None, None]:
    """Hide AWS_PROFILE: moto creates a boto3 session once to list the regions, and a missing profile would break it."""
    hidden = {name: os.environ.pop(name) for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)


@functools.cache
def _application(service: _Service) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Return moto's Flask app. It holds no state, so one per process is enough."""
    application: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]
    application = create_backend_app(service).wsgi_app
    return application
