"""Deploy a model, move the endpoint to another instance type, and take everything away."""

import json
from typing import Any

import boto3
from botocore.exceptions import WaiterError

ROLE = "arn:aws:iam::123456789012:role/SageMaker"


def count(client: Any) -> int:
    """Works with boto3's client, whoever calls it."""
    return len(client.list_endpoints()["Endpoints"])


class Deployment:
    def __init__(self, name: str, session: boto3.Session) -> None:
        self.name = name
        self.client = session.client("sagemaker")

    def model(self, image: str, environment: dict[str, str]) -> None:
        self.client.create_model(
            ModelName=self.name,
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": image, "Environment": environment, "ModelDataUrl": "s3://models/model.tar.gz"},
        )

    def configure(self, config: str, instance_type: str, **options: Any) -> None:
        variant = {
            "VariantName": "main",
            "ModelName": self.name,
            "InstanceType": instance_type,
            "InitialInstanceCount": 1,
        }
        self.client.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
        if options:
            self.client.create_endpoint_config(
                EndpointConfigName=f"{config}-x", ProductionVariants=[variant], **options
            )

    def go(self, config: str, *, update: bool = False) -> None:
        if update:
            self.client.update_endpoint(EndpointName=self.name, EndpointConfigName=config)
        else:
            self.client.create_endpoint(EndpointName=self.name, EndpointConfigName=config)
        self.wait()
        self.show()
        print(count(self.client))

    def wait(self) -> None:
        waiter = self.client.get_waiter("endpoint_in_service")
        try:
            waiter.wait(EndpointName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        except WaiterError:
            print("not in service")

    def show(self) -> None:
        endpoint = self.client.describe_endpoint(EndpointName=self.name)
        print(endpoint["EndpointName"], endpoint["EndpointStatus"], endpoint["EndpointConfigName"])
        for variant in endpoint["ProductionVariants"]:
            print(" ", variant["VariantName"], variant["CurrentInstanceCount"])
        if "FailureReason" in endpoint:
            print(endpoint["FailureReason"])
        print(endpoint["ResponseMetadata"]["HTTPStatusCode"], sorted(endpoint)[:2])

    def remove(self) -> None:
        self.client.delete_endpoint(EndpointName=self.name)
        self.client.get_waiter("endpoint_deleted").wait(EndpointName=self.name)
        for config in self.client.list_endpoint_configs()["EndpointConfigs"]:
            self.client.delete_endpoint_config(EndpointConfigName=config["EndpointConfigName"])
        self.client.delete_model(ModelName=self.name)
        try:
            self.client.describe_model(ModelName=self.name)
        except self.client.exceptions.ClientError as error:
            print(error.response["Error"]["Message"])


def main() -> None:
    session = boto3.Session(region_name="us-west-2")
    deployment = Deployment("churn", session)
    deployment.model("123456789012.dkr.ecr.us-west-2.amazonaws.com/churn:1", {"LOG_LEVEL": "info"})
    deployment.configure("churn-1", "ml.m5.large", Tags=[{"Key": "team", "Value": "growth"}])
    deployment.go("churn-1")
    deployment.configure("churn-2", "ml.c5.large")
    deployment.go("churn-2", update=True)
    sm = session.client("sagemaker")
    described = sm.describe_endpoint_config(EndpointConfigName="churn-2")
    print(json.dumps(described["ProductionVariants"], sort_keys=True))
    print(count(sm))
    deployment.remove()


if __name__ == "__main__":
    main()
