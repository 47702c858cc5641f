"""Compilation jobs: their five operations, and the artifact that a job writes to S3."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sagemaker_typed.testing._errors import AnsweredError
from sagemaker_typed.testing._kinds._artifacts import archive, base_name, bucket_and_key
from sagemaker_typed.testing._kinds._neo import refused, uncompilable
from sagemaker_typed.testing._listing import Listing
from sagemaker_typed.testing._resource import Call, Handler, Record, Resource
from sagemaker_typed.testing._states import State

__all__ = ["CompilationJobs"]

_SERVED = frozenset({"mxnet", "pytorch", "tensorflow"})
"""The frameworks that have an inference image."""
_WITH_GPU = ("ml_g", "ml_p")


@dataclass(eq=False, kw_only=True)
class CompilationJob(Record):
    artifact: str = ""
    digest: str = ""

    @property
    def target(self) -> str:
        """The target as an artifact's name spells it."""
        output = self.document["OutputConfig"]
        platform = output.get("TargetPlatform", {})
        parts = (platform.get(part) for part in ("Os", "Arch", "Accelerator"))
        return str(output.get("TargetDevice") or "_".join(part for part in parts if part))

    @property
    def source(self) -> str:
        """The URI or ARN of the model to compile."""
        config = self.document.get("InputConfig")
        return str(config["S3Uri"] if config else self.document["ModelPackageVersionArn"])


class CompilationJobs(Resource[CompilationJob]):
    kind = "compilation_job"
    noun = "CompilationJob"
    arn_type = "compilation-job"
    listing = Listing("CompilationJobSummaries")
    status_shape = "CompilationJobStatus"
    terminal = frozenset({"COMPLETED", "FAILED", "STOPPED"})
    reasons: ClassVar[Mapping[str, str]] = {
        "FAILED": "ClientError: CompilationError: Unable to compile the model (as scripted)"
    }
    usual_reason = ""
    lives: ClassVar = {"create": ["STARTING", "INPROGRESS", "COMPLETED"], "stop": ["STOPPING", "STOPPED"]}
    record_type = CompilationJob

    def operations(self) -> Mapping[str, Handler]:
        return {
            "CreateCompilationJob": self.create,
            "DescribeCompilationJob": self.describe,
            "ListCompilationJobs": self.list,
            "StopCompilationJob": self.stop,
            "DeleteCompilationJob": self.delete,
        }

    def check(self, call: Call) -> None:
        """Check that the request has one model source and one target."""
        if ("InputConfig" in call.parameters) == ("ModelPackageVersionArn" in call.parameters):
            raise AnsweredError("ValidationException", "Give either InputConfig or ModelPackageVersionArn, not both.")
        output = call.parameters["OutputConfig"]
        if ("TargetDevice" in output) == ("TargetPlatform" in output):
            raise AnsweredError(
                "ValidationException", "Give either TargetDevice or TargetPlatform in OutputConfig, not both."
            )
        refusal = refused(call.parameters.get("InputConfig", {}), output)
        if refusal is not None:
            raise AnsweredError("ValidationException", refusal)

    def entered(self, record: CompilationJob, state: State, moment: int) -> None:
        if state.status == "INPROGRESS" and record.started is None:
            record.started = moment
        if state.status in self.terminal:
            record.ended = moment
        if state.status == "COMPLETED":
            failure = self._compile(record)
            if failure is not None:
                record.progress.state = State("FAILED", failure)

    def describe_document(self, record: CompilationJob) -> dict[str, Any]:
        document = super().describe_document(record)
        document["ModelArtifacts"] = {"S3ModelArtifacts": record.artifact}
        image = self._image(record)
        if record.status == "COMPLETED" and image:
            document["InferenceImage"] = image
        if record.digest:
            document["ModelDigests"] = {"ArtifactDigest": record.digest}
        if record.started is not None:
            document["CompilationStartTime"] = self.world.epoch(record.started)
        if record.ended is not None:
            document["CompilationEndTime"] = self.world.epoch(record.ended)
        return document

    def _image(self, job: CompilationJob) -> str:
        """Return the image that serves the compiled model on a cloud instance. Edge devices have no image."""
        config = job.document.get("InputConfig", {})
        framework = str(config.get("Framework", "")).lower()
        if framework not in _SERVED or not job.target.startswith("ml_"):
            return ""
        registry = f"{self.world.account_id}.dkr.ecr.{job.region}.amazonaws.com"
        kind = "gpu" if job.target.startswith(_WITH_GPU) else "cpu"
        return f"{registry}/sagemaker-inference-{framework}:{config.get('FrameworkVersion', 'latest')}-{kind}-py3"

    def summary_document(self, record: CompilationJob) -> Mapping[str, Any]:
        output = record.document["OutputConfig"]
        platform = output.get("TargetPlatform", {})
        target = {
            "CompilationTargetDevice": output.get("TargetDevice"),
            "CompilationTargetPlatformOs": platform.get("Os"),
            "CompilationTargetPlatformArch": platform.get("Arch"),
            "CompilationTargetPlatformAccelerator": platform.get("Accelerator"),
        }
        given = {name: value for name, value in target.items() if value is not None}
        return {**self.describe_document(record), **given}

    def _compile(self, job: CompilationJob) -> str | None:
        """Write the artifact. Return the reason if that fails.

        A user's script is followed literally, without checking the input.
        """
        config = job.document.get("InputConfig")
        if config is not None and not job.scripted:
            bucket, key = bucket_and_key(config["S3Uri"])
            if self.world.lacks_object(job.region, bucket, key):
                return f"ClientError: InputConfiguration: S3 object does not exist. Bucket: {bucket}, Key: {key}"
            fault = uncompilable(config, job.document["OutputConfig"])
            if fault is not None:
                return f"ClientError: InputConfiguration: {fault}"
        content = _artifact(job)
        bucket, prefix = bucket_and_key(job.document["OutputConfig"]["S3OutputLocation"])
        key = posixpath.join(prefix, f"{base_name(job.source) or job.name}-{job.target}.tar.gz")
        if not self.world.leave(job.region, bucket, key, content):
            return f"ClientError: OutputConfiguration: {bucket!r} is no name of a bucket."
        job.artifact = job.told.get("ModelArtifacts", {}).get("S3ModelArtifacts") or f"s3://{bucket}/{key}"
        job.digest = hashlib.blake2b(content).hexdigest()
        if job.started is None:
            job.started = job.progress.entered
        return None


def _artifact(job: CompilationJob) -> bytes:
    about = {
        "compiled_by": "sagemaker_typed.testing.LocalSageMaker",
        "job": job.name,
        "source": job.source,
        "target": job.target,
    }
    return archive("compiled_model.json", about)
