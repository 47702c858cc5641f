"""What a user's script may look like; mypy checks it against the installed wheel. A line that must be refused says so."""

from sagemaker_typed import SageMaker
from sagemaker_typed.types import DescribeCompilationJobResponse, TargetDevice


def artifact(sm: SageMaker, name: str) -> str | None:
    job: DescribeCompilationJobResponse = sm.compilation_jobs.wait_until_completed(name, timeout=1800)
    device: TargetDevice | None = job.output_config.target_device
    return job.model_artifacts.s3_model_artifacts if device is TargetDevice.ML_C5 else None


def names(sm: SageMaker) -> list[str]:
    return [each.compilation_job_name for each in sm.compilation_jobs.list(status_equals="FAILED")]


def misspelt(sm: SageMaker) -> None:
    sm.compilation_jobs.list(status_equals="FALED")  # refused: arg-type
    sm.compilation_jobs.describe()  # refused: call-arg
    print(sm.compilation_job)  # refused: attr-defined
