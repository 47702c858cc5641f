"""Cloud Custodian: a policy for each of its SageMaker kinds, and its tags, marks, stops and deletions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import boto3
import yaml
from c7n import cli
from steps import expect, run, step

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/mine:1"
TAGS = [{"Key": "team", "Value": "vision"}]
client: Any = boto3.client("sagemaker")

KINDS = [
    "app",
    "auto-ml-job",
    "cluster",
    "compilation-job",
    "data-quality-job-definition",
    "domain",
    "endpoint",
    "endpoint-config",
    "hyperparameter-tuning-job",
    "job",
    "model",
    "model-bias-job-definition",
    "model-explainability-job-definition",
    "model-quality-job-definition",
    "notebook",
    "processing-job",
    "space",
    "transform-job",
    "user-profile",
]


def custodian(kind: str, filters: list[Any] | None = None, actions: list[Any] | None = None) -> list[dict[str, Any]]:
    """Run a policy as `custodian run` does, and return the resources that it found."""
    policy = {"name": "mine", "resource": f"aws.sagemaker-{kind}", "filters": filters or [], "actions": actions or []}
    Path("policy.yml").write_text(yaml.safe_dump({"policies": [policy]}))
    command = ["run", "--region", "us-west-2", "--cache-period", "0", "--output-dir", "out", "policy.yml"]
    cli.sys.argv = ["custodian", *command]
    shutil.rmtree("out", ignore_errors=True)
    try:
        cli.main()
    except SystemExit as end:
        if end.code:
            log = Path("out/mine/custodian-run.log").read_text().strip()
            raise RuntimeError(f"custodian ended with {end.code}: {log[-500:]}") from end
    found: list[dict[str, Any]] = json.loads(Path("out/mine/resources.json").read_text())
    return found


def endpoint(name: str) -> None:
    client.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE}, Tags=TAGS)
    variant = {"VariantName": "all", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], Tags=TAGS)
    client.create_endpoint(EndpointName=name, EndpointConfigName=name, Tags=TAGS)
    client.get_waiter("endpoint_in_service").wait(EndpointName=name)


def training_job(name: str) -> None:
    client.create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
        Tags=TAGS,
    )


def notebook(name: str) -> None:
    client.create_notebook_instance(
        NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, Tags=TAGS, SubnetId="subnet-1"
    )
    client.get_waiter("notebook_instance_in_service").wait(NotebookInstanceName=name)


def tags_of(arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}


@step("each kind, with nothing there")
def nothing() -> None:
    for kind in KINDS:
        expect(custodian(kind) == [], kind)


@step("endpoints: filter, tag, mark, remove the tag, delete")
def endpoints() -> None:
    endpoint("found")
    endpoint("other")
    tagged = {"tag:team": "vision"}
    named = {"EndpointName": "found"}
    found = custodian("endpoint", [tagged, named], [{"type": "tag", "key": "seen", "value": "yes"}])
    expect([row["EndpointName"] for row in found] == ["found"], found)
    arn = found[0]["EndpointArn"]
    expect(tags_of(arn) == {"team": "vision", "seen": "yes"}, tags_of(arn))
    custodian("endpoint", [named], [{"type": "remove-tag", "tags": ["seen"]}])
    custodian("endpoint", [named], [{"type": "mark-for-op", "op": "delete", "days": 1}])
    expect("maid_status" in tags_of(arn), tags_of(arn))
    custodian("endpoint", [named], ["delete"])
    custodian("endpoint-config", [{"EndpointConfigName": "found"}], ["delete"])
    custodian("model", [{"ModelName": "found"}], ["delete"])
    expect(not client.list_models(NameContains="found")["Models"])


@step("training jobs: stop those that run")
def jobs() -> None:
    training_job("slow-one")
    found = custodian("job", [{"TrainingJobName": "slow-one"}], ["stop"])
    expect(len(found) == 1, found)
    client.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName="slow-one")
    expect(client.describe_training_job(TrainingJobName="slow-one")["TrainingJobStatus"] == "Stopped")


@step("notebook instances: stop, start, delete")
def notebooks() -> None:
    notebook("book")
    named = {"NotebookInstanceName": "book"}
    custodian("notebook", [named, {"tag:team": "vision"}], ["stop"])
    client.get_waiter("notebook_instance_stopped").wait(NotebookInstanceName="book")
    custodian("notebook", [named], ["start"])
    client.get_waiter("notebook_instance_in_service").wait(NotebookInstanceName="book")
    custodian("notebook", [named], ["stop"])
    client.get_waiter("notebook_instance_stopped").wait(NotebookInstanceName="book")
    custodian("notebook", [named], ["delete"])
    client.get_waiter("notebook_instance_deleted").wait(NotebookInstanceName="book")


@step("each kind of job: those that run are found by their tags")
def kinds_of_jobs() -> None:
    client.create_processing_job(
        ProcessingJobName="slow-work",
        RoleArn=ROLE,
        AppSpecification={"ImageUri": IMAGE},
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
        },
        Tags=TAGS,
    )
    client.create_auto_ml_job(
        AutoMLJobName="slow-auto",
        InputDataConfig=[
            {
                "TargetAttributeName": "y",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/in"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://models"},
        RoleArn=ROLE,
        Tags=TAGS,
    )
    client.create_compilation_job(
        CompilationJobName="slow-neo",
        RoleArn=ROLE,
        InputConfig={"S3Uri": "s3://elsewhere/model.tar.gz", "DataInputConfig": '{"a":[1]}', "Framework": "PYTORCH"},
        OutputConfig={"S3OutputLocation": "s3://models", "TargetDevice": "ml_c5"},
        StoppingCondition={"MaxRuntimeInSeconds": 900},
        Tags=TAGS,
    )
    for kind in ("processing-job", "auto-ml-job", "compilation-job"):
        expect(len(custodian(kind, [{"tag:team": "vision"}])) == 1, kind)


@step("job definitions: found and deleted")
def definitions() -> None:
    endpoint("watched")
    client.create_data_quality_job_definition(
        JobDefinitionName="quality",
        DataQualityAppSpecification={"ImageUri": IMAGE},
        DataQualityJobInput={"EndpointInput": {"EndpointName": "watched", "LocalPath": "/opt/ml/processing/in"}},
        DataQualityJobOutputConfig={
            "MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://models", "LocalPath": "/opt/ml/processing/out"}}]
        },
        JobResources={"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}},
        RoleArn=ROLE,
        Tags=TAGS,
    )
    expect(len(custodian("data-quality-job-definition", [{"tag:team": "vision"}], ["delete"])) == 1)
    expect(custodian("data-quality-job-definition") == [])


@step("clusters: found and deleted")
def clusters() -> None:
    client.create_cluster(
        ClusterName="hyper",
        InstanceGroups=[
            {
                "InstanceGroupName": "one",
                "InstanceType": "ml.c5.large",
                "InstanceCount": 1,
                "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-life", "OnCreate": "start.sh"},
                "ExecutionRole": ROLE,
            }
        ],
        Tags=TAGS,
    )
    found = custodian("cluster", [{"tag:team": "vision"}])
    while found[0]["ClusterStatus"] == "Creating":
        found = custodian("cluster", [{"tag:team": "vision"}])
    expect(found[0]["ClusterStatus"] == "InService", found)
    custodian("cluster", [{"ClusterName": "hyper"}], ["delete"])
    while custodian("cluster"):
        pass


@step("domains, user profiles, spaces and apps: found by their tags")
def domains() -> None:
    domain = client.create_domain(
        DomainName="studio",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
        Tags=TAGS,
    )["DomainArn"].rpartition("/")[2]
    while client.describe_domain(DomainId=domain)["Status"] == "Pending":
        pass
    client.create_user_profile(DomainId=domain, UserProfileName="ada", Tags=TAGS)
    client.create_space(DomainId=domain, SpaceName="lab", Tags=TAGS)
    while client.describe_user_profile(DomainId=domain, UserProfileName="ada")["Status"] == "Pending":
        pass
    client.create_app(DomainId=domain, UserProfileName="ada", AppType="JupyterServer", AppName="default", Tags=TAGS)
    for kind in ("domain", "user-profile", "space", "app"):
        expect(len(custodian(kind, [{"tag:team": "vision"}])) == 1, kind)


if __name__ == "__main__":
    run()
