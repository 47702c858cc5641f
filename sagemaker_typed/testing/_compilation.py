"""Compilation jobs: what the five operations answer, and what a job leaves behind in S3. Knows no moto."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import posixpath
import re
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from urllib.parse import unquote, urlsplit

from sagemaker_typed.testing._errors import ServiceError
from sagemaker_typed.testing._listing import Row, list_page
from sagemaker_typed.testing._resource import Call, Handler, Resource
from sagemaker_typed.testing._states import Progress, ScriptBook, State, Timeline

__all__ = ["CompilationBackend", "CompilationJob", "CompilationJobStore", "CompilationJobs", "ObjectStore"]

_STOPPING = (State("STOPPING"), State("STOPPED"))
_HOST_OF_BUCKET = re.compile(r"(?P<bucket>.+)\.s3[.-][^/]*")


class ObjectStore(Protocol):
    """The embedded S3."""

    def bucket_exists(self, region: str, bucket: str) -> bool: ...
    def object_exists(self, region: str, bucket: str, key: str) -> bool: ...
    def create_bucket(self, region: str, bucket: str) -> None: ...
    def put_object(self, region: str, bucket: str, key: str, content: bytes) -> None: ...


class CompilationJobStore(Protocol):
    """Where the jobs are held."""

    def compilation_jobs(self, region: str | None) -> Mapping[str, CompilationJob]: ...
    def add_compilation_job(self, job: CompilationJob) -> None: ...
    def remove_compilation_job(self, job: CompilationJob) -> None: ...


class CompilationBackend(CompilationJobStore, ObjectStore, Protocol):
    """Both in one."""


@dataclass
class CompilationJob:
    region: str
    name: str
    request: Mapping[str, Any]
    progress: Progress
    scripted: bool
    epoch: Callable[[int], float]
    created: int
    started: int | None = None
    ended: int | None = None
    arn: str = ""
    artifact: str = ""
    digest: str = ""

    @property
    def target(self) -> str:
        """The target as an artifact's name spells it."""
        output = self.request["OutputConfig"]
        platform = output.get("TargetPlatform", {})
        parts = (platform.get(part) for part in ("Os", "Arch", "Accelerator"))
        return str(output.get("TargetDevice") or "_".join(part for part in parts if part))

    @property
    def source(self) -> str:
        """The URI or ARN of the model to compile."""
        config = self.request.get("InputConfig")
        return str(config["S3Uri"] if config else self.request["ModelPackageVersionArn"])

    def describe(self) -> dict[str, Any]:
        copied = ("RoleArn", "ModelPackageVersionArn", "InputConfig", "OutputConfig", "VpcConfig", "StoppingCondition")
        answer: dict[str, Any] = {
            **self._identity(),
            **{name: self.request[name] for name in copied if name in self.request},
            "ModelArtifacts": {"S3ModelArtifacts": self.artifact},
        }
        if self.progress.state.reason is not None:
            answer["FailureReason"] = self.progress.state.reason
        if self.digest:
            answer["ModelDigests"] = {"ArtifactDigest": self.digest}
        return answer

    def summary(self) -> dict[str, Any]:
        output = self.request["OutputConfig"]
        platform = output.get("TargetPlatform", {})
        target = {
            "CompilationTargetDevice": output.get("TargetDevice"),
            "CompilationTargetPlatformOs": platform.get("Os"),
            "CompilationTargetPlatformArch": platform.get("Arch"),
            "CompilationTargetPlatformAccelerator": platform.get("Accelerator"),
        }
        return {**self._identity(), **{name: value for name, value in target.items() if value is not None}}

    def _identity(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "CompilationJobName": self.name,
            "CompilationJobArn": self.arn,
            "CompilationJobStatus": self.progress.state.status,
            "CreationTime": self.epoch(self.created),
            "LastModifiedTime": self.epoch(self.progress.entered),
        }
        if self.started is not None:
            answer["CompilationStartTime"] = self.epoch(self.started)
        if self.ended is not None:
            answer["CompilationEndTime"] = self.epoch(self.ended)
        return answer


