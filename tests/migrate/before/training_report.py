"""Train, train again with the settings of the first job, and report."""

import datetime as dt

import boto3

session = boto3.session.Session(region_name="us-west-2")
client = session.client("sagemaker")


def train(name, hyper_parameters):
    client.create_training_job(
        TrainingJobName=name,
        RoleArn="arn:aws:iam::123456789012:role/SageMaker",
        AlgorithmSpecification={
            "TrainingImage": "123456789012.dkr.ecr.us-west-2.amazonaws.com/train:1",
            "TrainingInputMode": "File",
        },
        HyperParameters=hyper_parameters,
        InputDataConfig=[
            {
                "ChannelName": "training",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": "s3://data/training/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            },
        ],
        OutputDataConfig={"S3OutputPath": "s3://models/"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )
    client.get_waiter("training_job_completed_or_stopped").wait(TrainingJobName=name)


def again(name, other):
    job = client.describe_training_job(TrainingJobName=name)
    # The same settings, by way of the description.
    client.create_training_job(
        TrainingJobName=other,
        RoleArn=job["RoleArn"],
        AlgorithmSpecification={
            "TrainingImage": job["AlgorithmSpecification"]["TrainingImage"],
            "TrainingInputMode": "File",
        },
        OutputDataConfig={"S3OutputPath": job.get("OutputDataConfig", {}).get("S3OutputPath")},
        ResourceConfig=job["ResourceConfig"],
        StoppingCondition=job["StoppingCondition"],
    )
    return job


def pages():
    """Page by hand."""
    token = None
    while True:
        options = {"MaxResults": 1, "SortBy": "Name", "SortOrder": "Ascending"}
        if token:
            options["NextToken"] = token
        answer = client.list_training_jobs(**options)
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
    recent = client.list_training_jobs(CreationTimeAfter=yesterday, SortBy="Name", SortOrder="Ascending")
    for summary in recent["TrainingJobSummaries"]:
        print(summary["TrainingJobName"], summary["CreationTime"] > yesterday)
    newest = recent["TrainingJobSummaries"][-1]
    print(newest["TrainingJobName"], len(recent["TrainingJobSummaries"]))

    found = client.search(
        Resource="TrainingJob",
        SearchExpression={"Filters": [{"Name": "TrainingJobName", "Operator": "Contains", "Value": "fir"}]},
    )
    for result in found["Results"]:
        print(result["TrainingJob"]["TrainingJobName"])

    try:
        client.stop_training_job(TrainingJobName="first")
    except client.exceptions.ClientError as error:
        print(error.response["Error"]["Code"])


if __name__ == "__main__":
    main()
