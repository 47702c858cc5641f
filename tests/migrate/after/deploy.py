"""Deploy a model, move the endpoint to another instance type, and take everything away."""

import json
from typing import Any

import boto3
from botocore.exceptions import WaiterError
from sagemaker_typed import SageMaker, from_boto3, to_boto3
from sagemaker_typed.errors import WaitError
from sagemaker_typed.types import (
    ContainerDefinition,
    ListEndpointConfigsInput,
    ProductionVariant,
)

ROLE = "arn:aws:iam::123456789012:role/SageMaker"


def count(client: Any) -> int:
    """Works with boto3's client, whoever calls it."""
    return len(client.list_endpoints()["Endpoints"])


class Deployment:
    def __init__(self, name: str, session: boto3.Session) -> None:
        self.name = name
        # sagemaker-typed: code outside this class that uses `client` needs its `boto3_client` now
        self.client = SageMaker(session=session)

    def model(self, image: str, environment: dict[str, str]) -> None:
        self.client.models.create(
            self.name,
            execution_role_arn=ROLE,
            primary_container=ContainerDefinition(image=image, environment=environment, model_data_url="s3://models/model.tar.gz"),
        )

    def configure(self, config: str, instance_type: str, **options: Any) -> None:
        variant = {
            "VariantName": "main",
            "ModelName": self.name,
            "InstanceType": instance_type,
            "InitialInstanceCount": 1,
        }
        self.client.endpoint_configs.create(config, production_variants=[from_boto3(ProductionVariant, variant)])
        if options:
            # sagemaker-typed: `endpoint_configs.create` takes keywords; write them out to make this call typed
            self.client.boto3_client.create_endpoint_config(
                EndpointConfigName=f"{config}-x", ProductionVariants=[variant], **options
            )

    def go(self, config: str, *, update: bool = False) -> None:
        if update:
            self.client.endpoints.update(self.name, endpoint_config_name=config)
        else:
            self.client.endpoints.create(self.name, endpoint_config_name=config)
        self.wait()
        self.show()
        # sagemaker-typed: boto3's client goes there, as before
        print(count(self.client.boto3_client))

    def wait(self) -> None:
        try:
            self.client.endpoints.wait_until_in_service(self.name, poll=1, timeout=60)
        # sagemaker-typed: typed waits raise WaitError, which is no WaiterError of boto3
        except (WaiterError, WaitError):
            print("not in service")

    def show(self) -> None:
        endpoint = self.client.endpoints.describe(self.name)
        print(endpoint.endpoint_name, endpoint.endpoint_status, endpoint.endpoint_config_name)
        for variant in endpoint.production_variants or []:
            print(" ", variant.variant_name, variant.current_instance_count)
        if endpoint.failure_reason is not None:
            print(endpoint.failure_reason)
        print(endpoint.response_metadata.http_status_code, sorted(to_boto3(endpoint))[:2])

    def remove(self) -> None:
        self.client.endpoints.delete(self.name)
        self.client.endpoints.wait_until_deleted(self.name)
        for config in self.client.send(ListEndpointConfigsInput()).endpoint_configs:
            self.client.endpoint_configs.delete(config.endpoint_config_name)
        self.client.models.delete(self.name)
        try:
            self.client.models.describe(self.name)
        except self.client.boto3_client.exceptions.ClientError as error:
            print(error.response["Error"]["Message"])


def main() -> None:
    session = boto3.Session(region_name="us-west-2")
    deployment = Deployment("churn", session)
    deployment.model("123456789012.dkr.ecr.us-west-2.amazonaws.com/churn:1", {"LOG_LEVEL": "info"})
    deployment.configure("churn-1", "ml.m5.large", Tags=[{"Key": "team", "Value": "growth"}])
    deployment.go("churn-1")
    deployment.configure("churn-2", "ml.c5.large")
    deployment.go("churn-2", update=True)
    sm = SageMaker(session=session)
    described = sm.endpoint_configs.describe("churn-2")
    print(json.dumps(to_boto3(described)["ProductionVariants"], sort_keys=True))
    # sagemaker-typed: boto3's client goes there, as before
    print(count(sm.boto3_client))
    deployment.remove()


if __name__ == "__main__":
    main()
