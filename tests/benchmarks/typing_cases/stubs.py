import time

import boto3

client = boto3.client("sagemaker", region_name="us-west-2")
created = client.create_compilation_job(
    CompilationJobName="resnet-c5",
    RoleArn="arn:aws:iam::123456789012:role/neo",
    InputConfig={"S3Uri": "s3://in/m.tgz", "Framework": "PYTORCH", "DataInputConfig": '{"x":[1]}'},
    OutputConfig={"S3OutputLocation": "s3://out", "TargetDevice": "ml_c5"},
    StoppingCondition={"MaxRuntimeInSeconds": 900},
)
while (job := client.describe_compilation_job(CompilationJobName="resnet-c5"))["CompilationJobStatus"] == "INPROGRESS":
    time.sleep(30)
print(created["CompilationJobArn"], job["CompilationJobStatus"], job["ModelArtifacts"]["S3ModelArtifacts"])
for page in client.get_paginator("list_compilation_jobs").paginate(StatusEquals="COMPLETED"):
    print([(item["CompilationJobName"], item["CreationTime"]) for item in page["CompilationJobSummaries"]])
