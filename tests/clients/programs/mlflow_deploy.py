"""mlflow's deployments to SageMaker: endpoints, batch transforms, registering."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import mlflow.sagemaker
import pandas as pd
from mlflow.deployments import get_deploy_client
from mlflow.exceptions import MlflowException
from steps import expect, run, step

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/mlflow-pyfunc:3.18.0"
CONFIG: dict[str, Any] = {
    "execution_role_arn": ROLE,
    "image_url": IMAGE,
    "bucket": "mlflow",
    "instance_type": "ml.m5.large",
    "instance_count": 1,
    "region_name": "us-west-2",
    "timeout_seconds": 60,
}
sagemaker = boto3.client("sagemaker")
deployments = get_deploy_client("sagemaker:/us-west-2")


def saved_model() -> str:
    """A model as mlflow saves it."""
    folder = Path("model")
    folder.mkdir(exist_ok=True)
    (folder / "MLmodel").write_text(
        "flavors:\n  python_function:\n    loader_module: mine\n    python_version: 3.11.0\nmlflow_version: 3.18.0\n"
    )
    return str(folder)


@step("create, get, list, predict")
def create() -> None:
    deployments.create_deployment("mlflow-served", saved_model(), flavor="python_function", config=dict(CONFIG))
    expect(deployments.get_deployment("mlflow-served")["EndpointStatus"] == "InService")
    expect("mlflow-served" in [row["EndpointName"] for row in deployments.list_deployments()])
    answer = deployments.predict("mlflow-served", pd.DataFrame({"x": [1, 2]}))
    expect(answer.get_predictions().values.tolist() == [[0.5]], answer)


@step("update: replace and add")
def update() -> None:
    model = saved_model()
    deployments.create_deployment("grown", model, flavor="python_function", config=dict(CONFIG))
    deployments.update_deployment("grown", model, flavor="python_function", config={**CONFIG, "mode": "replace"})
    deployments.update_deployment("grown", model, flavor="python_function", config={**CONFIG, "mode": "add"})
    said = deployments.get_deployment("grown")
    expect(said["EndpointStatus"] == "InService" and len(said["ProductionVariants"]) == 2, said)


@step("create twice is refused")
def twice() -> None:
    model = saved_model()
    deployments.create_deployment("twice", model, flavor="python_function", config=dict(CONFIG))
    try:
        deployments.create_deployment("twice", model, flavor="python_function", config=dict(CONFIG))
    except MlflowException as error:
        expect("already exists" in str(error) or "another application" in str(error), error)
    else:
        raise AssertionError("it was not refused")


@step("serverless and asynchronous")
def other_ways() -> None:
    model = saved_model()
    serverless = {**CONFIG, "serverless_config": {"MemorySizeInMB": 2048, "MaxConcurrency": 2}}
    deployments.create_deployment("serverless", model, flavor="python_function", config=serverless)
    asynchronous = {**CONFIG, "async_inference_config": {"OutputConfig": {"S3OutputPath": "s3://mlflow/out"}}}
    deployments.create_deployment("asynchronous", model, flavor="python_function", config=asynchronous)
    expect("AsyncInferenceConfig" in deployments.get_deployment("asynchronous"))


@step("delete")
def delete() -> None:
    deployments.create_deployment("gone", saved_model(), flavor="python_function", config=dict(CONFIG))
    deployments.delete_deployment("gone", config={"region_name": "us-west-2", "timeout_seconds": 60})
    expect("gone" not in [row["EndpointName"] for row in deployments.list_deployments()])
    expect(not sagemaker.list_models(NameContains="gone")["Models"])


def transform(name: str, **more: Any) -> None:
    mlflow.sagemaker.deploy_transform_job(
        job_name=name,
        model_uri=saved_model(),
        s3_input_data_type="S3Prefix",
        s3_input_uri="s3://mlflow/in",
        content_type="text/csv",
        s3_output_path="s3://mlflow/out",
        execution_role_arn=ROLE,
        image_url=IMAGE,
        bucket="mlflow",
        instance_type="ml.m5.large",
        region_name="us-west-2",
        flavor="python_function",
        timeout_seconds=60,
        **more,
    )


@step("transform, and end a transform")
def transforms() -> None:
    transform("batch")
    expect(sagemaker.describe_transform_job(TransformJobName="batch")["TransformJobStatus"] == "Completed")
    transform("slow-batch", synchronous=False, archive=True)
    mlflow.sagemaker.terminate_transform_job("slow-batch", "us-west-2", archive=True, timeout_seconds=60)
    expect(sagemaker.describe_transform_job(TransformJobName="slow-batch")["TransformJobStatus"] == "Stopped")


@step("push a model")
def push() -> None:
    mlflow.sagemaker.push_model_to_sagemaker(
        "pushed",
        saved_model(),
        execution_role_arn=ROLE,
        bucket="mlflow",
        image_url=IMAGE,
        region_name="us-west-2",
        flavor="python_function",
    )
    expect(sagemaker.describe_model(ModelName="pushed")["PrimaryContainer"]["Image"] == IMAGE)


@step("the account's own bucket")
def own_bucket() -> None:
    config = {name: value for name, value in CONFIG.items() if name != "bucket"}
    deployments.create_deployment("own", saved_model(), flavor="python_function", config=config)
    names = [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
    expect("mlflow-sagemaker-us-west-2-123456789012" in names, names)


if __name__ == "__main__":
    boto3.client("s3").create_bucket(Bucket="mlflow", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    run()
