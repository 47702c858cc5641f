"""The only module that touches moto, and with it moto's private names.

moto holds the jobs and the S3 objects; `ManagedCompilationJob` lends moto's job our statuses. Tried with moto 5.0.28,
5.1.0 and 5.2.5. Nothing of moto is patched: the answers that moto gives wrongly never reach it.

All state stands in an account of its own, so that `reset()` leaves alone what the same process keeps in moto's
default account. The reverse cannot be had: the start and the end of a `mock_aws()` block wipe every account, and
`intact` tells.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self, cast

from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import S3Backend, s3_backends
from moto.sagemaker.models import CompilationJob as MotoCompilationJob
from moto.sagemaker.models import SageMakerModelBackend, sagemaker_backends
from moto.utilities.utils import get_partition

from sagemaker_typed.testing._compilation import CompilationJob

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["Moto"]

_ACCOUNT_ID = "111122223333"


class ManagedCompilationJob(MotoCompilationJob):
    """moto's compilation job, with answers that move."""

    # moto files each model class under the second part of its module's name.
    __module__ = "moto.sagemaker.models"

    def __new__(cls, job: CompilationJob, account_id: str) -> Self:
        # moto's own notes every instance in a list, and would keep each job for ever.
        del job, account_id
        return object.__new__(cls)

    def __init__(self, job: CompilationJob, account_id: str) -> None:
        request = job.request
        super().__init__(
            compilation_job_name=job.name,
            role_arn=request["RoleArn"],
            region_name=job.region,
            account_id=account_id,
            output_config=request["OutputConfig"],
            stopping_condition=request["StoppingCondition"],
            model_package_version_arn=request.get("ModelPackageVersionArn"),
            input_config=request.get("InputConfig"),
            vpc_config=request.get("VpcConfig"),
            # A list of its own: moto's AddTags extends it in place, and fails on None.
            tags=list(request.get("Tags", ())),
        )
        self.job = job
        job.arn = self.arn

    def describe(self) -> dict[str, Any]:
        return self.job.describe()

    def summary(self) -> dict[str, Any]:
        return self.job.summary()


class Moto:
    """One account in moto. Serves as `CompilationJobStore` and as `ObjectStore`."""

    def __init__(self) -> None:
        # moto lets this variable override what a request says, so there is no way round it.
        self.account_id = os.environ.get("MOTO_ACCOUNT_ID", _ACCOUNT_ID)
        self._sagemaker = sagemaker_backends[self.account_id]
        self._s3 = s3_backends[self.account_id]

    @property
    def intact(self) -> bool:
        """False after a `mock_aws()` block has wiped the state."""
        return self.account_id in sagemaker_backends and sagemaker_backends[self.account_id] is self._sagemaker

    def has_region(self, region: str) -> bool:
        return region in self._sagemaker

    def sagemaker(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """moto's own answer to an operation. Raises NotImplementedError for one that it lacks."""
        return self._serve("sagemaker", environ, start_response)

    def s3(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._serve("s3", environ, start_response)

    def compilation_jobs(self, region: str | None) -> Mapping[str, CompilationJob]:
        backends = self._sagemaker.values() if region is None else [self._sagemaker[region]]
        return {
            name: cast("ManagedCompilationJob", stored).job
            for backend in backends
            for name, stored in backend.compilation_jobs.items()
        }

    def add_compilation_job(self, job: CompilationJob) -> None:
        self._backend(job).compilation_jobs[job.name] = ManagedCompilationJob(job, self.account_id)

    def remove_compilation_job(self, job: CompilationJob) -> None:
        del self._backend(job).compilation_jobs[job.name]

    def bucket_exists(self, region: str, bucket: str) -> bool:
        return bucket in self._bucket_backend(region).buckets

    def object_exists(self, region: str, bucket: str, key: str) -> bool:
        backend = self._bucket_backend(region)
        return bucket in backend.buckets and backend.get_object(bucket, key) is not None

    def create_bucket(self, region: str, bucket: str) -> None:
        self._bucket_backend(region).create_bucket(bucket, region)

    def put_object(self, region: str, bucket: str, key: str, content: bytes) -> None:
        self._bucket_backend(region).put_object(bucket, key, content)

    def reset(self) -> None:
        """Empty this account only: moto's own reset closes the S3 objects of every account."""
        if not self.intact:
            self._sagemaker, self._s3 = sagemaker_backends[self.account_id], s3_backends[self.account_id]
            return
        for backend in self._sagemaker.values():
            backend.reset()
        for partition in self._s3.values():
            for name, bucket in partition.buckets.items():
                for versions in bucket.keys.lists():
                    for key in versions:
                        dispose = getattr(key, "dispose", None)  # a delete marker holds no file
                        if dispose is not None:
                            dispose()
                for upload in bucket.multiparts.values():
                    upload.dispose()
                s3_backends.bucket_accounts.pop(name, None)
            partition.buckets.clear()

    def _backend(self, job: CompilationJob) -> SageMakerModelBackend:
        return self._sagemaker[job.region]

    def _bucket_backend(self, region: str) -> S3Backend:
        return self._s3[get_partition(region)]

    def _serve(
        self, service: Literal["sagemaker", "s3"], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = self.account_id
        return _application(service)(environ, start_response)


@functools.cache
def _application(service: Literal["sagemaker", "s3"]) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """A Flask app holds no state, so one per process will do."""
    application: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]
    application = create_backend_app(service).wsgi_app
    return application
