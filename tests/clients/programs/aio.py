"""aioboto3: jobs side by side, waiters, paginators, an endpoint's answer, and errors, all awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aioboto3
from botocore.exceptions import WaiterError
from steps import expect, run, step

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/mine:1"
QUICK = {"Delay": 0.1, "MaxAttempts": 300}
session = aioboto3.Session()


def awaited(name: str) -> Callable[[Callable[[Any], Awaitable[None]]], None]:
    """Make a coroutine function, which is given a SageMaker client, a step."""

    def keep(function: Callable[[Any], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with session.client("sagemaker") as client:
                await function(client)

        step(name)(lambda: asyncio.run(whole()))

    return keep


async def train(client: Any, name: str) -> None:
    await client.create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://models/trained"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )


async def deploy(client: Any, name: str) -> None:
    await client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    variant = {"VariantName": "all", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    await client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    await client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    waiter = client.get_waiter("endpoint_in_service")
    await waiter.wait(EndpointName=name, WaiterConfig=QUICK)


@awaited("twenty training jobs side by side")
async def many(client: Any) -> None:
    names = [f"many-{number}" for number in range(20)]
    await asyncio.gather(*(train(client, name) for name in names))
    waiter = client.get_waiter("training_job_completed_or_stopped")
    await asyncio.gather(*(waiter.wait(TrainingJobName=name, WaiterConfig=QUICK) for name in names))
    seen = []
    pages = client.get_paginator("list_training_jobs").paginate(NameContains="many-", PaginationConfig={"PageSize": 7})
    async for page in pages:
        seen += [job["TrainingJobName"] for job in page["TrainingJobSummaries"]]
    expect(sorted(seen) == sorted(names), seen)


@awaited("a waiter ends when its job fails")
async def failing(client: Any) -> None:
    await train(client, "aio-failing")
    try:
        await client.get_waiter("training_job_completed_or_stopped").wait(
            TrainingJobName="aio-failing", WaiterConfig=QUICK
        )
    except WaiterError as error:
        expect(error.last_response["FailureReason"].startswith("AlgorithmError"), error.last_response)
    else:
        raise AssertionError("it did not fail")


@awaited("deploy and invoke")
async def invoke(client: Any) -> None:
    await deploy(client, "aio")
    async with session.client("sagemaker-runtime") as runtime:
        answer = await runtime.invoke_endpoint(EndpointName="aio", Body=b"1,2", ContentType="text/csv")
        expect(await answer["Body"].read() is not None)


@awaited("an endpoint's answer as a stream")
async def stream(client: Any) -> None:
    await deploy(client, "stream")
    async with session.client("sagemaker-runtime") as runtime:
        answer = await runtime.invoke_endpoint_with_response_stream(EndpointName="stream", Body=b"1,2")
        parts = [event["PayloadPart"]["Bytes"] async for event in answer["Body"]]
        expect(parts, parts)


@awaited("S3 beside it")
async def objects(client: Any) -> None:
    async with session.client("s3") as s3:
        await s3.create_bucket(Bucket="aio", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
        await s3.put_object(Bucket="aio", Key="one", Body=b"1")
        got = await s3.get_object(Bucket="aio", Key="one")
        expect(await got["Body"].read() == b"1")


@awaited("an unknown name")
async def unknown(client: Any) -> None:
    try:
        await client.describe_training_job(TrainingJobName="nobody")
    except client.exceptions.ClientError as error:
        expect(error.response["Error"]["Message"] == "Requested resource not found.", error)
    else:
        raise AssertionError("it was found")


if __name__ == "__main__":
    run()
