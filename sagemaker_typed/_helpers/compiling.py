"""`sm.compilation_jobs.compile_for`: compiles one model for several devices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from sagemaker_typed._core.containers import is_mapping
from sagemaker_typed._core.quoting import quoted
from sagemaker_typed.errors import InvalidRequestError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from sagemaker_typed.types import (
        CreateCompilationJobRequest,
        DescribeCompilationJobResponse,
        InputConfig,
        NeoVpcConfig,
        StoppingCondition,
        Tag,
        TargetDevice,
        TargetPlatform,
    )
    from sagemaker_typed.types.compilation_jobs import TargetDeviceValue
    from sagemaker_typed.waiting import BatchEvent, WaitReport

__all__ = ["AsyncCompiling", "Compiling", "job_names"]

_MOST = 63
"""The most characters of a job's name."""


def key_of(device: Any) -> str:
    """Return the report's name for a device: the text of a `TargetDevice`, or `LINUX-ARM64-NVIDIA` for a `TargetPlatform`."""
    from sagemaker_typed.types import TargetPlatform

    if isinstance(device, TargetPlatform):
        return "-".join(str(part) for part in (device.os, device.arch, device.accelerator) if part is not None)
    return str(device)


def job_names(name: str, devices: Iterable[Any]) -> dict[str, str]:
    """Return device -> the name of its job: the model's name, a hyphen, and the device in lower case with hyphens."""
    return {key: f"{name}-{key.lower().replace('_', '-')}" for key in map(key_of, devices)}


def _checked(name: str, devices: Any, device_options: Mapping[str, Any]) -> dict[str, Any]:
    """The devices by what the report calls them. Raises `InvalidRequestError` for devices that cannot be."""
    if isinstance(devices, str) or is_mapping(devices) or not hasattr(devices, "__iter__"):
        raise InvalidRequestError(
            [Problem("devices", "type", f"several devices, not {quoted(devices)}")], "CreateCompilationJob"
        )
    known: dict[str, Any] = {}
    problems: list[Problem] = []
    for index, device in enumerate(devices):
        key = key_of(device)
        if key in known:
            problems.append(Problem(f"devices[{index}]", "unique", f"{key!r} stands in the list twice"))
        known[key] = device
    if not known:
        problems.append(Problem("devices", "min", "one device at least is needed"))
    problems += _of_names(name, known)
    for key in device_options:
        if key not in known:
            problems.append(
                Problem(f"device_options[{key!r}]", "unknown", f"is none of the devices {', '.join(known)}")
            )
    if problems:
        raise InvalidRequestError(problems, "CreateCompilationJob")
    return known


def _of_names(name: str, devices: Iterable[str]) -> Iterator[Problem]:
    for device, job in job_names(name, devices).items():
        if len(job) > _MOST:
            text = f"{job!r}, the job for {device}, has {len(job)} characters, and at most {_MOST} are allowed"
            yield Problem("name", "max", text)


def compiling(
    sender: Any, model: InputConfig | str, devices: Any, settings: dict[str, Any], run: dict[str, Any]
) -> Any:
    """Return the task that compiles a model for several devices. Its report uses the devices as names."""
    from sagemaker_typed._waiting.options import RunOptions
    from sagemaker_typed._waiting.running import run_all

    known = _checked(settings["name"], devices, settings["device_options"] or {})
    options = RunOptions(**run)
    requests = list(_requests(model, known, settings))
    creations = sender._runs(options.exist_ok).creations(requests)
    for device, creation in zip(known, creations, strict=True):
        creation.name = device
    return run_all(creations, options)


def _requests(
    model: InputConfig | str, devices: Mapping[str, Any], settings: dict[str, Any]
) -> Iterator[CreateCompilationJobRequest]:
    from sagemaker_typed.types import CreateCompilationJobRequest, OutputConfig, TargetPlatform

    names = job_names(settings["name"], devices)
    source: dict[str, Any] = {"model_package_version_arn" if isinstance(model, str) else "input_config": model}
    options: Mapping[str, Any] = settings["device_options"] or {}
    for key, device in devices.items():
        target: dict[str, Any] = {"target_platform" if isinstance(device, TargetPlatform) else "target_device": device}
        yield CreateCompilationJobRequest(
            compilation_job_name=names[key],
            role_arn=settings["role_arn"],
            **source,
            output_config=OutputConfig(
                s3_output_location=settings["s3_output_location"],
                **target,
                compiler_options=options.get(key, settings["compiler_options"]),
                kms_key_id=settings["kms_key_id"],
            ),
            stopping_condition=settings["stopping_condition"],
            vpc_config=settings["vpc_config"],
            tags=settings["tags"],
        )


