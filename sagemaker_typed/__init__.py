"""A typed Python client for Amazon SageMaker on top of boto3.

    from sagemaker_typed import SageMaker

    sm = SageMaker(region="us-west-2")
    for job in sm.compilation_jobs.list():
        print(job.compilation_job_name, job.compilation_job_status)

Importing this package does not import boto3 or any generated module; each name is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker_typed._core.version import __version__ as __version__

if TYPE_CHECKING:
    from sagemaker_typed import errors as errors
    from sagemaker_typed import types as types
    from sagemaker_typed._core.convert.converter import from_boto3 as from_boto3
    from sagemaker_typed._core.convert.converter import to_boto3 as to_boto3
    from sagemaker_typed._core.convert.dicts import from_dict as from_dict
    from sagemaker_typed._core.convert.dicts import from_json as from_json
    from sagemaker_typed._core.convert.dicts import to_dict as to_dict
    from sagemaker_typed._core.convert.dicts import to_json as to_json
    from sagemaker_typed._core.frames import to_pandas as to_pandas
    from sagemaker_typed._core.ipython import load_ipython_extension as load_ipython_extension
    from sagemaker_typed._waiting.afutures import AsyncRunFuture as AsyncRunFuture
    from sagemaker_typed._waiting.afutures import AsyncRunner as AsyncRunner
    from sagemaker_typed._waiting.futures import RunFuture as RunFuture
    from sagemaker_typed._waiting.futures import Runner as Runner
    from sagemaker_typed._waiting.mapping import MapReport as MapReport
    from sagemaker_typed.aio import AsyncSageMaker as AsyncSageMaker
    from sagemaker_typed.client import SageMaker as SageMaker
    from sagemaker_typed.enums import OpenEnum as OpenEnum
    from sagemaker_typed.errors import SageMakerError as SageMakerError
    from sagemaker_typed.paging import AsyncPages as AsyncPages
    from sagemaker_typed.paging import Pages as Pages
    from sagemaker_typed.waiting import BatchEvent as BatchEvent
    from sagemaker_typed.waiting import Pacing as Pacing
    from sagemaker_typed.waiting import WaitEvent as WaitEvent
    from sagemaker_typed.waiting import WaitReport as WaitReport
else:
    from sagemaker_typed._core.lazy import attach

    __getattr__, __dir__ = attach(
        __name__,
        {
            "AsyncPages": "paging",
            "AsyncRunFuture": "_waiting.afutures",
            "AsyncRunner": "_waiting.afutures",
            "AsyncSageMaker": "aio",
            "BatchEvent": "waiting",
            "MapReport": "_waiting.mapping",
            "OpenEnum": "enums",
            "Pacing": "waiting",
            "Pages": "paging",
            "RunFuture": "_waiting.futures",
            "Runner": "_waiting.futures",
            "SageMaker": "client",
            "SageMakerError": "errors",
            "WaitEvent": "waiting",
            "WaitReport": "waiting",
            "errors": "",
            "from_boto3": "_core.convert.converter",
            "from_dict": "_core.convert.dicts",
            "from_json": "_core.convert.dicts",
            "load_ipython_extension": "_core.ipython",
            "to_boto3": "_core.convert.converter",
            "to_dict": "_core.convert.dicts",
            "to_json": "_core.convert.dicts",
            "to_pandas": "_core.frames",
            "types": "",
        },
    )

__all__ = [
    "AsyncPages",
    "AsyncRunFuture",
    "AsyncRunner",
    "AsyncSageMaker",
    "BatchEvent",
    "MapReport",
    "OpenEnum",
    "Pacing",
    "Pages",
    "RunFuture",
    "Runner",
    "SageMaker",
    "SageMakerError",
    "WaitEvent",
    "WaitReport",
    "__version__",
    "errors",
    "from_boto3",
    "from_dict",
    "from_json",
    "load_ipython_extension",
    "to_boto3",
    "to_dict",
    "to_json",
    "to_pandas",
    "types",
]
