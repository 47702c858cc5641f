"""The AWS command line: each step is a list of commands, run as a shell would."""

from __future__ import annotations

import contextlib
import datetime
import io
import json
from pathlib import Path
from typing import Any

from awscli.clidriver import create_clidriver
from steps import expect, run, step

ROLE = "arn:aws:iam::123456789012:role/SageMaker"
IMAGE = "123456789012.dkr.ecr.us-west-2.amazonaws.com/mine:1"


def aws(line: str) -> Any:
    """Run a command, and return what it printed."""
    printed, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
        code = create_clidriver().main(line.split())
    if code:
        raise RuntimeError(f"aws {' '.join(line.split()[:2])} ended with {code}: {errors.getvalue().strip()}")
    text = printed.getvalue()
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def sagemaker(line: str) -> Any:
    return aws(f"sagemaker {line}")


def training_job(name: str) -> None:
    sagemaker(
        f"create-training-job --training-job-name {name} --role-arn {ROLE}"
        f" --algorithm-specification TrainingImage={IMAGE},TrainingInputMode=File"
        " --output-data-config S3OutputPath=s3://models/trained"
        " --resource-config InstanceType=ml.m5.large,InstanceCount=1,VolumeSizeInGB=10"
        " --stopping-condition MaxRuntimeInSeconds=3600 --tags Key=team,Value=vision"
    )


def endpoint(name: str) -> None:
    sagemaker(f"create-model --model-name {name} --execution-role-arn {ROLE} --primary-container Image={IMAGE}")
    sagemaker(
        f"create-endpoint-config --endpoint-config-name {name} --production-variants"
        f" VariantName=all,ModelName={name},InitialInstanceCount=1,InstanceType=ml.m5.large"
    )
    sagemaker(f"create-endpoint --endpoint-name {name} --endpoint-config-name {name}")
    sagemaker(f"wait endpoint-in-service --endpoint-name {name}")


@step("identity and buckets")
def identity() -> None:
    expect(aws("sts get-caller-identity")["Account"] == "123456789012")
    aws("s3 mb s3://models")
    aws("s3 cp one.csv s3://models/in/one.csv")
    expect("one.csv" in aws("s3 ls s3://models/in/"))


@step("train, wait, describe, list")
def train() -> None:
    training_job("train")
    sagemaker("wait training-job-completed-or-stopped --training-job-name train")
    said = sagemaker("describe-training-job --training-job-name train")
    expect(said["TrainingJobStatus"] == "Completed", said)
    found = sagemaker("list-training-jobs --name-contains train --query TrainingJobSummaries[].TrainingJobName")
    expect(found == ["train"], found)
    for number in range(3):
        training_job(f"page-{number}")
    found = sagemaker("list-training-jobs --page-size 2 --max-items 3 --name-contains page-")
    expect(len(found["TrainingJobSummaries"]) == 3 and "NextToken" not in found, found)


@step("a training job that fails ends the wait with 255")
def failing() -> None:
    training_job("train-failing")
    try:
        sagemaker("wait training-job-completed-or-stopped --training-job-name train-failing")
    except RuntimeError as error:
        expect("terminal failure state" in str(error), str(error))
    else:
        raise AssertionError("it did not fail")


@step("stop a training job")
def stop() -> None:
    training_job("slow-stop")
    sagemaker("stop-training-job --training-job-name slow-stop")
    sagemaker("wait training-job-completed-or-stopped --training-job-name slow-stop")
    expect(sagemaker("describe-training-job --training-job-name slow-stop")["TrainingJobStatus"] == "Stopped")


@step("logs of a training job")
def logs() -> None:
    training_job("logs")
    sagemaker("wait training-job-completed-or-stopped --training-job-name logs")
    group = "/aws/sagemaker/TrainingJobs"
    streams = aws(f"logs describe-log-streams --log-group-name {group} --log-stream-name-prefix logs/")["logStreams"]
    expect(len(streams) == 1, streams)
    events = aws(f"logs get-log-events --log-group-name {group} --log-stream-name {streams[0]['logStreamName']}")
    expect(events["events"], events)
    expect(aws(f"logs filter-log-events --log-group-name {group}")["events"])


