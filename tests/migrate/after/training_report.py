"""Train, train again with the settings of the first job, and report."""

import datetime as dt

import boto3
from sagemaker_typed import SageMaker, from_boto3, to_boto3
from sagemaker_typed.types import (
    AlgorithmSpecification,
    Channel,
    DataSource,
    Filter,
    ListTrainingJobsRequest,
    OutputDataConfig,
    ResourceConfig,
    S3DataSource,
    SearchExpression,
    SearchRequest,
    StoppingCondition,
)

session = boto3.session.Session(region_name="us-west-2")
client = SageMaker(session=session)


def train(name, hyper_parameters):
    client.training_jobs.create(
        name,
        role_arn="arn:aws:iam::123456789012:role/SageMaker",
        algorithm_specification=AlgorithmSpecification(
            training_image="123456789012.dkr.ecr.us-west-2.amazonaws.com/train:1",
            training_input_mode="File",
        ),
        hyper_parameters=hyper_parameters,
        input_data_config=[
            Channel(
                channel_name="training",
                data_source=DataSource(
                    s3_data_source=S3DataSource(
                        s3_data_type="S3Prefix",
                        s3_uri="s3://data/training/",
                        s3_data_distribution_type="FullyReplicated",
                    )
                ),
            ),
        ],
        output_data_config=OutputDataConfig(s3_output_path="s3://models/"),
        resource_config=ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=30),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=3600),
    )
    # sagemaker-typed: wait_until_completed raises WaitStoppedError where boto3's waiter returned, if the job was stopped
    client.training_jobs.wait_until_completed(name)


def again(name, other):
    job = client.training_jobs.describe(name)
    # The same settings, by way of the description.
    # sagemaker-typed: `role_arn` may be None; the dict has no such key then
    # sagemaker-typed: `algorithm_specification` may be None; the dict has no such key then
    # sagemaker-typed: `resource_config` may be None; the dict has no such key then
    client.training_jobs.create(
        other,
        role_arn=to_boto3(job)["RoleArn"],
        algorithm_specification=AlgorithmSpecification(
            training_image=to_boto3(job)["AlgorithmSpecification"]["TrainingImage"],
            training_input_mode="File",
        ),
        output_data_config=OutputDataConfig(s3_output_path=to_boto3(job).get("OutputDataConfig", {}).get("S3OutputPath")),
        resource_config=from_boto3(ResourceConfig, to_boto3(job)["ResourceConfig"]),
        stopping_condition=job.stopping_condition,
    )
    return to_boto3(job)


def pages():
    """Page by hand."""
    token = None
    while True:
        options = {"MaxResults": 1, "SortBy": "Name", "SortOrder": "Ascending"}
        if token:
            options["NextToken"] = token
        # sagemaker-typed: `training_jobs.list` takes keywords; write them out to make this call typed
        answer = client.boto3_client.list_training_jobs(**options)
        yield from answer["TrainingJobSummaries"]
        token = answer.get("NextToken")
        if not token:
            break


def main():
    train("first", {"epochs": "10"})
    job = again("first", "second")
    print(job["TrainingJobName"], job["HyperParameters"]["epochs"], type(job).__name__)
    print([each["TrainingJobName"] for each in pages()])

    yesterday = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)
    recent = client.send(ListTrainingJobsRequest(creation_time_after=yesterday, sort_by="Name", sort_order="Ascending"))
    for summary in recent.training_job_summaries:
        print(summary.training_job_name, summary.creation_time > yesterday)
    newest = recent.training_job_summaries[-1]
    print(newest.training_job_name, len(recent.training_job_summaries))

    found = client.send(SearchRequest(
        resource="TrainingJob",
        search_expression=SearchExpression(filters=[Filter(name="TrainingJobName", operator="Contains", value="fir")]),
    ))
    for result in found.results or []:
        # sagemaker-typed: `training_job` may be None; the dict has no such key then
        print(to_boto3(result)["TrainingJob"]["TrainingJobName"])

    try:
        client.training_jobs.stop("first")
    except client.boto3_client.exceptions.ClientError as error:
        print(error.response["Error"]["Code"])


if __name__ == "__main__":
    main()
