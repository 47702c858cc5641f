"""What is measured, and what it may cost: ratios to boto3 on the same payloads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["import", "first", "peak", "calls", "threads", "threads-cpu", "held", "async", "async-threads", "wait"]

# The unit that a row is shown in, and how many of it make one of what was measured.
UNITS: dict[Kind, tuple[str, float]] = {
    "import": ("ms", 1e3),
    "first": ("ms", 1e3),
    "peak": ("MB", 1 / 1024),
    "calls": ("ms", 1e3),
    "threads": ("/s", 1),
    "threads-cpu": ("ms", 1e3),
    "held": ("bytes", 1),
    "async": ("ms", 1e3),
    "async-threads": ("ms", 1e3),
    "wait": ("s", 1),
}


@dataclass(frozen=True)
class Row:
    name: str
    what: str
    kind: Kind
    target: float | None = None
    """The highest ratio that is good enough; of a rate, the lowest."""
    call: str = ""
    operation: str = ""
    at_once: int = 1
    """How many calls of one event loop are under way."""
    """Whose answer's size is shown with the row."""

    def met(self, ratio: float) -> bool | None:
        if self.target is None:
            return None
        return ratio >= self.target if self.kind == "threads" else ratio <= self.target


def _call(name: str, what: str, operation: str, target: float | None = None) -> Row:
    return Row(name, what, "calls", target, name, operation)


def _async(at_once: int, target: float, *, aiohttp: bool = True) -> Row:
    """boto3 makes its calls one after another: more of them at once only cost it more."""
    kind: Kind = "async" if aiohttp else "async-threads"
    what = f"async describe, {at_once} at once" + ("" if aiohttp else ", without aiohttp")
    return Row(f"{kind}-{at_once}", what, kind, target, "describe", "DescribeCompilationJob", at_once)


ROWS = (
    Row("import", "import, over a bare interpreter", "import", 0.07),
    Row("first-call", "first call: import, client, one Describe", "first", 0.65),
    _call("list", "list_compilation_jobs, 100 summaries", "ListCompilationJobs", 0.17),
    _call("search", "search, 20 full training jobs", "Search", 0.32),
    _call("describe", "describe_compilation_job", "DescribeCompilationJob", 0.42),
    _call("describe-training", "describe_training_job, full", "DescribeTrainingJob", 0.42),
    _call("create", "create_compilation_job, typed request", "CreateCompilationJob", 0.48),
    _call("create-transform", "create_transform_job, typed request", "CreateTransformJob", 0.48),
    Row("memory", "memory a summary held, of 10,000", "held", 0.20),
    _call("iterate", "iterating 10,000 jobs, 100 pages", "", 0.17),
    Row("threads", "16 threads on one client: describe calls a second", "threads", 1.9, "describe"),
    Row("peak-memory", "peak memory of the process after the first call", "peak", 1.0),
    Row("threads-cpu", "16 threads on one client: CPU of a describe", "threads-cpu", None, "describe"),
    Row("threads-list", "16 threads on one client: lists of 100 a second", "threads", None, "list"),
    _call("list-training", "list_training_jobs, 100 summaries", "ListTrainingJobs", 0.22),
    _call("list-endpoints", "list_endpoints, 100 summaries", "ListEndpoints", 0.22),
    _call("list-tags", "list_tags, 50 tags", "ListTags"),
    _call("describe-endpoint", "describe_endpoint, full", "DescribeEndpoint"),
    _call("describe-package", "describe_model_package, full", "DescribeModelPackage"),
    # boto3 cannot bound a call, so its describe is the same as above.
    _call("describe-in-time", "describe_compilation_job with a timeout", "DescribeCompilationJob", 0.48),
    _call("poll", "one poll of a wait", "DescribeCompilationJob", 0.48),
    # boto3 has no wait on many: it lists the jobs and describes each, one after another.
    Row("wait", "wait on 5,000 jobs that have ended", "wait", 0.48, "wait"),
    _async(1, 0.38),
    _async(16, 0.27),
    _async(64, 0.27),
    _async(256, 0.27),
    _async(16, 0.45, aiohttp=False),
    _async(64, 0.45, aiohttp=False),
    _async(256, 0.45, aiohttp=False),
)
HELD = 10_000
THREADS = 16