@step("compile")
def compile_model() -> None:
    aws("s3 cp one.csv s3://models/neo/model.tar.gz")
    settings = {
        "CompilationJobName": "compile",
        "RoleArn": ROLE,
        "InputConfig": {
            "S3Uri": "s3://models/neo/model.tar.gz",
            "DataInputConfig": '{"input0":[1,3,224,224]}',
            "Framework": "PYTORCH",
            "FrameworkVersion": "1.13",
        },
        "OutputConfig": {"S3OutputLocation": "s3://models/compiled", "TargetDevice": "ml_c5"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
    }
    Path("compile.json").write_text(json.dumps(settings))
    sagemaker("create-compilation-job --cli-input-json file://compile.json")
    while True:
        said = sagemaker("describe-compilation-job --compilation-job-name compile")
        if said["CompilationJobStatus"] not in ("STARTING", "INPROGRESS"):
            break
    expect(said["CompilationJobStatus"] == "COMPLETED", said)
    aws(f"s3 cp {said['ModelArtifacts']['S3ModelArtifacts']} compiled.tar.gz")


@step("deploy, invoke, update, delete")
def deploy() -> None:
    endpoint("deploy")
    aws(
        "sagemaker-runtime invoke-endpoint --endpoint-name deploy --body fileb://one.csv --content-type text/csv out.csv"
    )
    expect(Path("out.csv").exists())
    sagemaker(
        "update-endpoint-weights-and-capacities --endpoint-name deploy"
        " --desired-weights-and-capacities VariantName=all,DesiredInstanceCount=2"
    )
    sagemaker("wait endpoint-in-service --endpoint-name deploy")
    said = sagemaker("describe-endpoint --endpoint-name deploy")
    expect(said["ProductionVariants"][0]["CurrentInstanceCount"] == 2, said)
    sagemaker("delete-endpoint --endpoint-name deploy")
    sagemaker("wait endpoint-deleted --endpoint-name deploy")
    sagemaker("delete-endpoint-config --endpoint-config-name deploy")
    sagemaker("delete-model --model-name deploy")


@step("an unknown name, and one that is taken")
def refused() -> None:
    for line, said in [
        ("describe-endpoint --endpoint-name nobody", "Could not find endpoint"),
        (f"create-model --model-name twice --execution-role-arn {ROLE} --primary-container Image={IMAGE}", None),
        (
            f"create-model --model-name twice --execution-role-arn {ROLE} --primary-container Image={IMAGE}",
            "Cannot create already existing model",
        ),
        ("describe-training-job --training-job-name nobody", "Requested resource not found"),
    ]:
        try:
            sagemaker(line)
        except RuntimeError as error:
            expect(said is not None and said in str(error), str(error))
        else:
            expect(said is None, line)


@step("inference components")
def components() -> None:
    sagemaker(f"create-model --model-name part --execution-role-arn {ROLE} --primary-container Image={IMAGE}")
    sagemaker(
        f"create-endpoint-config --endpoint-config-name parts --execution-role-arn {ROLE} --production-variants"
        " VariantName=all,InitialInstanceCount=1,InstanceType=ml.g5.2xlarge"
    )
    sagemaker("create-endpoint --endpoint-name parts --endpoint-config-name parts")
    sagemaker("wait endpoint-in-service --endpoint-name parts")
    sagemaker(
        "create-inference-component --inference-component-name part --endpoint-name parts --variant-name all"
        " --specification ModelName=part,ComputeResourceRequirements={NumberOfCpuCoresRequired=1,MinMemoryRequiredInMb=1024}"
        " --runtime-config CopyCount=1"
    )
    while True:
        said = sagemaker("describe-inference-component --inference-component-name part")
        if said["InferenceComponentStatus"] != "Creating":
            break
    expect(said["InferenceComponentStatus"] == "InService", said)
    aws(
        "sagemaker-runtime invoke-endpoint --endpoint-name parts --inference-component-name part"
        " --body fileb://one.csv out.csv"
    )
    sagemaker(
        "update-inference-component-runtime-config --inference-component-name part --desired-runtime-config CopyCount=2"
    )
    expect(len(sagemaker("list-inference-components --endpoint-name-equals parts")["InferenceComponents"]) == 1)
    sagemaker("delete-inference-component --inference-component-name part")


@step("notebook instances and lifecycle configurations")
def notebooks() -> None:
    sagemaker(
        "create-notebook-instance-lifecycle-config --notebook-instance-lifecycle-config-name start"
        " --on-start Content=IyEvYmluL2Jhc2g="
    )
    sagemaker(
        "create-notebook-instance --notebook-instance-name book --instance-type ml.t3.medium"
        f" --role-arn {ROLE} --lifecycle-config-name start"
    )
    sagemaker("wait notebook-instance-in-service --notebook-instance-name book")
    expect(sagemaker("create-presigned-notebook-instance-url --notebook-instance-name book")["AuthorizedUrl"])
    sagemaker("stop-notebook-instance --notebook-instance-name book")
    sagemaker("wait notebook-instance-stopped --notebook-instance-name book")
    sagemaker("update-notebook-instance --notebook-instance-name book --instance-type ml.t3.large")
    while sagemaker("describe-notebook-instance --notebook-instance-name book")["NotebookInstanceStatus"] == "Updating":
        pass
    sagemaker("delete-notebook-instance --notebook-instance-name book")
    sagemaker("wait notebook-instance-deleted --notebook-instance-name book")


@step("images and their versions")
def images() -> None:
    sagemaker(f"create-image --image-name picture --role-arn {ROLE}")
    sagemaker("wait image-created --image-name picture")
    sagemaker(f"create-image-version --image-name picture --base-image {IMAGE} --client-token 0123456789")
    sagemaker("wait image-version-created --image-name picture")
    sagemaker("update-image --image-name picture --description better")
    sagemaker("wait image-updated --image-name picture")
    expect(len(sagemaker("list-image-versions --image-name picture")["ImageVersions"]) == 1)
    sagemaker("delete-image-version --image-name picture --version-number 1")
    # `wait image-version-deleted --version 1` prints the version of the command line, and ends.
    while sagemaker("list-image-versions --image-name picture")["ImageVersions"]:
        pass
    sagemaker("delete-image --image-name picture")
    while sagemaker("list-images")["Images"]:
        pass


@step("wait image-deleted")
def image_deleted() -> None:
    sagemaker(f"create-image --image-name gone --role-arn {ROLE}")
    sagemaker("wait image-created --image-name gone")
    sagemaker("delete-image --image-name gone")
    sagemaker("wait image-deleted --image-name gone")


@step("domains, user profiles, spaces and apps")
def domains() -> None:
    domain = sagemaker(
        "create-domain --domain-name studio --auth-mode IAM --vpc-id vpc-1 --subnet-ids subnet-1"
        f" --default-user-settings ExecutionRole={ROLE}"
    )["DomainArn"].rpartition("/")[2]
    while (said := sagemaker(f"describe-domain --domain-id {domain}"))["Status"] == "Pending":
        pass
    expect(said["Status"] == "InService", said)
    sagemaker(f"create-user-profile --domain-id {domain} --user-profile-name ada")
    while sagemaker(f"describe-user-profile --domain-id {domain} --user-profile-name ada")["Status"] == "Pending":
        pass
    sagemaker(
        f"create-space --domain-id {domain} --space-name lab --ownership-settings OwnerUserProfileName=ada"
        " --space-sharing-settings SharingType=Private --space-settings AppType=JupyterLab"
    )
    while sagemaker(f"describe-space --domain-id {domain} --space-name lab")["Status"] == "Pending":
        pass
    app = f"--domain-id {domain} --space-name lab --app-type JupyterLab --app-name default"
    sagemaker(f"create-app {app}")
    while sagemaker(f"describe-app {app}")["Status"] == "Pending":
        pass
    expect(sagemaker(f"describe-app {app}")["Status"] == "InService")
    expect(len(sagemaker(f"list-apps --domain-id-equals {domain}")["Apps"]) == 1)
    url = sagemaker(f"create-presigned-domain-url --domain-id {domain} --user-profile-name ada")["AuthorizedUrl"]
    expect(url.startswith("https://"), url)
    sagemaker(f"delete-app {app}")
    while sagemaker(f"describe-app {app}")["Status"] == "Deleting":
        pass
    sagemaker(f"delete-space --domain-id {domain} --space-name lab")
    while sagemaker(f"list-spaces --domain-id-equals {domain}")["Spaces"]:
        pass
    sagemaker(f"delete-user-profile --domain-id {domain} --user-profile-name ada")
    while sagemaker(f"list-user-profiles --domain-id-equals {domain}")["UserProfiles"]:
        pass
    sagemaker(f"delete-domain --domain-id {domain} --retention-policy HomeEfsFileSystem=Delete")
    while sagemaker("list-domains")["Domains"]:
        pass


@step("transform and processing jobs")
def jobs() -> None:
    sagemaker(f"create-model --model-name batch --execution-role-arn {ROLE} --primary-container Image={IMAGE}")
    sagemaker(
        "create-transform-job --transform-job-name batch --model-name batch"
        " --transform-input DataSource={S3DataSource={S3DataType=S3Prefix,S3Uri=s3://models/in}}"
        " --transform-output S3OutputPath=s3://models/out"
        " --transform-resources InstanceType=ml.m5.large,InstanceCount=1"
    )
    sagemaker("wait transform-job-completed-or-stopped --transform-job-name batch")
    sagemaker(
        f"create-processing-job --processing-job-name work --role-arn {ROLE} --app-specification ImageUri={IMAGE}"
        " --processing-resources ClusterConfig={InstanceCount=1,InstanceType=ml.m5.large,VolumeSizeInGB=10}"
    )
    sagemaker("wait processing-job-completed-or-stopped --processing-job-name work")


@step("tags")
def tags() -> None:
    training_job("tags")
    arn = sagemaker("describe-training-job --training-job-name tags")["TrainingJobArn"]
    sagemaker(f"add-tags --resource-arn {arn} --tags Key=stage,Value=test")
    found = {tag["Key"]: tag["Value"] for tag in sagemaker(f"list-tags --resource-arn {arn}")["Tags"]}
    expect(found == {"team": "vision", "stage": "test"}, found)
    sagemaker(f"delete-tags --resource-arn {arn} --tag-keys stage")


@step("tags of all kinds, by their own API")
def tags_of_all_kinds() -> None:
    training_job("tagged")
    arn = sagemaker("describe-training-job --training-job-name tagged")["TrainingJobArn"]
    aws(f"resourcegroupstaggingapi tag-resources --resource-arn-list {arn} --tags stage=prod")
    found = aws(
        "resourcegroupstaggingapi get-resources --resource-type-filters sagemaker --tag-filters Key=stage,Values=prod"
    )
    expect([row["ResourceARN"] for row in found["ResourceTagMappingList"]] == [arn], found)
    expect({"stage", "team"} <= set(aws("resourcegroupstaggingapi get-tag-keys")["TagKeys"]))


@step("metrics in CloudWatch")
def metrics() -> None:
    endpoint("watched")
    for _ in range(3):
        aws("sagemaker-runtime invoke-endpoint --endpoint-name watched --body 1,2 out.txt")
    named = "Name=EndpointName,Value=watched"
    listed = aws(f"cloudwatch list-metrics --namespace AWS/SageMaker --metric-name Invocations --dimensions {named}")[
        "Metrics"
    ]
    expect(len(listed) == 1, listed)
    aws("cloudwatch put-metric-data --namespace Mine --metric-name loss --value 0.5")
    now = datetime.datetime.now(datetime.UTC)
    begin, end = (now + datetime.timedelta(hours=hours) for hours in (-1, 1))
    found = aws(
        "cloudwatch get-metric-statistics --namespace AWS/SageMaker --metric-name Invocations --period 86400"
        " --dimensions Name=EndpointName,Value=watched Name=VariantName,Value=all"
        f" --start-time {begin:%Y-%m-%dT%H:%M:%SZ} --end-time {end:%Y-%m-%dT%H:%M:%SZ} --statistics Sum"
    )
    expect(sum(point["Sum"] for point in found["Datapoints"]) == 3, found)


@step("search, and its suggestions")
def search() -> None:
    training_job("searched")
    expression = {"Filters": [{"Name": "TrainingJobName", "Operator": "Contains", "Value": "searched"}]}
    found = sagemaker(
        f"search --resource TrainingJob --search-expression {json.dumps(expression, separators=(',', ':'))}"
    )
    expect([row["TrainingJob"]["TrainingJobName"] for row in found["Results"]] == ["searched"], found)
    query = '{"PropertyNameQuery":{"PropertyNameHint":"Training"}}'
    names = sagemaker(f"get-search-suggestions --resource TrainingJob --suggestion-query {query}")
    expect({"PropertyName": "TrainingJobName"} in names["PropertyNameSuggestions"], names)


@step("table output")
def table() -> None:
    training_job("table")
    printed = sagemaker("list-training-jobs --name-contains table --output table")
    expect("ListTrainingJobs" in printed and "| " in printed, printed)


if __name__ == "__main__":
    Path("one.csv").write_text("1,2\n")
    run()