class CompilationJobs(Resource[CompilationJob]):
    kind = "compilation_job"
    status_shape = "CompilationJobStatus"
    terminal = frozenset({"COMPLETED", "FAILED", "STOPPED"})
    reasons: ClassVar[Mapping[str, str]] = {
        "FAILED": "ClientError: CompilationError: Unable to compile the model (as scripted)"
    }
    default_states = ("STARTING", "INPROGRESS", "COMPLETED")

    def __init__(self, backend: CompilationBackend, scripts: ScriptBook, timeline: Timeline, every: float) -> None:
        super().__init__(backend, scripts, timeline, every)
        self._store: CompilationJobStore = backend
        self._objects: ObjectStore = backend

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateCompilationJob": self._create,
            "DescribeCompilationJob": self._describe,
            "ListCompilationJobs": self._list,
            "StopCompilationJob": self._stop,
            "DeleteCompilationJob": self._delete,
        }

    def knows(self, name: str) -> bool:
        return name in self._store.compilation_jobs(None)

    def entered(self, item: CompilationJob, state: State, moment: int) -> None:
        if state.status == "INPROGRESS" and item.started is None:
            item.started = moment
        if state.status in self.terminal:
            item.ended = moment
        if state.status == "COMPLETED":
            failure = self._compile(item)
            if failure is not None:
                item.progress.state = State("FAILED", failure)

    def _create(self, call: Call) -> Mapping[str, Any]:
        name = call.parameters["CompilationJobName"]
        if name in self._store.compilation_jobs(call.region):
            raise ServiceError("ResourceInUse", f"Compilation job {name} already exists. Choose another name.")
        _check_choices(call.parameters)
        script = self._script(name)
        job = CompilationJob(
            region=call.region,
            name=name,
            request=call.parameters,
            progress=Progress(script.states, script.pace, call.now),
            scripted=script.given,
            epoch=self._timeline.epoch,
            created=call.now,
        )
        self._store.add_compilation_job(job)
        self._enter_first(job)
        return {"CompilationJobArn": job.arn}

    def _describe(self, call: Call) -> Mapping[str, Any]:
        job = self._find(call)
        self._follow(job, job.progress.described(call.now))
        return job.describe()

    def _list(self, call: Call) -> Mapping[str, Any]:
        rows = (
            Row(
                name=job.name,
                status=job.progress.state.status,
                created=job.epoch(job.created),
                modified=job.epoch(job.progress.entered),
                summary=job.summary(),
            )
            for job in self._store.compilation_jobs(call.region).values()
        )
        return list_page(rows, call.parameters, result_key="CompilationJobSummaries")

    def _stop(self, call: Call) -> None:
        job = self._find(call)
        status = job.progress.state.status
        if status in self.terminal:
            # The only error that the model declares for this operation.
            raise ServiceError("ResourceNotFound", f"Compilation job {job.name} is {status}: there is nothing to stop.")
        if status != "STOPPING":
            job.progress.restart(_STOPPING, call.now)
            self._enter_first(job)

    def _delete(self, call: Call) -> None:
        job = self._find(call)
        status = job.progress.state.status
        if status not in self.terminal:
            raise ServiceError(
                "ValidationException",
                f"Compilation job {job.name} is {status}: delete it when it is COMPLETED, FAILED or STOPPED.",
            )
        self._store.remove_compilation_job(job)

    def _find(self, call: Call) -> CompilationJob:
        name = call.parameters["CompilationJobName"]
        job = self._store.compilation_jobs(call.region).get(name)
        if job is None:
            raise ServiceError("ResourceNotFound", f"Could not find compilation job '{name}'.")
        return job

    def _compile(self, job: CompilationJob) -> str | None:
        """Write the artifact. Returns why it cannot be done.

        A script that the user gave is followed to the letter: the input is not looked for, and an output bucket that is
        missing is made, so that COMPLETED stays COMPLETED and has its artifact all the same.
        """
        bucket, prefix = _bucket_and_key(job.request["OutputConfig"]["S3OutputLocation"])
        if not job.scripted:
            config = job.request.get("InputConfig")
            if config is not None:
                source_bucket, source_key = _bucket_and_key(config["S3Uri"])
                if not self._objects.object_exists(job.region, source_bucket, source_key):
                    return (
                        "ClientError: InputConfiguration: S3 object does not exist. "
                        f"Bucket: {source_bucket}, Key: {source_key}"
                    )
            if not self._objects.bucket_exists(job.region, bucket):
                return f"ClientError: OutputConfiguration: S3 bucket does not exist. Bucket: {bucket}"
        elif not self._objects.bucket_exists(job.region, bucket):
            self._objects.create_bucket(job.region, bucket)
        content = _artifact(job)
        key = posixpath.join(prefix, f"{_base_name(job.source) or job.name}-{job.target}.tar.gz")
        self._objects.put_object(job.region, bucket, key, content)
        job.artifact = f"s3://{bucket}/{key}"
        job.digest = hashlib.blake2b(content).hexdigest()
        if job.started is None:
            job.started = job.progress.entered
        return None


def _check_choices(request: Mapping[str, Any]) -> None:
    """The rules that the service model cannot say: one of two."""
    if ("InputConfig" in request) == ("ModelPackageVersionArn" in request):
        raise ServiceError("ValidationException", "Give either InputConfig or ModelPackageVersionArn, and not both.")
    output = request["OutputConfig"]
    if ("TargetDevice" in output) == ("TargetPlatform" in output):
        raise ServiceError(
            "ValidationException", "Give either TargetDevice or TargetPlatform in OutputConfig, and not both."
        )


def _bucket_and_key(uri: str) -> tuple[str, str]:
    """Of an s3:// URI, or of an https:// one with the bucket in its host or first in its path."""
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        return parts.netloc, uri.removeprefix(f"s3://{parts.netloc}").lstrip("/")
    path = unquote(parts.path).lstrip("/")
    in_host = _HOST_OF_BUCKET.fullmatch(parts.netloc)
    if in_host:
        return in_host["bucket"], path
    bucket, _, key = path.partition("/")
    return bucket, key


def _base_name(source: str) -> str:
    """What the artifact is called after: `resnet` of `s3://bucket/models/resnet.tar.gz`."""
    last = posixpath.basename(source.rstrip("/"))
    return re.sub(r"\.(tar\.gz|tgz|tar|zip)$", "", last)


def _artifact(job: CompilationJob) -> bytes:
    """A small tar that says where it comes from. The same job gives the same bytes."""
    about = {
        "compiled_by": "sagemaker_typed.testing.LocalSageMaker",
        "job": job.name,
        "source": job.source,
        "target": job.target,
    }
    text = json.dumps(about, indent=2).encode()
    member = tarfile.TarInfo("compiled_model.json")
    member.size = len(text)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        tar.addfile(member, io.BytesIO(text))
    return packed.getvalue()
