"""A demo of the main job: a model's archive in, a compiled artifact out.

`run` is written like a user's own script. `Place` is where it runs: an embedded SageMaker or a real account.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sagemaker_typed import SageMaker, WaitEvent, errors
from sagemaker_typed._core.printable import printable
from sagemaker_typed.types import (
    DescribeCompilationJobResponse,
    Framework,
    InputConfig,
    OutputConfig,
    StoppingCondition,
    TargetDevice,
)
from sagemaker_typed.waiting import SYSTEM_CLOCK, Clock

__all__ = ["Place", "run"]

# A classifier of four inputs, eight hidden units and three classes, saved by Keras.
_MODEL = "iris.h5"
_INPUTS = '{"input_1": [1, 4]}'
_PREFIX = "typed-demo"


@attrs.define(kw_only=True)
class Place:
    """Where the demo runs: a client, an S3 client, a role and a bucket."""

    sm: SageMaker
    s3: Any
    role_arn: str
    bucket: str
    embedded_here: bool
    cleanup: ExitStack = attrs.field(factory=ExitStack)

    @classmethod
    def embedded(cls, console: Console, clock: Clock = SYSTEM_CLOCK) -> Place:
        """Start an embedded SageMaker and S3 on loopback, whose jobs and waits use `clock`."""
        from sagemaker_typed.testing import LocalSageMaker

        cleanup = ExitStack()
        local = cleanup.enter_context(LocalSageMaker(every=1.0, clock=clock))
        console.print(f"An embedded SageMaker listens on {local.url}; no AWS account is involved.\n", soft_wrap=True)
        s3 = local.boto3_client("s3")
        sm = cleanup.enter_context(local.client())
        bucket = "demo-bucket"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": local.region})
        return cls(
            sm=sm,
            s3=s3,
            role_arn="arn:aws:iam::123456789012:role/SageMakerDemo",
            bucket=bucket,
            embedded_here=True,
            cleanup=cleanup,
        )

    @classmethod
    def live(cls, role_arn: str, bucket: str, *, region: str | None, profile: str | None) -> Place:
        """Use the account of the caller's credentials."""
        import boto3

        session = boto3.Session(profile_name=profile, region_name=region)
        client: Any = session
        return cls(
            sm=SageMaker(session=session),
            s3=client.client("s3"),
            role_arn=role_arn,
            bucket=bucket,
            embedded_here=False,
        )

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        self.cleanup.close()


def run(place: Place, console: Console) -> None:
    """Run the demo, step by step."""
    say = partial(console.print, soft_wrap=True)
    stamp = time.strftime("%m%d-%H%M%S")
    job_name = f"{_PREFIX}-{stamp}"

    console.rule("1. Pack a Keras model and upload it", align="left")
    # The package may be imported from a zip file.
    model = resources.files("sagemaker_typed.cli").joinpath(_MODEL).read_bytes()
    archive = pack(_MODEL, model)
    key = f"{_PREFIX}/{stamp}/model.tar.gz"
    place.s3.put_object(Bucket=place.bucket, Key=key, Body=archive)
    source = f"s3://{place.bucket}/{key}"
    say(f"{_MODEL} ({len(model):,} bytes) -> {source} ({len(archive):,} bytes)\n")

    console.rule("2. Create a compilation job, and wait", align="left")
    create(place, job_name, source)
    job = place.sm.compilation_jobs.wait_until_completed(job_name, timeout=1800, poll=0.3, on_poll=shown(console))
    artifact = job.model_artifacts.s3_model_artifacts
    say(f"{job_name} is {printable(job.compilation_job_status)}; its artifact is {printable(artifact)}\n")

    console.rule("3. Download the compiled artifact", align="left")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / Path(urlsplit(artifact).path).name
        target.write_bytes(download(place, artifact))
        with tarfile.open(target) as tar:
            names = ", ".join(member.name for member in tar.getmembers())
        say(f"{target.name} ({target.stat().st_size:,} bytes) holds {printable(names)}\n")

    console.rule("4. List the jobs, page by page", align="left")
    if place.embedded_here:
        for number in range(1, 12):  # a real account has jobs, and these would cost money
            create(place, f"{job_name}-{number:02d}", source)
    list_jobs(place, console)

    console.rule("5. What a job that fails looks like", align="left")
    failing = f"{job_name}-fails"
    create(place, failing, f"s3://{place.bucket}/{_PREFIX}/{stamp}/missing.tar.gz")
    try:
        place.sm.compilation_jobs.wait_until_completed(failing, timeout=1800, poll=0.3)
    except errors.WaitFailedError as error:
        say(Text.assemble((type(error).__name__, "red"), f": {printable(str(error))}"))
        say(f"error.status = {error.status!r}, error.polls = {error.polls}, error.log_group = {error.log_group!r}")


def pack(name: str, content: bytes) -> bytes:
    """Return a .tar.gz of one file, the input that SageMaker Neo expects."""
    buffer = io.BytesIO()
    about = tarfile.TarInfo(name)
    about.size = len(content)
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(about, io.BytesIO(content))
    return buffer.getvalue()


def create(place: Place, name: str, source: str) -> None:
    """Create a compilation job for the model at `source`."""
    place.sm.compilation_jobs.create(
        name,
        role_arn=place.role_arn,
        input_config=InputConfig(s3_uri=source, framework=Framework.KERAS, data_input_config=_INPUTS),
        output_config=OutputConfig(
            s3_output_location=f"s3://{place.bucket}/{_PREFIX}/compiled/", target_device=TargetDevice.SITARA_AM57X
        ),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=900),
        tags={"purpose": "demo"},
    )


def shown(console: Console) -> Any:
    """Return a callback that prints each change of state with its time."""

    def on_poll(event: WaitEvent[DescribeCompilationJobResponse]) -> None:
        if event.changed:
            console.print(f"  {event.elapsed:5.1f} s  {printable(event.status or 'no answer')}")

    return on_poll


def download(place: Place, uri: str) -> bytes:
    """Return the bytes of an S3 object."""
    parts = urlsplit(uri)
    body: bytes = place.s3.get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))["Body"].read()
    return body


def list_jobs(place: Place, console: Console) -> None:
    """Print the demo's jobs as a table, with the number of requests it took."""
    table = Table("job", "status", "target", "created")
    pages = 0
    for page in place.sm.compilation_jobs.list(name_contains=_PREFIX, sort_by="Name", max_results=5).by_page():
        pages += 1
        for job in page.compilation_job_summaries:
            table.add_row(
                printable(job.compilation_job_name),
                printable(job.compilation_job_status),
                printable(job.compilation_target_device or ""),
                f"{job.creation_time:%H:%M:%S}",
            )
    console.print(table)
    console.print(f"{table.row_count} jobs in {pages} pages\n")