class Compiling:
    """The methods of `sm.compilation_jobs` besides its operations."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    def compile_for(
        self,
        model: InputConfig | str,
        devices: Iterable[TargetDevice | TargetDeviceValue | TargetPlatform],
        *,
        name: str,
        role_arn: str,
        s3_output_location: str,
        stopping_condition: StoppingCondition,
        compiler_options: str | Mapping[str, Any] | None = None,
        device_options: Mapping[str, str | Mapping[str, Any]] | None = None,
        kms_key_id: str | None = None,
        vpc_config: NeoVpcConfig | None = None,
        tags: Sequence[Tag] | Mapping[str, str] | None = None,
        max_running: int = 20,
        exist_ok: bool | Literal["same"] = "same",
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> WaitReport[DescribeCompilationJobResponse]:
        """Compile one model for several devices, and report on all, by device.

        Each device gets its own job. The job's name is `name`, a hyphen and the device in lower case with hyphens: "resnet"
        for `ml_c5` is the job "resnet-ml-c5", and for Linux on ARM64 "resnet-linux-arm64".

        Args:
            model: The model: where its archive is, its framework and its inputs; or the ARN of a model package.
            devices: Devices, or platforms, to compile for. A platform is called `LINUX-ARM64-NVIDIA` in the report.
            name: Prefix of the jobs' names.
            role_arn: ARN of the role that SageMaker assumes.
            s3_output_location: Where the compiled models go.
            stopping_condition: How long each job may run.
            compiler_options: Compiler options for all devices, as a mapping or a text.
            device_options: Compiler options that replace them for single devices, by the device's name in the report.
            kms_key_id: Key that encrypts the compiled models.
            vpc_config: Subnets and security groups of the jobs.
            tags: Tags of the jobs.
            max_running: How many jobs may run at the same time.
            exist_ok: What to do if a job of the name exists: "same" waits for it if its settings are those of this
                call, True waits for it, and False counts it as failed.
            timeout: Seconds or a `timedelta` for all jobs together. The other arguments are those of `sm.run_all`.

        Returns:
            The report, with the outcome of each device. `report.succeeded["ml_c5"].model_artifacts` is the compiled model.

        Raises:
            InvalidRequestError: A device is in the list twice, or a job's name would be too long.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateCompilationJob.html
        """
        settings, run = _split(locals())
        report: WaitReport[DescribeCompilationJobResponse] = self._sender._run(
            compiling(self._sender, model, devices, settings, run)
        )
        return report


class AsyncCompiling:
    """`Compiling` of the asynchronous client."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    async def compile_for(
        self,
        model: InputConfig | str,
        devices: Iterable[TargetDevice | TargetDeviceValue | TargetPlatform],
        *,
        name: str,
        role_arn: str,
        s3_output_location: str,
        stopping_condition: StoppingCondition,
        compiler_options: str | Mapping[str, Any] | None = None,
        device_options: Mapping[str, str | Mapping[str, Any]] | None = None,
        kms_key_id: str | None = None,
        vpc_config: NeoVpcConfig | None = None,
        tags: Sequence[Tag] | Mapping[str, str] | None = None,
        max_running: int = 20,
        exist_ok: bool | Literal["same"] = "same",
        timeout: float | timedelta | None = None,
        poll: float | timedelta | None = None,
        on_poll: Callable[[BatchEvent], object] | None = None,
        progress: bool = False,
        fail_fast: bool = False,
        stop_on_interrupt: bool = False,
    ) -> WaitReport[DescribeCompilationJobResponse]:
        """Compile one model for several devices, and report on all. See `SageMaker.compilation_jobs.compile_for`."""
        settings, run = _split(locals())
        report: WaitReport[DescribeCompilationJobResponse] = await self._sender._run(
            compiling(self._sender, model, devices, settings, run)
        )
        return report


_OF_RUN = (
    "exist_ok", "fail_fast", "max_running", "on_poll", "poll", "progress", "stop_on_interrupt", "timeout",
)  # fmt: skip


def _split(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split the arguments of a call into the settings of the jobs and those of the run."""
    run = {name: given[name] for name in _OF_RUN}
    return {name: value for name, value in given.items() if name not in run}, run
